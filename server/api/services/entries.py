"""EntryService: the log, read by pages or followed as it grows."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

import grpc

from domain.errors import InvalidValue, NotFound
from domain.facts import Cause
from partsledger.v1 import entry_service_pb2 as pb
from partsledger.v1.entry_service_pb2_grpc import EntryServiceServicer
from projections.books.documents import steps_of_number
from projections.dealers.entries_of_party import entries_of_party
from projections.engine.errors import ViewsBehind
from projections.engine.view import GENERATION_POSITIONS
from server.access.roles import BOOKS, MAKER, Role, roles
from server.api import own
from server.api.callers import calling
from server.api.closing import STOPPING
from server.api.commands import Commands
from server.api.conversions import names
from server.api.conversions.entries import (
    EntryFilter,
    Selection,
    entry_filter,
    entry_message,
    position_before,
    selection,
)
from server.api.event_loop import in_thread
from server.api.log_tail import LogTail
from server.api.paging import Bookmark, bookmark_of, fitting, page_size, page_token
from server.api.permissions import Permission
from server.api.reads import NotThereYet, Reads
from server.api.resource import Resources
from server.api.servicer import Servicer
from server.eventlog.entry import Entry
from server.writing.submission import LogUnavailable, QueueFull

MOST_INSPECTED: Final = 1_000
MOST_SUBSCRIBED: Final = 20_000
HEARTBEAT_SECONDS: Final = 5.0
_LOOK_AGAIN: Final = 1.0  # Seconds that the views are waited for at a time.
_BATCH: Final = 500
# Positions read in one query, so that a filter that matches nothing makes progress, too.
_STREAM_WINDOW: Final = 10_000
_LIST_WINDOW: Final = 100_000


class EntryServicer(Servicer, EntryServiceServicer):
    OWN = {
        "GetEntry": Permission(MAKER),
        "ListEntries": Permission(MAKER | roles(Role.DEALER), own.as_party_of_entries),
        "SubscribeEntries": Permission(MAKER | roles(Role.DEALER), own.as_party_of_entries),
        "InspectLog": Permission(BOOKS | roles(Role.OPERATOR)),
    }

    def __init__(self, commands: Commands, reads: Reads, resources: Resources) -> None:
        super().__init__(commands, reads, resources)
        self._tail = LogTail(reads)
        self._tail_of_parties = LogTail(reads, of_parties=True)
        self._subscribed = 0

    def GetEntry(
        self, request: pb.GetEntryRequest, context: grpc.ServicerContext
    ) -> pb.GetEntryResponse:
        book, key = names.ENTRY.parse(request.name, "name")
        self._reads.require_book(book)
        end = self._reads.log_position(request.min_position)
        if int(key) > end:
            raise NotFound("Entry", key)
        found = self._reads.log.entries.read(after=int(key) - 1, limit=1, through=int(key))
        if not found:  # Somebody took it out of the log.
            raise NotFound("Entry", key)
        [entry] = found
        return pb.GetEntryResponse(entry=self._message(entry), as_of_position=end)

    def ListEntries(
        self, request: pb.ListEntriesRequest, context: grpc.ServicerContext
    ) -> pb.ListEntriesResponse:
        self._reads.require_book(names.book(request.parent))
        size, wanted = page_size(request), self._wanted(request.filter)
        end = self._reads.log_position(request.min_position)
        if not 0 <= request.as_of_position <= end:
            rule = f"must be between 0 and the log's end, {end}"
            raise InvalidValue("as_of_position", request.as_of_position, rule)
        mark = bookmark_of(request) or Bookmark(
            request.as_of_position or end,
            self._reads.today(),
            str(position_before(request.from_position)),
        )
        entries, passed = self._page(request, context, mark, size, wanted)
        messages = fitting(self._message(entry) for entry in entries)
        if len(messages) < len(entries):
            passed = entries[len(messages) - 1].position
        token = ""
        if passed < mark.position:
            token = page_token(request, mark._replace(after=str(passed)))
        return pb.ListEntriesResponse(
            entries=messages,
            next_page_token=token,
            as_of_position=mark.position,
        )

    def _page(
        self,
        request: pb.ListEntriesRequest,
        context: grpc.ServicerContext,
        mark: Bookmark,
        size: int,
        wanted: EntryFilter,
    ) -> tuple[list[Entry], int]:
        """The next entries that are asked for, and the position read up to."""
        after, selected = int(mark.after), selection(request)
        if wanted.party:
            through = min(mark.position, after + GENERATION_POSITIONS)
            self._reads.require_reached(context, through)
            return self._of_party(after, through, size, wanted)
        only = self._positions(selected, context, mark.position)
        # What is found by its position or its stream has an index.
        indexed = wanted.stream or only is not None
        through = mark.position if indexed else min(mark.position, after + _LIST_WINDOW)
        return self._read(after, through, size, wanted, only, selected.cause)

    def _positions(
        self, selected: Selection, context: grpc.ServicerContext, position: int
    ) -> Sequence[int] | None:
        """Where the entries stand that were recorded together with what is selected."""
        number, request_id, cause = selected
        log = self._reads.log
        if number:
            self._reads.require_reached(context, position)
            with self._reads.views_at(position) as now:
                steps = steps_of_number(now, number)
            return log.entries.recorded_together(positions=steps)
        if cause is not None:
            return log.entries.recorded_together(positions=log.entries.positions_of(cause))
        return log.entries.recorded_together(request_ids=[request_id]) if request_id else None

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

    async def SubscribeEntries(
        self, request: pb.SubscribeEntriesRequest, context: Any
    ) -> AsyncIterator[pb.SubscribeEntriesResponse]:
        self._reads.require_book(names.book(request.parent))
        passed, wanted = position_before(request.from_position), self._wanted(request.filter)
        head = (await in_thread(self._reads.log.head)).size
        if passed > head:
            rule = f"must not be after the next position, {head + 1}"
            raise InvalidValue("from_position", request.from_position, rule)
        if self._subscribed >= MOST_SUBSCRIBED:
            raise QueueFull(f"{MOST_SUBSCRIBED} subscriptions are being served already")
        self._subscribed += 1
        try:
            async for news in self._follow(passed, head, wanted):
                yield news
        finally:
            self._subscribed -= 1

    async def _follow(
        self, passed: int, head: int, wanted: EntryFilter
    ) -> AsyncIterator[pb.SubscribeEntriesResponse]:
        """All entries after a position, and new ones, until the caller has left, or is not known
        any more."""
        news, closing, due = asyncio.Event(), self._reads.closing, 0.0
        tail = self._tail_of_parties if wanted.party else self._tail
        with closing.telling(news.set), tail.following(wanted, news) as channel:
            while True:
                news.clear()
                calling().require_current()
                if closing.begun:
                    raise LogUnavailable(f"{STOPPING}: resume after the last entry received")
                if channel.failure is not None:
                    raise channel.failure
                behind = max(head, channel.since)
                if passed < behind:
                    entries, passed = await self._read_on(passed, behind, wanted)
                else:
                    entries, passed = channel.after(passed), max(passed, channel.passed)
                for entry in entries:
                    yield pb.SubscribeEntriesResponse(entry=self._message(entry))
                head = max(head, channel.passed)
                caught_up = passed >= head
                if time.monotonic() >= due or (caught_up and entries):
                    beat = pb.Heartbeat(head_position=head, passed_position=passed)
                    yield pb.SubscribeEntriesResponse(heartbeat=beat)
                    due = time.monotonic() + HEARTBEAT_SECONDS
                if caught_up:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(due - time.monotonic()):
                            await news.wait()

    async def _read_on(
        self, passed: int, through: int, wanted: EntryFilter
    ) -> tuple[list[Entry], int]:
        """The next entries of a subscription that are not in its channel."""
        if not wanted.party:
            through = min(through, passed + _STREAM_WINDOW)
            return await in_thread(self._read, passed, through, _BATCH, wanted)
        with suppress(ViewsBehind):
            await self._reads.reached(NotThereYet(passed + 1, _LOOK_AGAIN))
        through = min(through, self._reads.follower.position())
        if through <= passed:
            return [], passed
        return await in_thread(self._of_party, passed, through, _BATCH, wanted)

    def _of_party(
        self, after: int, through: int, limit: int, wanted: EntryFilter
    ) -> tuple[list[Entry], int]:
        """As `_read`, of the entries that concern a party, as far as the views have them."""
        with self._reads.views_at(through) as now:
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
        cause: Cause | None = None,
    ) -> tuple[list[Entry], int]:
        """The first entries after a position that match, and the position read up to."""
        entries = self._reads.log.entries.read(
            after,
            limit,
            through=through,
            stream_prefix=wanted.stream_prefix,
            stream=wanted.stream,
            actor=wanted.actor,
            topics=wanted.topics,
            only=only,
            cause=cause,
        )
        return entries, entries[-1].position if len(entries) == limit else max(after, through)

    def _wanted(self, asked: pb.EntryFilter) -> EntryFilter:
        return entry_filter(asked, partial(self._resources.stream, book=self._reads.book.name))

    def _message(self, entry: Entry) -> pb.Entry:
        return entry_message(entry, self._reads.shown_book)
