"""Who calls: the metadata of a call names who is responsible, and who sends it.

Nobody authenticates yet, so both are what the caller says. gRPC carries only ASCII in plain
metadata: any other name goes into the key that ends with `-bin`, in UTF-8.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import grpc

from domain import people
from domain.errors import InvalidValue

ACTOR_METADATA: Final = "partsledger-actor"
PRINCIPAL_METADATA: Final = "partsledger-principal"
ANONYMOUS: Final = "anonymous"
_OURS: Final = "partsledger-"


class Caller(NamedTuple):
    """The `actor` is responsible. The `principal` sends the call; it is empty where that is the
    actor, or where nobody has said who it is."""

    actor: str
    principal: str = ""

    @property
    def sender(self) -> str:
        """Who sends the call, whoever is responsible."""
        return self.principal or self.actor

    def for_another(self, actor: str) -> "Caller":
        """For one command of a stream: whom it names is responsible, and the caller sends it."""
        sender = self.principal or ("" if self.actor == ANONYMOUS else self.actor)
        return Caller(actor, "" if sender == actor else sender)


def caller_of(context: grpc.ServicerContext) -> Caller:
    """Whom the metadata of a call names; nobody is `anonymous`."""
    metadata = [pair for pair in context.invocation_metadata() if pair[0].startswith(_OURS)]
    actor = _name(metadata, ACTOR_METADATA) or ANONYMOUS
    principal = _name(metadata, PRINCIPAL_METADATA)
    return Caller(actor, "" if principal == actor else principal)


def actor_named(value: str) -> str:
    """An actor as a command of a stream names it."""
    return people.named(value, ACTOR_METADATA)


def _name(metadata: Iterable[tuple[str, str | bytes]], key: str) -> str:
    """The name under a key, or under the one for any script; empty where there is neither."""
    found = [(said, value) for said, value in metadata if said in (key, f"{key}-bin")]
    if not found:
        return ""
    if len(found) > 1:
        raise InvalidValue(key, len(found), f"must be said once, as {key} or as {key}-bin")
    [(said, value)] = found
    return people.named(value if isinstance(value, str) else _decoded(value, said), said)


def _decoded(value: bytes, said: str) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidValue(said, value.hex(), "must be a name in UTF-8") from None
