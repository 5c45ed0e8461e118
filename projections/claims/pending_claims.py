"""Claims neither credited nor rejected: on the statement for information, and on no account."""

from datetime import date
from typing import Final, NamedTuple

from domain.claim_states import ENDED, LEAVES
from domain.months import first_day, last_day, month_of
from projections.engine.reading import Reading
from projections.engine.row_security import OF_DEALER, of_document
from projections.engine.view import View

# The facts that end it: `('Rejected', 'CreditDenied', 'Credited')`.
_ENDS: Final = str(tuple(fact for fact, left in LEAVES.items() if left <= ENDED))

CLAIM_STEPS: Final = View(
    name="claim_steps",
    table="""
    CREATE TABLE {views}.claim_steps (
        position     bigint  NOT NULL,
        amount_minor bigint,                        -- Claimed, approved, and left by inspection.
        version      integer NOT NULL,
        effective_on date    NOT NULL,
        claim        text    COLLATE "C" NOT NULL,
        step         text    COLLATE "C" NOT NULL,  -- The fact's name: Submitted, Approved, …
        document     text    NOT NULL,
        dealer       text    COLLATE "C",           -- Said when it is submitted, as the currency.
        currency     text    COLLATE "C"
    )
    """,
    fold="""
    INSERT INTO {views}.claim_steps
    SELECT f.position,
           (SELECT sum(coalesce(line.claimed_minor, line.approved_minor, line.amount_minor))
            FROM json_to_recordset(coalesce(f.items, f.decisions, f.approved)) AS line (
                claimed_minor bigint, approved_minor bigint, amount_minor bigint
            )),
           f.version, f.effective_on, substr(f.stream, length('claims/') + 1),
           split_part(f.topic, '.', 2), coalesce(f.document, ''), f.dealer, f.currency
    FROM {facts} AS f
    WHERE starts_with(f.stream, 'claims/')
    """,
    indexes="""
    ALTER TABLE {views}.claim_steps ADD PRIMARY KEY (position);
    CREATE UNIQUE INDEX ON {views}.claim_steps (claim, version);
    """,
    reads={
        "effective_on": "date",
        "document": "text",
        "dealer": "text",
        "currency": "text",
        "items": "json",
        "decisions": "json",
        "approved": "json",
    },
    own=of_document("'claims'", "claim"),
)

# From when to when each claim was under way, so that claims that had ended before need not be read.
# What is credited of it later, because a refused piece came again, does not begin it anew.
CLAIM_SPANS: Final = View(
    name="claim_spans",
    table="""
    CREATE TABLE {views}.claim_spans (
        claim          text   COLLATE "C" PRIMARY KEY,
        first_position bigint NOT NULL,              -- Where it was submitted.
        dealer         text   COLLATE "C",
        document       text   NOT NULL,
        currency       text   COLLATE "C",
        claimed_minor  bigint,
        submitted_on   date,
        ended_on       date,                         -- Rejected, denied its credit, or credited.
        ended_position bigint
    ) WITH (fillfactor = 80)
    """,
    fold="""
    INSERT INTO {views}.claim_spans AS c
    SELECT s.claim, s.position, s.dealer, s.document, s.currency, s.amount_minor, s.effective_on,
           e.effective_on, e.position
    FROM {views}.claim_steps AS s
    LEFT JOIN LATERAL (
        SELECT position, effective_on FROM {views}.claim_steps
        WHERE claim = s.claim AND step IN ENDS AND position <= %(through)s
        ORDER BY version LIMIT 1
    ) AS e ON true
    WHERE s.version = 1 AND s.claim IN (
        SELECT claim FROM {views}.claim_steps
        WHERE position > %(after)s AND position <= %(through)s
          AND (version = 1 OR step IN ENDS)
    )
    ORDER BY s.claim
    ON CONFLICT (claim) DO UPDATE SET
        ended_on = excluded.ended_on, ended_position = excluded.ended_position
    """.replace("ENDS", _ENDS),
    indexes="""
    CREATE INDEX ON {views}.claim_spans (dealer, ended_on);
    CREATE INDEX ON {views}.claim_spans (dealer, ended_position);
    """,
    rows="""
    SELECT claim, first_position, dealer, document, currency, claimed_minor, submitted_on,
           CASE WHEN ended_position <= %(through)s THEN ended_on END AS ended_on,
           CASE WHEN ended_position <= %(through)s THEN ended_position END AS ended_position
    FROM {views}.claim_spans WHERE first_position <= %(through)s
    """,
    row_order="claim",
    sources=(CLAIM_STEPS,),
    own=OF_DEALER,
)

