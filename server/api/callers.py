"""Who calls: who is responsible, who sends it, and what both may do.

Where tokens are asked for, a caller is whom its token names. It may name another as responsible, in
the metadata, if the token lets it speak for that person. Without tokens, both are what the metadata
say. gRPC carries only ASCII in plain metadata: any other name goes into the key that ends with
`-bin`, in UTF-8.
"""

import math
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, Final, NamedTuple

import grpc

from domain import people
from domain.errors import InvalidValue
from server.access.errors import NotAuthenticated, NoToken
from server.access.rights import UNLIMITED, Rights
from server.access.tokens import TokenReader, require_current, thumbprint_of
from server.api.errors import ApiError

ACTOR_METADATA: Final = "partsledger-actor"
PRINCIPAL_METADATA: Final = "partsledger-principal"
TOKEN_METADATA: Final = "authorization"
ANONYMOUS: Final = "anonymous"
_OURS: Final = "partsledger-"
_BEARER: Final = "bearer "

Metadata = list[tuple[str, str | bytes]]
Identify = Callable[[Any], "Caller"]  # Given the context of a call.


class Caller(NamedTuple):
    """The `actor` is responsible. The `principal` sends the call; it is empty where that is the
    actor, or where nobody has said who it is. It is known `until` so many seconds since 1970."""

    actor: str
    principal: str = ""
    rights: Rights = UNLIMITED
    until: float = math.inf

    @property
    def sender(self) -> str:
        """Who sends the call, whoever is responsible."""
        return self.principal or self.actor

    def for_another(self, actor: str) -> "Caller":
        """For one command of a stream: whom it names is responsible, and the caller sends it."""
        sender = self.principal or ("" if self.actor == ANONYMOUS else self.actor)
        _require_speaking_for(sender, actor, self.rights)
        return self._replace(actor=actor, principal="" if sender == actor else sender)

    def require_current(self) -> None:
        """Refuses whose token has ended while a stream goes on."""
        require_current(self.until)


_CALLER: Final[ContextVar[Caller]] = ContextVar("caller")


def calling() -> Caller:
    """Who makes the call that is being answered."""
    return _CALLER.get()


def known_caller() -> str:
    """The same in short, for the server's log; empty where it is not known yet."""
    caller = _CALLER.get(None)
    return caller.sender if caller else ""


def kept_to() -> str:
    """The dealer that the caller is kept to; empty for the whole book, and where nobody calls."""
    caller = _CALLER.get(None)
    return caller.rights.dealer if caller else ""


def is_called_by(caller: Caller) -> None:
    """From here on, in this call, `calling` tells this caller."""
    _CALLER.set(caller)


def as_told(context: Any) -> Caller:
    """Whom the metadata of a call name; nobody is `anonymous`. Nobody is asked for a proof."""
    metadata = _metadata(context)
    actor = _name(metadata, ACTOR_METADATA) or ANONYMOUS
    principal = _name(metadata, PRINCIPAL_METADATA)
    return Caller(actor, "" if principal == actor else principal)


def by_token(tokens: TokenReader, certificates: bool) -> Identify:
    """Callers as their tokens name them, and with `certificates`, bound to those of the clients."""

    def identify(context: Any) -> Caller:
        metadata = _metadata(context)
        principal, rights, until = tokens.read(
            _token(metadata), _thumbprint(context) if certificates else ""
        )
        said = _name(metadata, PRINCIPAL_METADATA)
        if said and not people.is_same(said, principal):
            raise _not_allowed(principal, said)
        actor = _name(metadata, ACTOR_METADATA) or principal
        _require_speaking_for(principal, actor, rights)
        if people.is_same(actor, principal):
            return Caller(principal, "", rights, until)
        return Caller(actor, principal, rights, until)

    return identify


def actor_named(value: str) -> str:
    """An actor as a command of a stream names it."""
    return people.named(value, ACTOR_METADATA)


def _require_speaking_for(principal: str, actor: str, rights: Rights) -> None:
    if not people.is_same(actor, principal) and not rights.may_speak_for(actor):
        raise _not_allowed(principal, actor)


def _not_allowed(principal: str, actor: str) -> ApiError:
    return ApiError(
        grpc.StatusCode.PERMISSION_DENIED, "ACTOR_NOT_ALLOWED",
        f"{principal} calls, who may not speak for {actor}", principal=principal, actor=actor,
    )  # fmt: skip


def _token(metadata: Metadata) -> str:
    found = [value for key, value in metadata if key == TOKEN_METADATA]
    if not found:
        raise NoToken("a token is needed: authorization: Bearer …")
    [value, *more] = found
    if more or not isinstance(value, str) or value[: len(_BEARER)].lower() != _BEARER:
        raise NotAuthenticated("authorization must be said once, as Bearer and a token")
    return value[len(_BEARER) :].strip()


def _thumbprint(context: Any) -> str:
    """Of the client's certificate. The connection was refused without one."""
    [pem, *_] = context.auth_context()["x509_pem_cert"]
    return thumbprint_of(pem.decode())


def _metadata(context: Any) -> Metadata:
    return [
        pair for pair in context.invocation_metadata()
        if pair[0].startswith(_OURS) or pair[0] == TOKEN_METADATA
    ]  # fmt: skip


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
