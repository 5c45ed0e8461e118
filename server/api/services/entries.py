"""EntryService: the log, read by pages or followed as it grows."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

import grpc

from domain.errors import InvalidValue, NotFound
from partsledger.v1 import entry_service_pb2 as pb
from partsledger.v1.entry_service_pb2_grpc import EntryServiceServicer
from projections.dealers.entries_of_party import entries_of_party
from projections.engine.errors import ViewsBehind
from projections.engine.view import GENERATION_POSITIONS
from server.api.commands import Commands
from server.api.conversions import names
from server.api.conversions.entries import (
    EntryFilter,
    entry_filter,
    entry_message,
    position_before,
)
from server.api.paging import Bookmark, bookmark_of, page_size, page_token
from server.api.reads import Reads
from server.api.resource import Resources
from server.api.servicer import Servicer
from server.eventlog.entry import Entry
from server.writing.submission import LogUnavailable, QueueFull

MOST_INSPECTED: Final = 1_000
MOST_STREAMS: Final = 32  # Each takes a thread of the server.
HEARTBEAT_SECONDS: Final = 5.0
_LOOK_AGAIN: Final = 1.0  # Seconds between two checks whether the caller is still there.
_BATCH: Final = 500
# Positions read in one query, so that a filter that matches nothing makes progress, too.
_STREAM_WINDOW: Final = 10_000
_LIST_WINDOW: Final = 100_000


class EntryServicer(Servicer, EntryServiceServicer):
    def __init__(self, commands: Commands, reads: Reads, resources: Resources) -> None:
        super().__init__(commands, reads, resources)
        self._free_streams = threading.BoundedSemaphore(MOST_STREAMS)

    def GetEntry(
        self, request: pb.GetEntryRequest, context: grpc.ServicerContext
    ) -> pb.GetEntryResponse:
        book, key = names.ENTRY.parse(request.name, "name")
        self._reads.require_book(book)
        end = self._reads.log_position(request.min_position)
        if int(key) > end:
            raise NotFound("Entry", key)
        found = self._reads.log.read_entries(after=int(key) - 1, limit=1, through=int(key))
        if not found:  # Somebody took it out of the log.
            raise NotFound("Entry", key)
        [entry] = found
        return pb.GetEntryResponse(entry=self._message(entry), as_of_position=end)

    def ListEntries(
        self, request: pb.ListEntriesRequest, context: grpc.ServicerContext
    ) -> pb.ListEntriesResponse:
        self._reads.require_book(names.book(request.parent))
        size, wanted = page_size(request), entry_filter(request.filter)
        end = self._reads.log_position(request.min_position)
        if not 0 <= request.as_of_position <= end:
            rule = f"must be between 0 and the log's end, {end}"
            raise InvalidValue("as_of_position", request.as_of_position, rule)
        mark = bookmark_of(request) or Bookmark(
            request.as_of_position or end,
            self._reads.today(),
            str(position_before(request.from_position)),
        )
        after = int(mark.after)
        if wanted.party:
            through = min(mark.position, after + GENERATION_POSITIONS)
            entries, passed = self._of_party(context, after, through, size, wanted)
        else:
            through = min(mark.position, after + _LIST_WINDOW)
            entries, passed = self._read(after, through, size, wanted)
        token = ""
        if passed < mark.position:
            token = page_token(request, mark._replace(after=str(passed)))
        return pb.ListEntriesResponse(
            entries=[self._message(entry) for entry in entries],
            next_page_token=token,
            as_of_position=mark.position,
        )

    def InspectLog(
        self, request: pb.InspectLogRequest, context: grpc.ServicerContext
    ) -> pb.InspectLogResponse:
        self._reads.require_book(names.book(request.parent))
        if len(request.positions) > MOST_INSPECTED:
            rule = f"must be at most {MOST_INSPECTED}"
            raise InvalidValue("positions", len(request.positions), rule)
        found = self._reads.inspector.inspect(request.positions, thorough=request.thorough)
        return pb.InspectLogResponse(
            head_position=found.size,
            leaf_count=found.leaves,
            sound=not found.faults,
            faults=[pb.LogFault(position=at, fault=what) for at, what in found.faults],
        )

    def SubscribeEntries(
        self, request: pb.SubscribeEntriesRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.SubscribeEntriesResponse]:
        self._reads.require_book(names.book(request.parent))
        passed, wanted = position_before(request.from_position), entry_filter(request.filter)
        head = self._reads.log.head().size
        if passed > head:
            rule = f"must not be after the next position, {head + 1}"
            raise InvalidValue("from_position", request.from_position, rule)
        if not self._free_streams.acquire(blocking=False):
            raise QueueFull(f"{MOST_STREAMS} subscriptions are being served already")
        try:
            yield from self._follow(context, passed, wanted)
        finally:
            self._free_streams.release()

    def _follow(
        self, context: grpc.ServicerContext, passed: int, wanted: EntryFilter
    ) -> Iterator[pb.SubscribeEntriesResponse]:
        """All entries after a position, and new ones, until the caller has left."""
        said, said_at = -1, time.monotonic()
        while context.is_active():
            if self._reads.closing.is_set():
                raise LogUnavailable("the server is stopping: resume after the last entry received")
            head = self._reads.log.head().size
            entries, passed = self._read_on(context, passed, head, wanted)
            for entry in entries:
                yield pb.SubscribeEntriesResponse(entry=self._message(entry))
            caught_up = passed >= head
            due = time.monotonic() >= said_at + HEARTBEAT_SECONDS
            if due or (caught_up and said != passed):
                beat = pb.Heartbeat(head_position=head, passed_position=passed)
                yield pb.SubscribeEntriesResponse(heartbeat=beat)
                said, said_at = passed, time.monotonic()
            if caught_up:
                # The views follow every commit. If they lag, the log is read after a second anyway.
                with suppress(ViewsBehind):
                    self._reads.follower.wait_for(passed + 1, _LOOK_AGAIN)

    def _read_on(
        self, context: grpc.ServicerContext, passed: int, head: int, wanted: EntryFilter
    ) -> tuple[list[Entry], int]:
        """The next entries of a subscription; of a party, as far as the view of parties is."""
        if not wanted.party:
            return self._read(passed, min(head, passed + _STREAM_WINDOW), _BATCH, wanted)
        with suppress(ViewsBehind):
            self._reads.follower.wait_for(min(head, passed + 1), _LOOK_AGAIN)
        through = min(head, self._reads.follower.position())
        if through <= passed:
            return [], passed
        return self._of_party(context, passed, through, _BATCH, wanted)

    def _of_party(
        self,
        context: grpc.ServicerContext,
        after: int,
        through: int,
        limit: int,
        wanted: EntryFilter,
    ) -> tuple[list[Entry], int]:
        """As `_read`, of the entries that concern a party."""
        with self._reads.views(context, through) as now:
            of_party = entries_of_party(now, wanted.party, after, through, _BATCH)
        through = of_party[-1] if len(of_party) == _BATCH else through
        return self._read(after, through, limit, wanted, of_party)

    def _read(
        self,
        after: int,
        through: int,
        limit: int,
        wanted: EntryFilter,
        only: Sequence[int] | None = None,
    ) -> tuple[list[Entry], int]:
        """The first entries after a position that match, and the position read up to."""
        entries = self._reads.log.read_entries(
            after,
            limit,
            through=through,
            stream_prefix=wanted.stream_prefix,
            topics=wanted.topics,
            only=only,
        )
        return entries, entries[-1].position if len(entries) == limit else max(after, through)

    def _message(self, entry: Entry) -> pb.Entry:
        return entry_message(entry, self._reads.book)
