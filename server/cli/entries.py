"""`partsledger entries`: the log as it was recorded, and as it grows."""

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Annotated, Any, Final

import grpc
import typer
from rich.cells import set_cell_size

from domain.characters import escaped
from partsledger.v1 import entry_service_pb2 as pb
from partsledger.v1.entry_service_pb2_grpc import EntryServiceStub
from server.cli import options
from server.cli.channel import Connection, connected
from server.cli.failure import Failure, failure_of, is_unavailable
from server.cli.options import Form
from server.cli.steps import entries_of
from server.cli.tables import csv_text
from server.cli.wording import day, moment

EXAMPLES: Final = (
    "partsledger entries --limit 5",
    "partsledger entries --stream transfers/ --topic PartsTransfer.Received",
    "partsledger entries --party dealers/D01 --from 5000",
    "partsledger entries --from 1000 --follow --json | jq .topic",
)

_TOPIC_PREFIX: Final = "partsledger:"
_PAGE: Final = 1_000
_PATIENCE_SECONDS: Final = 60.0  # For a server that is gone to come back.
_PAUSE_SECONDS: Final = 1.0
_COLUMNS: Final = (
    "book", "position", "record_time", "topic", "stream", "version", "effective_on", "occurred_on",
    "document", "actor", "principal", "request_id", "leaf_hash", "previous_hash", "salt",
)  # fmt: skip

_Limit = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="At most so many; default: 50, all with --follow."),
]
_Follow = Annotated[
    bool, typer.Option("--follow", "-f", help="Go on, and print new ones as they are recorded.")
]
_Stream = Annotated[
    str,
    typer.Option(
        metavar="STREAM", help="Only of transfers/T-1; of those that begin so, as transfers/."
    ),
]
_Topics = Annotated[
    list[str] | None,
    typer.Option(metavar="TOPIC", help="Only such as PartsTransfer.Received; may be repeated."),
]
_Party = Annotated[
    str, typer.Option(metavar="PARTY", help="Only what concerns it, as dealers/D01.")
]
_Actor = Annotated[
    str, typer.Option("--actor", metavar="NAME", help="Only what this person is responsible for.")
]

_Document = Annotated[
    str,
    typer.Option(
        metavar="NUMBER",
        help="Only what has to do with a document, or with a paper of this number.",
    ),
]
_Request = Annotated[str, typer.Option(metavar="UUID", help="Only what was recorded under it.")]
_Cause = Annotated[
    str,
    typer.Option(
        metavar="STEP", help="Only what it did to stock and accounts: sales/S-1@1, or sales/S-1."
    ),
]


def entries(
    first: Annotated[
        int, typer.Option("--from", min=1, metavar="N", help="The first position wanted.")
    ] = 1,
    limit: _Limit = None,
    stream: _Stream = "",
    topic: _Topics = None,
    party: _Party = "",
    actor: _Actor = "",
    document: _Document = "",
    request: _Request = "",
    cause: _Cause = "",
    follow: _Follow = False,
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
    as_csv: options.Csv = False,
    csv_bom: options.CsvBom = False,
) -> None:
    """Entries of the log in order. --json gives one object a line, with the recorded bytes."""
    form = options.form(as_json, as_csv, csv_bom)
    if follow and (document or request or cause):
        raise Failure("--follow excludes --document, --request and --cause: they are of the past")
    wanted = _filter(stream, topic or [], party, actor)
    most = limit if follow else limit or 50
    write = _WRITERS[form]
    if form is Form.CSV:
        print(",".join((*_COLUMNS, "state")))
    with connected(server, book) as connection:
        asked = pb.ListEntriesRequest(
            from_position=first, filter=wanted, page_size=min(limit or 50, _PAGE),
            document=document, of_request=request, caused_by=cause,
        )  # fmt: skip
        found = _followed(connection, first, wanted) if follow else entries_of(connection, asked)
        for entry in islice(found, most):
            write(entry)
            if follow:
                sys.stdout.flush()


def _filter(stream: str, topics: list[str], party: str, actor: str) -> pb.EntryFilter:
    """A stream that ends in a slash is how others begin."""
    whole = [name if ":" in name else _TOPIC_PREFIX + name for name in topics]
    named = {"stream_prefix" if stream.endswith("/") else "stream": stream}
    return pb.EntryFilter(topics=whole, party=party, actor=actor, **named)


def _followed(connection: Connection, first: int, wanted: pb.EntryFilter) -> Iterator[pb.Entry]:
    """Without end; goes on after the last entry when the server comes back."""
    stub = EntryServiceStub(connection.channel)
    following, alive = first, time.monotonic()
    while True:
        request = pb.SubscribeEntriesRequest(
            parent=connection.book, from_position=following, filter=wanted
        )
        try:
            for event in stub.SubscribeEntries(request, metadata=connection.metadata):
                alive = time.monotonic()
                if event.HasField("entry"):
                    following = event.entry.position + 1
                    yield event.entry
                else:
                    following = max(following, event.heartbeat.passed_position + 1)
        except grpc.RpcError as error:
            never_there = following == first
            too_long = time.monotonic() - alive > _PATIENCE_SECONDS
            if never_there or too_long or not is_unavailable(error):
                raise failure_of(error, connection.server) from None
        time.sleep(_PAUSE_SECONDS)


def _write_line(entry: pb.Entry) -> None:
    """One aligned line: position, second, what, which, document, who."""
    what = set_cell_size(entry.topic.removeprefix(_TOPIC_PREFIX), 32)
    which = f"{entry.stream}@{entry.version}"
    recorded = moment(entry.record_time)[:19] + "Z"
    rest = " · ".join(escaped(word) for word in (entry.document, entry.actor) if word)
    print(f"{entry.position:>7}  {recorded}  {what}  {which:<28}  {rest}".rstrip())


def _write_json(entry: pb.Entry) -> None:
    """The state is printed byte for byte as it is in the log, and not written again."""
    fields = json.dumps(_fields(entry), ensure_ascii=False)
    print(f'{fields[:-1]}, "state": {entry.state.decode()}}}')


def _write_csv(entry: pb.Entry) -> None:
    found = [*_fields(entry).values(), entry.state.decode()]
    values = [csv_text(value) if isinstance(value, str) else value for value in found]
    csv.writer(sys.stdout, lineterminator="\n").writerow(values)


def _fields(entry: pb.Entry) -> dict[str, Any]:
    values = (
        entry.name.split("/")[1], entry.position, moment(entry.record_time), entry.topic,
        entry.stream, entry.version,
        day(entry.effective_on) or None, day(entry.occurred_on) or None, entry.document,
        entry.actor, entry.principal, entry.request_id, entry.leaf_hash.hex(),
        entry.previous_hash.hex(), entry.salt.hex(),
    )  # fmt: skip
    return dict(zip(_COLUMNS, values, strict=True))


_WRITERS: Final[dict[Form, Callable[[pb.Entry], None]]] = {
    Form.TABLE: _write_line,
    Form.JSON: _write_json,
    Form.CSV: _write_csv,
}
