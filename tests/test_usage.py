from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection as database
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio import ledger, usage
from studio.charts import Series, stacked_bars, tick_step
from studio.models import Connection, Entry, Task, User
from studio.views.credits import plain_cell
from tests.base import People, make_task

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOVEMBER = usage.Filters(date(2026, 11, 1))


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def as_(people: People, name: str) -> Browser:
    return people.browser(getattr(people, name))


def spend(
    people: People, person: User, charged: int | None, *, day: int = 10, held: int = 14, **fields
) -> Task:
    """A task of that day: settled for `charged`, released when that is None, left open when it is -1."""
    with time_machine.travel(datetime(2026, 11, day, 9, tzinfo=UTC), tick=False):
        task = make_task(people, person=person, price_credits=held, **fields)
        ledger.hold(task, held)
        if charged is None:
            ledger.release(task, "refused")
        elif charged >= 0:
            ledger.settle(task, charged)
    return task


@pytest.fixture
def funds(people: People) -> People:
    """1 000 credits since October."""
    with time_machine.travel(datetime(2026, 10, 30, 9, tzinfo=UTC), tick=False):
        ledger.grant(people.connection, 1000, people.alice, "Start")
    return people


@pytest.fixture
def month(funds: People) -> People:
    """Alice 14 + 10 charged in November, Bob one refunded and one open."""
    people = funds
    spend(people, people.alice, 14, day=3)
    spend(people, people.alice, 10, day=3)
    spend(people, people.bob, None, day=10)
    spend(people, people.bob, -1, day=20)
    return people


def text_of(page: str, marker: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.split(marker)[1].split("</dl>")[0]).split())


def test_the_four_figures_say_what_is_left_spent_held_and_unclear(month: People):
    make_task(month, status=Task.Status.UNCONFIRMED, needs_person=True)
    page = as_(month, "alice").get("/usage").content.decode()
    figures = text_of(page, 'id="figures"')
    assert "Left 962" in figures
    assert "Spent this period 24" in figures
    assert "Held 14 reserved for 1 open task" in figures
    assert "Unreconciled 1" in figures


def money(line: usage.Line) -> tuple[int, ...]:
    """Tasks, then quoted, held, charged and refunded credits."""
    return (line.tasks, line.quoted_credits, line.held_credits, line.charged_credits, line.refunded_credits)


def test_the_table_uses_the_exact_words_for_money(month: People):
    lines = {
        (line.person, line.operation): line for line in usage.by_person_and_operation(month.team, NOVEMBER)
    }
    label = usage.operation_label("sonic.create_music")
    assert money(lines["Alice", label]) == (2, 28, 0, 24, 0)
    assert money(lines["Bob", label]) == (2, 28, 14, 0, 14)
    page = as_(month, "alice").get("/usage").content.decode()
    for word in ("Quoted", "Held", "Charged", "Refunded"):
        assert f"{word}</th>" in page


def test_a_hold_that_ends_in_the_next_month_is_not_held_in_this_one(funds: People):
    task = spend(funds, funds.alice, -1, day=29)
    with time_machine.travel(datetime(2026, 12, 2, tzinfo=UTC), tick=False):
        ledger.settle(task, 14)
    november = usage.by_person_and_operation(funds.team, NOVEMBER)[0]
    december = usage.by_person_and_operation(funds.team, usage.Filters(date(2026, 12, 1)))[0]
    assert (november.held_credits, november.charged_credits) == (0, 0)
    assert (december.tasks, december.held_credits, december.charged_credits) == (0, 0, 14)


def test_people_who_are_gone_keep_their_line(month: People):
    month.bob.delete()
    names = {line.person for line in usage.by_person_and_operation(month.team, NOVEMBER)}
    assert names == {"Alice", "Former member"}


@pytest.mark.parametrize(
    ("query", "spent"),
    [
        ("month=2026-11", 24),
        ("month=2026-10", 0),
        ("month=2031-01", 24),
        ("month=x&person=y&group=z&page=q", 24),
        ("operation=sonic.create_music", 24),
        ("person={bob}", 0),
        ("person={alice}", 24),
        ("connection={connection}", 24),
        ("connection={other}", 24),
    ],
)
def test_filters_live_in_the_address(month: People, query: str, spent: int):
    codes = {"alice": month.alice.code, "bob": month.bob.code, "connection": month.connection.code}
    answer = as_(month, "alice").get("/usage?" + query.format(**codes, other=month.others.code))
    assert answer.status_code == 200
    assert answer.context["figures"].spent_credits == spent


