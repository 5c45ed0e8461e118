"""The small change of the wire: names and amounts as messages, and ids of requests."""

from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from google.type.money_pb2 import Money

from domain.currencies import DECIMALS
from partsledger.v1 import import_service_pb2, types_pb2
from server.api.conversions.money import message as money_message
from server.api.conversions.names import in_name
from server.api.conversions.times import day_message
from server.erp.documents import Document

# Never changes: by it a repeated import is recognised, for as long as there are books.
_REQUESTS: Final = UUID("5b1e6f0a-31c5-4d0c-9f0e-6f2f6a0c7d11")
_COMMAND: Any = import_service_pb2.ImportCommand.DESCRIPTOR.oneofs_by_name["command"]
_FIELDS: Final[dict[str, str]] = {
    field.message_type.full_name: field.name for field in _COMMAND.fields
}


class Names:
    """Resource names of one book."""

    def __init__(self, book: str) -> None:
        self.book = f"books/{book}"

    def of(self, collection: str, number: str | None) -> str:
        """`books/main/parts/P-1`; empty where there is no number."""
        return f"{self.book}/{collection}/{number}" if number else ""

    def part(self, number: str | None) -> str:
        return self.of("parts", in_name(number)) if number else ""

    def price(self, price_list: str, part: str) -> str:
        """`books/main/priceLists/settlement-CNY/prices/P-1`."""
        return f"{self.of('priceLists', price_list)}/prices/{in_name(part)}"

    def place(self, number: str | None) -> str:
        return self.of("places", number)

    def dealer(self, number: str | None) -> str:
        return self.of("dealers", number)


class Source(NamedTuple):
    """Where a command comes from; `step` tells the commands of one document apart.

    The rest is of the document: the line of its first row, how many commands it makes, and how many
    rows it has, by file.
    """

    file: str
    line: int
    document: str
    step: str
    first_line: int
    steps: int
    rows: tuple[tuple[str, int], ...]


def minor_units(amount: Decimal, currency: str) -> int:
    """Whole minor units of an amount that has no more decimals than its currency."""
    return int(amount.scaleb(DECIMALS[currency]))


def money(amount: Decimal, currency: str) -> Money:
    return money_message(minor_units(amount, currency), currency)


def occurrence(on: date, document: str, late: bool) -> types_pb2.Occurrence:
    return types_pb2.Occurrence(occurred_on=day_message(on), document=document, allow_late=late)


def occurrence_of(document: Document[Any], on: date) -> types_pb2.Occurrence:
    """The paper of a step is what the `document` cell says, or else the document's own number."""
    head = document.head
    return occurrence(on, head.document or document.number, head.late)


def request_of(command: import_service_pb2.ImportCommand) -> Any:
    """The request in a command, of whatever kind it is."""
    return getattr(command, str(command.WhichOneof("command")))


def import_command(
    book: str, source: Source, actor: str, request: Any, dated: bool = False
) -> import_service_pb2.ImportCommand:
    """The request as the import stream takes it, under an id made of where it comes from.

    What the request says is left out of the id: the same row is recognised, and another content
    under the same number is refused as REQUEST_ID_REUSED, and not recorded beside it. Not so with
    base data, which has versions (`dated`): there the ledger compares what is known with what is
    given, and says what differs.
    """
    key = f"{book}/{source.file}/{source.document}/{source.step}"
    if dated:
        said = request.SerializeToString(deterministic=True)
        key += f"/{sha256(said).hexdigest()}"
    request.request_id = str(uuid5(_REQUESTS, key))
    fields: dict[str, Any] = {"actor": actor, _FIELDS[request.DESCRIPTOR.full_name]: request}
    return import_service_pb2.ImportCommand(**fields)
