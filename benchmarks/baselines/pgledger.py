"""A ledger in SQL functions, of the shape that pgledger made known: one call, one transfer.

Accounts with a running balance, transfers, and two entries each with the balance before and after.
A call locks both accounts in the order of their numbers, so that no two calls wait for each other.
Written for this comparison; eight connections, a commit for each call.
"""

import threading
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Final

import psycopg2

CONNECTIONS: Final = 8

_SCHEMA: Final = """
CREATE TABLE accounts (
    id      bigint      PRIMARY KEY,
    name    text        NOT NULL UNIQUE,
    balance numeric     NOT NULL DEFAULT 0,
    version bigint      NOT NULL DEFAULT 0,
    updated timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE transfers (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_account bigint      NOT NULL REFERENCES accounts,
    to_account   bigint      NOT NULL REFERENCES accounts,
    amount       numeric     NOT NULL CHECK (amount > 0),
    event_at     timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE entries (
    id          bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  bigint  NOT NULL REFERENCES accounts,
    transfer_id bigint  NOT NULL REFERENCES transfers,
    amount      numeric NOT NULL,
    before      numeric NOT NULL,
    after       numeric NOT NULL,
    version     bigint  NOT NULL
);
CREATE INDEX ON entries (account_id, version);
CREATE INDEX ON entries (transfer_id);

CREATE FUNCTION post(p_account bigint, p_transfer bigint, p_amount numeric) RETURNS void
LANGUAGE sql AS $$
    WITH moved AS (
        UPDATE accounts SET balance = balance + p_amount, version = version + 1, updated = now()
        WHERE id = p_account RETURNING balance, version
    )
    INSERT INTO entries (account_id, transfer_id, amount, before, after, version)
    SELECT p_account, p_transfer, p_amount, balance - p_amount, balance, version FROM moved
$$;

CREATE FUNCTION create_transfer(p_from bigint, p_to bigint, p_amount numeric) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
BEGIN
    IF p_from = p_to THEN
        RAISE EXCEPTION 'account % cannot pay itself', p_from;
    END IF;
    PERFORM FROM accounts WHERE id IN (p_from, p_to) ORDER BY id FOR UPDATE;
    IF (SELECT balance FROM accounts WHERE id = p_from) < p_amount THEN
        RAISE EXCEPTION 'account % has less than %', p_from, p_amount;
    END IF;
    INSERT INTO transfers (from_account, to_account, amount) VALUES (p_from, p_to, p_amount)
    RETURNING id INTO made;
    PERFORM post(p_from, made, -p_amount);
    PERFORM post(p_to, made, p_amount);
    RETURN made;
END $$;
"""
_ACCOUNTS: Final = """
    INSERT INTO accounts (id, name, balance)
    SELECT id, name, 1000000000 FROM unnest(%s::text[]) WITH ORDINALITY AS named (name, id)
"""
_CALL: Final = "SELECT create_transfer(%s, %s, %s)"

Transfer = tuple[str, str, int]  # From an account, to another one, how much.


def rate(url: str, transfers: Sequence[Transfer]) -> float:
    """Transfers a second, over all connections."""
    numbers = {name: n for n, name in enumerate(sorted({a for t in transfers for a in t[:2]}), 1)}
    with closing(psycopg2.connect(url)) as owner, owner, owner.cursor() as c:
        c.execute(_SCHEMA)
        c.execute(_ACCOUNTS, (list(numbers),))
    calls = [(numbers[a], numbers[b], amount) for a, b, amount in transfers]
    failures: list[BaseException] = []
    ready = threading.Barrier(CONNECTIONS + 1)

    def work(lane: Sequence[tuple[int, int, int]]) -> None:
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