def test_each_filter_is_taken_away_by_its_chip(month: People):
    page = (
        as_(month, "alice")
        .get(f"/usage?person={month.bob.code}&operation=sonic.create_music")
        .content.decode()
    )
    chips = re.findall(r'class="chip chip--remove" href="\?([^"]*)"', page)
    assert len(chips) == 2
    assert "person=" not in chips[0] and "operation=" in chips[0]
    assert "month=2026-11" in chips[0]


def test_the_chart_has_a_title_a_description_and_the_same_figures_as_a_table(month: People):
    page = as_(month, "alice").get("/usage").content.decode()
    svg = page.split("<svg role")[1].split("</svg>")[0]
    assert "<title" in svg and "Alice 24" in svg and "Still held 14" in svg
    assert "3 November: Alice 24" in svg
    assert "url(#hatch-held)" in svg
    twin = page.split('id="chart-table"')[1].split("</details>")[0]
    assert 'tabindex="0"' in twin
    cells = re.findall(r'<th scope="row">([^<]+)</th>|class="num">([\d ]+)</td>', twin)
    assert [one or two for one, two in cells] == [
        "3 November",
        "24",
        "0",
        "24",
        "20 November",
        "0",
        "14",
        "14",
    ]


@pytest.mark.parametrize(
    ("group", "name"), [("person", "Alice"), ("operation", None), ("connection", "Test")]
)
def test_colours_show_people_operations_or_connections(month: People, group: str, name: str | None):
    chart = as_(month, "alice").get(f"/usage?group={group}").context["chart"]
    assert chart.series[0].name == (name or usage.operation_label("sonic.create_music"))


def test_two_people_with_one_name_are_two_colours(funds: People):
    User.objects.filter(pk__in=[funds.alice.pk, funds.bob.pk]).update(name="Alex")
    spend(funds, funds.alice, 3)
    spend(funds, funds.bob, 4)
    chart = usage.chart(funds.team, NOVEMBER, "person")
    assert [(one.name, one.total) for one in chart.series] == [("Alex", 4), ("Alex", 3)]


def test_more_people_than_colours_end_in_one_stack_of_others(funds: People):
    for number in range(9):
        person = User.objects.create_user(f"p{number}@example.com", name=f"P{number}")
        spend(funds, person, number + 1)
    chart = usage.chart(funds.team, NOVEMBER, "person")
    assert [one.name for one in chart.series] == ["P8", "P7", "P6", "P5", "P4", "4 others"]
    assert chart.total == 45
    assert len({one.style for one in chart.series}) == 6


def test_bars_stand_on_the_base_line_and_on_each_other():
    low, high = Series("low", "1", [2, 0]), Series("high", "2", [3, 4])
    chart = stacked_bars(["1", "2"], [low, high])
    first = chart.columns[0].segments
    assert first[0].y + first[0].height == pytest.approx(chart.base)
    assert first[1].y + first[1].height == pytest.approx(first[0].y, abs=0.11)
    assert first[1].height / first[0].height == pytest.approx(1.5, rel=0.01)
    assert [segment.series.name for segment in chart.columns[1].segments] == ["high"]
    assert chart.ticks[-1].value >= max(column.total for column in chart.columns)


@pytest.mark.parametrize(
    ("highest", "step"), [(0, 1), (3, 1), (4, 1), (5, 2), (40, 10), (41, 20), (99999, 50000)]
)
def test_ticks_are_round_numbers(highest: int, step: int):
    assert tick_step(highest) == step


def test_an_empty_month_says_so(people: People):
    page = as_(people, "alice").get("/usage").content.decode()
    assert "Nothing spent in this month" in page and "<svg role" not in page


def test_an_empty_filter_offers_to_clear_it(month: People):
    page = as_(month, "alice").get(f"/usage?month=2026-10&person={month.bob.code}").content.decode()
    assert "No match" in page and "Clear filters" in page


