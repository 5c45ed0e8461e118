"""What a group of commands needs from the log, in one query: stored answers and streams."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from eventsourcing.persistence import StoredEvent

from domain.storing import FORM, RecordedEvent
from server.eventlog.answers import Answer, Receipt
from server.eventlog.entry import HASH_BYTES

# Streams from their last snapshots on, in order; then answers, which have no stream. Each is found
# by itself, through an index. OFFSET 0 keeps PostgreSQL from joining whole tables, even if they
# were short when this was planned.
STATEMENT: Final = """
WITH last AS (
    SELECT wanted.stream, snapshot.version, snapshot.topic, snapshot.state
    FROM unnest(%(streams)s::text[]) AS wanted (stream)
    LEFT JOIN LATERAL (
        SELECT version, topic, state FROM {schema}.snapshots
        WHERE stream = wanted.stream AND form = %(form)s ORDER BY version DESC LIMIT 1
    ) AS snapshot ON true
)
SELECT stream, version, topic, state, NULL::timestamptz, NULL, NULL, NULL::uuid,
       NULL::bytea, NULL::bytea, NULL::bigint, NULL::bigint, NULL::bytea
FROM last WHERE version IS NOT NULL
UNION ALL
SELECT last.stream, e.version, (SELECT name FROM {schema}.topics WHERE number = e.topic), e.state,
       e.recorded_at, e.actor, e.principal, e.request_id, NULL, NULL, NULL, NULL, NULL
FROM last
CROSS JOIN LATERAL (
    SELECT * FROM {schema}.entries
    WHERE stream = last.stream AND version > coalesce(last.version, 0)
    OFFSET 0
) AS e
UNION ALL
SELECT NULL, NULL, NULL, NULL, e.recorded_at, NULL, NULL, a.request_id,
       a.fingerprint, a.response, a.first_position, a.last_position, e.leaf_hashes
FROM unnest(%(request_ids)s::text[]::uuid[]) AS asked (request_id)
CROSS JOIN LATERAL (
    SELECT * FROM {schema}.answers
    WHERE request_id = asked.request_id
    OFFSET 0
) AS a
CROSS JOIN LATERAL (
    SELECT max(recorded_at) AS recorded_at,
           string_agg(leaf_hash, '' ORDER BY position) AS leaf_hashes
    FROM {schema}.entries
    WHERE position BETWEEN a.first_position AND a.last_position
    HAVING count(*) > 0
    OFFSET 0
) AS e
ORDER BY 1, 2
"""


class Found(NamedTuple):
    """What there is of what was asked for; streams without events are left out."""

    answers: dict[str, Answer]  # By request id.
    streams: dict[str, list[StoredEvent]]


def parameters(request_ids: Sequence[str], streams: Sequence[str]) -> dict[str, Any]:
    return {"request_ids": list(request_ids), "streams": list(streams), "form": FORM}


def found(rows: Iterable[tuple[Any, ...]]) -> Found:
    answers: dict[str, Answer] = {}
    streams: dict[str, list[StoredEvent]] = {}
    for stream, version, topic, state, at, actor, principal, request_id, *answered in rows:
        if stream is None:
            fingerprint, response, first, last, hashes = answered
            receipt = Receipt(first, last, _each(bytes(hashes)), at)
            answers[request_id] = Answer(bytes(fingerprint), bytes(response), receipt)
            continue
        stored = StoredEvent(stream, version, topic, state.encode())
        if at is not None:  # Not a snapshot.
            recorded = at, actor, principal, request_id
            stored = RecordedEvent(stream, version, topic, state.encode(), *recorded)
        streams.setdefault(stream, []).append(stored)
    return Found(answers, streams)


def _each(hashes: bytes) -> tuple[bytes, ...]:
    return tuple(hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES))
