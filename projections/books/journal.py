"""The journal: every posting of every fact as a line, from which all accounts are summed.

Amounts are in minor units of the line's currency, debit positive and credit negative. Lines of
one fact sum to zero in each currency, and what they are worth sums to zero in the book's.
"""

from typing import Final

from domain.accounts import DEALER_ACCOUNTS
from projections.engine.row_security import OF_PARTY
from projections.engine.view import View

# In queries and indexes alike: a plan that is made without the values can use an index only if the
# condition has the same text.
OF_DEALERS: Final = "account IN ('" + "', '".join(DEALER_ACCOUNTS) + "')"
# Lines of somebody outside. The rest is of places, or of nobody.
OF_PARTIES: Final = "party <> '' AND left(party, 7) <> 'places/'"
# The day a line counts, for reports that read all lines of some days: lines come more or less by
# day, so an index of a few pages finds them. It is an expression so that no other question, which
# has an index that finds its few lines, is planned by days.
COUNTED_ON: Final = "effective_on + 0"
# Lines on the statement of a later month than that of their day. Other lines have no statement
# month, and conditions may be checked in any order: CASE makes sure that no empty text is read as a
# number.
LATE: Final = f"""
    {OF_DEALERS} AND CASE WHEN statement_month <> '' THEN effective_on < make_date(
        substr(statement_month, 1, 4)::integer, substr(statement_month, 6)::integer, 1
    ) END
"""

JOURNAL_LINES: Final = View(
    name="journal_lines",
    table="""
    CREATE TABLE {views}.journal_lines (
        position        bigint  NOT NULL,              -- Of the fact, which says all the rest.
        amount_minor    numeric NOT NULL,              -- Sums of a month may stand on one line.
        line_no         integer NOT NULL,              -- Within the fact, from 1.
        effective_on    date    NOT NULL,
        due_on          date,                          -- Only where an item is raised.
        account         text    COLLATE "C" NOT NULL,
        party           text    COLLATE "C" NOT NULL,  -- dealers/D01, places/W01, … or empty.
        currency        text    COLLATE "C" NOT NULL,
        item            text    COLLATE "C" NOT NULL,  -- The open item it changes, or empty.
        statement_month text    COLLATE "C" NOT NULL,  -- Of an account's fact; else empty.
        functional_minor numeric                       -- In the book's currency, if another one.
    ) PARTITION BY RANGE (position)
    """,
    fold="""
    INSERT INTO {views}.journal_lines
    SELECT f.position, p.amount_minor, p.line_no, f.effective_on, p.due_on, p.account,
           coalesce(p.party, ''), p.currency, coalesce(p.item, ''), coalesce(f.statement_month, ''),
           p.functional_minor
    FROM {facts} AS f
    CROSS JOIN LATERAL ROWS FROM (
        json_to_recordset(f.postings) AS (
            account text, party text, amount_minor numeric, currency text, functional_minor numeric,
            item text, due_on date
        )
    ) WITH ORDINALITY AS p (
        account, party, amount_minor, currency, functional_minor, item, due_on, line_no
    )
    WHERE f.postings IS NOT NULL
    """,
    indexes=f"""
    ALTER TABLE {{views}}.journal_lines ADD PRIMARY KEY (position, line_no);
    CREATE INDEX ON {{views}}.journal_lines (party, statement_month) WHERE {OF_DEALERS};
    CREATE INDEX ON {{views}}.journal_lines (party, statement_month) WHERE {LATE};
    CREATE INDEX ON {{views}}.journal_lines (party) WHERE {OF_PARTIES};
    CREATE INDEX ON {{views}}.journal_lines USING brin (({COUNTED_ON}))
        WITH (pages_per_range = 16, autosummarize = on);
    """,
    reads={"effective_on": "date", "statement_month": "text", "postings": "json"},
    row_order="position, line_no",
    partitioned=True,
    own=OF_PARTY,
)
