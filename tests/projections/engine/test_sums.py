"""Answers from sums are what the lines add up to, on any day and at any position."""

import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from projections.books.trial_balance import trial_balance
from projections.claims.pending_claims import CLAIM_MONTHS, CLAIM_SPANS
from projections.dealers.dealer_statement import statement_as_read
from projections.dealers.open_items import DEALER_ITEMS, open_items
from projections.dealers.stated_items import STATED_ITEMS
from projections.engine.fingerprint import fingerprint
from projections.engine.folding import create, index
from projections.engine.reading import Reading, reading
from projections.engine.schemas import Schemas, schemas
from projections.engine.view import GENERATION_POSITIONS
from projections.stock.balances import PLACE_BALANCES
from projections.stock.closed_stock import CLOSED_STOCK
from projections.stock.inventory_ageing import BUCKET_LABELS, BUCKET_LIMITS, Age, inventory_ageing
from projections.stock.layers_on_hand import layers_on_hand
from projections.stock.on_hand import stock_quantities
from projections.views import VIEWS
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.engine.old_books import FIRST_DAY, LAST, POSITIONS, OldBook, derive

OURS = ("W01", "W02", "@in-transit")
# From lines; the book here has no claims.
DERIVED = [view for view in VIEWS if view.derived and view not in (CLAIM_SPANS, CLAIM_MONTHS)]
CHANGES = {
    STATED_ITEMS.name: "amount_minor = amount_minor + 1",
    PLACE_BALANCES.name: "quantity = quantity + 1",
    CLOSED_STOCK.name: "quantity[1] = quantity[1] + 1",
}


@pytest.fixture(params=[1, 4])
def old(request: pytest.FixtureRequest, bookkeeper: Bookkeeper) -> tuple[Bookkeeper, OldBook]:
    """A book whose sums were folded in three steps that respect no seam."""
    book = OldBook(random.Random(request.param))
    at = schemas(bookkeeper.book)
    with bookkeeper.connect() as opened, opened.cursor() as c:
        book.write(c, at)
        derive(c, at, 5, GENERATION_POSITIONS + 4)
    return bookkeeper, book


def looks(bookkeeper: Bookkeeper, days_on: int = 75) -> Iterator[tuple[Reading, date]]:
    """Ends of months and other days, at the end of the log and at other positions.

    The same for each test, whichever tests were run before it.
    """
    chance = random.Random(5)
    positions = [LAST, GENERATION_POSITIONS, *chance.sample(POSITIONS, 12)]
    for position in positions:
        days = [FIRST_DAY + timedelta(days=chance.randrange(-5, days_on)) for _ in range(3)]
        with reading(bookkeeper.connect, bookkeeper.book, VIEWS, position) as now:
            for day in (*days, date(2025, 1, 31), date(2025, 2, 28)):
                yield now, day


def lines_at(book: OldBook, table: str, position: int) -> list[Any]:
    return [line for line in book.tables[table] if line[0] <= position]


def test_the_trial_balance_is_the_sum_of_its_lines(old: tuple[Bookkeeper, OldBook]) -> None:
    bookkeeper, book = old
    for now, day in looks(bookkeeper):
        debits: defaultdict[tuple[str, str], int] = defaultdict(int)
        credits: defaultdict[tuple[str, str], int] = defaultdict(int)
        for _, amount, _, on, _, account, party, *_ in lines_at(
            book, "journal_lines", now.position
        ):
            if on <= day:
                debits[account, party] += max(amount, 0)
                credits[account, party] += max(-amount, 0)
        by_party = trial_balance(now, day, by_party=True).accounts
        assert {(a.account, a.party): a.debit_minor for a in by_party} == debits
        assert {(a.account, a.party): a.credit_minor for a in by_party} == credits
        for line in trial_balance(now, day).accounts:
            parties = [key for key in debits if key[0] == line.account]
            assert line.debit_minor == sum(debits[key] for key in parties)
            assert line.credit_minor == sum(credits[key] for key in parties)


def stock_looks(bookkeeper: Bookkeeper) -> Iterator[tuple[Reading, date]]:
    """In months that are closed, in two that were closed together, and since."""
    yield from looks(bookkeeper, 125)
    with reading(bookkeeper.connect, bookkeeper.book, VIEWS) as now:
        for day in (date(2025, 4, 30), date(2025, 5, 2), date(2025, 5, 20), date(2025, 6, 30)):
            yield now, day


