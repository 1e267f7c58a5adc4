from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from studio import teams
from studio.models import Connection, Invitation, Membership, Role, Team, User
from tests.base import People, make_team, make_user

EVERYBODY = ["alice", "ada", "bob", "vera"]
NEWCOMER = {"name": "Noor", "email": "noor@example.com", "password": "a tune in seven"}


def membership(people: People, name: str) -> Membership:
    return Membership.objects.get(user=getattr(people, name), team=people.team)


def as_(people: People, name: str) -> Browser:
    return people.browser(getattr(people, name))


def roles(people: People) -> dict[str, str]:
    rows = Membership.objects.filter(team=people.team).select_related("user")
    return {row.user.name.lower(): row.role for row in rows}


def role_address(people: People, name: str) -> str:
    return reverse("change_role", args=[membership(people, name).code])


# --- the page -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERYBODY)
def test_every_member_sees_who_is_in_the_team(people: People, name: str):
    page = as_(people, name).get("/team").content.decode()
    for other in EVERYBODY:
        assert f"{other}@example.com" in page
    assert "charlie@example.com" not in page


@pytest.mark.parametrize(("name", "may"), [("alice", True), ("ada", True), ("bob", False), ("vera", False)])
def test_only_admins_get_controls(people: People, name: str, may: bool):
    page = as_(people, name).get("/team").content.decode()
    for address in ("rename_team", "invite"):
        assert (f'action="{reverse(address)}"' in page) is may
    assert (role_address(people, "vera") in page) is may


def test_an_admin_is_offered_nothing_about_owners(people: People):
    page = as_(people, "ada").get("/team").content.decode()
    assert role_address(people, "alice") not in page
    assert '<option value="owner"' not in page


def test_strangers_and_anonymous_visitors_see_nothing_of_the_team(people: People):
    assert "alice@example.com" not in as_(people, "charlie").get("/team").content.decode()
    assert Browser().get("/team").url.startswith(reverse("account_login"))


def test_names_are_text_in_the_members_list(people: People):
    User.objects.filter(pk=people.bob.pk).update(name='"><script>x</script>👩‍🎤')
    page = as_(people, "alice").get("/team").content.decode()
    assert "<script>x" not in page and "&lt;script&gt;x" in page


def test_the_page_asks_as_little_of_the_database_for_many_members_as_for_few(people: People, count_queries):
    browser = as_(people, "alice")
    few = count_queries(lambda: browser.get("/team"))
    for number in range(30):
        user = make_user(f"Person{number}")
        Membership.objects.create(team=people.team, user=user, role=Role.MEMBER)
        teams.invite(people.team, people.alice, Role.MEMBER)
    assert count_queries(lambda: browser.get("/team")) == few


@pytest.fixture
def count_queries():
    from django.db import connection as database
    from django.test.utils import CaptureQueriesContext

    def count(act) -> int:
        with CaptureQueriesContext(database) as caught:
            assert act().status_code == 200
        return len(caught)

    return count


# --- roles --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "target", "role", "status"),
    [
        ("alice", "bob", "admin", 302),
        ("alice", "vera", "owner", 302),
        ("ada", "bob", "viewer", 302),
        ("ada", "vera", "admin", 302),
        ("ada", "ada", "member", 302),
        ("ada", "bob", "owner", 403),
        ("ada", "ada", "owner", 403),
        ("ada", "alice", "member", 403),
        ("alice", "alice", "member", 409),
        ("alice", "bob", "emperor", 422),
        ("bob", "vera", "member", 403),
        ("vera", "vera", "member", 403),
        ("charlie", "bob", "viewer", 404),
    ],
)
def test_who_may_give_whom_which_role(people: People, actor: str, target: str, role: str, status: int):
    before = roles(people)
    answer = as_(people, actor).post(role_address(people, target), {"role": role})
    assert answer.status_code == status
    assert roles(people) == (before | {target: role} if status == 302 else before)


def test_the_last_owner_is_told_what_to_do_first(people: People):
    page = as_(people, "alice").post(role_address(people, "alice"), {"role": "member"}).content.decode()
    assert "Make somebody else an owner first" in page


