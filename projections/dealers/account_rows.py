"""What dealer statements are made of: accounts, their rows, and the statements issued of them."""

from typing import Final

from domain.accounts import DEALER_ACCOUNTS
from projections.engine.row_security import OF_DEALER
from projections.engine.running_sums import GENERATION, LINES, Column, RunningSums, text
from projections.engine.view import View

DEALER_ACCOUNTS_OPENED: Final = View(
    name="dealer_accounts",
    table="""
    CREATE TABLE {views}.dealer_accounts (
        position bigint NOT NULL,
        dealer   text   COLLATE "C" NOT NULL,
        currency text   COLLATE "C" NOT NULL
    )
    """,
    fold="""
    INSERT INTO {views}.dealer_accounts
    SELECT f.position, f.dealer, f.currency
    FROM {facts} AS f
    WHERE f.topic = 'partsledger:DealerAccount.Opened'
    """,
    indexes="""
    ALTER TABLE {views}.dealer_accounts ADD PRIMARY KEY (position);
    CREATE UNIQUE INDEX ON {views}.dealer_accounts (dealer);
    """,
    reads={"dealer": "text", "currency": "text"},
    own=OF_DEALER,
)

# One row for each fact, not for each posting: netting adds up to zero and is still a row of the
# statement.
STATEMENT_ROWS: Final = View(
    name="statement_rows",
    table="""
    CREATE TABLE {views}.statement_rows (
        position        bigint  NOT NULL,
        net_minor       numeric NOT NULL,            -- On the dealer's accounts, debit positive.
        version         integer NOT NULL,            -- In the account's stream.
        effective_on    date    NOT NULL,
        occurred_on     date    NOT NULL,
        dealer          text    COLLATE "C" NOT NULL,
        statement_month text    COLLATE "C" NOT NULL,
        topic           text    NOT NULL,
        document        text    NOT NULL,
        items_hash      bytea   NOT NULL             -- Of its open items: domain/statement.py.
    )
    """,
    fold="""
    INSERT INTO {views}.statement_rows
    SELECT f.position, items.net_minor, f.version, f.effective_on, f.occurred_on,
           substr(f.stream, length('accounts/') + 1), f.statement_month, f.topic,
           coalesce(f.document, ''), sha256(convert_to(items.lines, 'UTF8'))
    FROM {facts} AS f
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(p.amount_minor), 0) AS net_minor,
               coalesce(string_agg(
                   concat_ws(
                       E'\\t', p.account, coalesce(p.item, ''), coalesce(p.due_on, ''),
                       p.amount_minor
                   ) || E'\\n', '' ORDER BY p.line_no
               ), '') AS lines
        FROM ROWS FROM (
            json_to_recordset(f.postings) AS (
                account text, item text, due_on text, amount_minor numeric
            )
        ) WITH ORDINALITY AS p (account, item, due_on, amount_minor, line_no)
        WHERE p.account = ANY(%(dealer_accounts)s)
    ) AS items
    WHERE starts_with(f.stream, 'accounts/') AND f.statement_month IS NOT NULL
    """,
    indexes="""
    ALTER TABLE {views}.statement_rows ADD PRIMARY KEY (position);
    CREATE UNIQUE INDEX ON {views}.statement_rows (dealer, statement_month, version);
    """,
    reads={
        "effective_on": "date",
        "occurred_on": "date",
        "document": "text",
        "statement_month": "text",
        "postings": "json",
    },
    values={"dealer_accounts": list(DEALER_ACCOUNTS)},
    own=OF_DEALER,
)

STATEMENT_MONTHS: Final = RunningSums(
    "statement_months",
    STATEMENT_ROWS,
    keys=(text("dealer"), text("statement_month"), GENERATION),
    sums=(LINES, Column("net_minor", "numeric", "net_minor")),
    own=OF_DEALER,
)

ISSUED_STATEMENTS: Final = View(
    name="issued_statements",
    table="""
    CREATE TABLE {views}.issued_statements (
        position          bigint      NOT NULL,
        dealer            text        COLLATE "C" NOT NULL,
        month             text        COLLATE "C" NOT NULL,
        version           bigint      NOT NULL,
        recorded_at       timestamptz NOT NULL,
        opening_minor     numeric     NOT NULL,
        debit_minor       numeric     NOT NULL,
        credit_minor      numeric     NOT NULL,
        closing_minor     numeric     NOT NULL,
        line_count        bigint      NOT NULL,
        first_version     bigint      NOT NULL,
        last_version      bigint      NOT NULL,
        content_hash      text        NOT NULL,
        sales_line_count  bigint      NOT NULL,
        sales_tax_minor   numeric     NOT NULL,
        claims_line_count bigint      NOT NULL,
        claims_minor      numeric     NOT NULL,
        claims_tax_minor  numeric     NOT NULL
    )
    """,
    fold="""
    INSERT INTO {views}.issued_statements
    SELECT f.position, substr(f.stream, length('accounts/') + 1), s.month, f.version,
           f.recorded_at, s.opening_minor, s.debit_minor, s.credit_minor, s.closing_minor,
           s.line_count, s.first_version, s.last_version, s.content_hash, s.sales_line_count,
           s.sales_tax_minor, s.claims_line_count, s.claims_minor, s.claims_tax_minor
    FROM {facts} AS f
    CROSS JOIN LATERAL json_to_record(f.statement) AS s (
        month text, opening_minor numeric, debit_minor numeric, credit_minor numeric,
        closing_minor numeric, line_count bigint, first_version bigint, last_version bigint,
        content_hash text, sales_line_count bigint, sales_tax_minor numeric,
        claims_line_count bigint, claims_minor numeric, claims_tax_minor numeric
    )
    WHERE f.topic = 'partsledger:DealerAccount.StatementClosed'
    """,
    indexes="""
    ALTER TABLE {views}.issued_statements ADD PRIMARY KEY (position);
    CREATE UNIQUE INDEX ON {views}.issued_statements (dealer, month);
    """,
    reads={"statement": "json"},
    own=OF_DEALER,
)
