"""What the service role must be allowed to do with a book, looked at whenever a server starts.

A database that was restored without its owners or its grants lacks some of it, and so does one of
which somebody took a right away. What is missing is said with the statements that give it back;
nobody is given a right that was taken from him on purpose.
"""

from typing import Final

from sqlalchemy import Connection, text

from server.eventlog.errors import GrantsMissing, ServiceRoleUnavailable
from server.postgres.pool import SERVICE_ROLE

NEEDED: Final = {
    "topics": ("SELECT", "INSERT"),
    "entries": ("SELECT", "INSERT"),
    "answers": ("SELECT", "INSERT"),
    "snapshots": ("SELECT", "INSERT"),
    "suspects": ("SELECT", "INSERT"),
    "head": ("SELECT", "UPDATE"),
    "tracking": ("SELECT", "INSERT", "UPDATE"),
    "alembic_version": ("SELECT",),
}

_WHO: Final = "SELECT quote_ident(session_user), quote_ident(current_database())"
_ROLE_EXISTS: Final = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"
# Since PostgreSQL 16 a member may not be allowed to take the role on.
_MAY_BE_TAKEN_ON: Final = "SELECT pg_has_role(session_user, :role, :how)"
_MISSING: Final = """
    SELECT name, array_agg(privilege ORDER BY privilege)
    FROM unnest(CAST(:names AS text[]), CAST(:privileges AS text[])) AS needed (name, privilege)
    JOIN pg_class ON relname = name AND relnamespace = CAST(:schema AS regnamespace)
    WHERE NOT has_table_privilege(:role, pg_class.oid, privilege)
    GROUP BY name ORDER BY name
"""
_GONE: Final = """
    SELECT min(name) FROM unnest(CAST(:names AS text[])) AS name
    WHERE NOT EXISTS (SELECT FROM pg_class
                      WHERE relname = name AND relnamespace = CAST(:schema AS regnamespace))
"""
_HAS_SCHEMA: Final = "SELECT has_schema_privilege(:role, CAST(:schema AS regnamespace), 'USAGE')"
_HAS_DATABASE: Final = "SELECT has_database_privilege(:role, current_database(), 'CREATE')"
# Views are the role's own: it made them, and replaces them.
_OF_SOMEBODY_ELSE: Final = """
    SELECT quote_ident(nspname), quote_ident(min(rolname)) FROM pg_namespace AS n
    CROSS JOIN LATERAL (
        SELECT nspowner AS owner
        UNION ALL SELECT relowner FROM pg_class WHERE relnamespace = n.oid AND relkind IN ('r', 'p')
    ) AS owned
    JOIN pg_roles ON pg_roles.oid = owner
    WHERE nspname IN ('views_of_' || :schema, 'shadow_of_' || :schema)
      AND NOT pg_has_role(:role, owner, 'USAGE')
    GROUP BY nspname ORDER BY nspname
"""


def require_grants(connection: Connection, schema: str) -> None:
    """Raises ServiceRoleUnavailable or GrantsMissing, each with the statements that help."""
    quoted = connection.dialect.identifier_preparer.quote_identifier(schema)
    _require_role(connection, quoted)
    about = {"role": SERVICE_ROLE, "schema": quoted}
    if gone := connection.scalar(text(_GONE), {**about, "names": list(NEEDED)}):
        raise GrantsMissing(f"the table {schema}.{gone} is gone: restore it from a backup")
    missing = []
    if not connection.scalar(text(_HAS_DATABASE), about):
        _, database = connection.execute(text(_WHO)).one()
        missing.append(f"GRANT CREATE ON DATABASE {database} TO {SERVICE_ROLE}")
    if not connection.scalar(text(_HAS_SCHEMA), about):
        missing.append(f"GRANT USAGE ON SCHEMA {quoted} TO {SERVICE_ROLE}")
    pairs = [(name, privilege) for name, privileges in NEEDED.items() for privilege in privileges]
    names, wanted = [name for name, _ in pairs], [privilege for _, privilege in pairs]
    asked = {**about, "names": names, "privileges": wanted}
    for name, privileges in connection.execute(text(_MISSING), asked):
        missing.append(f"GRANT {', '.join(privileges)} ON {quoted}.{name} TO {SERVICE_ROLE}")
    if missing:
        raise GrantsMissing.to_be_given(SERVICE_ROLE, missing)
    for views, owner in connection.execute(text(_OF_SOMEBODY_ELSE), {**about, "schema": schema}):
        raise GrantsMissing.of_views(SERVICE_ROLE, str(views), str(owner))


def _require_role(connection: Connection, quoted_schema: str) -> None:
    user, _ = connection.execute(text(_WHO)).one()
    grant = f"GRANT {SERVICE_ROLE} TO {user}"
    if not connection.scalar(text(_ROLE_EXISTS), {"role": SERVICE_ROLE}):
        raise ServiceRoleUnavailable(
            f"the role {SERVICE_ROLE} is missing. An administrator runs: CREATE ROLE {SERVICE_ROLE}"
            f" NOLOGIN; {grant}. The next start says what it needs in {quoted_schema}"
        )
    version = int(str(connection.scalar(text("SHOW server_version_num"))))
    how, grant = to_take_on(version, grant)
    if not connection.scalar(text(_MAY_BE_TAKEN_ON), {"role": SERVICE_ROLE, "how": how}):
        raise ServiceRoleUnavailable(
            f"{user} may not act as the role {SERVICE_ROLE}. An administrator runs: {grant}"
        )


def to_take_on(version: int, grant: str) -> tuple[str, str]:
    """Which right a member of a role needs to take it on, on a server of a version (as 160004 is),
    and the statement that gives it."""
    return ("SET", f"{grant} WITH SET TRUE") if version >= 160_000 else ("MEMBER", grant)