def test_one_of_two_owners_may_step_down(people: People):
    browser = as_(people, "alice")
    browser.post(role_address(people, "bob"), {"role": "owner"})
    assert browser.post(role_address(people, "alice"), {"role": "member"}).status_code == 302
    assert roles(people)["alice"] == "member"


def test_a_role_lost_a_moment_ago_counts_no_more(people: People):
    ada, bob = membership(people, "ada"), membership(people, "bob")
    Membership.objects.filter(pk=ada.pk).update(role=Role.OWNER)
    stale = Membership.objects.get(pk=ada.pk)
    Membership.objects.filter(pk=ada.pk).update(role=Role.ADMIN)
    with pytest.raises(PermissionDenied):
        teams.change_role(stale, bob, Role.OWNER)


def test_whoever_was_removed_a_moment_ago_changes_nothing(people: People):
    ada, bob = membership(people, "ada"), membership(people, "bob")
    Membership.objects.filter(pk=ada.pk).delete()
    with pytest.raises(Http404):
        teams.remove(ada, bob)
    assert "bob" in roles(people)


# --- removing and leaving -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "target", "status"),
    [
        ("alice", "ada", 302),
        ("alice", "vera", 302),
        ("ada", "bob", 302),
        ("ada", "alice", 403),
        ("alice", "alice", 409),
        ("bob", "vera", 403),
        ("vera", "bob", 403),
        ("charlie", "bob", 404),
    ],
)
def test_who_may_remove_whom(people: People, actor: str, target: str, status: int):
    address = reverse("remove_member", args=[membership(people, target).code])
    assert as_(people, actor).post(address).status_code == status
    assert (target in roles(people)) is (status != 302)


@pytest.mark.parametrize("name", ["ada", "bob", "vera"])
def test_people_leave_of_their_own_accord(people: People, name: str):
    browser = as_(people, name)
    assert browser.post("/team/leave").status_code == 302
    assert name not in roles(people)
    assert "You are in no team" in browser.get("/team").content.decode()


def test_the_last_owner_cannot_leave(people: People):
    answer = as_(people, "alice").post("/team/leave")
    assert answer.status_code == 409
    assert "only owner" in answer.content.decode()
    assert roles(people)["alice"] == "owner"


def test_changes_are_never_made_by_following_a_link(people: People):
    browser = as_(people, "alice")
    code = membership(people, "bob").code
    for name, args in [
        ("leave_team", []),
        ("remove_member", [code]),
        ("change_role", [code]),
        ("switch_team", []),
    ]:
        assert browser.get(reverse(name, args=args)).status_code == 405


