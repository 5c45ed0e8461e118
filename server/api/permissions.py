"""Which roles may call which method, and how a dealer is kept to its own business there.

It is said in the rows of the resources, and beside the methods that servicers have of their own. A
method of which nothing is said cannot be served.
"""

from typing import Any, NamedTuple

import grpc

from server.access.rights import Rights
from server.access.roles import Role, Roles
from server.api.errors import ApiError
from server.api.own import Own, everything


class Permission(NamedTuple):
    """`own` is there if, and only if, `roles` has the dealer."""

    roles: Roles
    own: Own | None = None

    @property
    def is_whole(self) -> bool:
        return (Role.DEALER in self.roles) == (self.own is not None)

    @property
    def of_batch(self) -> "Permission":
        """Of a batch of such requests. Each of them is narrowed when it is read."""
        return self if self.own is None else self._replace(own=everything)

    def require(self, what: str, request: Any, rights: Rights) -> None:
        """Refuses what is beyond the rights, and keeps a dealer to its own."""
        self.require_role(what, rights)
        if rights.dealer:
            assert self.own is not None
            self.own(request, rights.dealer)

    def require_role(self, what: str, rights: Rights) -> None:
        if self.roles.isdisjoint(rights.roles):
            what = what.rpartition(".")[2].replace("/", ".")  # Of a path, the service and method.
            needed = ", ".join(sorted(self.roles))
            raise ApiError(
                grpc.StatusCode.PERMISSION_DENIED, "ROLE_MISSING",
                f"{what} is for {needed}", method=what, roles=needed,
            )  # fmt: skip
