"""Entries of the log: which are asked for, and how the API shows them."""

import re
from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from msgspec import MsgspecError, Struct
from msgspec.json import Decoder

from domain import people, values
from domain.errors import InvalidValue
from domain.lines import Movement, Posting
from domain.upcasting import UPCASTERS, upcast_as_one
from partsledger.v1 import entry_service_pb2 as pb
from server.api.conversions import lines, names, times
from server.api.conversions.book import ShownBook
from server.eventlog.entry import Entry

_MOST_TOPICS: Final = 100
_LONGEST_NUMBER: Final = 200  # Of a document, or of a key with what it lies in.
_PARTY: Final = re.compile("(dealers|suppliers)/.+")


# The stream of the resource with a name, which stands in a field.
StreamOf = Callable[[str, str], str]


class EntryFilter(NamedTuple):
    """Which entries are asked for. An empty field does not filter."""

    stream_prefix: str
    topics: tuple[str, ...]
    party: str
    stream: str
    actor: str


def entry_filter(asked: pb.EntryFilter, stream_of: StreamOf) -> EntryFilter:
    """`stream_of` says which stream a resource has that is named in a field."""
    values.text(asked.stream_prefix, "filter.stream_prefix", most=200)
    if len(asked.topics) > _MOST_TOPICS:
        raise InvalidValue("filter.topics", len(asked.topics), f"must be at most {_MOST_TOPICS}")
    for index, topic in enumerate(asked.topics):
        values.text(topic, f"filter.topics[{index}]", required=True, most=200)
    values.text(asked.party, "filter.party", most=200)
    if asked.party and not _PARTY.fullmatch(asked.party):
        rule = "must be a dealer, supplier or carrier, as dealers/D01 or suppliers/S01"
        raise InvalidValue("filter.party", asked.party, rule)
    values.text(asked.stream, "filter.stream", most=200)
    if asked.stream and asked.resource:
        raise InvalidValue(
            "filter.resource", asked.resource, "must be empty where a stream is named"
        )
    actor = people.named(asked.actor, "filter.actor") if asked.actor else ""
    stream = stream_of(asked.resource, "filter.resource") if asked.resource else asked.stream
    return EntryFilter(asked.stream_prefix, tuple(asked.topics), asked.party, stream, actor)


def one_of_these(asked: pb.ListEntriesRequest) -> tuple[str, str]:
    """The number of a document, or the request, whose entries are asked for; empty if neither."""
    number = values.text(asked.document, "document", most=_LONGEST_NUMBER)
    request = asked.of_request
    if request and number:
        raise InvalidValue("of_request", request, "must be empty where a document is named")
    try:
        request_id = str(UUID(request)) if request else ""
    except ValueError:
        raise InvalidValue("of_request", request, "must be a UUID") from None
    if asked.filter.party and (number or request_id):
        rule = "must be empty where a document or a request is named"
        raise InvalidValue("filter.party", asked.filter.party, rule)
    return number, request_id


def position_before(from_position: int) -> int:
    """The position before the first to be read. From position 0 is the same as from 1."""
    if from_position < 0:
        raise InvalidValue("from_position", from_position, "must not be negative")
    return max(from_position, 1) - 1


class _Said(Struct):
    """The fields that many kinds of facts have, as they are read today. The entry's `state` has all
    fields, as they were written."""

    effective_on: date | None = None
    occurred_on: date | None = None
    document: str = ""
    movements: tuple[Movement, ...] = ()
    postings: tuple[Posting, ...] = ()


_SAID: Final = Decoder(_Said)


def _read_today(entry: Entry) -> bytes:
    """The state, or what it means today where the fact is of an older form."""
    if entry.topic not in UPCASTERS:
        return entry.state
    return upcast_as_one(entry.topic, entry.state).state


def entry_message(entry: Entry, book: ShownBook) -> pb.Entry:
    """Whatever it says. What is no fact any more is shown too: its bytes show the forgery."""
    try:
        said = _SAID.decode(_read_today(entry))
    except (MsgspecError, ValueError, KeyError):  # The last two: what no upcaster can read.
        said = _Said()
    return pb.Entry(
        name=names.ENTRY.format(book.name, str(entry.position)),
        position=entry.position,
        record_time=times.moment_message(entry.recorded_at),
        actor=entry.actor,
        principal=entry.principal,
        request_id=entry.request_id,
        stream=entry.stream,
        version=entry.version,
        topic=entry.topic,
        state=entry.state,
        effective_on=times.day_message(said.effective_on),
        occurred_on=times.day_message(said.occurred_on),
        document=said.document,
        movements=[lines.movement_message(moved, book) for moved in said.movements],
        postings=[lines.posting_message(posting, book) for posting in said.postings],
        leaf_hash=entry.leaf_hash,
        previous_hash=entry.previous_hash,
        salt=entry.salt,
    )