def test_a_refused_form_leaves_the_reader_at_an_address_that_can_be_loaded_again(people: People):
    browser = as_(people, "alice")
    refused = browser.post(reverse("rename_team"), {"name": ""}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert browser.get(refused["HX-Push-Url"]).status_code == 200


# --- names, several teams -----------------------------------------------------------------------


@pytest.mark.parametrize(("name", "status"), [("alice", 302), ("ada", 302), ("bob", 403), ("vera", 403)])
def test_admins_rename_the_team(people: People, name: str, status: int):
    assert as_(people, name).post("/team/rename", {"name": "Night Shift"}).status_code == status
    people.team.refresh_from_db()
    assert (people.team.name == "Night Shift") is (status == 302)


def test_a_team_has_a_name(people: People):
    answer = as_(people, "alice").post("/team/rename", {"name": " "})
    assert answer.status_code == 422
    assert 'id="id_rename_name_error"' in answer.content.decode()


def test_somebody_in_two_teams_switches_between_them(people: People):
    second = make_team("Second", member=people.bob)
    browser = as_(people, "bob")
    assert "Alice&#x27;s team" in browser.get("/team").content.decode().split("</h1>")[0]
    assert browser.post("/team/switch", {"team": str(second.code), "next": "/team"}).url == "/team"
    assert "Second" in browser.get("/team").content.decode().split("</h1>")[0]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", ""])
def test_switching_never_leads_to_another_site(people: People, target: str):
    answer = as_(people, "bob").post("/team/switch", {"team": str(people.team.code), "next": target})
    assert answer.url == reverse("library")


@pytest.mark.parametrize("which", ["others", "garbage", "nothing"])
def test_nobody_switches_into_a_team_of_strangers(people: People, which: str):
    given = {"others": {"team": str(people.others.code)}, "garbage": {"team": "1 OR 1"}, "nothing": {}}[which]
    browser = as_(people, "bob")
    assert browser.post("/team/switch", given).status_code == 404
    assert "team" not in browser.session


def test_anybody_opens_a_team_of_their_own(people: People):
    browser = as_(people, "vera")
    assert browser.post("/team/open", {"name": "Vera Solo"}).status_code == 302
    opened = Team.objects.get(name="Vera Solo")
    assert Membership.objects.get(team=opened).role == Role.OWNER
    assert Connection.objects.get(team=opened).is_offline
    assert "Vera Solo" in browser.get("/team").content.decode().split("</h1>")[0]


# --- invitations --------------------------------------------------------------------------------


def make_link(people: People, name: str = "alice", **given: str) -> str:
    page = as_(people, name).post("/team/invitations", {"role": "member", **given}).content.decode()
    return re.search(r'id="fresh-link-text" value="http://testserver(/join/[^"]+)"', page)[1]


def test_a_link_is_shown_once_and_kept_only_as_a_hash(people: People):
    browser = as_(people, "alice")
    answer = browser.post("/team/invitations", {"role": "viewer", "email": "new@example.com"})
    token = re.search(r"http://testserver/join/([\w-]{40,})", answer.content.decode())[1]
    assert "no-store" in answer["Cache-Control"]
    kept = Invitation.objects.get()
    assert kept.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert (kept.role, kept.email) == ("viewer", "new@example.com")
    assert timedelta(days=13, hours=23) < kept.expires_at - timezone.now() <= timedelta(days=14)
    later = browser.get("/team").content.decode()
    assert token not in later and "new@example.com" in later
    assert browser.get("/team/invitations").url == reverse("team")


def test_the_link_has_the_public_address_of_the_studio(people: People, settings):
    settings.PUBLIC_URL = "https://studio.example"
    page = as_(people, "alice").post("/team/invitations", {"role": "member"}).content.decode()
    assert "https://studio.example/join/" in page


@pytest.mark.parametrize(
    ("name", "role", "status"),
    [
        ("alice", "admin", 200),
        ("ada", "admin", 200),
        ("alice", "owner", 422),
        ("ada", "owner", 422),
        ("bob", "viewer", 403),
        ("vera", "viewer", 403),
    ],
)
def test_admins_invite_and_nobody_invites_owners(people: People, name: str, role: str, status: int):
    assert as_(people, name).post("/team/invitations", {"role": role}).status_code == status
    assert Invitation.objects.exists() is (status == 200)


def test_a_newcomer_sees_who_invites_and_gets_an_account(people: People):
    address = make_link(people, role="viewer")
    browser = Browser()
    page = browser.get(address).content.decode()
    assert "Alice&#x27;s team" in page and "viewer" in page and "Alice" in page
    answer = browser.post(address, NEWCOMER)
    assert answer.url == reverse("library")
    noor = User.objects.get(email="noor@example.com")
    assert browser.session["_auth_user_id"] == str(noor.pk)
    assert (noor.is_staff, noor.is_superuser) == (False, False)
    assert [(one.team, one.role) for one in noor.memberships.all()] == [(people.team, "viewer")]


def test_a_newcomer_signs_in_later_with_the_password_they_chose(people: People):
    Browser().post(make_link(people), NEWCOMER)
    browser = Browser()
    browser.post("/accounts/login/", {"login": NEWCOMER["email"], "password": NEWCOMER["password"]})
    assert "_auth_user_id" in browser.session


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("email", "noor@"), ("password", "short"), ("password", "password1")]
)
def test_joining_validates_and_leaves_the_link_usable(people: People, field: str, value: str):
    address = make_link(people)
    answer = Browser().post(address, NEWCOMER | {field: value})
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert Browser().post(address, NEWCOMER).status_code == 302


