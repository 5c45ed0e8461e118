"""docs/replay.md gives the figures the server gives: what it says is done with a whole history.

DuckDB sums what `partsledger entries` prints, and Beancount judges it; both know nothing of the
ledger but that page. The history is that of the examples, or with

PARTSLEDGER_REPLAY=large pytest -s tests/server/cli/test_replay.py

one of more than 100,000 facts, thousands of them late or back-dated.
"""

import json
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import grpc
import pytest

from server.cli.progress import progress
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.cli.replayed import DAYS, LEAST, MONTHS, History, history_of, keep, large
from tests.server.cli.replayed_figures import (
    aged,
    balances,
    shown,
    shown_aged,
    shown_balances,
    shown_statement,
    statement,
)
from tests.server.cli.replaying import bean_check, example, replay_of
from tests.server.cli.terminal import Served

SIZE: Final = os.environ.get("PARTSLEDGER_REPLAY", "small")

pytestmark = pytest.mark.timeout(240 if SIZE == "small" else 1_800)


@pytest.fixture(scope="module", params=[SIZE])
def history(
    request: pytest.FixtureRequest, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[History]:
    least, folder = LEAST[request.param], tmp_path_factory.mktemp("replay")
    if request.param == "small":
        examples: Served = request.getfixturevalue("examples")
        yield history_of(examples, folder, least)
    else:
        with large(database_url, tmp_path_factory.mktemp("large")) as served:
            yield history_of(served, folder, least)


@pytest.fixture(scope="module")
def desk(history: History) -> Iterator[FrontDesk]:
    with grpc.insecure_channel(history.served.address) as channel:
        yield FrontDesk(channel, history.served.book)


@pytest.fixture(scope="module")
def book(history: History) -> Path:
    """The log as a text for Beancount, with what the server says."""
    return history.replay.for_beancount()


COUNTED: Final = """
    SELECT
        count(*) AS facts,
        count(*) FILTER (effective_on <> occurred_on) AS late,
        count(*) FILTER (effective_on = occurred_on AND occurred_on < latest) AS back_dated
    FROM (
        SELECT *, max(occurred_on) OVER (
            PARTITION BY stream ORDER BY {order} ROWS UNBOUNDED PRECEDING
        ) AS latest
        FROM entries
    )
"""
LATE_LAYERS: Final = (
    "SELECT count(*) AS n FROM stock WHERE quantity < 0 AND counts_from <> arrived_on"
)
STEPS: Final = "SELECT count(*) AS n FROM entries WHERE topic = 'partsledger:' || $topic"


def test_many_facts_are_late_and_many_are_back_dated(history: History) -> None:
    [found] = history.replay.query(COUNTED.format(order="position"))
    [layers] = history.replay.query(LATE_LAYERS)

    print(f"\n{found}, {layers['n']} late layers moved on")
    assert found["facts"] >= history.least.facts
    assert found["late"] >= history.least.late
    assert found["back_dated"] >= history.least.back_dated
    assert layers["n"] >= history.least.late_layers
    for topic in ("AccountingPeriod.SoftClosed", "AccountingPeriod.HardClosed"):
        assert history.replay.query(STEPS, topic=topic) == [{"n": 5}]


def test_in_the_order_of_their_days_no_fact_is_back_dated(history: History) -> None:
    """The control."""
    [found] = history.replay.query(COUNTED.format(order="occurred_on"))
    assert found["back_dated"] == 0


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_trial_balance_is_the_sum_of_the_postings(history: History, day: date) -> None:
    assert balances(history.replay, day) == shown_balances(history, day) != set()


def test_by_the_days_on_which_facts_happened_it_is_another(history: History) -> None:
    """The control: late facts do count on another day."""
    differ = [
        day
        for day in DAYS
        if balances(history.replay, day, by="occurred_on") != shown_balances(history, day)
    ]
    assert differ == DAYS[:5]  # December and January are open: nothing is late into them.


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_ageing_is_the_sum_of_the_movements(history: History, day: date) -> None:
    assert aged(history.replay, day) == shown_aged(shown(history, "ageing", day)) != {}


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_dwell_is_that_sum_by_the_days_at_the_place(
    history: History, tmp_path: Path, day: date
) -> None:
    keep(history.served, tmp_path, "ageing", day, "--by-part", "--dwell")
    dwell = json.loads((tmp_path / f"ageing-{day}.json").read_text(encoding="utf-8"))

    assert aged(history.replay, day, by="arrived_on") == shown_aged(dwell) != {}


def test_the_statements_are_sums_of_the_lines_that_name_them(
    history: History, desk: FrontDesk
) -> None:
    compared = 0
    named = [(dealer, month) for dealer in dealers(history) for month in MONTHS]
    with progress("statements") as told:
        for done, (dealer, month) in enumerate(named):
            told(done, len(named))
            if there := shown_statement(desk, dealer, month):
                figures, currency = there
                assert statement(history.replay, dealer, month, currency) == figures, (
                    dealer, month,
                )  # fmt: skip
                compared += 1
    print(f"\n{compared} statements")
    assert compared >= history.least.statements


def dealers(history: History) -> list[str]:
    found = history.replay.query(
        "SELECT stream FROM entries WHERE topic = 'partsledger:Dealer.Registered' ORDER BY stream"
    )
    return [row["stream"].removeprefix("dealers/") for row in found]


def test_the_control_with_one_posting_of_another_amount_differs(
    history: History, tmp_path: Path
) -> None:
    posting = re.compile(r'("account":"1405".*?"amount_minor":\d+)')
    changed, times = posting.subn(r"\g<1>1", history.log, count=1)
    assert times == 1
    other = replay_of(changed, tmp_path)
    assert balances(other, DAYS[-1]) != shown_balances(history, DAYS[-1])


def test_the_control_without_one_movement_differs(history: History, tmp_path: Path) -> None:
    [first] = history.replay.query("SELECT min(position) AS position FROM stock")
    lines = history.log.splitlines(keepends=True)
    del lines[first["position"] - 1]
    other = replay_of("".join(lines), tmp_path)
    assert aged(other, DAYS[-1]) != aged(history.replay, DAYS[-1])


def test_the_control_with_one_line_on_another_statement_differs(
    history: History, desk: FrontDesk, tmp_path: Path
) -> None:
    line = re.compile(r'("stream": "accounts/(\w+)".*)"statement_month":"2025-08"')
    moved = line.search(history.log)
    assert moved
    changed = line.sub(r'\1"statement_month":"2025-09"', history.log, count=1)
    other, dealer = replay_of(changed, tmp_path), moved[2]
    for month, same in (("2025-07", True), ("2025-08", False), ("2025-09", False)):
        there = shown_statement(desk, dealer, month)
        assert there
        assert (statement(other, dealer, month, there[1]) == there[0]) == same


def test_beancount_finds_no_error(book: Path) -> None:
    text = book.read_text(encoding="utf-8")

    assert bean_check(book) == []
    seen = {sign: text.count(sign) for sign in (" * ", " open ", " balance ", " {1 PIECE, ")}
    print(f"\nBeancount: {seen}")
    assert min(seen.values()) > 400
    assert "CNY.WORTH" in text


def test_the_text_looks_as_the_page_shows(book: Path) -> None:
    def form(line: str) -> str:
        return re.sub(r"\d+", "0", line)

    forms = set(map(form, book.read_text(encoding="utf-8").splitlines()))
    assert {line for line in example() if form(line) not in forms} == set()
    assert form("  Assets:Stock:At-W03:P-P--10245  -2 PIECES") not in forms  # The control: no lot.


# What Beancount says of a line, a pattern that finds one, and what is put in its place.
FAULTS: Final = (
    ("Transaction does not balance", r"(  Assets:1122:\S+  \d+)( CNY)", r"\g<1>1\2"),
    ("Transaction does not balance", r"(  Assets:1122:\S+  -\d+)( CNY.WORTH)", r"\g<1>1\2"),
    ("Invalid reference to unknown account", r"  Expenses:6401(  .* CNY)", r"  Expenses:6402\1"),
    ("Balance failed", r"(.* balance Assets:1405:\S+  \d+)( CNY)", r"\g<1>1\2"),
    ("Balance failed", r"(.* balance Assets:Stock:At-W01:\S+  \d+)( PIECES)", r"\g<1>1\2"),
    ("No position matches", r"(  Assets:Stock:At-W01:\S+  -.* PIECES .*\tL)", r"\1-other"),
    ("Not enough lots", r"(  Assets:Stock:At-W02:\S+  -)(.* PIECES)", r"\g<1>1000\2"),
)


def test_beancount_reports_each_fault_at_its_line(book: Path, tmp_path: Path) -> None:
    """The control."""
    lines = book.read_text(encoding="utf-8").splitlines()
    expected = {leaves_before_it_comes(lines): "No position matches"}
    for says, pattern, instead in FAULTS:
        place = next(n for n, line in enumerate(lines) if re.match(pattern, line))
        lines[place] = re.sub(pattern, instead, lines[place])
        expected[heading(lines, place)] = says
    other = tmp_path / "other.beancount"
    other.write_text("\n".join(lines), encoding="utf-8")

    found = bean_check(other)
    assert len(expected) == len(FAULTS) + 1
    for line, says in expected.items():
        assert any(at == line and words.startswith(says) for at, words in found), (says, line)


def leaves_before_it_comes(lines: list[str]) -> int:
    """Puts an arrival at W03 off until all is over; the line of what leaves then too soon."""
    leaving = re.compile(r"  (Assets:Stock:At-W03:\S+)  -\d+ (PIECES .*)")
    place, left = next((n, m) for n, line in enumerate(lines) if (m := leaving.match(line)))
    coming = re.compile(rf"  {left[1]}  \d+ {re.escape(left[2])}")
    came = next(n for n, line in enumerate(lines) if coming.match(line))
    first = heading(lines, came) - 1
    lines[first] = re.sub(r"^\S+", str(DAYS[-1]), lines[first])
    return heading(lines, place)


def heading(lines: list[str], place: int) -> int:
    """The number of the line with which the transaction begins; lines are counted from one."""
    while lines[place].startswith(" "):
        place -= 1
    return place + 1
