"""Reads bearer tokens: JWT (RFC 7519), signed, for this server, and not over.

One algorithm is accepted, whatever a token's header says. `exp`, `nbf`, `aud`, `iss` and `sub` have
to be there. A token is bound to a client certificate by `cnf` (RFC 8705): it then counts with that
certificate only, and a caller with a certificate needs such a token.
"""

import base64
import hashlib
import ssl
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import jwt

from domain import people, values
from domain.errors import InvalidValue
from server.access.errors import NotAuthenticated
from server.access.key_set import KeySet
from server.access.rights import Rights
from server.access.roles import Role

ANYONE: Final = "*"  # Whom an ERP speaks for.
LEEWAY_SECONDS: Final = 30  # Between the clocks of who signs and who reads.
LONGEST_TOKEN: Final = 6_000  # Characters; grpc takes 8 KiB of metadata.
_REMEMBERED: Final = 10_000
_MOST_NAMES: Final = 1_000
_NEEDED: Final = ("exp", "nbf", "aud", "iss", "sub")


class Principal(NamedTuple):
    """Who calls, as a token says, `until` so many seconds since 1970."""

    name: str
    rights: Rights
    until: float


class _Read(NamedTuple):
    principal: Principal
    certificate: str  # The thumbprint it is bound to, or empty.
    keys: int  # The version of the keys it was read with.


class TokenReader:
    """Reads tokens of one issuer for one audience. What was read is remembered while it holds."""

    def __init__(self, keys: KeySet, algorithm: str, issuer: str, audience: str) -> None:
        self._keys = keys
        self._algorithm = algorithm
        self._issuer = issuer
        self._audience = audience
        self._read_before: OrderedDict[str, _Read] = OrderedDict()

    def read(self, token: str, certificate: str = "") -> Principal:
        """Who has the token, whose client certificate has this thumbprint, or none.

        Raises NotAuthenticated.
        """
        self._keys.refresh()
        known = self._read_before.get(token)
        if known is None or known.keys != self._keys.version:
            known = self._remembered(token)
        require_current(known.principal.until)
        if known.certificate != certificate:
            raise NotAuthenticated(_UNBOUND if certificate else "the token needs its certificate")
        return known.principal

    def _remembered(self, token: str) -> _Read:
        read = self._read_before[token] = self._verified(token)
        if len(self._read_before) > _REMEMBERED:
            self._read_before.popitem(last=False)
        return read

    def _verified(self, token: str) -> _Read:
        if len(token) > LONGEST_TOKEN:
            raise NotAuthenticated(f"the token is longer than {LONGEST_TOKEN} characters")
        try:
            key = self._keys.key(jwt.get_unverified_header(token).get("kid", ""))
            if key is None:
                raise NotAuthenticated("the token is signed with a key that is not known here")
            claims = jwt.decode(
                token, key, algorithms=[self._algorithm], audience=self._audience,
                issuer=self._issuer, leeway=LEEWAY_SECONDS,
                options={"require": list(_NEEDED), "strict_aud": False},
            )  # fmt: skip
        except jwt.PyJWTError as refused:
            raise NotAuthenticated(_why(refused)) from None
        return _Read(_principal(claims), _bound_to(claims), self._keys.version)


def require_current(until: float) -> None:
    """Refuses a token that has ended meanwhile."""
    if until + LEEWAY_SECONDS <= time.time():
        raise NotAuthenticated("the token is over")


_UNBOUND: Final = "the token is not bound to the client certificate of the connection"
_TOLD: Final[Mapping[type[jwt.PyJWTError], str]] = {
    jwt.ExpiredSignatureError: "the token is over",
    jwt.ImmatureSignatureError: "the token does not hold yet",
    jwt.InvalidAudienceError: "the token is for another audience",
    jwt.InvalidIssuerError: "the token is of another issuer",
    jwt.InvalidAlgorithmError: "the token is signed in an algorithm that is not accepted",
    jwt.InvalidSignatureError: "the token's signature is wrong",
    jwt.DecodeError: "the token is no signed JWT",
}


def _why(refused: jwt.PyJWTError) -> str:
    """In our words: the library's may hold what somebody sent."""
    if isinstance(refused, jwt.MissingRequiredClaimError):
        return f"the token has no {refused.claim}"
    return next(
        (why for kind, why in _TOLD.items() if isinstance(refused, kind)),
        "the token holds a claim that makes no sense",
    )


def _principal(claims: Mapping[str, Any]) -> Principal:
    try:
        name = people.named(_text(claims, "sub"), "sub")
        named = _texts(claims, "roles")
        roles = frozenset(Role(role) for role in named if role in set(Role))
        dealer = _text(claims, "dealer")
        spoken_for = _texts(claims, "speaks_for")
        speaks_for = tuple(people.named(person, "speaks_for") for person in spoken_for)
        if dealer:
            values.code(dealer, "dealer")
    except InvalidValue as refused:
        rule = refused.facts["rule"]
        raise NotAuthenticated(f"{refused.facts['field']} in the token {rule}") from None
    if (Role.DEALER in roles) != bool(dealer) or (dealer and len(roles) > 1):
        raise NotAuthenticated("the role dealer and the claim dealer go together, and stand alone")
    rights = Rights(roles, dealer, None if ANYONE in spoken_for else speaks_for)
    return Principal(name, rights, claims["exp"])


def _bound_to(claims: Mapping[str, Any]) -> str:
    bound = claims.get("cnf", {})
    thumbprint = bound.get("x5t#S256") if isinstance(bound, dict) else None
    if "cnf" in claims and not (isinstance(thumbprint, str) and thumbprint):
        raise NotAuthenticated("cnf in the token must be a certificate's x5t#S256")
    return thumbprint or ""


def _text(claims: Mapping[str, Any], claim: str) -> str:
    value = claims.get(claim, "")
    if not isinstance(value, str):
        raise InvalidValue(claim, "", "must be a text")
    return value


def _texts(claims: Mapping[str, Any], claim: str) -> list[str]:
    value = claims.get(claim, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidValue(claim, "", "must be a list of texts")
    if len(value) > _MOST_NAMES:
        raise InvalidValue(claim, "", f"must have at most {_MOST_NAMES:,} texts")
    return value


def thumbprint_of(pem: str) -> str:
    """A certificate's SHA-256, as `cnf` has it: base64 for URLs, without padding."""
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
