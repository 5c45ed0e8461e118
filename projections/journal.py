"""The journal: every posting of every fact as a line, from which all accounts are summed.

Amounts are in minor units of the line's currency, debit positive and credit negative. Lines of
one fact sum to zero in each currency.
"""

from typing import Final

from projections.view import View

JOURNAL_LINES: Final = View(
    name="journal_lines",
    table="""
    CREATE TABLE {views}.journal_lines (
        position        bigint NOT NULL,
        line_no         bigint NOT NULL,            -- Within the fact, from 1.
        effective_on    date   NOT NULL,
        occurred_on     date,                       -- Where it happened in a closed month.
        account         text   COLLATE "C" NOT NULL,
        party           text   COLLATE "C" NOT NULL, -- dealers/D01, places/W01, … or empty.
        amount_minor    bigint NOT NULL,
        currency        text   COLLATE "C" NOT NULL,
        item            text   COLLATE "C" NOT NULL, -- The open item raised or cleared, or empty.
        due_on          date,                       -- Only where the item is raised.
        document        text   NOT NULL,
        topic           text   NOT NULL,
        stream          text   COLLATE "C" NOT NULL,
        version         bigint NOT NULL,
        statement_month text   COLLATE "C" NOT NULL -- On dealer accounts; elsewhere empty.
    )
    """,
    fold="""
    INSERT INTO {views}.journal_lines
    SELECT e.position, p.line_no, f.effective_on, f.occurred_on, p.account, coalesce(p.party, ''),
           p.amount_minor, p.currency, coalesce(p.item, ''), p.due_on, coalesce(f.document, ''),
           e.topic, e.stream, e.version, coalesce(f.statement_month, '')
    FROM {log}.entries AS e
    CROSS JOIN LATERAL json_to_record(e.state::json) AS f (
        effective_on date, occurred_on date, document text, statement_month text, postings json
    )
    CROSS JOIN LATERAL ROWS FROM (
        json_to_recordset(f.postings) AS (
            account text, party text, amount_minor bigint, currency text, item text, due_on date
        )
    ) WITH ORDINALITY AS p (account, party, amount_minor, currency, item, due_on, line_no)
    WHERE e.position > %(after)s AND e.position <= %(through)s
      AND strpos(e.state, '"postings"') > 0  -- Facts without postings need not be parsed.
    """,
    indexes="""
    ALTER TABLE {views}.journal_lines ADD PRIMARY KEY (position, line_no);
    CREATE INDEX ON {views}.journal_lines (party, account, effective_on) WHERE party <> '';
    """,
    row_order="position, line_no",
)