def aged(
    lines: list[Any], day: date, age: Age, by_part: bool
) -> dict[tuple[str, str], list[list[int]]]:
    """Pieces and cost by place, part and bucket; what has none of either is left out."""
    rows: defaultdict[tuple[str, str], list[list[int]]] = defaultdict(
        lambda: [[0, 0] for _ in BUCKET_LABELS]
    )
    for _, _, pieces, value, on, origin, arrived, _, place, part, *_ in lines:
        if on <= day and place in OURS:
            days = (day - (origin if age is Age.ORIGIN else arrived)).days
            sums = rows[place, part if by_part else ""][bisect_left(BUCKET_LIMITS, days)]
            sums[0] += pieces
            sums[1] += value
    return {key: sums for key, sums in rows.items() if any(map(any, sums))}


def test_ageing_is_the_sum_of_its_lines(old: tuple[Bookkeeper, OldBook]) -> None:
    bookkeeper, book = old
    for now, day in stock_looks(bookkeeper):
        lines = lines_at(book, "stock_lines", now.position)
        for age in Age:
            for by_part in (False, True):
                found = inventory_ageing(now, day, age, by_part=by_part).rows
                assert {
                    (row.place, row.part): [list(bucket) for bucket in row.buckets] for row in found
                } == aged(lines, day, age, by_part)


def test_stock_is_the_sum_of_its_lines(old: tuple[Bookkeeper, OldBook]) -> None:
    bookkeeper, book = old
    for now, day in stock_looks(bookkeeper):
        layers: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
        items: defaultdict[tuple[str, str], int] = defaultdict(int)
        for _, _, pieces, value, on, *dates, place, part, receipt, lot, serial in lines_at(
            book, "stock_lines", now.position
        ):
            if on <= day and place in OURS:
                sums = layers[place, part, *dates, receipt, lot, serial]
                sums[0] += pieces
                sums[1] += value
                items[place, part] += pieces
        lying = sorted((*layer, *sums) for layer, sums in layers.items() if any(sums))
        assert [tuple(layer) for layer in layers_on_hand(now, day)] == lying
        one = layers_on_hand(now, day, places=["W01"], parts=["P-2"])
        assert [tuple(layer) for layer in one] == [
            each for each in lying if each[:2] == ("W01", "P-2")
        ]
        of_part = inventory_ageing(now, day, Age.ARRIVAL, parts=["P-1"]).total
        assert of_part.value_minor == sum(
            value for layer, (_, value) in layers.items() if layer[1] == "P-1"
        )
        seen = stock_quantities(now, as_of=day, show_empty=True)
        real = {item: pieces for item, pieces in items.items() if not item[0].startswith("@")}
        assert {(each.place, each.part): each.quantity for each in seen} == real
        seen = stock_quantities(now, as_of=day, show_empty=False)
        assert [each.quantity for each in seen] == [real[key] for key in sorted(real) if real[key]]


def test_stock_without_a_day_is_all_that_was_recorded(old: tuple[Bookkeeper, OldBook]) -> None:
    bookkeeper, book = old
    for position in (LAST, *POSITIONS[::7]):
        items: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for _, _, pieces, value, *_, place, part, _, _, _ in lines_at(
            book, "stock_lines", position
        ):
            if place in ("W01", "W02"):
                items[place, part][0] += pieces
                items[place, part][1] += value
        with reading(bookkeeper.connect, bookkeeper.book, VIEWS, position) as now:
            found = stock_quantities(now, show_empty=True)
        assert [tuple(each) for each in found] == [(*item, *items[item]) for item in sorted(items)]


def test_open_items_are_the_sums_of_their_lines(old: tuple[Bookkeeper, OldBook]) -> None:
    bookkeeper, book = old
    for now, day in looks(bookkeeper):
        by_day: defaultdict[str, int] = defaultdict(int)
        stated: defaultdict[str, int] = defaultdict(int)
        month = str(day)[:7]
        for _, amount, _, on, _, account, party, _, item, stated_in in lines_at(
            book, "journal_lines", now.position
        ):
            if account == "1122" and on <= day:
                by_day[item] += amount
            if party == "dealers/D1" and stated_in <= month:
                stated[item] += amount
        items = open_items(now, day).items
        assert {i.item: i.amount_minor for i in items} == {k: v for k, v in by_day.items() if v}
        one = [item for item in items if item.dealer == "D1"]
        assert open_items(now, day, "D1").items == tuple(one)
        assert [i.due_on for i in one] == sorted(i.due_on for i in one)


