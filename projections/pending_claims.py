"""Claims that are neither credited nor refused: on the statement for information, in no account."""

from datetime import date
from typing import Final, NamedTuple

from projections.reading import Reading
from projections.view import View

CLAIM_STEPS: Final = View(
    name="claim_steps",
    table="""
    CREATE TABLE {views}.claim_steps (
        position     bigint  NOT NULL,
        claim        text    COLLATE "C" NOT NULL,
        version      bigint  NOT NULL,
        step         text    COLLATE "C" NOT NULL,  -- The fact's name: Submitted, Approved, …
        effective_on date,                          -- None where the fact has no business date.
        document     text    NOT NULL,
        dealer       text    COLLATE "C",           -- These three are said when it is submitted.
        currency     text    COLLATE "C",
        amount_minor bigint                         -- Claimed, then approved.
    )
    """,
    fold="""
    INSERT INTO {views}.claim_steps
    SELECT f.position, substr(f.stream, length('claims/') + 1), f.version,
           split_part(f.topic, '.', 2), f.effective_on, coalesce(f.document, ''), f.dealer,
           f.currency,
           (SELECT sum(coalesce(line.claimed_minor, line.approved_minor))
            FROM json_to_recordset(coalesce(f.items, f.decisions)) AS line (
                claimed_minor bigint, approved_minor bigint
            ))
    FROM {facts} AS f
    WHERE starts_with(f.stream, 'claims/')
    """,
    indexes="""
    ALTER TABLE {views}.claim_steps ADD PRIMARY KEY (position);
    CREATE UNIQUE INDEX ON {views}.claim_steps (claim, version);
    CREATE INDEX ON {views}.claim_steps (dealer, effective_on) WHERE step = 'Submitted';
    """,
)

_PENDING: Final = """
    SELECT s.claim, s.document, s.effective_on, s.currency, s.amount_minor, approved.amount_minor
    FROM {views}.claim_steps AS s
    LEFT JOIN LATERAL (
        SELECT a.amount_minor FROM {views}.claim_steps AS a
        WHERE a.claim = s.claim AND a.step IN ('Approved', 'PartlyApproved')
          AND a.effective_on <= %(as_of)s AND a.position <= %(position)s
        ORDER BY a.version DESC LIMIT 1
    ) AS approved ON true
    WHERE s.step = 'Submitted' AND s.dealer = %(dealer)s
      AND s.effective_on <= %(as_of)s AND s.position <= %(position)s
      AND NOT EXISTS (
        SELECT FROM {views}.claim_steps AS decided
        WHERE decided.claim = s.claim AND decided.step IN ('Rejected', 'CreditDenied', 'Credited')
          AND decided.effective_on <= %(as_of)s
          AND decided.position <= %(position)s
      )
    ORDER BY s.effective_on, s.claim
"""


class PendingClaim(NamedTuple):
    """Amounts in minor units; `approved_minor` is None until someone has decided."""

    claim: str
    document: str
    submitted_on: date
    currency: str
    claimed_minor: int
    approved_minor: int | None


def pending_claims(now: Reading, dealer: str, as_of: date) -> tuple[PendingClaim, ...]:
    """A dealer's claims that were under way at the end of a day, the oldest first."""
    rows = now.select(_PENDING, {"dealer": dealer, "as_of": as_of})
    return tuple(PendingClaim(*row) for row in rows)
