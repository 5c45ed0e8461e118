"""Options that several commands share, and what may be said with them."""

import codecs
import re
import sys
from datetime import date
from enum import StrEnum
from typing import Annotated, Final

import typer

from domain import values
from domain.errors import InvalidValue
from server.cli.encoding import write_utf8
from server.cli.failure import Failure

DEFAULT_SERVER: Final = "127.0.0.1:50151"

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CONNECTION: Final = "Connection"
_OUTPUT: Final = "Output"


class Form(StrEnum):
    """What a command's answer looks like on standard output."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def form(as_json: bool, as_csv: bool, csv_bom: bool = False) -> Form:
    as_csv = as_csv or csv_bom
    if as_json and as_csv:
        raise Failure("--json and --csv exclude each other")
    if as_json or as_csv:
        write_utf8()
    if csv_bom:
        sys.stdout.write("\ufeff")
    return Form.JSON if as_json else Form.CSV if as_csv else Form.TABLE


def day(text: str) -> date:
    """A day of the calendar, as 2025-07-31 and no other way."""
    rule = f"{text!r} must be a date as 2025-07-31"
    if not _DAY.fullmatch(text):
        raise typer.BadParameter(rule)
    try:
        return values.day(date.fromisoformat(text), "date")
    except ValueError:
        raise typer.BadParameter(f"{rule}, and the calendar must have it") from None
    except InvalidValue as refused:
        raise typer.BadParameter(f"{text!r} {refused.facts['rule']}") from None


def month(text: str) -> str:
    try:
        return values.month(text, "month")
    except InvalidValue:
        raise typer.BadParameter(f"{text!r} must be a month as 2025-07") from None


def code(text: str) -> str:
    """A number people give to a thing, so that nothing else gets into a resource name."""
    try:
        return values.code(text, "code")
    except InvalidValue as refused:
        raise typer.BadParameter(f"{text!r} {refused.facts['rule']}") from None


def part(text: str) -> str:
    """The number of a part, as catalogues write it."""
    try:
        return values.part_number(text, "part")
    except InvalidValue as refused:
        raise typer.BadParameter(f"{text!r} {refused.facts['rule']}") from None


def encoding(text: str) -> str:
    """An encoding of texts that Python knows, by the name that Python gives it."""
    try:
        "".encode(text)
        return codecs.lookup(text).name
    except (LookupError, ValueError):
        rule = "must be an encoding of texts, such as utf-8, gb18030, big5 or cp1252"
        raise typer.BadParameter(f"{text!r} {rule}") from None


def place(text: str) -> str:
    """A real place, or a virtual one: `@in-transit`."""
    return f"@{code(text[1:])}" if text.startswith("@") else code(text)


Server = Annotated[
    str,
    typer.Option(
        "--server", envvar="PARTSLEDGER_SERVER", metavar="HOST:PORT",
        help="Where the server listens.", rich_help_panel=_CONNECTION,
    ),
]  # fmt: skip
Book = Annotated[
    str,
    typer.Option(
        "--book", envvar="PARTSLEDGER_BOOK", parser=code, metavar="BOOK",
        help="The book that is meant.", rich_help_panel=_CONNECTION,
    ),
]  # fmt: skip
Actor = Annotated[
    str,
    typer.Option(
        "--as", envvar="PARTSLEDGER_ACTOR", metavar="NAME",
        help="Who is recorded as having done it, where a file does not say; else `anonymous`.",
        rich_help_panel=_CONNECTION,
    ),
]  # fmt: skip
Json = Annotated[
    bool, typer.Option("--json", help="JSON: amounts as exact texts.", rich_help_panel=_OUTPUT)
]
Csv = Annotated[bool, typer.Option("--csv", help="CSV with a header row.", rich_help_panel=_OUTPUT)]
CsvBom = Annotated[
    bool,
    typer.Option(
        "--csv-bom", help="The same with the mark by which Excel knows UTF-8.",
        rich_help_panel=_OUTPUT,
    ),
]  # fmt: skip
AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of", parser=day, metavar="DATE", help="As of the end of this day; default: today."
    ),
]
AtPosition = Annotated[
    int,
    typer.Option(
        "--at-position", min=0, metavar="N", help="As of this position of the log; 0: now."
    ),
]