def test_statements_open_with_the_sum_of_their_lines(old: tuple[Bookkeeper, OldBook]) -> None:
    bookkeeper, book = old
    for now, day in looks(bookkeeper):
        month = str(day)[:7]
        stated: defaultdict[str, int] = defaultdict(int)
        opening = 0
        for _, amount, _, _, _, _, party, _, item, on in lines_at(
            book, "journal_lines", now.position
        ):
            if party == "dealers/D1" and on <= month:
                stated[item] += amount
                opening += amount if on < month else 0
        found = statement_as_read(now, "D1", month)
        assert found is not None
        assert found.opening_minor == opening
        assert found.closing_minor == sum(stated.values())
        assert {i.item: i.amount_minor for i in found.open_items} == {
            item: amount for item, amount in stated.items() if amount
        }


def fingerprints(c: Any, at: Schemas, through: int) -> dict[str, tuple[int, str]]:
    return {view.name: fingerprint(c, at, view, through) for view in DERIVED}


def test_sums_are_the_same_however_the_log_was_cut_into_steps(
    old: tuple[Bookkeeper, OldBook],
) -> None:
    bookkeeper, book = old
    with bookkeeper.connect() as opened, opened.cursor() as c:
        live = fingerprints(c, schemas(bookkeeper.book), LAST)
        for number, stops in enumerate(((), tuple(POSITIONS[:-1]))):
            other = Schemas(bookkeeper.book, f"{bookkeeper.book}_{number}_views")
            create(c, other, VIEWS)
            index(c, other, VIEWS)
            book.write(c, other)
            derive(c, other, *stops)
            assert fingerprints(c, other, LAST) == live


@pytest.mark.parametrize("through", [GENERATION_POSITIONS - 2, GENERATION_POSITIONS, LAST - 5])
def test_sums_that_went_on_have_the_fingerprint_they_had(
    old: tuple[Bookkeeper, OldBook], through: int
) -> None:
    """A rebuild compares views at a position that the live ones may have left behind."""
    bookkeeper, book = old
    stopped = Schemas(bookkeeper.book, f"{bookkeeper.book}_stopped_views")
    with bookkeeper.connect() as opened, opened.cursor() as c:
        create(c, stopped, VIEWS)
        index(c, stopped, VIEWS)
        book.write(c, stopped)
        for table in book.tables:
            later = f"DELETE FROM {{views}}.{table} WHERE position > %s"
            c.execute(stopped.sql(later), (through,))
        derive(c, stopped)
        then = fingerprints(c, stopped, through)
        live = schemas(bookkeeper.book)
        assert fingerprints(c, live, through) == then
        # The control: as they are now, they differ, and so does a sum that someone changed.
        now = fingerprints(c, live, LAST)
        assert [name for name in now if now[name] == then[name]] == []
        c.execute(live.sql("UPDATE {views}.dealer_items SET due_said = due_said + 1"))
        assert fingerprint(c, live, DEALER_ITEMS, through) != then[DEALER_ITEMS.name]
        for view in DERIVED:
            change = CHANGES.get(view.name, "lines = lines + 1")
            c.execute(live.sql(f"UPDATE {{views}}.{view.name} SET {change}"))
        changed = fingerprints(c, live, through)
        assert [name for name in changed if changed[name] == then[name]] == []


def test_a_sum_that_lost_a_line_shows(old: tuple[Bookkeeper, OldBook]) -> None:
    """The control of the sums above: they are what is answered from."""
    bookkeeper, _ = old
    with bookkeeper.connect() as opened, opened.cursor() as c:
        lost = "UPDATE {views}.party_months SET debit_minor = debit_minor - 1 WHERE debit_minor > 0"
        c.execute(schemas(bookkeeper.book).sql(lost))
        assert c.rowcount > 0
    with reading(bookkeeper.connect, bookkeeper.book, VIEWS) as now:
        report = trial_balance(now, date(2025, 12, 31), by_party=True)
        assert report.difference_minor["CNY"] != 0
