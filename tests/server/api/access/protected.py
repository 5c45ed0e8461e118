"""A server that asks who calls, and callers with tokens of every kind."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from cryptography.hazmat.primitives.asymmetric import ec

from server.access.roles import Role
from server.access.signing import new_key, public_jwk, signed
from server.app import App, running
from server.settings import Settings
from tests.server.access.conftest import AUDIENCE, ISSUER, jwks
from tests.server.api.reading.front_desk import FrontDesk, Metadata


class Signer:
    """Signs tokens for the servers of a test."""

    def __init__(self, directory: Path) -> None:
        self.key: ec.EllipticCurvePrivateKey = new_key()
        self.file = directory / "tokens.jwks"
        self.file.write_text(jwks(public_jwk(self.key)))

    def token(self, name: str, *roles: Role, seconds: int = 3600, **claims: Any) -> str:
        said = {"roles": [str(role) for role in roles], **claims}
        return signed(self.key, name, ISSUER, AUDIENCE, seconds, said)


@contextmanager
def protected(database_url: str, book: str, signer: Signer, **more: Any) -> Iterator[App]:
    settings = Settings.read(
        database_url=database_url, listen="127.0.0.1:0", book=book, token_keys=signer.file,
        token_issuer=ISSUER, token_audience=AUDIENCE, **more,
    )  # fmt: skip
    with running(settings) as app:
        yield app


class KeyedDesk(FrontDesk):
    """Calls with a token; names an actor only where a call says so."""

    def __init__(self, channel: grpc.Channel, book: str, token: str) -> None:
        super().__init__(channel, book)
        self.token = ("authorization", f"Bearer {token}")

    def call(
        self,
        method: str,
        actor: str = "",
        timeout: int = 20,
        metadata: Metadata = (),
        **fields: Any,
    ) -> Any:
        said: Sequence[tuple[str, str | bytes]] = (
            [("partsledger-actor", actor)] if actor else list(metadata)
        )
        return super().call(method, timeout=timeout, metadata=[self.token, *said], **fields)

    def stream(self, method: str, timeout: int = 60, metadata: Metadata = (), **fields: Any) -> Any:
        return super().stream(method, timeout, [self.token, *metadata], **fields)
