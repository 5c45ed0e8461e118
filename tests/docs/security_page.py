"""The table of roles in docs/security.md. `python -m tests.docs.security_page` writes it anew."""

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from server.access.roles import Role
from server.api.permissions import Permission
from server.api.registry import permissions

PAGE: Final = Path(__file__).parents[2] / "docs" / "security.md"
TABLE: Final = re.compile(r"(?<=<!-- roles: generated -->\n).*(?=<!-- roles: end -->)", re.DOTALL)


def table(allowed: Mapping[str, Permission]) -> str:
    """A row for each service and set of roles."""
    rows: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for path, permission in sorted(allowed.items()):
        _, service, method = path.split("/")
        roles = ", ".join(role for role in Role if role in permission.roles)
        rows[service.rpartition(".")[2], roles].append(f"`{method}`")
    lines = [f"| {service} | {' '.join(methods)} | {roles} |"
             for (service, roles), methods in rows.items()]  # fmt: skip
    return "\n".join(["\n| service | methods | roles |", "| --- | --- | --- |", *lines, "\n"])


if __name__ == "__main__":
    PAGE.write_text(TABLE.sub(lambda _: table(permissions()), PAGE.read_text()))
