"""What a connection offers: the registry's word, then the host's, then an admin's."""

from __future__ import annotations

import pytest
from django.urls import reverse

from studio import offers, operations
from studio.models import OperationState
from studio.operations import Status

pytestmark = pytest.mark.django_db
CREATE = operations.get("sonic.create_music")


class TestOffers:
    def test_begin_with_what_the_registry_says(self, people):
        found = offers.offer(people.connection, CREATE)
        assert found.is_usable
        assert offers.why_not(found) == ""

    def test_learn_from_the_host_that_something_is_withdrawn(self, people):
        offers.withdraw(people.connection, CREATE, "The host has withdrawn it.")
        found = offers.offer(people.connection, CREATE)
        assert found.status is Status.RETIRED
        assert offers.why_not(found).startswith("The host has withdrawn it.")

    def test_let_an_admin_have_the_last_word(self, people):
        offers.override(people.connection, CREATE, Status.AVAILABLE, "Works again", people.ada)
        offers.withdraw(people.connection, CREATE, "410")
        assert offers.offer(people.connection, CREATE).is_usable
        offers.override(people.connection, CREATE, None, "", people.ada)
        assert not OperationState.objects.exists()

    def test_say_who_switched_something_off(self, people):
        offers.override(people.connection, CREATE, Status.RETIRED, "Too dear.", people.ada)
        why = offers.why_not(offers.offer(people.connection, CREATE))
        assert why == "An admin has switched this off: Too dear."

    def test_tell_all_operations_in_one_query(self, people, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert set(offers.offers(people.connection)) == set(operations.REGISTRY)

    def test_name_what_to_use_instead(self):
        gone = operations.Availability(Status.RETIRED, "It is gone.", "sonic.create_music")
        assert offers.why_not(gone) == f"It is gone. Use {CREATE.label} instead."


class TestPage:
    def test_is_for_admins(self, people):
        url = reverse("connection_operations", args=[people.connection.code])
        allowed = {people.alice: 200, people.ada: 200, people.bob: 403, people.vera: 403, people.charlie: 404}
        for person, status in allowed.items():
            assert people.browser(person).get(url).status_code == status, person

    def test_takes_an_admins_word_and_takes_it_back(self, people):
        browser = people.browser(people.ada)
        url = reverse("set_operation", args=[people.connection.code, CREATE.name])
        browser.post(url, {"status": "retired", "reason": "Too dear"})
        page = browser.get(reverse("connection_operations", args=[people.connection.code])).content.decode()
        assert "Too dear" in page
        assert "Ada said so" in page
        browser.post(url, {"status": ""})
        assert offers.offer(people.connection, CREATE).is_usable

    def test_knows_neither_other_words_nor_other_operations(self, people):
        browser = people.browser(people.ada)
        code = people.connection.code
        assert browser.post(reverse("set_operation", args=[code, "sonic.fly"])).status_code == 404
        odd = browser.post(reverse("set_operation", args=[code, CREATE.name]), {"status": "broken"})
        assert odd.status_code == 404
