"""`partsledger explain`: a figure led back to documents, prices, terms and people, as a tree."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final

import typer
from rich.text import Text
from rich.tree import Tree

from domain.characters import escaped
from partsledger.v1 import explanation_service_pb2 as pb
from partsledger.v1.explanation_service_pb2_grpc import ExplanationServiceStub
from partsledger.v1.types_pb2 import Step
from server.api.conversions.names import PART
from server.cli import options
from server.cli.channel import connected
from server.cli.failure import Failure
from server.cli.tables import out, worded, write_json
from server.cli.wording import amount, day, day_message, moment

EXAMPLES: Final = {
    "balance": (
        "partsledger explain balance 1122 dealers/D01",
        "partsledger explain balance 6401 --as-of 2025-10-31 --parts 5",
    ),
    "line": ("partsledger explain line D01 2025-11 31",),
    "item": ("partsledger explain item D01 sales/SO-251105-0001",),
    "stock": (
        "partsledger explain stock W01 P-10005",
        "partsledger explain stock W01 --days 181-365",
        "partsledger explain stock W01 P-10005 --receipt purchases/PR-250701-0006",
    ),
    "entry": ("partsledger explain entry 2301 --json",),
}

app = typer.Typer(
    help="Where a figure comes from: entries, documents, prices, terms and people.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

_Parts = Annotated[
    int,
    typer.Option("--parts", min=1, max=200, metavar="N", help="At most so many parts of a figure."),
]
_Dealer = Annotated[str, typer.Argument(parser=options.code, metavar="DEALER", help="As D01.")]


def balance(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Such as 1122.")],
    party: Annotated[
        str, typer.Argument(metavar="PARTY", help="Only its share, as dealers/D01.")
    ] = "",
    currency: Annotated[
        str, typer.Option(metavar="CODE", help="In this currency; default: the book's.")
    ] = "",
    as_of: options.AsOf = None,
    parts: _Parts = 20,
    at_position: options.AtPosition = 0,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
) -> None:
    """What stands on an account: its last lines, and what stood there before."""
    figure = pb.BalanceFigure(account=account, party=party, currency=currency)
    _explain(server, book, as_json, _asked(as_of, at_position, parts, balance=figure))


def line(
    dealer: _Dealer,
    month: Annotated[str, typer.Argument(parser=options.month, metavar="MONTH")],
    number: Annotated[
        int,
        typer.Argument(
            min=1, metavar="VERSION", help="account_version, as statement --json has it."
        ),
    ],
    parts: _Parts = 20,
    at_position: options.AtPosition = 0,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
) -> None:
    """A line of a dealer's statement."""
    name = f"books/{book}/dealers/{dealer}/statements/{month}"
    figure = pb.StatementLineFigure(statement=name, account_version=number)
    _explain(server, book, as_json, _asked(None, at_position, parts, statement_line=figure))


def item(
    dealer: _Dealer,
    number: Annotated[str, typer.Argument(metavar="ITEM", help="As open-items has it: sales/S-1.")],
    as_of: options.AsOf = None,
    parts: _Parts = 20,
    at_position: options.AtPosition = 0,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
) -> None:
    """What is open of a document: what raised it, and what has cleared some of it."""
    figure = pb.OpenItemFigure(dealer=f"books/{book}/dealers/{dealer}", item=number)
    _explain(server, book, as_json, _asked(as_of, at_position, parts, open_item=figure))


def stock(
    place: Annotated[
        str, typer.Argument(parser=options.place, metavar="PLACE", help="Also @in-transit.")
    ],
    part: Annotated[
        str | None, typer.Argument(parser=options.part, metavar="PART", help="Without it, all.")
    ] = None,
    days: Annotated[
        str, typer.Option(metavar="DAYS", help="Only of this age: 31-60, or 366- for older.")
    ] = "",
    receipt: Annotated[
        str, typer.Option(metavar="DOCUMENT", help="Only what came by it, as purchases/PR-1.")
    ] = "",
    dwell: Annotated[
        bool, typer.Option("--dwell", help="Count days at the place, not in the maker's books.")
    ] = False,
    as_of: options.AsOf = None,
    parts: _Parts = 20,
    at_position: options.AtPosition = 0,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
) -> None:
    """A cell of the inventory ageing, layer by layer, and the receipts that these came by."""
    first, last = _days(days)
    figure = pb.StockFigure(
        place=f"books/{book}/places/{place}", part=PART.format(book, part) if part else "",
        receipt=receipt, dwell=dwell, first_day=first, last_day=last,
    )  # fmt: skip
    _explain(server, book, as_json, _asked(as_of, at_position, parts, stock=figure))


