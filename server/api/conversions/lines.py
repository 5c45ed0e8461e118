"""The lines that documents and entries have in common: pieces, layers, movements, postings."""

from collections.abc import Iterable, Sequence
from typing import Final

from domain import values
from domain.errors import InvalidValue
from domain.layers import Layer
from domain.lines import Movement, Posting
from partsledger.v1 import types_pb2 as pb
from server.api.conversions import money, names, times
from server.api.conversions.book import ShownBook

MOST_LINES: Final = 200  # Of a document. With all layers they still fit into an entry of the log.


def require_some(lines: Sequence[object], field: str, most: int = MOST_LINES) -> None:
    """Refuses a document without lines, and one that is too long."""
    if not lines:
        raise InvalidValue(field, 0, "must have at least one")
    require_few(lines, field, most)


def require_few(lines: Sequence[object], field: str, most: int = MOST_LINES) -> None:
    """Refuses a document that is too long."""
    if len(lines) > most:
        raise InvalidValue(field, len(lines), f"must be at most {most}")


def pieces(line: pb.PartQuantity, field: str, book: str) -> tuple[str, int]:
    """Part and quantity of a line."""
    part = names.PART.key(line.part, f"{field}.part", book)
    return part, values.quantity(line.quantity, f"{field}.quantity")


def layer_message(layer: Layer, currency: str) -> pb.Layer:
    return pb.Layer(
        origin_on=times.day_message(layer.origin_on),
        arrived_on=times.day_message(layer.arrived_on),
        counts_from=times.day_message(layer.counts_from),
        receipt=layer.receipt,
        supplier=layer.supplier,
        lot=layer.lot,
        serial=layer.serial,
        quantity=layer.quantity,
        value=money.message(layer.value_minor, currency),
    )


def layer_messages(layers: Iterable[Layer], currency: str) -> list[pb.Layer]:
    return [layer_message(layer, currency) for layer in layers]


def movement_message(movement: Movement, book: ShownBook) -> pb.Movement:
    return pb.Movement(
        part=names.PART.format(book.name, movement.part),
        from_place=names.PLACE.format(book.name, movement.from_place),
        to_place=names.PLACE.format(book.name, movement.to_place),
        layers=layer_messages(movement.layers, book.currency),
    )


def posting_message(posting: Posting, book: ShownBook) -> pb.Posting:
    return pb.Posting(
        account=posting.account,
        party=posting.party,
        amount=money.sum_message(posting.amount_minor, posting.currency),
        item=posting.item,
        due_on=times.day_message(posting.due_on),
        functional=money.optional_sum_message(posting.functional_minor, book.currency),
    )
