"""Decides of every call, before anything else, whether the caller may make it.

The one place that decides: servicers know nothing of it. A command of a batch or of an import
stream is decided by the same permission, when it is read (server/api/commands.py).
"""

from collections.abc import Mapping
from typing import Any, Final

from server.access.rates import Rates
from server.api.callers import Caller, Identify, is_called_by
from server.api.permissions import Permission

# Whether the server works, anyone may ask, such as what watches it.
_FOR_ANYONE: Final = "/grpc.health.v1.Health/"


class Admission:
    """Knows who calls, how often, and the permission of each method by its path.

    Methods that are not ours, such as reflection, are for all whom we know.
    """

    def __init__(
        self, identify: Identify, permissions: Mapping[str, Permission], rates: Rates
    ) -> None:
        self._identify = identify
        self._permissions = permissions
        self._rates = rates

    def admit(self, method: str, context: Any) -> Caller | None:
        """Who calls; None where nobody is asked. Raises what the caller is told."""
        if method.startswith(_FOR_ANYONE):
            return None
        caller = self._identify(context)
        is_called_by(caller)
        self._rates.take(caller.sender)
        if permission := self._permissions.get(method):
            permission.require_role(method, caller.rights)
        return caller

    def narrow(self, method: str, request: Any, caller: Caller | None) -> None:
        """Keeps a request to what is the caller's own."""
        if caller is None or not caller.rights.dealer:
            return
        if permission := self._permissions.get(method):
            permission.require(method, request, caller.rights)
