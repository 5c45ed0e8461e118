"""`partsledger list`: all resources of a kind, or those that are asked for."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Annotated, Any, Final

import typer
from google.type.date_pb2 import Date
from rich.console import RenderableType

from server.cli import options
from server.cli.channel import Connection, connected
from server.cli.failure import NO, Failure
from server.cli.kinds import Kind, listed_kind
from server.cli.messages import UNSHOWN, enum_word, fitted, people_table, plain, table_of
from server.cli.methods import caller, request_of
from server.cli.options import Form
from server.cli.tables import Table, out, rich_table, show, write_csv, write_json
from server.cli.wording import day_message

EXAMPLES: Final = (
    "partsledger list claims --dealer D01 --state approved --state awaiting-parts",
    "partsledger list sales --from 2025-12-01 --sort latest --limit 20",
    "partsledger list settlements --month 2025-11 --csv > settlements.csv",
    "partsledger list prices --in priceLists/settlement-CNY --limit 20",
    "partsledger list stock --in places/W01",
)

_PAGE: Final = 1_000
_ORDERS: Final = {"number": "", "date": "occurred_on", "latest": "occurred_on desc"}


_Kind = Annotated[
    str, typer.Argument(metavar="KIND", help="As parts, dealers, claims, price-lists, stock.")
]
_Dealer = Annotated[
    str | None, typer.Option(parser=options.code, metavar="DEALER", help="Only of this dealer.")
]
_States = Annotated[
    list[str] | None, typer.Option(metavar="STATE", help="Only in this state; may be repeated.")
]
_Month = Annotated[
    str | None, typer.Option(parser=options.month, metavar="MONTH", help="Only of it, as 2025-11.")
]
_Within = Annotated[
    str, typer.Option("--in", metavar="NAME", help="Only in it, as priceLists/settlement-CNY.")
]
_From = Annotated[
    date | None,
    typer.Option("--from", parser=options.day, metavar="DATE", help="Only of this day or later."),
]
_To = Annotated[
    date | None,
    typer.Option("--to", parser=options.day, metavar="DATE", help="Only of this day or before."),
]
_Document = Annotated[
    str, typer.Option(metavar="NUMBER", help="Only with this number, or on a paper with it.")
]
_Sort = Annotated[
    str, typer.Option(metavar="ORDER", help="number, date, or latest for the latest first.")
]
_Limit = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="At most so many; without it, all.")
]


def list_resources(
    kind: _Kind,
    dealer: _Dealer = None,
    state: _States = None,
    month: _Month = None,
    within: _Within = "",
    first: _From = None,
    last: _To = None,
    document: _Document = "",
    sort: _Sort = "number",
    limit: _Limit = None,
    at_position: options.AtPosition = 0,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """Resources of a kind by their numbers, with what each says now.

    The JSON holds everything; the table and the CSV leave out what only `show` has room for. Ends
    with 1 where some cannot be read, and names them.
    """
    form = options.form(as_json, as_csv, csv_bom)
    asked = listed_kind(kind)
    filters = (
        ("states", "--state", _states(asked, state or [])), ("month", "--month", month),
        ("from_date", "--from", day_message(first)), ("to_date", "--to", day_message(last)),
        ("document", "--document", document), ("order_by", "--sort", _order(sort)),
    )  # fmt: skip
    with connected(server, book) as connection:
        request = _request(connection.book, asked, dealer or "", within)
        for field, option, wanted in filters:
            _filter(asked, request, field, option, wanted)
        request.as_of_position = at_position
        left_out: list[str] = []
        found = list(islice(_pages(connection, asked, request, limit, left_out), limit))
    _print(form, asked, found)
    _complain(left_out)


def _print(form: Form, asked: Kind, found: list[Any]) -> None:
    if form is Form.JSON:
        write_json({asked.plural.replace("-", "_"): [plain(each) for each in found]})
        return
    if form is Form.CSV:
        table = table_of(asked.plural, asked.message, found)
        write_csv(_numbered(asked, found, table))
    elif found:
        _show(asked, found)
    else:
        out().print(f"no {asked.plural.replace('-', ' ')}")


def _complain(left_out: list[str]) -> None:
    if left_out:
        raise Failure(
            f"left out because an entry of theirs cannot be read: {', '.join(left_out)}",
            "`partsledger show` of one of them says which entry", NO,
        )  # fmt: skip


def _request(book: str, kind: Kind, dealer: str, within: str) -> Any:
    """For the whole book, or for all that lies in something: `books/main/dealers/-`."""
    assert kind.list is not None
    request = request_of(kind.list)
    parents = kind.pattern.template.split("/")[2:-2]  # `dealers` and `{dealer}`, or nothing.
    if not parents and within:
        raise Failure(f"--in {within!r}: {kind.plural} lie in nothing")
    if parents and not within:
        within = f"{parents[0]}/{dealer if dealer and parents[0] == 'dealers' else '-'}"
    request.parent = f"{book}/{within.removeprefix(f'{book}/')}" if within else book
    if not parents or parents[0] != "dealers":
        _filter(kind, request, "dealer", "--dealer", dealer and f"{book}/dealers/{dealer}")
    return request


def _filter(kind: Kind, request: Any, field: str, option: str, wanted: Any) -> None:
    """Sets a filter that was asked for; refuses one that such lists do not have."""
    if not wanted:
        return
    if field not in request.DESCRIPTOR.fields_by_name:
        raise Failure(f"{option}: {kind.plural} cannot be selected so")
    if isinstance(wanted, list):
        getattr(request, field).extend(wanted)
    elif isinstance(wanted, Date):
        getattr(request, field).CopyFrom(wanted)
    else:
        setattr(request, field, wanted)


def _order(sort: str) -> str:
    if sort not in _ORDERS:
        raise Failure(f"--sort {sort!r} must be one of {', '.join(_ORDERS)}")
    return _ORDERS[sort]


def _states(kind: Kind, asked: list[str]) -> list[int]:
    """The numbers of states that are named as people read them."""
    assert kind.list is not None
    field = kind.list.input_type.fields_by_name.get("states")
    if not asked or field is None or field.enum_type is None:
        return [0] if asked else []  # Refused by `_filter`: there are no states.
    known = {enum_word(field, each.number): each.number for each in field.enum_type.values[1:]}
    wrong = [name for name in asked if _plain_words(name) not in known]
    if wrong:
        raise Failure(f"--state {wrong[0]!r} must be one of {', '.join(known)}")
    return [known[_plain_words(name)] for name in asked]


def _plain_words(name: str) -> str:
    return name.lower().replace("-", " ").replace("_", " ")


def _pages(
    connection: Connection, kind: Kind, request: Any, limit: int | None, left_out: list[str]
) -> Iterator[Any]:
    """Page after page to the end, all as of the same position. `left_out` gets the names of those
    that cannot be read."""
    assert kind.list is not None
    asking = caller(connection, kind.list)
    field = kind.list.output_type.fields_by_number[1].name
    request.page_size = min(limit or _PAGE, _PAGE)
    for page in connection.pages(asking, request):
        left_out += getattr(page, "unreachable", ())
        yield from getattr(page, field)


def _show(kind: Kind, found: list[Any]) -> None:
    """As many columns as the screen has room for."""
    console, table = out(), _numbered(kind, found, people_table(kind.plural, found))
    lists = {field.name for field in kind.message.fields if field.is_repeated}
    kept = [index for index, column in enumerate(table.columns)
            if column.key not in UNSHOWN | lists]  # fmt: skip
    table.columns = [table.columns[index] for index in kept]
    table.rows = [[row[index] for index in kept] for row in table.rows]
    table, left_out = fitted(table, console.width)
    parts: list[RenderableType] = [rich_table(table)]
    if left_out:
        parts.append(f"No room for {', '.join(left_out)}: --csv and --json have all.")
    show(console, *parts)


def _numbered(kind: Kind, found: list[Any], table: Table) -> Table:
    """With what tells each from the others of its kind, where its name is shortened."""
    [name] = (index for index, column in enumerate(table.columns) if column.key == "name")
    for row, each in zip(table.rows, found, strict=True):
        row[name] = kind.key(each.name)
    return table
