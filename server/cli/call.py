"""`partsledger call`: any method of the API, JSON in and JSON out."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import uuid4

import grpc
import typer
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor

from server.cli import options
from server.cli.channel import READ_SECONDS, Connection, connected
from server.cli.failure import NOT_DONE, Failure, facts_of, failure_of
from server.cli.methods import caller, method_named, methods, request_of, summaries
from server.cli.options import Form
from server.cli.tables import Cell, Column, Table, err, out, rich_table, show, write

EXAMPLES: Final = (
    "partsledger call --list",
    """partsledger call Part.GetPart '{"name": "parts/P-1"}'""",
    "partsledger call Claim.AdjudicateClaim @decision.json --as li",
    """echo '{"page_size": 5}' | partsledger call Claim.ListClaims - | jq .claims""",
    "partsledger call Import.Import @commands.jsonl",
)


def call(
    method: Annotated[
        str, typer.Argument(metavar="METHOD", help="As Part.GetPart; not with --list.")
    ] = "",
    body: Annotated[
        str,
        typer.Argument(
            metavar="JSON",
            help="The request; `-` reads it from standard input, `@FILE` from a file. "
            "Where a method takes many requests, one a line.",
        ),
    ] = "",
    list_all: Annotated[
        bool, typer.Option("--list", help="List all methods, and what each is for.")
    ] = False,
    actor: options.Actor = "",
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """Calls a method of the API. Answers are JSON, refusals go to standard error and end with 2.

    --json and --csv are for --list; answers are JSON anyway.
    """
    if list_all or not method:
        if not list_all:
            raise Failure("METHOD is missing", "`partsledger call --list` lists all methods")
        _list(options.form(as_json, as_csv, csv_bom))
        return
    described = method_named(method)
    with connected(server, book, actor) as connection:
        if described.client_streaming:
            _converse(connection, described, _lines(body))
        else:
            _ask(connection, described, body)


def _list(form: Form) -> None:
    columns = [Column("method"), Column("summary", wraps=True)]
    rows: list[list[Cell]] = [
        [name, summaries()[method.name]] for name, method in methods().items()
    ]
    table = Table("methods", columns, rows)
    if form is Form.TABLE:
        show(out(), rich_table(table))
    else:
        write(form, {}, [table])


def _ask(connection: Connection, method: MethodDescriptor, body: str) -> None:
    """One request, and its answer or its answers, each on a line as it comes."""
    request = _request(connection, method, _text(body))
    _identify(request)
    asking = caller(connection, method)
    with _refusing(connection):
        if method.server_streaming:
            for answer in asking(request, metadata=connection.metadata):
                _print(answer, indent=None)
        else:
            _print(asking(request, timeout=READ_SECONDS, metadata=connection.metadata), indent=2)


def _converse(connection: Connection, method: MethodDescriptor, lines: Iterable[str]) -> None:
    """A request for each line, sent as it is read; a line that is none ends it."""
    wrong: list[Failure] = []

    def requests() -> Iterator[Any]:  # In a thread of gRPC, where nobody would hear of a failure.
        for number, line in enumerate(lines, start=1):
            try:
                yield _request(connection, method, line)
            except Failure as failure:
                wrong.append(Failure(f"line {number}: {failure}", failure.hint))
                return

    with _refusing(connection):
        for answer in caller(connection, method)(requests(), metadata=connection.metadata):
            _print(answer, indent=None)
    if wrong:
        raise wrong[0]


def _request(connection: Connection, method: MethodDescriptor, text: str) -> Any:
    """The request that a JSON text says, with the book where it may be left out."""
    request, fields = request_of(method), method.input_type.fields_by_name
    try:
        if not text.lstrip().startswith("{"):
            raise json_format.ParseError("it must be an object, as {}")
        json_format.Parse(text, request)
    except json_format.ParseError as error:
        raise Failure(
            f"this is no {method.input_type.name}: {error}", f"its fields are {', '.join(fields)}"
        ) from None
    if "parent" in fields:
        request.parent = _in_book(connection.book, request.parent) or connection.book
    if "name" in fields:
        request.name = _in_book(connection.book, request.name)
    return request


def _in_book(book: str, name: str) -> str:
    return f"{book}/{name}" if name and not name.startswith("books/") else name


def _identify(request: Any) -> None:
    """Gives each mutation without a request_id one, and says which, so that it can be repeated."""
    for each in (request, *getattr(request, "requests", ())):
        if "request_id" in each.DESCRIPTOR.fields_by_name and not each.request_id:
            each.request_id = str(uuid4())
            err().print(f"request_id: {each.request_id}", soft_wrap=True)


def _text(body: str) -> str:
    if body == "-":
        return sys.stdin.read()
    return "".join(_file(body[1:])) if body.startswith("@") else body or "{}"


def _lines(body: str) -> Iterable[str]:
    """The lines that hold something; those of standard input as they come."""
    lines: Iterable[str] = sys.stdin
    if body.startswith("@"):
        lines = _file(body[1:])
    elif body != "-":
        lines = body.splitlines()
    return (line for line in lines if line.strip())


def _file(name: str) -> list[str]:
    try:
        return Path(name).read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"@{name} cannot be read: {error}") from None


def _print(answer: Any, indent: int | None) -> None:
    """With fields that hold nothing, too, so that a reader need not know the schema."""
    print(
        json_format.MessageToJson(
            answer,
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
            ensure_ascii=False,
            indent=indent,
        ),
        flush=True,
    )


@contextmanager
def _refusing(connection: Connection) -> Iterator[None]:
    """What goes wrong with the call ends it with 2: it is not done, whatever the reason."""
    try:
        yield
    except grpc.RpcError as error:
        failure = failure_of(error, connection.server)
        failure.exit_code, failure.facts = NOT_DONE, facts_of(error)
        raise failure from None
