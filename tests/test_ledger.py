from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio import ledger, operations
from studio.ledger import NotEnoughCredits
from studio.models import Entry, Price
from tests.base import make_task

CREATE = operations.get("sonic.create_music")
VALUES = {"mode": "custom", "mv": "sonic-v5", "prompt": "la", "tags": ""}


def available(connection) -> int:
    return ledger.balance(connection).available_credits


@pytest.fixture
def funded(people):
    ledger.grant(people.connection, 100, people.alice, "Start")
    return people


def test_a_hold_takes_its_price_out_of_what_can_be_spent(funded):
    ledger.hold(make_task(funded), 14)
    assert ledger.balance(funded.connection) == ledger.Balance(available_credits=86, held_credits=14)
    assert ledger.balance(funded.connection).total_credits == 100


def test_a_hold_beyond_the_balance_is_refused_and_leaves_no_entry(funded):
    task = make_task(funded)
    with pytest.raises(NotEnoughCredits) as refused:
        ledger.hold(task, 101)
    assert (refused.value.needed_credits, refused.value.available_credits) == (101, 100)
    assert "101 credits and 100 are available" in refused.value.text
    assert not task.entries.exists()


def test_a_settle_keeps_the_charge_and_gives_the_rest_of_the_hold_back(funded):
    task = make_task(funded)
    ledger.hold(task, 20)
    settled = ledger.settle(task, 14)
    assert (settled.amount_credits, settled.charged_credits) == (6, 14)
    assert ledger.balance(funded.connection) == ledger.Balance(86, 0)


def test_a_provider_may_charge_more_than_was_held(funded):
    task = make_task(funded)
    ledger.hold(task, 10)
    ledger.settle(task, 14)
    assert available(funded.connection) == 86


def test_a_release_gives_everything_back(funded):
    task = make_task(funded)
    ledger.hold(task, 20)
    ledger.release(task, "Cancelled")
    assert ledger.balance(funded.connection) == ledger.Balance(100, 0)


def test_money_moves_once_however_often_and_in_whatever_order_it_is_told_to(funded):
    task = make_task(funded)
    for _ in range(2):
        ledger.hold(task, 20)
        ledger.settle(task, 14)
        ledger.release(task)
        ledger.settle(task, 99)
    assert [entry.kind for entry in task.entries.order_by("pk")] == ["hold", "settle"]
    assert available(funded.connection) == 86


def test_nothing_closes_a_hold_that_was_never_made(funded):
    task = make_task(funded)
    assert ledger.settle(task, 5) is None
    assert ledger.release(task) is None
    assert available(funded.connection) == 100


def test_entries_are_never_changed_or_deleted(funded):
    entry = Entry.objects.get()
    entry.amount_credits = 1_000_000
    with pytest.raises(TypeError, match="append-only"):
        entry.save()
    with pytest.raises(TypeError, match="append-only"):
        entry.delete()
    assert available(funded.connection) == 100


@pytest.mark.parametrize("credits", [0, -5])
def test_a_grant_of_nothing_is_refused(funded, credits):
    with pytest.raises(ValueError, match="at least one"):
        ledger.grant(funded.connection, credits, funded.alice, "")


def test_an_adjustment_goes_both_ways_and_is_never_nothing(funded):
    ledger.adjust(funded.connection, -30, funded.alice, "Spent elsewhere")
    ledger.adjust(funded.connection, 5, None, "Bonus")
    assert available(funded.connection) == 75
    with pytest.raises(ValueError, match="nothing"):
        ledger.adjust(funded.connection, 0, None, "")


def test_the_books_of_two_connections_are_apart(funded):
    from tests.base import make_connection

    other = make_connection(funded.others, name="Other")
    ledger.grant(other, 7, None, "Start")
    assert (available(funded.connection), available(other)) == (100, 7)


def test_a_price_comes_from_the_nearest_row_and_else_from_the_registry(db):
    def quote() -> int:
        return ledger.quote("api.example.com", CREATE, VALUES)

    assert quote() == CREATE.price("api.example.com", VALUES)
    Price.objects.create(host="api.example.com", operation=CREATE.name, credits=21)
    assert quote() == 21
    Price.objects.create(host="api.example.com", operation=CREATE.name, variant="sonic-v5", credits=25)
    assert quote() == 25
    Price.objects.create(host="other.example.com", operation=CREATE.name, variant="sonic-v5", credits=1)
    assert quote() == 25


moves = st.lists(
    st.tuples(
        st.sampled_from(["hold", "settle", "release", "grant", "adjust"]),
        st.integers(0, 3),
        st.integers(1, 40),
    ),
    max_size=40,
)


@given(moves=moves)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_balance_is_always_what_came_in_less_what_was_charged_and_what_is_held(people, moves):
    Entry.objects.all()._raw_delete("default")
    tasks = [make_task(people) for _ in range(4)]
    came_in, holds, charges = 0, {}, {}
    for kind, number, credits in moves:
        task = tasks[number]
        if kind == "grant":
            ledger.grant(people.connection, credits, None, "")
            came_in += credits
        elif kind == "adjust":
            ledger.adjust(people.connection, -credits, None, "")
            came_in -= credits
        elif kind == "hold":
            spendable = came_in - sum(charges.values()) - sum(holds.values())
            try:
                ledger.hold(task, credits)
            except NotEnoughCredits:
                assert task.pk not in holds
                assert task.pk not in charges
                assert credits > spendable
            else:
                if task.pk not in charges:
                    holds.setdefault(task.pk, credits)
        elif task.pk in holds:
            del holds[task.pk]
            charges[task.pk] = credits if kind == "settle" else 0
            (ledger.settle(task, credits) if kind == "settle" else ledger.release(task))
        else:
            assert (ledger.settle(task, credits) if kind == "settle" else ledger.release(task)) is None
        found = ledger.balance(people.connection)
        assert found.available_credits == came_in - sum(charges.values()) - sum(holds.values())
        assert found.held_credits == sum(holds.values())
