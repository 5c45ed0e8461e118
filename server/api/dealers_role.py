"""The role under which dealers' questions are asked: it sees what row-level security shows it.

It is made where a server asks callers for tokens, since only then dealers call.
"""

from typing import Final

import psycopg2

from projections.engine.row_security import DEALERS_ROLE
from server.postgres.data_directory import CannotStart
from server.postgres.pool import Datastore

_MAKE: Final = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{DEALERS_ROLE}') THEN
        BEGIN
            CREATE ROLE {DEALERS_ROLE} NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- Another server has made it in the same moment.
        END;
    END IF;
    IF NOT pg_has_role(session_user, '{DEALERS_ROLE}', 'MEMBER') THEN
        EXECUTE format('GRANT {DEALERS_ROLE} TO %I', session_user);
    END IF;
END $$;
SET ROLE {DEALERS_ROLE};
"""


def make_dealers_role(datastore: Datastore) -> None:
    """Raises CannotStart, with what an administrator has to run."""
    opened = datastore.connect("makes the role of dealers", as_service=False)
    try:
        with opened.cursor() as c:
            c.execute(_MAKE)
    except (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.InvalidParameterValue) as error:
        user = opened.info.user
        grant = f'GRANT {DEALERS_ROLE} TO "{user}"'
        raise CannotStart(
            f"the role {DEALERS_ROLE} cannot be used: {error.diag.message_primary}. An "
            f"administrator runs: CREATE ROLE {DEALERS_ROLE} NOLOGIN; {grant}"
        ) from None
    finally:
        opened.close()
