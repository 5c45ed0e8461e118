"""A ledger in SQL functions: one call does for a step of a document what the product records of it.

Its shape is the one that pgledger made known, accounts with a running balance and entries with the
balance before and after, with what a call of ours keeps besides: the request, so that a repeat is
known; the step; each movement of pieces, with the stock of both places; and each posting. Whatever
a call changes is locked in one order, so that no two calls wait for each other. Written for this
comparison; eight connections, a commit for each call.
"""

import json
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final, NamedTuple

import psycopg2

CONNECTIONS: Final = 8

_SCHEMA: Final = """
CREATE TABLE requests (
    id          uuid        PRIMARY KEY,
    fingerprint bytea       NOT NULL,
    step        bigint      NOT NULL
);
CREATE TABLE steps (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document    text        COLLATE "C" NOT NULL,
    version     integer     NOT NULL,
    kind        text        NOT NULL,
    actor       text        NOT NULL,
    occurred_on date        NOT NULL,
    counts_on   date        NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (document, version)
);
CREATE TABLE accounts (
    id      bigint      PRIMARY KEY,
    name    text        NOT NULL UNIQUE,
    balance numeric     NOT NULL DEFAULT 0,
    version bigint      NOT NULL DEFAULT 0
);
CREATE TABLE entries (
    id          bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    step_id     bigint  NOT NULL REFERENCES steps,
    account_id  bigint  NOT NULL REFERENCES accounts,
    amount      numeric NOT NULL,
    before      numeric NOT NULL,
    after       numeric NOT NULL
);
CREATE INDEX ON entries (account_id, id);
CREATE INDEX ON entries (step_id);
CREATE TABLE stock (
    id       bigint PRIMARY KEY,
    name     text   NOT NULL UNIQUE,
    quantity bigint NOT NULL CHECK (quantity >= 0)
);
CREATE TABLE movements (
    id          bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    step_id     bigint  NOT NULL REFERENCES steps,
    from_stock  bigint  NOT NULL REFERENCES stock,
    to_stock    bigint  NOT NULL REFERENCES stock,
    origin_on   date    NOT NULL,
    quantity    bigint  NOT NULL CHECK (quantity > 0),
    value       numeric NOT NULL
);
CREATE INDEX ON movements (from_stock, id);
CREATE INDEX ON movements (to_stock, id);

CREATE FUNCTION record_step(
    p_request uuid, p_fingerprint bytea, p_document text, p_version integer, p_kind text,
    p_actor text, p_occurred_on date, p_counts_on date, p_movements jsonb, p_postings jsonb
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
    posting record;
    left_before numeric;
BEGIN
    SELECT step INTO made FROM requests WHERE id = p_request;
    IF FOUND THEN
        RETURN made;
    END IF;
    INSERT INTO steps (document, version, kind, actor, occurred_on, counts_on)
    VALUES (p_document, p_version, p_kind, p_actor, p_occurred_on, p_counts_on)
    RETURNING id INTO made;
    INSERT INTO requests VALUES (p_request, p_fingerprint, made);

    PERFORM FROM stock WHERE id IN (
        SELECT (m ->> 0)::bigint FROM jsonb_array_elements(p_movements) AS m
        UNION SELECT (m ->> 1)::bigint FROM jsonb_array_elements(p_movements) AS m
    ) ORDER BY id FOR UPDATE;
    UPDATE stock SET quantity = stock.quantity + moved.quantity
    FROM (
        SELECT id, sum(quantity) AS quantity FROM (
            SELECT (m ->> 0)::bigint AS id, -(m ->> 3)::bigint AS quantity
            FROM jsonb_array_elements(p_movements) AS m
            UNION ALL
            SELECT (m ->> 1)::bigint, (m ->> 3)::bigint FROM jsonb_array_elements(p_movements) AS m
        ) AS both_sides GROUP BY id
    ) AS moved WHERE stock.id = moved.id;
    INSERT INTO movements (step_id, from_stock, to_stock, origin_on, quantity, value)
    SELECT made, (m ->> 0)::bigint, (m ->> 1)::bigint, (m ->> 2)::date, (m ->> 3)::bigint,
           (m ->> 4)::numeric
    FROM jsonb_array_elements(p_movements) AS m;

    PERFORM FROM accounts WHERE id IN (
        SELECT (p ->> 0)::bigint FROM jsonb_array_elements(p_postings) AS p
    ) ORDER BY id FOR UPDATE;
    FOR posting IN
        SELECT (p ->> 0)::bigint AS account, (p ->> 1)::numeric AS amount
        FROM jsonb_array_elements(p_postings) AS p
    LOOP
        UPDATE accounts SET balance = balance + posting.amount, version = version + 1
        WHERE id = posting.account RETURNING balance - posting.amount INTO left_before;
        INSERT INTO entries (step_id, account_id, amount, before, after)
        VALUES (made, posting.account, posting.amount, left_before, left_before + posting.amount);
    END LOOP;
    RETURN made;
END $$;
"""
_ACCOUNTS: Final = """
    INSERT INTO accounts (id, name)
    SELECT id, name FROM unnest(%s::text[]) WITH ORDINALITY AS named (name, id)
"""
_STOCK: Final = """
    INSERT INTO stock SELECT id, name, 1000000000
    FROM unnest(%s::text[]) WITH ORDINALITY AS named (name, id)
"""
_CALL: Final = "SELECT record_step(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


class Step(NamedTuple):
    """What one command came to: the step of its document, and all its lines."""

    request_id: str
    fingerprint: bytes
    document: str
    version: int
    kind: str
    actor: str
    occurred_on: str
    counts_on: str
    movements: tuple[tuple[str, str, str, int, int], ...]  # From, to, origin, pieces, value.
    postings: tuple[tuple[str, int], ...]  # Account and amount.


def rate(url: str, steps: Sequence[Step]) -> float:
    """Steps a second, over all connections."""
    accounts = _numbered({posting[0] for step in steps for posting in step.postings})
    stock = _numbered({end for step in steps for move in step.movements for end in move[:2]})
    with closing(psycopg2.connect(url)) as owner, owner, owner.cursor() as c:
        c.execute(_SCHEMA)
        c.execute(_ACCOUNTS, (list(accounts),))
        c.execute(_STOCK, (list(stock),))
    calls = [_call(step, accounts, stock) for step in steps]
    failures: list[BaseException] = []
    ready = threading.Barrier(CONNECTIONS + 1)

    def work(lane: Sequence[tuple[Any, ...]]) -> None:
        try:
            with closing(psycopg2.connect(url)) as connection, connection.cursor() as c:
                connection.autocommit = True
                ready.wait()
                for call in lane:
                    c.execute(_CALL, call)
        except BaseException as failure:
            failures.append(failure)

    lanes = [calls[lane::CONNECTIONS] for lane in range(CONNECTIONS)]
    threads = [threading.Thread(target=work, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    if failures:
        raise failures[0]
    return len(calls) / seconds


def _numbered(names: set[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(sorted(names), 1)}


def _call(step: Step, accounts: dict[str, int], stock: dict[str, int]) -> tuple[Any, ...]:
    """What the function takes: names as the numbers of their rows, lines as JSON."""
    movements = [(stock[out], stock[into], *rest) for out, into, *rest in step.movements]
    postings = [(accounts[name], amount) for name, amount in step.postings]
    return (*step[:8], json.dumps(movements), json.dumps(postings))
