"""Requests that nobody should have sent: made up from the schema, cut off, forged; from a seed."""

import base64
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from server.access.roles import Role
from server.access.signing import new_key, signed
from tests.server.access.conftest import AUDIENCE, ISSUER
from tests.server.api.access.protected import Signer
from tests.server.api.methods import METHODS

_DEEPEST: Final = 4
_KINDS: Final = (
    "dealers", "claims", "sales", "returns", "machines", "payments", "payouts", "parts", "places",
    "transfers", "purchases", "entries", "priceLists", "nobodys",
)  # fmt: skip
_NUMBERS: Final = ("D01", "D02", "CL-D01", "CL-D02", "SO-D02", "RT-D02", "M-D02", "PM-D02", "P-1",
                   "W01", "-", "1", "..", "%2F", "x" * 70)  # fmt: skip
_TEXTS: Final = ("", "D02", "dealers/D02", "accounts/D02", "1122", "CNY", "2025-07", "\u202e",
                 "'; DROP TABLE entries; --", "%s", "file:///etc/passwd", "http://127.0.0.1/", "0",
                 "00000000-0000-0000-0000-000000000000", "x" * 5_000)  # fmt: skip
_INTEGERS: Final = (0, 1, -1, 2, 7, 2**31 - 1, -(2**31))
_LONGS: Final = (*_INTEGERS, 2**63 - 1, -(2**63))


class Forged(NamedTuple):
    """One call: the bytes of its message, and its metadata. `as_dealer` is whom a token keeps it
    to, or empty."""

    method: str
    body: bytes
    metadata: tuple[tuple[str, str | bytes], ...]
    as_dealer: bool
    authentic: bool


class Forger:
    def __init__(self, seed: int, signer: Signer, book: str) -> None:
        self._random = Random(seed)
        self._book = book
        self._good = _good_tokens(signer)
        self._bad = list(_bad_tokens(signer, self._random))

    def calls(self) -> Iterator[Forged]:
        """Without end."""
        while True:
            method = self._random.choice(list(METHODS))
            body = self._body(METHODS[method])
            if self._random.random() < 0.3:
                metadata = self._random.choice(self._bad)
                yield Forged(method, body, metadata, False, authentic=False)
            else:
                role, token = self._random.choice(self._good)
                metadata = (("authorization", f"Bearer {token}"), *self._names())
                yield Forged(method, body, metadata, role is Role.DEALER, authentic=True)

    def _names(self) -> tuple[tuple[str, str | bytes], ...]:
        """Whom a call names as responsible, and as its sender."""
        if self._random.random() < 0.7:
            return ()
        key = self._random.choice(["partsledger-actor", "partsledger-principal"])
        if self._random.random() < 0.5:
            return ((key, self._random.choice(["admin", "li.ming", "somebody", "D02", " "])),)
        return ((f"{key}-bin", self._random.randbytes(self._random.randrange(40))),)

    def _body(self, method: MethodDescriptor) -> bytes:
        kind = self._random.random()
        if kind < 0.15:
            return self._random.randbytes(self._random.randrange(300))
        whole = self._message(method.input_type, 0).SerializeToString()
        if kind < 0.3:
            return whole[: self._random.randrange(len(whole) + 1)]
        if kind < 0.4 and whole:
            at = self._random.randrange(len(whole))
            return whole[:at] + self._random.randbytes(1) + whole[at + 1 :]
        return whole

    def _message(self, described: Descriptor, depth: int) -> Message:
        message: Any = GetMessageClass(described)()
        for field in described.fields:
            if self._random.random() < (0.6 if depth else 0.8):
                self._fill(message, field, depth)
        return message  # type: ignore[no-any-return]

    def _fill(self, message: Any, field: FieldDescriptor, depth: int) -> None:
        if field.message_type is not None:
            if depth < _DEEPEST:
                many = self._random.randrange(3) if field.is_repeated else 1
                held = [self._message(field.message_type, depth + 1) for _ in range(many)]
                if field.is_repeated:
                    getattr(message, field.name).extend(held)
                else:
                    getattr(message, field.name).CopyFrom(held[0])
            return
        values = [self._value(field) for _ in range(self._random.randrange(4))]
        if field.is_repeated:
            getattr(message, field.name).extend(values)
        else:
            setattr(message, field.name, self._value(field))

    def _value(self, field: FieldDescriptor) -> Any:
        made: Callable[[], Any] = {
            FieldDescriptor.CPPTYPE_STRING: lambda: self._text(field.name),
            FieldDescriptor.CPPTYPE_BOOL: lambda: self._random.random() < 0.5,
            FieldDescriptor.CPPTYPE_INT32: lambda: self._random.choice(_INTEGERS),
            FieldDescriptor.CPPTYPE_ENUM: lambda: self._random.choice((0, 1, 2, 99)),
            FieldDescriptor.CPPTYPE_INT64: lambda: self._random.choice(_LONGS),
        }[field.cpp_type]
        if field.type == FieldDescriptor.TYPE_BYTES:
            return self._random.randbytes(self._random.randrange(20))
        return made()

    def _text(self, field: str) -> str:
        if field == "parent" and self._random.random() < 0.8:
            return self._random.choice((f"books/{self._book}", f"books/{self._book}/dealers/D02"))
        if self._random.random() < 0.5:
            kind, number = self._random.choice(_KINDS), self._random.choice(_NUMBERS)
            tail = self._random.choice(("", "/statements/2025-07", "/settlements/2025-07"))
            return f"books/{self._book}/{kind}/{number}{tail}"
        return self._random.choice(_TEXTS)


def _good_tokens(signer: Signer) -> list[tuple[Role, str]]:
    """Of callers who may read: what dealers may record needs more sense than chance has."""
    dealer = signer.token("dms-d01", Role.DEALER, dealer="D01")
    return [(Role.DEALER, dealer)] * 3 + [
        (role, signer.token(f"somebody-{role}", role)) for role in (Role.AUDITOR, Role.STOREKEEPER)
    ]


def _bad_tokens(signer: Signer, random: Random) -> Iterator[tuple[tuple[str, str | bytes], ...]]:
    """Each as the metadata of a call."""
    good, roles = signer.token("ann", Role.ERP), {"roles": ["erp"]}
    header, payload, signature = good.split(".")
    tokens = [
        "", "x", "..", good[:-5], good + "A", f"{header}.{payload}.", f"{header}..{signature}",
        signed(new_key(), "ann", ISSUER, AUDIENCE, 60, roles),  # Of nobody we know.
        signed(signer.key, "ann", ISSUER, AUDIENCE, -60, roles),  # Over.
        signed(signer.key, "ann", ISSUER, "another", 60, roles),  # For somebody else.
        signed(signer.key, "ann", "https://evil.example.com", AUDIENCE, 60, roles),
        signer.token("ann", Role.DEALER), signer.token("ann", Role.ERP, dealer="D01"),
        signer.token("ann", Role.ERP, cnf={"x5t#S256": "A" * 43}),
        f"{_part({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{payload}.{signature}",
        "".join(random.choice("ABCdef._-09") for _ in range(2_000)),
    ]  # fmt: skip
    for token in tokens:
        yield (("authorization", f"Bearer {token}"),)
    yield ()
    yield (("authorization", good),)
    yield (("authorization", f"Basic {good}"),)
    yield (("authorization", f"Bearer {good}"), ("authorization", f"Bearer {good}"))
    yield (("partsledger-actor", "admin"),)


def _part(said: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
