"""The figures that can be explained: what each is the sum of, by the views."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from domain.accounts import NAMES
from domain.errors import InvalidValue, NotFound
from domain.values import currency as known_currency
from partsledger.v1 import explanation_service_pb2 as pb
from projections.books.account_lines import last_account_lines
from projections.dealers.item_lines import item_lines, stated_line
from projections.engine.reading import Reading
from projections.stock.layers_on_hand import LayerOnHand, layers_on_hand
from server.api.conversions import names
from server.api.conversions.ageing import place_key
from server.api.conversions.book import ShownBook
from server.api.conversions.entries import account_named, party_named


class Part(NamedTuple):
    """A part of a figure: an entry at a position, or what a document brought; or a remainder."""

    minor: int
    title: str = ""
    position: int = 0
    document: str = ""
    quantity: int | None = None


class Figure(NamedTuple):
    """Amounts are in minor units of the currency, debit positive; the parts' sum is the whole."""

    title: str
    currency: str
    parts: tuple[Part, ...]
    minor: int
    quantity: int | None = None


class Asked(NamedTuple):
    """What explaining a figure needs to know besides the figure."""

    book: ShownBook
    as_of: date
    most: int  # Parts.


def balance(now: Reading, figure: pb.BalanceFigure, asked: Asked) -> Figure:
    account = account_named(figure.account, "balance.account")
    party = party_named(figure.party, "balance.party")
    currency = asked.book.currency
    if figure.currency:
        currency = known_currency(figure.currency, "balance.currency")
    found = last_account_lines(now, account, party or None, to=asked.as_of, limit=asked.most)
    lines = [line for line in found.lines if line.currency == currency]
    parts = [Part(line.amount.amount_minor, position=line.place.position) for line in lines]
    if currency in found.opening:
        before = found.opening[currency].amount_minor
        parts.insert(0, Part(before, "all lines before"))
    whose = f" of {party}" if party else ""
    title = f"{account} {NAMES[account]}{whose} on {asked.as_of}"
    return Figure(title, currency, tuple(parts), sum(part.minor for part in parts))


def statement_line(now: Reading, figure: pb.StatementLineFigure, asked: Asked) -> Figure:
    book, key = names.STATEMENT.parse(figure.statement, "statement_line.statement")
    _require(book, asked, "statement_line.statement", figure.statement)
    dealer, _, month = key.partition("/")
    found = stated_line(now, dealer, month, figure.account_version)
    if found is None:
        raise NotFound("StatementLine", f"{key}/{figure.account_version}")
    position, minor, currency = found
    title = f"line {figure.account_version} of the statement of {dealer} for {month}"
    return Figure(title, currency, (Part(minor, position=position),), minor)


def open_item(now: Reading, figure: pb.OpenItemFigure, asked: Asked) -> Figure:
    dealer = names.DEALER.key(figure.dealer, "open_item.dealer", asked.book.name)
    found = item_lines(now, dealer, figure.item, asked.as_of)
    if not found:
        raise NotFound("OpenItem", f"{dealer}/{figure.item}")
    parts = [Part(line.amount_minor, position=line.position) for line in found]
    title = f"item {figure.item} of {dealer} on {asked.as_of}"
    return _cut(title, found[0].currency, parts, asked.most)


def stock(now: Reading, figure: pb.StockFigure, asked: Asked) -> Figure:
    place = place_key(figure.place, "stock.place", asked.book.name)
    part = names.PART.optional_key(figure.part, "stock.part", asked.book.name)
    if not 0 <= figure.first_day <= (figure.last_day or figure.first_day):
        raise InvalidValue("stock.first_day", figure.first_day, "must be from 0 to last_day")
    layers = layers_on_hand(now, asked.as_of, [place], [part] if part else [])
    parts = [_layer(layer) for layer in layers if _fits(layer, figure, asked.as_of)]
    first, last = figure.first_day, figure.last_day
    of_age = (
        f", {first} to {last} days old" if last else f", from {first} days old" if first else ""
    )
    what = f"{part} at {place}" if part else f"stock at {place}"
    came = f" that came by {figure.receipt}" if figure.receipt else ""
    title = f"{what}{came} on {asked.as_of}{of_age}"
    return _cut(title, asked.book.currency, parts, asked.most, pieces=True)


def entry(now: Reading, figure: str, asked: Asked) -> Figure:
    book, key = names.ENTRY.parse(figure, "entry")
    _require(book, asked, "entry", figure)
    if int(key) > now.position:
        raise NotFound("Entry", key)
    return Figure(f"entry {key}", "", (Part(0, position=int(key)),), 0)


FIGURES: Final[Mapping[str, Callable[[Reading, Any, Asked], Figure]]] = {
    "balance": balance,
    "statement_line": statement_line,
    "open_item": open_item,
    "stock": stock,
    "entry": entry,
}


def _fits(layer: LayerOnHand, figure: pb.StockFigure, as_of: date) -> bool:
    days = (as_of - (layer.arrived_on if figure.dwell else layer.origin_on)).days
    young = figure.last_day == 0 or days <= figure.last_day
    return days >= figure.first_day and young and figure.receipt in ("", layer.receipt)


def _layer(layer: LayerOnHand) -> Part:
    named = {"lot": layer.lot, "serial": layer.serial}
    said = "".join(f", {name} {value}" for name, value in named.items() if value)
    title = (
        f"{layer.part} from {layer.receipt}, got on {layer.origin_on}, here since"
        f" {layer.arrived_on}{said}"
    )
    return Part(layer.value_minor, title, document=layer.receipt, quantity=layer.quantity)


def _cut(
    title: str, currency: str, parts: Iterable[Part], most: int, pieces: bool = False
) -> Figure:
    """With what there is besides the first parts as one more."""
    found = list(parts)
    shown, rest = found[:most], found[most:]
    if rest:
        left = sum(part.quantity or 0 for part in rest) if pieces else None
        shown.append(Part(sum(part.minor for part in rest), f"{len(rest)} more", quantity=left))
    quantity = sum(part.quantity or 0 for part in found) if pieces else None
    return Figure(title, currency, tuple(shown), sum(part.minor for part in found), quantity)


def _require(book: str, asked: Asked, field: str, name: str) -> None:
    if book != asked.book.name:
        raise InvalidValue(field, name, f"must be of the book {asked.book.name}")