def test_tasks_that_need_a_person_lead_to_the_task(month: People):
    task = make_task(
        month, status=Task.Status.UNCONFIRMED, needs_person=True, problem_text="No answer came <b>"
    )
    page = as_(month, "ada").get("/usage").content.decode()
    assert f'href="{reverse("task", args=[task.code])}"' in page
    assert "No answer came &lt;b&gt;" in page


@pytest.mark.parametrize(
    ("name", "status"),
    [("alice", 200), ("ada", 200), ("bob", 403), ("vera", 403), ("charlie", 200), (None, 302)],
    ids=str,
)
@pytest.mark.parametrize("address", ["/usage", "/usage.csv"])
def test_who_sees_the_usage(month: People, address: str, name: str | None, status: int):
    answer = (as_(month, name) if name else Browser()).get(address)
    assert answer.status_code == status
    if status == 403:
        assert "Only admins of the team may do this." in answer.content.decode()
    if name == "charlie":  # an owner, but of another team
        assert "Alice" not in answer.getvalue().decode()


def test_the_page_asks_as_little_of_the_database_for_many_tasks_as_for_few(month: People):
    browser = as_(month, "alice")
    make_task(month, needs_person=True)

    def queries() -> int:
        with CaptureQueriesContext(database) as caught:
            assert browser.get("/usage").status_code == 200
        return len(caught)

    few = queries()
    for number in range(25):
        person = User.objects.create_user(f"p{number}@example.com", name=f"P{number}")
        spend(month, person, 5, day=1 + number)
        make_task(month, person=person, needs_person=True)
    assert queries() == few


def test_the_ledger_is_paged_and_keeps_its_filters(month: People):
    for number in range(30):
        spend(month, month.alice, 1, day=1 + number % 28, held=1)
    browser = as_(month, "alice")
    first = browser.get("/usage?month=2026-11&group=operation").content.decode()
    assert "67 lines" in first and "1 / 2" in first
    older = re.search(r'href="(\?[^"]*page=2)#ledger"', first)[1].replace("&amp;", "&")
    assert "group=operation" in older
    assert "2 / 2" in browser.get("/usage" + older).content.decode()


# --- CSV ----------------------------------------------------------------------------------------


def rows(answer) -> list[dict[str, str]]:
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_csv_has_the_lines_of_the_same_view(month: People):
    answer = as_(month, "alice").get(f"/usage.csv?month=2026-11&person={month.alice.code}")
    assert answer["Content-Type"].startswith("text/csv")
    assert 'filename="ostinato-usage-2026-11.csv"' in answer["Content-Disposition"]
    found = rows(answer)
    assert {row["person"] for row in found} == {"Alice"}
    assert [(row["kind"], row["credits"], row["charged"]) for row in found] == [
        ("settle", "4", "10"),
        ("hold", "-14", "0"),
        ("settle", "0", "14"),
        ("hold", "-14", "0"),
    ]
    assert found[0]["time"] == "2026-11-03T09:00:00+00:00"


def test_nothing_in_the_csv_runs_as_a_formula(month: People):
    User.objects.filter(pk=month.alice.pk).update(name="=cmd|' /C calc'!A0")
    Connection.objects.filter(pk=month.connection.pk).update(name="@SUM(A1)")
    ledger.adjust(month.connection, 5, month.alice, "-2+3")
    found = rows(as_(month, "alice").get("/usage.csv?month=2026-11"))
    assert found[0]["person"].startswith("'=") and found[0]["connection"].startswith("'@")
    assert found[0]["note"] == "'-2+3"
    assert found[0]["credits"] == "5"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "  =1", "＝1"])
def test_cells_that_begin_like_formulas_are_quoted(text: str):
    assert plain_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Alice", "a=b", "Ada-Lou", "🎹"])
def test_other_cells_stay_as_they_are(text: str):
    assert plain_cell(text) == text


def test_ledger_lines_of_the_studio_itself_have_a_name(month: People):
    ledger.adjust(month.connection, 5, None, "The provider's balance differed")
    assert Entry.objects.filter(person=None, task=None).exists()
    assert "The studio" in as_(month, "alice").get("/usage").content.decode()
