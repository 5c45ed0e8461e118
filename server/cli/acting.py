"""What acts by hand have in common: who and when, amounts as typed, the call, the answer."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, NamedTuple
from uuid import UUID, uuid4

import typer

from domain.currencies import DECIMALS
from domain.errors import InvalidValue
from server.cli import options
from server.cli.channel import Connection
from server.cli.failure import Failure
from server.cli.kinds import named
from server.cli.messages import plain
from server.cli.methods import caller, method_named, request_of
from server.cli.show import for_people, steps_of
from server.cli.tables import err, out, show, write_json
from server.erp.wire import money, occurrence

_DECIMAL: Final = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)


class Done(NamedTuple):
    """What all acts have to say besides: when and by whom, and where they are recorded."""

    on: date
    document: str
    late: bool
    request_id: str | None


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise typer.BadParameter(f"{text!r} must be a UUID") from None


Number = Annotated[str, typer.Argument(parser=options.code, metavar="NUMBER")]
Dealer = Annotated[str, typer.Argument(parser=options.code, metavar="DEALER", help="As D01.")]
Month = Annotated[str, typer.Argument(parser=options.month, metavar="MONTH", help="As 2025-11.")]
On = Annotated[
    date, typer.Option("--on", parser=options.day, metavar="DATE", help="The day it happened.")
]
Document = Annotated[str, typer.Option(metavar="PAPER", help="The number of the paper it is on.")]
Late = Annotated[
    bool,
    typer.Option(
        "--late", help="If its month is closed for good, let it count on the first open day."
    ),
]
RequestId = Annotated[
    str | None,
    typer.Option(
        parser=_uuid, metavar="UUID", help="To repeat an act whose answer was lost; else a new one."
    ),
]
Items = Annotated[
    list[str] | None, typer.Option("--item", metavar="ITEM=AMOUNT", help="May be repeated.")
]


def act(
    connection: Connection, method: str, name: str, done: Done, as_json: bool, **said: Any
) -> None:
    """Calls the method, and prints what it was done to as it stands now."""
    described = method_named(method)
    request = type(request_of(described))(**said)
    request.occurrence.CopyFrom(occurrence(done.on, done.document, done.late))
    request.request_id = done.request_id or str(uuid4())
    if name:
        request.name = f"{connection.book}/{name}"
    else:
        request.parent = connection.book
    if not done.request_id:
        err().print(f"request_id: {request.request_id}", soft_wrap=True)
    answer = connection.ask(caller(connection, described), request)
    found = getattr(answer, described.output_type.fields_by_number[1].name)
    recorded = {"first_position": answer.receipt.first_position,
                "last_position": answer.receipt.last_position}  # fmt: skip
    if as_json:
        write_json({"request_id": request.request_id, **recorded, **plain(found)})
        return
    kind, _ = named(connection.book, found.name)
    parts = for_people(kind, found, steps_of(connection, kind, found))
    show(out(), *parts, f"Recorded at position {answer.receipt.last_position}.")


def pairs(items: Sequence[str]) -> list[tuple[str, str]]:
    """`2=120.00` as `2` and `120.00`. Refuses what is named twice."""
    found = [item.rpartition("=")[::2] for item in items]
    for index, (name, _) in enumerate(found):
        if not name:
            raise Failure(f"--item {items[index]!r} must be as ITEM=AMOUNT")
        if name in [earlier for earlier, _ in found[:index]]:
            raise Failure(f"--item {name!r} is named twice")
    return found


def amount_of(text: str, currency: str, what: str) -> Any:
    decimals = DECIMALS[currency]
    if not _DECIMAL.fullmatch(text) or len(text.partition(".")[2]) > decimals:
        example = "5650" if not decimals else f"5650.{'0' * decimals}"
        rule = f"must be a plain amount in {currency}, as {example}"
        raise Failure(f"{what} {text!r} {rule}: at most {decimals} decimals, no separators")
    try:
        return money(Decimal(text), currency)
    except (InvalidValue, ValueError, OverflowError):
        raise Failure(f"{what} {text!r} is too large") from None
