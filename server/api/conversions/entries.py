"""Entries of the log as the API shows them."""

from datetime import date

from pydantic import BaseModel

from domain.lines import Movement, Posting
from partsledger.v1 import entry_service_pb2 as pb
from server.api.conversions import lines, names, times
from server.eventlog.entry import Entry


class _Said(BaseModel):
    """What facts of all kinds say alike. Whatever else one says stands in its state."""

    effective_on: date | None = None
    occurred_on: date | None = None
    document: str = ""
    movements: tuple[Movement, ...] = ()
    postings: tuple[Posting, ...] = ()


def entry_message(entry: Entry, book: str, currency: str) -> pb.Entry:
    """`currency` is the book's: the one that stock is valued in."""
    said = _Said.model_validate_json(entry.state)
    return pb.Entry(
        name=names.ENTRY.format(book, str(entry.position)),
        position=entry.position,
        record_time=times.moment_message(entry.recorded_at),
        actor=entry.actor,
        request_id=entry.request_id,
        stream=entry.stream,
        version=entry.version,
        topic=entry.topic,
        state=entry.state,
        effective_on=times.day_message(said.effective_on),
        occurred_on=times.day_message(said.occurred_on),
        document=said.document,
        movements=[lines.movement_message(moved, book, currency) for moved in said.movements],
        postings=[lines.posting_message(posting) for posting in said.postings],
        leaf_hash=entry.leaf_hash,
        previous_hash=entry.previous_hash,
        salt=entry.salt,
    )