def entry(
    position: Annotated[int, typer.Argument(min=1, metavar="POSITION")],
    parts: _Parts = 20,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
) -> None:
    """An entry of the log."""
    name = f"books/{book}/entries/{position}"
    _explain(server, book, as_json, _asked(None, 0, parts, entry=name))


for _figure in (balance, line, item, stock, entry):
    _name = _figure.__name__
    app.command(_name, epilog="\n\n".join(("Examples:", *EXAMPLES[_name])))(_figure)


def _asked(as_of: date | None, at_position: int, parts: int, **figure: Any) -> pb.ExplainRequest:
    return pb.ExplainRequest(
        as_of_date=day_message(as_of), as_of_position=at_position, most_parts=parts, **figure
    )


def _days(text: str) -> tuple[int, int]:
    """First and last day of an age; a last day of 0 has no end."""
    first, hyphen, last = text.partition("-")
    if not text:
        return 0, 0
    if not (first.isdecimal() and hyphen and (last.isdecimal() or not last)) or len(text) > 11:
        raise Failure(f"--days {text!r} must be as 31-60, or as 366- for all that is older")
    return int(first), int(last or 0)


def _explain(server: str, book: str, as_json: bool, request: pb.ExplainRequest) -> None:
    with connected(server, book) as connection:
        request.parent = connection.book
        found = connection.ask(ExplanationServiceStub(connection.channel).Explain, request)
    if as_json:
        write_json({"as_of_position": found.as_of_position, **_plain(found.explanation)})
        return
    tree = Tree(_label(found.explanation), guide_style="dim")
    _grow(tree, found.explanation)
    console = out()
    console.print(tree)
    console.print(f"Position {found.as_of_position}.")


def _grow(tree: Tree, told: pb.Explanation) -> None:
    for part in (*told.parts, *told.because):
        _grow(tree.add(_label(part)), part)
    for step in told.steps[:-1]:
        tree.add(Text(f"before: {_step(step)}", style="dim"))


def _label(told: pb.Explanation) -> Text:
    """How much, what, and which entry: `1,130.00 CNY · SaleInvoiced accounts/D01@2 …`."""
    words = []
    if told.HasField("amount"):
        sum_ = amount(told.amount)
        words.append(f"{worded(sum_)} {sum_.currency}")
    if told.HasField("quantity"):
        words.append(f"{told.quantity:,} {'piece' if told.quantity == 1 else 'pieces'}")
    if told.title and told.title != told.step.stream:
        words.append(told.title)
    if told.HasField("step"):
        words.append(_step(told.step))
    return Text(escaped(" · ".join(words)))


def _step(step: Step) -> str:
    paper = f" on {step.document}" if step.document else ""
    when = f", {day(step.occurred_on)}" if step.HasField("occurred_on") else ""
    counts = (
        f" (counts on {day(step.effective_on)})" if step.effective_on != step.occurred_on else ""
    )
    sent = f", sent by {step.principal}" if step.principal else ""
    return (
        f"{step.topic.partition('.')[2]} {step.stream}@{step.version}{paper}{when}{counts}"
        f", by {step.actor}{sent} [{step.position}]"
    )


def _plain(told: pb.Explanation) -> dict[str, Any]:
    """All of it; what is not there is left out."""
    found: dict[str, Any] = {"title": told.title}
    if told.HasField("amount"):
        found |= {"amount": amount(told.amount).text, "currency": told.amount.currency_code}
    if told.HasField("quantity"):
        found["quantity"] = told.quantity
    if told.HasField("step"):
        found["step"] = dict(_fields(told.step))
    if told.steps:
        found["steps"] = [dict(_fields(step)) for step in told.steps]
    for name in ("parts", "because"):
        if getattr(told, name):
            found[name] = [_plain(each) for each in getattr(told, name)]
    return found


def _fields(step: Step) -> Iterator[tuple[str, Any]]:
    yield from (("position", step.position), ("stream", step.stream), ("version", step.version))
    yield from (("topic", step.topic), ("occurred_on", day(step.occurred_on) or None))
    yield from (("effective_on", day(step.effective_on) or None), ("document", step.document))
    yield from (("actor", step.actor), ("principal", step.principal))
    yield "record_time", moment(step.record_time)
