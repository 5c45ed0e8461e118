"""`partsledger show`: one resource, what it says and how it came to it."""

from typing import Annotated, Any, Final

import typer
from rich.console import RenderableType

from partsledger.v1 import entry_service_pb2 as pb
from server.cli import options
from server.cli.channel import Connection, connected
from server.cli.kinds import Kind, named
from server.cli.messages import UNSHOWN, leaves, people_table, plain, value, with_currency
from server.cli.methods import caller, request_of
from server.cli.steps import entries_of, steps_table
from server.cli.tables import Cell, Column, Table, out, rich_table, show, worded, write_json

EXAMPLES: Final = (
    "partsledger show parts/P-10001",
    "partsledger show claims/CL-250722-0001",
    "partsledger show dealers/D01/settlements/2025-11 --json | jq .steps",
)


def show_resource(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="As claims/C-1, dealers/D01/settlements/2025-11."),
    ],
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
) -> None:
    """One resource: what it says now, and each step it has taken, on which day and by whom."""
    with connected(server, book) as connection:
        kind, whole = named(connection.book, name)
        found = read(connection, kind, whole)
        steps = steps_of(connection, kind, found)
    if as_json:
        write_json(plain(found), [steps] if kind.has_steps else [])
    else:
        show(out(), *for_people(kind, found, steps))


def read(connection: Connection, kind: Kind, name: str) -> Any:
    request = request_of(kind.get)
    request.name = name
    answer = connection.ask(caller(connection, kind.get), request)
    return getattr(answer, kind.field)


def steps_of(connection: Connection, kind: Kind, found: Any) -> Table:
    if not kind.has_steps:
        return steps_table(())
    wanted = pb.EntryFilter(resource=found.name)
    return steps_table(entries_of(connection, pb.ListEntriesRequest(filter=wanted)))


def for_people(kind: Kind, found: Any, steps: Table) -> list[RenderableType]:
    """Its fields, then its lists, each as a table, then its steps."""
    key = "" if kind.pattern.only else f" {kind.key(found.name)}"
    parts: list[RenderableType] = [f"{kind.noun.capitalize()}{key}", rich_table(_fields(found))]
    for field in found.DESCRIPTOR.fields:
        held = getattr(found, field.name)
        if field.is_repeated and field.message_type is not None and held:
            title = field.name.replace("_", " ").capitalize()
            parts.append(rich_table(people_table(field.name, held, title)))
    return [*parts, rich_table(steps)] if steps.rows else parts


def _fields(found: Any) -> Table:
    """A row for each field that says something; amounts with their currencies."""
    rows: list[list[Cell]] = []
    for leaf in leaves(found.DESCRIPTOR):
        cell = leaf.of(found)
        if cell is not None and leaf.name != "name" and leaf.name not in UNSHOWN:
            rows.append([leaf.name.replace("_", " "), with_currency(cell)])
    for field in found.DESCRIPTOR.fields:
        held = getattr(found, field.name)
        if field.is_repeated and field.message_type is None and held:
            texts = [worded(value(field, each)) for each in held]
            rows.append([field.name.replace("_", " "), ", ".join(texts)])
    return Table("fields", [Column("field"), Column("value", wraps=True)], rows)
