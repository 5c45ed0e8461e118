"""Entries of the log: which are asked for, and how the API shows them."""

import re
from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from msgspec import MsgspecError, Struct
from msgspec.json import Decoder

from domain import people, values
from domain.accounts import NAMES
from domain.errors import InvalidValue
from domain.facts import Cause
from domain.lines import Movement, Posting
from domain.upcasting import UPCASTERS, upcast_as_one
from partsledger.v1 import entry_service_pb2 as pb
from partsledger.v1 import types_pb2
from server.api.conversions import lines, names, times
from server.api.conversions.book import ShownBook
from server.eventlog.entry import Entry

_MOST_TOPICS: Final = 100
LONGEST_NUMBER: Final = 200  # Of a document, or of a key with what it lies in.
_OUTSIDER: Final = re.compile("(dealers|suppliers)/.+")
_PARTY: Final = re.compile("(dealers|suppliers|places)/.+")
_STEP: Final = re.compile("(?P<stream>[a-z-]+/[^@]+)(@(?P<version>[1-9][0-9]{0,8}))?")


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
    if asked.party and not _OUTSIDER.fullmatch(asked.party):
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


def account_named(account: str, field: str) -> str:
    """An account of the chart."""
    if account not in NAMES:
        raise InvalidValue(field, account, f"must be an account of the chart: {', '.join(NAMES)}")
    return account


def party_named(party: str, field: str) -> str:
    """A party as postings name it; may be empty."""
    values.text(party, field, most=200)
    if party and not _PARTY.fullmatch(party):
        rule = "must be as postings name it: dealers/D01, suppliers/S01 or places/W01"
        raise InvalidValue(field, party, rule)
    return party


class Selection(NamedTuple):
    """What else the entries that are asked for have in common: one of these at most."""

    number: str  # Of a document, or of a paper.
    request_id: str
    cause: Cause | None  # With version 0: all steps of the document.


def selection(asked: pb.ListEntriesRequest) -> Selection:
    number = values.text(asked.document, "document", most=LONGEST_NUMBER)
    cause = values.text(asked.caused_by, "caused_by", most=LONGEST_NUMBER)
    said = {"document": number, "of_request": asked.of_request, "caused_by": cause}
    first, *others = [name for name, value in said.items() if value] or [""]
    for other in others:
        raise InvalidValue(other, said[other], f"must be empty where {first} is not")
    try:
        request_id = str(UUID(asked.of_request)) if asked.of_request else ""
    except ValueError:
        raise InvalidValue("of_request", asked.of_request, "must be a UUID") from None
    if asked.filter.party and first:
        raise InvalidValue(
            "filter.party", asked.filter.party, f"must be empty where {first} is not"
        )
    return Selection(number, request_id, _step(cause) if cause else None)


def _step(cause: str) -> Cause:
    """A step of a document, or with version 0 all of them."""
    found = _STEP.fullmatch(cause)
    if found is None:
        rule = "must be a step of a document, as sales/S-1@1, or the document, as sales/S-1"
        raise InvalidValue("caused_by", cause, rule)
    return Cause(found["stream"], int(found["version"] or 0))


def position_before(from_position: int) -> int:
    """The position before the first to be read. From position 0 is the same as from 1."""
    if from_position < 0:
        raise InvalidValue("from_position", from_position, "must not be negative")
    return max(from_position, 1) - 1


class Said(Struct):
    """The fields that many kinds of facts have, as they are read today. The entry's `state` has all
    fields, as they were written."""

    effective_on: date | None = None
    occurred_on: date | None = None
    document: str = ""
    movements: tuple[Movement, ...] = ()
    postings: tuple[Posting, ...] = ()
    caused_by: str = ""
    caused_by_version: int = 0


_SAID: Final = Decoder(Said)


def read_today(entry: Entry) -> bytes:
    """The state, or what it means today where the fact is of an older form."""
    if entry.topic not in UPCASTERS:
        return entry.state
    return upcast_as_one(entry.topic, entry.state).state


def said(entry: Entry) -> Said:
    """What an entry says. What is no fact any more says nothing: its bytes show the forgery."""
    try:
        return _SAID.decode(read_today(entry))
    except (MsgspecError, ValueError, KeyError):  # The last two: what no upcaster can read.
        return Said()


def entry_message(entry: Entry, book: ShownBook) -> pb.Entry:
    """Whatever it says; to a dealer, what it says of the dealer's account."""
    message = _whole_message(entry, book)
    if book.seen_by and entry.stream != f"accounts/{book.seen_by}":
        _leave_its_account(message, book.seen_by)
    return message


def _leave_its_account(message: pb.Entry, dealer: str) -> None:
    """Documents hold what parts cost the maker, and movements who else has them."""
    own = [posting for posting in message.postings if posting.party == f"dealers/{dealer}"]
    message.ClearField("state")
    message.ClearField("movements")
    del message.postings[:]
    message.postings.extend(own)


def _whole_message(entry: Entry, book: ShownBook) -> pb.Entry:
    fact = said(entry)
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
        effective_on=times.day_message(fact.effective_on),
        occurred_on=times.day_message(fact.occurred_on),
        document=fact.document,
        movements=[lines.movement_message(moved, book) for moved in fact.movements],
        postings=[lines.posting_message(posting, book) for posting in fact.postings],
        leaf_hash=entry.leaf_hash,
        previous_hash=entry.previous_hash,
        salt=entry.salt,
        caused_by=fact.caused_by,
        caused_by_version=fact.caused_by_version,
    )


def step_message(entry: Entry) -> types_pb2.Step:
    """The same in short."""
    fact = said(entry)
    return types_pb2.Step(
        position=entry.position,
        stream=entry.stream,
        version=entry.version,
        topic=entry.topic,
        occurred_on=times.day_message(fact.occurred_on),
        effective_on=times.day_message(fact.effective_on),
        document=fact.document,
        actor=entry.actor,
        principal=entry.principal,
        record_time=times.moment_message(entry.recorded_at),
        caused_by=fact.caused_by,
        caused_by_version=fact.caused_by_version,
    )
