"""What must hold of a log after any fault: everything acknowledged is there, exactly once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import grpc

from partsledger.v1 import import_service_pb2 as pb
from tests.server.api.reading.front_desk import FrontDesk


class Acknowledged(NamedTuple):
    """What a caller was told of a request."""

    first_position: int
    last_position: int
    leaf_hash: bytes


Acknowledgements = Mapping[str, Acknowledged]  # By request id.


def faults(entries: Sequence[Any], acknowledged: Acknowledgements) -> list[str]:
    """What is wrong with a log, given all that callers were told in the end."""
    wrong = []
    if [entry.position for entry in entries] != list(range(1, len(entries) + 1)):
        wrong.append("positions are not 1, 2, 3, …")
    versions = Counter((entry.stream, entry.version) for entry in entries)
    wrong += [f"{stream} has version {v} twice" for (stream, v), n in versions.items() if n > 1]
    requests: dict[str, list[Any]] = {}
    for entry in entries:
        requests.setdefault(entry.request_id, []).append(entry)
    for request_id, told in acknowledged.items():
        recorded = requests.get(request_id, [])
        expected = list(range(told.first_position, told.last_position + 1))
        if [entry.position for entry in recorded] != expected:
            wrong.append(f"{request_id} is at {[entry.position for entry in recorded]}")
        elif recorded[-1].leaf_hash != told.leaf_hash:
            wrong.append(f"{request_id} is not what was acknowledged")
    opening = {entry.request_id for entry in entries[:1]}  # The book's own, which nobody called.
    strangers = requests.keys() - acknowledged.keys() - opening
    wrong += [f"nobody was told of {request_id}" for request_id in sorted(strangers)]
    return wrong


def note(
    acknowledged: dict[str, Acknowledged],
    sent: Sequence[pb.ImportCommand],
    answers: Iterable[pb.ImportAnswer],
) -> int:
    """Keeps what each answer acknowledges; what was told before must not change. Counts them."""
    count = 0
    for answer in answers:
        assert not answer.HasField("error"), answer.error
        command = sent[answer.sequence - 1]
        request = getattr(command, command.WhichOneof("command") or "")
        receipt = answer.receipt
        told = Acknowledged(receipt.first_position, receipt.last_position, receipt.leaf_hash)
        assert acknowledged.setdefault(request.request_id, told) == told
        count += 1
    return count


def entries_of(channel: grpc.Channel, book: str) -> list[Any]:
    """The whole log, through the API."""
    desk = FrontDesk(channel, book)
    return [e for page in desk.pages("Entry.ListEntries", page_size=1_000) for e in page.entries]


def views_are_as_rebuilt(channel: grpc.Channel, book: str) -> bool:
    *_, last = FrontDesk(channel, book).stream("View.RebuildViews", timeout=60)
    return bool(last.result.same)
