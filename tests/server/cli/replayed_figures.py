"""The figures that are replayed, each twice: from the log alone, and as the server shows them."""

import json
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from domain.currencies import DECIMALS
from tests.on_the_wire import day_of, minor
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.cli.replayed import History
from tests.server.cli.replaying import Replay

Balances = set[tuple[Any, ...]]  # Account, party, currency, debit, credit, worth in the book's.
Aged = dict[tuple[str, str, str], tuple[int, int]]  # Pieces and value by place, part and days.


def balances(replay: Replay, day: date, by: str = "effective_on") -> Balances:
    found = replay.ask("trial balance", by=("effective_on", by), day=day)
    return {tuple(row.values()) for row in found}


def shown_balances(history: History, day: date) -> Balances:
    return {
        (
            row["account"], row["party"], row["currency"],
            _minor(row["debit"], row["currency"]), _minor(row["credit"], row["currency"]),
            _minor(row["functional_balance"], row["functional_currency"]),
        )
        for row in shown(history, "trial-balance", day)["accounts"]
    }  # fmt: skip


def aged(replay: Replay, day: date, by: str = "origin_on") -> Aged:
    return {
        (row["place"], row["part"], row["days"]): (row["quantity"], row["value_minor"])
        for row in replay.ask("ageing", by=("origin_on", by), day=day)
    }


def shown_aged(report: Any) -> Aged:
    return {
        (row["place"], row["part"], key.removeprefix("quantity_")): (
            row[key], _minor(row[key.replace("quantity", "value")], row["currency"]),
        )
        for row in report["rows"]
        for key in row
        if key.startswith("quantity_") and row[key]
    }  # fmt: skip


def shown(history: History, report: str, day: date) -> Any:
    """What the server said when the files of the history were made."""
    return json.loads((history.folder / f"{report}-{day}.json").read_text(encoding="utf-8"))


class Statement(NamedTuple):
    """A dealer's month, in minor units."""

    opening: int
    debit: int
    credit: int
    closing: int
    lines: int
    content_hash: str
    open_items: frozenset[tuple[Any, ...]]  # Item, account, amount, the day on which it is due.


def statement(replay: Replay, dealer: str, month: str, currency: str) -> Statement:
    [found] = replay.ask("statement", dealer=dealer, month=month)
    opening, closing = found["opening_minor"], found["closing_minor"]
    [hashed] = replay.ask(
        "content hash", dealer=dealer, month=month, currency=currency,
        opening=opening, closing=closing,
    )  # fmt: skip
    items = replay.ask("open items", dealer=dealer, month=month)
    assert sum(item["amount_minor"] for item in items) == closing
    return Statement(
        opening, found["debit_minor"], found["credit_minor"], closing, found["line_count"],
        hashed["content_hash"], frozenset(tuple(item.values()) for item in items),
    )  # fmt: skip


def shown_statement(desk: FrontDesk, dealer: str, month: str) -> tuple[Statement, str] | None:
    """With its currency; nothing if the dealer has no account in that month."""
    name = desk.name(f"dealers/{dealer}/statements/{month}")
    try:
        found = desk.call("Statement.GetStatement", name=name).statement
    except Refused as refused:
        if refused.reason != "NOT_FOUND":
            raise
        return None
    figures = Statement(
        minor(found.opening), minor(found.debit), minor(found.credit), minor(found.closing),
        len(found.lines), found.content_hash,
        frozenset(
            (item.item, item.account, minor(item.amount), day_of(item.due_on))
            for item in found.open_items
        ),
    )  # fmt: skip
    return figures, found.currency


def _minor(amount: str, currency: str) -> int:
    return int(Decimal(amount).scaleb(DECIMALS[currency]))
