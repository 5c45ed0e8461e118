"""TLS: who speaks in the clear, or with the wrong certificate, does not get through."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from server.access.certificates import Authority, Issued
from server.access.roles import Role
from server.access.tokens import thumbprint_of
from server.app import App, running
from server.postgres.data_directory import CannotStart
from server.settings import Settings
from tests.server.api.access.protected import KeyedDesk, Signer, protected
from tests.server.api.reading.front_desk import Refused

HOST = ("grpc.ssl_target_name_override", "localhost")


class Certificates:
    """Of a server, in files as it reads them, and of its clients."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.authority = Authority(days=1)
        self.client = self.authority.client("client")
        self.write(self.authority)

    def write(self, authority: Authority) -> None:
        issued = authority.server(["localhost"])
        (self.directory / "server.key").write_bytes(issued.key)
        (self.directory / "server.pem").write_bytes(issued.certificate)
        (self.directory / "ca.pem").write_bytes(authority.certificate)

    def settings(self, clients: bool = False) -> dict[str, Any]:
        ca = {"tls_client_ca": self.directory / "ca.pem"} if clients else {}
        return {
            "tls_certificate": self.directory / "server.pem",
            "tls_key": self.directory / "server.key",
            **ca,
        }


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


@contextmanager
def desk(
    app: App, token: str, authority: Authority | None, client: Issued | None = None
) -> Iterator[KeyedDesk]:
    """A caller that trusts this authority; None stands for one in the clear."""
    if authority is None:
        channel = grpc.insecure_channel(app.address)
    else:
        pair = (client.key, client.certificate) if client else (None, None)
        credentials = grpc.ssl_channel_credentials(authority.certificate, *pair)
        channel = grpc.secure_channel(app.address, credentials, [HOST])
    with channel:
        yield KeyedDesk(channel, app.reads.book.name, token)


def is_let_in(desk: KeyedDesk) -> bool:
    try:
        desk.call("Part.ListParts", timeout=5)
    except Refused:
        raise
    except AssertionError:  # There is no status of ours: the connection was not made.
        return False
    return True


def test_only_whom_the_server_can_be_proved_to_is_let_in(
    database_url: str, book: str, signer: Signer, certificates: Certificates
) -> None:
    token = signer.token("ann", Role.FINANCE)
    with protected(database_url, book, signer, **certificates.settings()) as app:
        for authority, let_in in (
            (certificates.authority, True),
            (Authority(days=1), False),
            (None, False),
        ):
            with desk(app, token, authority) as caller:
                assert is_let_in(caller) is let_in


def test_a_client_needs_a_certificate_where_the_server_asks_for_one(
    database_url: str, book: str, signer: Signer, certificates: Certificates
) -> None:
    known, stranger = certificates.client, Authority(days=1).client("client")
    thumbprint = thumbprint_of(known.certificate.decode())
    token = signer.token("ann", Role.FINANCE, cnf={"x5t#S256": thumbprint})
    with protected(database_url, book, signer, **certificates.settings(clients=True)) as app:
        for client, let_in in ((known, True), (stranger, False), (None, False)):
            with desk(app, token, certificates.authority, client) as caller:
                assert is_let_in(caller) is let_in


def test_a_stolen_token_is_worth_nothing_without_its_certificate(
    database_url: str, book: str, signer: Signer, certificates: Certificates
) -> None:
    thief = certificates.authority.client("thief")
    thumbprint = thumbprint_of(certificates.client.certificate.decode())
    bound = signer.token("ann", Role.FINANCE, cnf={"x5t#S256": thumbprint})
    free = signer.token("ann", Role.FINANCE)
    with protected(database_url, book, signer, **certificates.settings(clients=True)) as app:
        for token, client in ((bound, thief), (free, certificates.client)):
            with (
                desk(app, token, certificates.authority, client) as caller,
                pytest.raises(Refused, match="not bound to the client certificate") as refused,
            ):
                caller.call("Part.ListParts")
            assert refused.value.reason == "TOKEN_INVALID"
        with desk(app, bound, certificates.authority, certificates.client) as caller:
            caller.call("Part.ListParts")  # Control.


def test_a_bound_token_is_worth_nothing_where_no_certificates_are_asked_for(
    database_url: str, book: str, signer: Signer, certificates: Certificates
) -> None:
    bound = signer.token("ann", Role.FINANCE, cnf={"x5t#S256": "A" * 43})
    with (
        protected(database_url, book, signer, **certificates.settings()) as app,
        desk(app, bound, certificates.authority) as caller,
        pytest.raises(Refused, match="needs its certificate"),
    ):
        caller.call("Part.ListParts")


def test_a_certificate_is_renewed_without_a_restart(
    database_url: str, book: str, signer: Signer, certificates: Certificates
) -> None:
    token, later = signer.token("ann", Role.FINANCE), Authority(days=1)
    with protected(database_url, book, signer, **certificates.settings()) as app:
        with desk(app, token, later) as caller:
            assert not is_let_in(caller)  # Control.
        (certificates.directory / "server.pem").write_text("half written")
        with desk(app, token, certificates.authority) as caller:
            assert is_let_in(caller)

        certificates.write(later)

        with desk(app, token, later) as caller:
            assert is_let_in(caller)


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("server.pem", None, "server.pem: No such file"),
        ("server.pem", "x", "server.pem: must be a certificate in PEM"),
        ("server.key", "x", "server.key: must be a private key in PEM"),
        ("server.key", "another's", "server.key: is not the key of the certificate in"),
        ("tokens.jwks", "x", "tokens.jwks: must be a JWKS"),
        ("tokens.jwks", None, "tokens.jwks: No such file"),
    ],
)
def test_a_server_does_not_start_with_a_file_it_cannot_use(
    book: str,
    database_url: str,
    signer: Signer,
    certificates: Certificates,
    file: str,
    content: str | None,
    why: str,
) -> None:
    keys = certificates.directory / "tokens.jwks"
    shutil.copy(signer.file, keys)
    (certificates.directory / file).unlink()
    if content == "another's":
        content = Authority(days=1).client("x").key.decode()
    if content is not None:
        (certificates.directory / file).write_text(content)

    settings = Settings.read(
        database_url=database_url, listen="127.0.0.1:0", book=book, token_keys=keys,
        token_issuer="x", **certificates.settings(),
    )  # fmt: skip
    with pytest.raises(CannotStart, match=why), running(settings):
        pass
