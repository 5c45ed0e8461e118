"""Row-level security: a dealer's questions find no row of another dealer's, whatever they ask.

It stands behind the conditions of the queries: where one is forgotten, the database still shows a
dealer nothing but its own. Such questions are asked under a role of their own, and each view says
which of its rows that role may see; one that says nothing is closed to it. The owner of the views,
who folds them and reads them for all others, is not touched by it, and none of his plans is.
"""

from collections.abc import Iterable
from typing import Final

from psycopg2.extensions import cursor

from projections.engine.schemas import Schemas, quoted
from projections.engine.view import View

DEALERS_ROLE: Final = "partsledger_dealer"
_WHO: Final = "(SELECT current_setting('partsledger.dealer'))"

# What a view says of rows that name their dealer, or the dealer as a party of postings.
OF_DEALER: Final = f"dealer = {_WHO}"
OF_PARTY: Final = f"party = 'dealers/' || {_WHO}"


def of_document(kind: str, key: str) -> str:
    """Of rows that are steps of a document: its first one names the dealer."""
    return f"{{views}}.is_own({kind}, {key})"


def of_record(key: str) -> str:
    """Of rows that are about the dealer itself."""
    return f"{key} = {_WHO}"


_ROLE_EXISTS: Final = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)"
# Whoever asks, it is the owner who looks. Its text is read anew at each call, so it finds the table
# that is there then: views are replaced.
_OPEN: Final = f"""
    GRANT USAGE ON SCHEMA {{schema}} TO {DEALERS_ROLE};
    GRANT SELECT ON {{views}}.positions TO {DEALERS_ROLE};
    CREATE OR REPLACE FUNCTION {{views}}.is_own(kind text, key text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $own$
    BEGIN
        RETURN EXISTS (
            SELECT FROM {{views}}.document_steps AS f
            WHERE f.kind = $1 AND f.key = $2 AND f.version = 1
              AND f.dealer = current_setting('partsledger.dealer')
        );
    END $own$;
    REVOKE ALL ON FUNCTION {{views}}.is_own FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION {{views}}.is_own TO {DEALERS_ROLE};
"""
_NOT_SECURED: Final = """
    SELECT relname FROM pg_class
    WHERE relnamespace = %s::regnamespace AND relname = ANY(%s) AND NOT relrowsecurity
"""
_SECURE: Final = f"""
    ALTER TABLE {{table}} ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own_rows ON {{table}} FOR SELECT TO {DEALERS_ROLE} USING ({{own}});
    GRANT SELECT ON {{table}} TO {DEALERS_ROLE};
"""
_ASK_AS: Final = f"""
    SET LOCAL ROLE {DEALERS_ROLE};
    SELECT set_config('partsledger.dealer', %s, true)
"""


def secure(c: cursor, at: Schemas, views: Iterable[View]) -> None:
    """Opens to dealers what is theirs of those views that are not secured yet. Where the role of
    dealers was never made, nobody asks as a dealer."""
    c.execute(_ROLE_EXISTS, (DEALERS_ROLE,))
    if c.fetchone() != (True,):
        return
    own = {view.name: view.own for view in views if view.own}
    c.execute(at.sql(_OPEN).replace("{schema}", quoted(at.views)))
    c.execute(_NOT_SECURED, (quoted(at.views), list(own)))
    for (name,) in c.fetchall():
        table = at.sql(f"{{views}}.{name}")
        c.execute(_SECURE.replace("{table}", table).replace("{own}", at.sql(own[name])))


def ask_as(c: cursor, dealer: str) -> None:
    """From here to the end of the transaction, the dealer's rows are all there is."""
    c.execute(_ASK_AS, (dealer,))
