"""docs/security.md lists the roles of each method, as the server has them."""

from server.access.roles import Role
from server.api.registry import permissions
from tests.docs.security_page import PAGE, TABLE, table


def test_the_page_lists_who_may_call_what() -> None:
    found = TABLE.search(PAGE.read_text())

    assert found is not None
    assert found[0] == table(permissions())
    assert found[0].count("\n") > 50


def test_a_change_of_a_role_is_noticed() -> None:
    allowed = permissions()
    path = "/partsledger.v1.PartService/CreatePart"
    changed = allowed | {path: allowed[path]._replace(roles=frozenset({Role.AUDITOR}))}

    assert table(changed) != table(allowed)


def test_the_page_has_every_role_and_claim() -> None:
    text = PAGE.read_text()
    assert not [role for role in Role if role not in text]
    for claim in ("iss", "aud", "exp", "nbf", "sub", "roles", "dealer", "speaks_for", "cnf"):
        assert f"`{claim}`" in text
