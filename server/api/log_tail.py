"""What is recorded while callers follow the log: read once for all of them.

Whoever follows has a filter, and all with the same filter share a channel. The tail reads new
entries once, and puts each into the channels that want it. So who waits for nothing that happens is
not woken, and costs neither a thread nor a query.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from functools import partial
from typing import Final

from projections.dealers.entries_of_party import parties_of_entries
from server.api.conversions.entries import EntryFilter
from server.api.event_loop import in_thread
from server.api.reads import Reads
from server.eventlog.entry import Entry

_KEPT: Final = 1_000  # Entries in a channel; who is further behind reads the log.
_READ: Final = 2_000  # Entries in one query.
_LOOK_AGAIN: Final = 1.0  # Seconds: the views, which tell of each commit, may have stopped.


class Channel:
    """The last entries that a filter lets through: all of them from after `since` to `passed`."""

    def __init__(self, wanted: EntryFilter, since: int) -> None:
        self.wanted = wanted
        self.since = since
        self.passed = since
        self.entries: deque[Entry] = deque()
        self.followers: set[asyncio.Event] = set()
        self.failure: Exception | None = None

    def after(self, position: int) -> list[Entry]:
        """The entries after a position, in order."""
        found = []
        for entry in reversed(self.entries):
            if entry.position <= position:
                break
            found.append(entry)
        return found[::-1]

    def take(self, entries: list[Entry], through: int) -> None:
        """Takes in what the filter lets through, up to a position."""
        self.passed = through
        self.entries.extend(entries)
        while len(self.entries) > _KEPT:
            self.since = self.entries.popleft().position
        if entries:
            self.wake()

    def wake(self) -> None:
        for follower in self.followers:
            follower.set()


class LogTail:
    """Reads on as long as anybody follows. Used on the event loop only."""

    def __init__(self, reads: Reads, *, of_parties: bool = False) -> None:
        """Filters by party need the views, and see no entry that these have not read yet."""
        self._reads = reads
        self._of_parties = of_parties
        self._channels: dict[EntryFilter, Channel] = {}
        self._passed = 0
        self._reading: asyncio.Task[None] | None = None

    @contextmanager
    def following(self, wanted: EntryFilter, event: asyncio.Event) -> Iterator[Channel]:
        """The channel of a filter; the event is set when it has something new, or has failed."""
        if self._reading is None or self._reading.done():
            self._passed = self._reads.follower.position()
            # It reads for all who follow, whoever of them came first.
            self._reading = asyncio.create_task(self._read(), context=Context())
        channel = self._channels.get(wanted)
        if channel is None:
            channel = self._channels[wanted] = Channel(wanted, self._passed)
        channel.followers.add(event)
        try:
            yield channel
        finally:
            channel.followers.discard(event)
            if not channel.followers and self._channels.get(wanted) is channel:
                del self._channels[wanted]

    async def _read(self) -> None:
        try:
            while self._channels:
                await self._any_recorded()
                while self._channels and await self._read_on():
                    continue
        except Exception as failure:  # All who follow are told, and may come again.
            channels, self._channels = self._channels, {}
            for channel in channels.values():
                channel.failure = failure
                channel.wake()

    async def _any_recorded(self) -> None:
        """Waits for the next entry; a second at most."""
        following = partial(self._reads.follower.when, self._passed + 1, hurry=False)
        with suppress(TimeoutError):
            await self._reads.arrivals.of(following, _LOOK_AGAIN)
            if self._reads.follower.position() <= self._passed:  # Nobody follows any more.
                await asyncio.sleep(_LOOK_AGAIN)

    async def _read_on(self) -> bool:
        """Reads what was recorded since; False when that is all."""
        end = self._reads.follower.position() if self._of_parties else None
        entries = await in_thread(self._entries, self._passed, end)
        if not entries:
            return False
        through, concerned = entries[-1].position, set[tuple[int, str]]()
        if self._of_parties:
            concerned = await in_thread(self._concerned, self._passed, through)
        for channel in self._channels.values():
            new = [entry for entry in entries if entry.position > channel.passed]
            channel.take([entry for entry in new if _wants(channel, entry, concerned)], through)
        self._passed = through
        return len(entries) == _READ

    def _entries(self, after: int, through: int | None) -> list[Entry]:
        return self._reads.log.entries.read(after, _READ, through=through)

    def _concerned(self, after: int, through: int) -> set[tuple[int, str]]:
        """Which of these entries concerns which party."""
        with self._reads.views_at(through) as now:
            return set(parties_of_entries(now, after, through))


def _wants(channel: Channel, entry: Entry, concerned: set[tuple[int, str]]) -> bool:
    prefix, topics, party, stream, actor = channel.wanted
    return (
        entry.stream.startswith(prefix)
        and stream in ("", entry.stream)
        and actor in ("", entry.actor)
        and (not topics or entry.topic in topics)
        and (not party or (entry.position, party) in concerned)
    )
