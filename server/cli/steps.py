"""The steps a resource has taken: what happened, on which day, on which paper, and who did it."""

from collections.abc import Iterable, Iterator

from partsledger.v1 import entry_service_pb2 as pb
from partsledger.v1.entry_service_pb2_grpc import EntryServiceStub
from server.cli.channel import Connection
from server.cli.tables import Cell, Column, Table
from server.cli.wording import day, moment

_PAGE = 1_000


def entries_of(connection: Connection, request: pb.ListEntriesRequest) -> Iterator[pb.Entry]:
    """Page after page, all as of the same position."""
    asked = pb.ListEntriesRequest(parent=connection.book, page_size=_PAGE)
    asked.MergeFrom(request)
    for page in connection.pages(EntryServiceStub(connection.channel).ListEntries, asked):
        yield from page.entries


def steps_table(entries: Iterable[pb.Entry], with_stream: bool = False) -> Table:
    """A row for each entry. Columns that would be empty in all of them are not shown."""
    found = list(entries)
    late = any(entry.occurred_on != entry.effective_on for entry in found)
    columns = [
        Column("position", grouped=False), Column("stream", shown=with_stream),
        Column("step"), Column("occurred_on", "on", shown=any(e.document for e in found)),
        Column("effective_on", "counts on", shown=late),
        Column("document", shown=any(entry.document for entry in found)),
        Column("actor", "by", wraps=True),
        Column("principal", "sent by", wraps=True, shown=any(entry.principal for entry in found)),
        Column("record_time", "recorded"), Column("request_id", shown=False),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [entry.position, entry.stream, entry.topic.partition(".")[2],
         day(entry.occurred_on) or None, day(entry.effective_on) or None,
         entry.document or None, entry.actor, entry.principal or None,
         moment(entry.record_time), entry.request_id]
        for entry in found
    ]  # fmt: skip
    return Table("steps", columns, rows, title="Steps")
