from __future__ import annotations

import base64
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse

from studio.models import User
from tests.base import People

PASSWORD = "correct horse"
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _fresh_limits(db) -> None:
    cache.clear()


def sign_in(browser: Browser, email: str, password: str = PASSWORD, **more: str):
    return browser.post(LOGIN, {"login": email, "password": password, **more})


def test_people_sign_in_with_their_email_in_any_case(people: People):
    browser = Browser()
    assert sign_in(browser, "BOB@example.com").url == "/"
    assert browser.session["_auth_user_id"] == str(people.bob.pk)


def test_a_wrong_password_and_an_unknown_email_read_alike(people: People):
    told = [
        re.findall(r'role="alert"><p>([^<]*)', sign_in(Browser(), email, "wrong password").content.decode())
        for email in ("bob@example.com", "nobody@example.com")
    ]
    assert told[0] == told[1] and told[0]


def test_a_session_from_before_signing_in_is_worthless_after_it(people: People):
    browser = Browser()
    session = browser.session
    session["planted"] = "yes"
    session.save()
    browser.cookies["sessionid"] = planted = session.session_key
    sign_in(browser, "bob@example.com")
    assert browser.cookies["sessionid"].value != planted


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(people: People, target: str):
    assert sign_in(Browser(), "bob@example.com", next=target).url == "/"


def test_signing_in_leads_back_to_where_somebody_wanted_to_go(people: People):
    assert sign_in(Browser(), "bob@example.com", next="/library").url == "/library"


def test_signing_out_needs_a_post(people: People):
    browser = people.browser(people.bob)
    assert "Sign out?" in browser.get("/accounts/logout/").content.decode()
    assert "_auth_user_id" in browser.session
    assert browser.post("/accounts/logout/").url == LOGIN
    assert "_auth_user_id" not in browser.session


def test_forms_without_a_token_are_refused(people: People):
    strict = Browser(enforce_csrf_checks=True)
    assert sign_in(strict, "bob@example.com").status_code == 403


def test_many_wrong_passwords_are_answered_with_a_page_that_asks_to_wait(people: People):
    browser = Browser()
    told = [sign_in(browser, "bob@example.com", f"wrong {number}") for number in range(40)]
    last = told[-1]
    assert last.status_code == 429 or "Too many" in last.content.decode()
    # The limit is on tries, so even the right password has to wait.
    assert "_auth_user_id" not in (sign_in(browser, "bob@example.com"), browser.session)[1]


def test_nobody_signs_up_alone(people: People):
    page = Browser().get("/accounts/signup/").content.decode()
    assert "by invitation" in page
    browser = Browser()
    browser.post("/accounts/signup/", {"email": "new@example.com", "password1": "a tune in seven"})
    assert not User.objects.filter(email="new@example.com").exists()


@pytest.mark.parametrize(
    "path",
    [
        "email/",
        "confirm-email/",
        "confirm-email/abc/",
        "password/set/",
        "login/code/",
        "login/code/confirm/",
        "3rdparty/",
    ],
)
def test_pages_of_allauth_that_the_studio_does_not_use_have_no_address(people: People, path: str):
    assert people.browser(people.alice).get(f"/accounts/{path}").status_code == 404


def reset_link(email: str) -> str:
    Browser().post("/accounts/password/reset/", {"email": email})
    return re.search(r"https?://\S+/accounts/password/reset/key/\S+", mail.outbox[-1].body)[0]


def test_a_forgotten_password_is_replaced_by_mail(people: People):
    link = reset_link("bob@example.com")
    browser = Browser()
    page = browser.get(link, follow=True)
    assert "Choose a new password" in page.content.decode()
    address = page.redirect_chain[-1][0]
    new = "another tune"
    done = browser.post(address, {"password1": new, "password2": new}, follow=True)
    assert "Your password is changed" in done.content.decode()
    assert sign_in(Browser(), "bob@example.com", new).status_code == 302
    again = Browser().get(link, follow=True).content.decode()
    assert "This link does not work any more" in again


def test_a_reset_tells_nobody_who_has_an_account(people: People):
    answers = [
        Browser().post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in ("bob@example.com", "nobody@example.com")
    ]
    known, unknown = (
        (answer.redirect_chain, re.sub(rb'nonce="[^"]*"', b"", answer.content)) for answer in answers
    )
    assert known == unknown
    assert "reset/key" in mail.outbox[0].body
    assert "reset/key" not in mail.outbox[1].body and "invitation" in mail.outbox[1].body


def test_the_link_of_a_reset_is_never_built_from_a_strangers_host_header(people: People, settings):
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://studio.example", ["*"]
    Browser().post(
        "/accounts/password/reset/", {"email": "bob@example.com"}, headers={"host": "evil.example"}
    )
    assert "https://studio.example/accounts/password/reset/key/" in mail.outbox[-1].body
    assert "evil.example" not in mail.outbox[-1].body