# The months at whose end a claim was under way, written when the claim ends. One that ends in the
# month of its submission has none, most others have one.
CLAIM_MONTHS: Final = View(
    name="claim_months",
    table="""
    CREATE TABLE {views}.claim_months (
        position bigint NOT NULL,                    -- Where it ended.
        month    date   NOT NULL,                    -- Its first day.
        dealer   text   COLLATE "C" NOT NULL,
        claim    text   COLLATE "C" NOT NULL,
        PRIMARY KEY (dealer, month, claim)
    )
    """,
    fold="""
    INSERT INTO {views}.claim_months
    SELECT e.position, month::date, c.dealer, c.claim
    FROM {views}.claim_steps AS e
    CROSS JOIN LATERAL (
        SELECT * FROM {views}.claim_spans
        WHERE claim = e.claim AND ended_position = e.position
        LIMIT 1  -- Found by its key: a join may be planned to read all spans.
    ) AS c
    CROSS JOIN LATERAL generate_series(
        date_trunc('month', c.submitted_on::timestamp),
        date_trunc('month', c.ended_on::timestamp) - interval '1 month', interval '1 month'
    ) AS month
    WHERE e.position > %(after)s AND e.position <= %(through)s
    ORDER BY c.dealer, month, c.claim
    """,
    indexes="",
    row_order="dealer, month, claim",
    sources=(CLAIM_STEPS, CLAIM_SPANS),
    own=OF_DEALER,
)

# Claims that are under way now, that ended on a later day of the month, and that ended after the
# month, at whose end they were under way. Each part is found through an index.
_PENDING: Final = """
    SELECT c.claim, c.document, c.submitted_on, c.currency, c.claimed_minor, approved.amount_minor
    FROM (
        SELECT * FROM {views}.claim_spans WHERE dealer = %(dealer)s AND ended_on IS NULL
        UNION ALL
        SELECT * FROM {views}.claim_spans
        WHERE dealer = %(dealer)s AND ended_on > %(as_of)s AND ended_on <= %(month_end)s
        UNION ALL
        SELECT s.* FROM {views}.claim_months AS m JOIN {views}.claim_spans AS s USING (claim)
        WHERE m.dealer = %(dealer)s AND m.month = %(month)s
        {ended_later}
    ) AS c
    LEFT JOIN LATERAL (
        SELECT a.amount_minor FROM {views}.claim_steps AS a
        WHERE a.claim = c.claim AND a.step IN ('Approved', 'PartlyApproved', 'ReturnInspected')
          AND a.effective_on <= %(as_of)s AND a.position <= %(position)s
        ORDER BY a.version DESC LIMIT 1
    ) AS approved ON true
    WHERE c.submitted_on <= %(as_of)s AND c.first_position <= %(position)s
    ORDER BY c.submitted_on, c.claim
"""

# Claims whose end was recorded after the position that is asked for.
_ENDED_LATER: Final = """
        UNION ALL
        SELECT * FROM {views}.claim_spans
        WHERE dealer = %(dealer)s AND ended_position > %(position)s AND ended_on <= %(as_of)s
"""


class PendingClaim(NamedTuple):
    """Amounts in minor units; `approved_minor` is None until someone has decided, and then what
    inspection has left of it so far."""

    claim: str
    document: str
    submitted_on: date
    currency: str
    claimed_minor: int
    approved_minor: int | None


def pending_claims(now: Reading, dealer: str, as_of: date) -> tuple[PendingClaim, ...]:
    """A dealer's claims that were under way at the end of a day, the oldest first."""
    query = _PENDING.replace("{ended_later}", "" if now.present else _ENDED_LATER)
    month = month_of(as_of)
    values = {
        "dealer": dealer,
        "as_of": as_of,
        "month": first_day(month),
        "month_end": last_day(month),
    }
    rows = now.select(query, values, often=True)
    return tuple(PendingClaim(*row) for row in rows)
