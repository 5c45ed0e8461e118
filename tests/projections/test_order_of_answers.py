"""Answers are in the order they promise, to the last tie, however PostgreSQL finds the rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from projections.books.account_lines import LinePlace, account_lines
from projections.books.documents import list_documents, steps_of_number
from projections.books.trial_balance import trial_balance
from projections.claims.pending_claims import pending_claims
from projections.dealers.dealer_statement import dealer_statement
from projections.dealers.entries_of_party import entries_of_party
from projections.dealers.open_items import open_items
from projections.dealers.receivables import receivables
from projections.engine.reading import Reading
from projections.stock.inventory_ageing import inventory_ageing
from projections.stock.on_hand import our_places, stock_quantities
from projections.stock.stock_card import CardPlace, stock_card
from tests.projections.bookkeeping import Bookkeeper
from tests.projections.claims.test_pending_claims import submit
from tests.small_maker import SmallMaker, SoldMachine, policy

MAY, END = date(2025, 5, 31), date(2025, 6, 30)
DAY = date(2025, 5, 5)
BEGIN = date(2025, 1, 1)
# As they lie in the table, by an index, and hashed rather than sorted into groups.
PLANS = {
    "as they lie": "SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off;"
    " SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off",
    "by an index": "SET LOCAL enable_seqscan = off",
    "hashed": "SET LOCAL enable_sort = off; SET LOCAL enable_mergejoin = off;"
    " SET LOCAL enable_seqscan = on",
}


@contextmanager
def in_disorder(bookkeeper: Bookkeeper, plan: str) -> Iterator[Reading]:
    """What comes last in every order is recorded first, and much of it on one day."""
    machine = SoldMachine("ZY55", "D01", BEGIN, "Zhao")
    bookkeeper.open_for_business(SmallMaker(policies={"ZY55": policy()}, machines={"M-1": machine}))
    for number, part, place in (
        ("R-4", "P-2", "W02"), ("R-3", "P-1", "W02"), ("R-2", "P-2", "W01"), ("R-1", "P-1", "W01"),
    ):  # fmt: skip
        bookkeeper.buy(number, date(2025, 4, 2), part, 50, 800, at=place)
        bookkeeper.fold()  # Each by itself: a fold writes its rows in their order.
    for number, part, dealer in (
        ("S-6", "P-2", "D02"), ("S-5", "P-1", "D02"), ("S-4", "P-1", "D02"),
        ("S-3", "P-2", "D01"), ("S-2", "P-1", "D01"), ("S-1", "P-1", "D01"),
    ):  # fmt: skip
        bookkeeper.sell(number, DAY, part, 1, dealer)
        bookkeeper.fold()
    bookkeeper.pay("WO-C-2", DAY, 100)  # The number of a claim's paper.
    for number in ("C-3", "C-2", "C-1"):
        submit(bookkeeper, number, DAY, failed_on=date(2025, 5, int(number[-1])))
        bookkeeper.fold()
    with bookkeeper.look() as now:
        now.cursor.execute(PLANS[plan])
        yield now


def documents(now: Reading) -> list[Any]:
    return [document.key for document in list_documents(now, "sales").documents]


def statement(now: Reading) -> list[Any]:
    found = dealer_statement(now, "D01", "2025-05")
    assert found is not None
    return [row.version for row in found.rows]


def lines(now: Reading) -> list[Any]:
    after = LinePlace(BEGIN, 0, 0)
    return [line.place for line in account_lines(now, "6001", to=END, after=after, limit=99).lines]


def card(now: Reading) -> list[Any]:
    found = stock_card(now, "P-1", to=END, after=CardPlace(BEGIN), limit=99)
    return [(at.day, at.position, at.place, at.other) for at, *_ in found.lines]


def ageing(now: Reading) -> list[Any]:
    return [(row.place, row.part) for row in inventory_ageing(now, END, by_part=True).rows]


def balances(now: Reading) -> list[Any]:
    rows = trial_balance(now, END, by_party=True).accounts
    return [(row.account, row.party, row.currency) for row in rows]


def stock_on(day: date | None) -> Callable[[Reading], list[Any]]:
    def stock(now: Reading) -> list[Any]:
        found = stock_quantities(now, as_of=day, show_empty=True)
        return [(each.place, each.part) for each in found]

    return stock


def items(now: Reading) -> list[Any]:
    return [(item.dealer, item.due_on, item.item) for item in open_items(now, END).items]


def owed(now: Reading) -> list[Any]:
    return [(each.dealer, each.currency) for each in receivables(now, END).dealers]


def claims(now: Reading) -> list[Any]:
    return [(claim.submitted_on, claim.claim) for claim in pending_claims(now, "D01", MAY)]


ANSWERS: dict[str, Callable[[Reading], list[Any]]] = {
    "documents": documents,
    "steps": lambda now: steps_of_number(now, "WO-C-2"),
    "a statement": statement,
    "lines of an account": lines,
    "a stock card": card,
    "ageing": ageing,
    "balances": balances,
    "stock now": stock_on(None),
    "stock of a day": stock_on(END),
    "stock of a past day": stock_on(DAY),
    "places": our_places,
    "open items": items,
    "receivables": owed,
    "pending claims": claims,
    "entries of a party": lambda now: list(
        entries_of_party(now, "dealers/D01", 0, now.position, 99)
    ),
}


@pytest.mark.parametrize("plan", PLANS)
def test_answers_are_in_their_order_however_rows_are_found(
    bookkeeper: Bookkeeper, plan: str
) -> None:
    with in_disorder(bookkeeper, plan) as now:
        for name, ask in ANSWERS.items():
            found = ask(now)
            assert found == sorted(found), name
            assert len(found) > 1, f"{name}: there is nothing to put in order"
