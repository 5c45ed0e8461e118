"""The log: head, entries, answers, snapshots, and a role that can only add to them."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2.errors
from alembic import op
from sqlalchemy.exc import ProgrammingError

from server.eventlog.errors import ServiceRoleUnavailable

revision = "0001"
down_revision = None

# `search_path` is the book's schema.
TABLES = """
CREATE TABLE head (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    size  bigint  NOT NULL CHECK (size >= 0),  -- The position of the last entry.
    epoch bigint  NOT NULL CHECK (epoch >= 0),  -- Each takeover begins a new one.
    form  integer NOT NULL CHECK (form > 0),  -- The highest form that a fact of this log may have.
    older_through bigint NOT NULL CHECK (older_through >= 0)  -- Facts after it have that form.
) WITH (fillfactor = 10);  -- One row, updated by every append: keep its versions on its page.

INSERT INTO head (size, epoch, form, older_through) VALUES (0, 0, 1, 0);

-- Hashed is the name. A number is two bytes, and a name some forty, in each of millions of entries.
CREATE TABLE topics (
    number smallint PRIMARY KEY CHECK (number > 0),
    name   text     COLLATE "C" NOT NULL UNIQUE
);

-- Columns of a fixed length first, so that no bytes are lost between them; and none is NULL, which
-- would take eight bytes more in each row.
CREATE TABLE entries (
    position      bigint      PRIMARY KEY CHECK (position > 0),
    recorded_at   timestamptz NOT NULL,
    version       integer     NOT NULL,
    topic         smallint    NOT NULL,
    request_id    uuid        NOT NULL,
    stream        text        COLLATE "C" NOT NULL,
    actor         text        NOT NULL,
    principal     text        NOT NULL,  -- Empty where that is the actor.
    previous_hash bytea       NOT NULL CHECK (octet_length(previous_hash) IN (0, 32)),
    salt          bytea       NOT NULL CHECK (octet_length(salt) = 16),
    leaf_hash     bytea       NOT NULL CHECK (octet_length(leaf_hash) = 32),
    state         text        NOT NULL,  -- The exact text that was hashed.
    UNIQUE (stream, version)
);

CREATE TABLE answers (
    request_id     uuid   PRIMARY KEY,  -- Whoever sent it.
    first_position bigint NOT NULL,
    last_position  bigint NOT NULL CHECK (last_position >= first_position - 1),
    fingerprint    bytea  NOT NULL,  -- Of the request that was answered.
    response       bytea  NOT NULL
);

CREATE TABLE snapshots (
    stream  text   COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    topic   text   NOT NULL,
    state   text   NOT NULL,
    form    integer NOT NULL,  -- As facts have one: a snapshot of another form is not read.
    PRIMARY KEY (stream, version)
);

-- Entries that were found altered. They are looked at again at each start, wherever they stand.
CREATE TABLE suspects (
    position bigint PRIMARY KEY
);

CREATE TABLE tracking (
    application text   COLLATE "C" PRIMARY KEY,
    position    bigint NOT NULL
) WITH (fillfactor = 50);
"""

# The second fence: it also stops the owner, and a session that replays as a replica.
IMMUTABILITY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: the log only grows',
        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'feature_not_supported',
              HINT = 'Correct a fact by recording another one.';
END $$;
"""
IMMUTABLE = """
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER only_grows;
"""

ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'partsledger_service') THEN
        BEGIN
            CREATE ROLE partsledger_service NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- Another database of this server was migrated in the same moment.
        END;
    END IF;
    IF NOT pg_has_role(current_user, 'partsledger_service', 'MEMBER') THEN
        EXECUTE format('GRANT partsledger_service TO %I', current_user);
    END IF;
END $$;
SET LOCAL ROLE partsledger_service;
RESET ROLE;
"""
NO_ROLE = (
    "the role partsledger_service cannot be used: {reason}. Ask an administrator for "
    "CREATE ROLE partsledger_service NOLOGIN; GRANT partsledger_service TO {user}; "
    "GRANT CREATE ON DATABASE {database} TO partsledger_service"
)

GRANTS = """
DO $$ BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO partsledger_service', current_schema());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO partsledger_service', current_database());
    -- Whoever may not grant is only warned.
    IF NOT has_database_privilege('partsledger_service', current_database(), 'CREATE') THEN
        RAISE EXCEPTION 'it may not create schemas, and views need their own'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;
GRANT SELECT, INSERT ON topics, entries, answers, snapshots, suspects TO partsledger_service;
GRANT SELECT, UPDATE ON head TO partsledger_service;
GRANT SELECT, INSERT, UPDATE ON tracking TO partsledger_service;
GRANT SELECT ON alembic_version TO partsledger_service;
"""


def upgrade() -> None:
    with _role_errors():
        op.execute(ROLE)
    op.execute(TABLES)
    op.execute(IMMUTABILITY)
    for table in ("topics", "entries", "answers", "snapshots"):
        op.execute(IMMUTABLE.format(table=table))
    with _role_errors():
        op.execute(GRANTS)


@contextmanager
def _role_errors() -> Iterator[None]:
    names = "SELECT quote_ident(current_user), quote_ident(current_database())"
    user, database = op.get_bind().exec_driver_sql(names).one()
    try:
        yield
    except ProgrammingError as error:
        if isinstance(error.orig, psycopg2.errors.InsufficientPrivilege):
            reason = error.orig.diag.message_primary
            message = NO_ROLE.format(reason=reason, user=user, database=database)
            raise ServiceRoleUnavailable(message) from error
        raise
