from __future__ import annotations

import re

import pytest
from django.test import Client as Browser
from django.urls import reverse

from studio.forms.account import PersonForm
from studio.models import Connection, Membership, Role, Team, User
from studio.work import onboarding
from tests.base import People

GIVEN = {"name": "Noor", "email": "Noor@Example.com", "password": "a tune in seven"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "start",
    ["/", "/accounts/login/", "/accounts/signup/", "/create", "/library", "/team", "/settings", "/usage"],
)
def test_before_the_first_person_every_page_leads_to_the_welcome(start):
    answer = Browser().get(start, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("welcome")
    assert "Open the studio" in answer.content.decode()


@pytest.mark.django_db
def test_the_welcome_opens_a_studio_and_signs_in():
    browser = Browser()
    before = browser.get("/welcome")
    assert before.status_code == 200
    answer = browser.post("/welcome", GIVEN)
    assert answer.status_code == 302 and answer.url == reverse("create")
    user = User.objects.get()
    assert (user.name, user.email, user.is_superuser) == ("Noor", "noor@example.com", True)
    assert user.check_password("a tune in seven")
    assert Membership.objects.get().role == Role.OWNER
    assert Connection.objects.get().is_offline
    assert browser.session["_auth_user_id"] == str(user.pk)


@pytest.mark.django_db
def test_it_says_the_password_rule_before_anybody_types():
    page = Browser().get("/welcome").content.decode()
    assert "At least 8 characters" in page
    assert re.search(
        r'<input type="password"[^>]*autocomplete="new-password"[^>]*aria-describedby="id_password', page
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("name", " ", "required"),
        ("email", "noor", "valid email"),
        ("password", "seven77", "at least 8"),
        ("password", "password1", "too common"),
        ("password", "noor@example.com", "too similar"),
    ],
)
def test_it_validates_each_field_in_its_place(field, value, text):
    answer = Browser().post("/welcome", GIVEN | {field: value})
    assert answer.status_code == 422
    page = answer.content.decode()
    block = page.split(f'id="field-id_{field}"')[1].split('class="field"')[0]
    assert text in block
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_refused_form_keeps_what_was_typed_but_not_the_password():
    page = Browser().post("/welcome", GIVEN | {"email": "no"}).content.decode()
    assert 'value="Noor"' in page
    assert GIVEN["password"] not in page


def test_once_somebody_is_there_the_welcome_leads_to_sign_in(people: People):
    answer = Browser().post("/welcome", GIVEN)
    assert answer.status_code == 302 and answer.url == reverse("account_login")
    assert not User.objects.filter(email="noor@example.com").exists()


def test_home_leads_where_each_visitor_works(people: People):
    assert Browser().get("/").url == reverse("account_login")
    assert people.browser(people.bob).get("/").url == reverse("create")


@pytest.mark.django_db
def test_names_are_text_and_never_markup():
    browser = Browser()
    browser.post("/welcome", GIVEN | {"name": "<b>\u202eNoor</b> 🎹"})
    page = browser.get("/settings").content.decode()
    assert "&lt;b&gt;" in page and "<b>\u202e" not in page


@pytest.mark.django_db
def test_whoever_is_second_by_a_moment_is_sent_to_sign_in(monkeypatch):
    check = PersonForm.is_valid

    def somebody_else_is_faster(form: PersonForm) -> bool:
        onboarding.open_studio("Faster", "faster@example.com", "a tune in five")
        return check(form)

    monkeypatch.setattr(PersonForm, "is_valid", somebody_else_is_faster)
    browser = Browser()
    answer = browser.post("/welcome", GIVEN)
    assert answer.url == reverse("account_login")
    assert [user.name for user in User.objects.all()] == ["Faster"]
    assert Team.objects.count() == 1
    assert "_auth_user_id" not in browser.session