def test_a_link_that_still_lets_somebody_in_stands_in_no_log(people: People, caplog):
    address = make_link(people)
    assert Browser().post(address, NEWCOMER | {"email": "noor@"}).status_code == 422
    assert address not in caplog.text


def test_somebody_with_an_account_is_asked_to_sign_in_and_comes_back(people: People):
    address = make_link(people)
    browser = Browser()
    answer = browser.post(address, NEWCOMER | {"email": "Charlie@example.com"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "sign in first" in page
    assert "Charlie's" not in page and "_auth_user_id" not in browser.session
    assert f"{reverse('account_login')}?next={address}" in page
    sent = {"login": "charlie@example.com", "password": "correct horse", "next": address}
    assert browser.post("/accounts/login/", sent).url == address
    assert "Join as" in browser.get(address).content.decode()
    assert browser.post(address).url == reverse("library")
    assert roles(people)["charlie"] == "member"


def test_looking_at_an_invitation_joins_nothing(people: People):
    assert as_(people, "charlie").get(make_link(people)).status_code == 200
    assert "charlie" not in roles(people)


def test_a_member_who_opens_a_link_keeps_their_role_and_leaves_the_link_to_others(people: People):
    address = make_link(people, role="viewer")
    assert as_(people, "bob").get(address).url == reverse("library")
    assert roles(people)["bob"] == "member"
    assert Browser().post(address, NEWCOMER).status_code == 302


def test_a_link_lets_one_person_in(people: People):
    address = make_link(people)
    Browser().post(address, NEWCOMER)
    second = Browser().post(address, NEWCOMER | {"email": "second@example.com"})
    assert second.status_code == 410 and "used already" in second.content.decode()
    assert not User.objects.filter(email="second@example.com").exists()


def test_an_old_link_says_so(people: People):
    address = make_link(people)
    with time_machine.travel(timezone.now() + timedelta(days=15), tick=False):
        answer = Browser().post(address, NEWCOMER)
    assert answer.status_code == 410 and "too old" in answer.content.decode()


def test_a_withdrawn_link_says_so(people: People):
    address = make_link(people)
    code = Invitation.objects.get().code
    assert as_(people, "ada").post(reverse("revoke_invitation", args=[code])).status_code == 302
    answer = Browser().post(address, NEWCOMER)
    assert answer.status_code == 410 and "withdrawn" in answer.content.decode()
    assert str(code) not in as_(people, "ada").get("/team").content.decode()


@pytest.mark.parametrize(("name", "status"), [("bob", 403), ("vera", 403), ("charlie", 404)])
def test_others_cannot_withdraw_links(people: People, name: str, status: int):
    make_link(people)
    code = Invitation.objects.get().code
    assert as_(people, name).post(reverse("revoke_invitation", args=[code])).status_code == status
    assert Invitation.objects.get().is_open


def test_a_link_that_never_was_is_no_error_page(people: People):
    answer = Browser().get("/join/nothing-of-the-kind")
    assert answer.status_code == 404 and "no invitation of ours" in answer.content.decode()


def test_one_person_with_two_links_at_once_uses_up_one(people: People, monkeypatch):
    links = [teams.invite(people.team, people.alice, Role.MEMBER)[0] for _ in range(2)]
    enter = teams._enter

    def the_other_link_is_quicker(invitation: Invitation, user: User) -> Membership:
        enter(links[1], user)
        return enter(invitation, user)

    monkeypatch.setattr(teams, "_enter", the_other_link_is_quicker)
    teams.accept(links[0], people.charlie)
    assert roles(people)["charlie"] == "member"
    assert [teams.state_of(Invitation.objects.get(pk=one.pk)) for one in links] == ["open", "used"]


def test_two_people_with_one_link_at_once_make_one_member(people: People):
    invitation, _ = teams.invite(people.team, people.alice, Role.MEMBER)
    stale = Invitation.objects.get(pk=invitation.pk)
    teams.accept(invitation, people.charlie)
    with pytest.raises(teams.InvitationGone):
        teams.accept_as_newcomer(stale, **NEWCOMER)
    assert not User.objects.filter(email=NEWCOMER["email"]).exists()