def test_the_reset_page_says_where_the_mail_is_when_no_server_is_set_up(people: People, settings):
    said = "the mail is printed where the studio runs"
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert said in Browser().get("/accounts/password/reset/").content.decode()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert said not in Browser().get("/accounts/password/reset/").content.decode()


def test_the_password_is_changed_in_the_settings(people: People):
    browser = people.browser(people.bob)
    sent = {"oldpassword": PASSWORD, "password1": "another tune", "password2": "another tune"}
    assert browser.post("/accounts/password/change/", sent).url == reverse("settings")
    assert "Sign out" in browser.get("/settings").content.decode()  # still signed in
    people.bob.refresh_from_db()
    assert people.bob.check_password("another tune")


def test_the_name_is_changed_in_the_settings(people: People):
    browser = people.browser(people.vera)
    assert browser.post("/settings", {"name": "Vera Ö."}).url == reverse("settings")
    assert browser.post("/settings", {"name": "v" * 81}).status_code == 422
    people.vera.refresh_from_db()
    assert people.vera.name == "Vera Ö."


def test_settings_are_for_people_who_are_signed_in(people: People):
    assert Browser().get("/settings").url == f"{LOGIN}?next=/settings"


def test_somebody_without_a_team_still_has_settings(people: People):
    people.charlie.memberships.all().delete()
    assert people.browser(people.charlie).get("/settings").status_code == 200


# --- the second step ----------------------------------------------------------------------------


def turn_on(browser: Browser) -> str:
    """Set up an authenticator app as a person does, and return its secret."""
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = browser.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'id="totp-secret" value="([A-Z2-7]+)"', page)[1]
    answer = browser.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.url == reverse("mfa_view_recovery_codes")
    return secret


def code_of(secret: str) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))


def test_with_two_steps_the_password_alone_opens_nothing(people: People):
    first = Browser()
    sign_in(first, "bob@example.com")
    secret = turn_on(first)
    cache.clear()  # a code counts once; the next one would only come with the next half minute
    browser = Browser()
    assert sign_in(browser, "bob@example.com").url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in browser.session
    assert "Second step" in browser.get("/accounts/2fa/authenticate/").content.decode()
    browser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "_auth_user_id" not in browser.session
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert browser.session["_auth_user_id"] == str(people.bob.pk)


def test_the_code_to_scan_is_dark_on_light_in_every_theme(people: People):
    browser = Browser()
    sign_in(browser, "bob@example.com")
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = browser.get("/accounts/2fa/totp/activate/").content.decode()
    drawn = base64.b64decode(re.search(r"data:image/svg\+xml;base64,([\w+/=]+)", page)[1]).decode()
    assert '<rect fill="white"' in drawn and "<path" in drawn


def test_a_recovery_code_signs_in_once(people: People):
    first = Browser()
    sign_in(first, "bob@example.com")
    turn_on(first)
    page = first.get("/accounts/2fa/recovery-codes/").content.decode()
    code = re.findall(r"<li>([\w-]+)</li>", page)[0]
    results = []
    for _ in range(2):
        browser = Browser()
        sign_in(browser, "bob@example.com")
        browser.post("/accounts/2fa/authenticate/", {"code": code})
        results.append("_auth_user_id" in browser.session)
    assert results == [True, False]


def test_the_second_step_is_turned_off_again(people: People):
    browser = Browser()
    sign_in(browser, "bob@example.com")
    turn_on(browser)
    assert "It is on" in browser.get("/accounts/2fa/").content.decode()
    assert "Turn off" in browser.get("/accounts/2fa/totp/deactivate/").content.decode()
    browser.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=people.bob, type=Authenticator.Type.TOTP).exists()


def test_guarded_pages_ask_for_the_password_again_when_it_was_long_ago(people: People):
    browser = people.browser(people.bob)  # signed in, but nobody knows when a password was last given
    answer = browser.get("/accounts/2fa/totp/activate/", follow=True)
    assert "Confirm it is you" in answer.content.decode()
    sent = {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"}
    assert browser.post("/accounts/reauthenticate/", sent).url == "/accounts/2fa/totp/activate/"


def test_secrets_of_authenticator_apps_are_encrypted_at_rest(people: People):
    browser = Browser()
    sign_in(browser, "bob@example.com")
    secret = turn_on(browser)
    kept = Authenticator.objects.get(user=people.bob, type=Authenticator.Type.TOTP)
    assert secret not in str(kept.data)
    cache.clear()
    second = Browser()
    sign_in(second, "bob@example.com")
    second.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert "_auth_user_id" in second.session
