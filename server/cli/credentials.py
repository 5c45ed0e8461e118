"""What a command proves itself with: options before its name, or in the environment."""

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from server.cli.channel import Credentials
from server.cli.failure import Failure

_TOKEN: Final = re.compile(rb"[A-Za-z0-9._-]+")
_PANEL: Final = "Connection to a protected server"

TlsCa = Annotated[
    Path | None,
    typer.Option(
        "--tls-ca", envvar="PARTSLEDGER_TLS_CA", metavar="PEM", rich_help_panel=_PANEL,
        help="Speak TLS, with a server whose certificate this authority has issued.",
    ),
]  # fmt: skip
TlsCertificate = Annotated[
    Path | None,
    typer.Option(
        "--tls-client-certificate", envvar="PARTSLEDGER_TLS_CLIENT_CERTIFICATE", metavar="PEM",
        rich_help_panel=_PANEL, help="One's own certificate, where the server asks for one.",
    ),
]  # fmt: skip
TlsKey = Annotated[
    Path | None,
    typer.Option(
        "--tls-client-key", envvar="PARTSLEDGER_TLS_CLIENT_KEY", metavar="PEM",
        rich_help_panel=_PANEL, help="The private key of that certificate.",
    ),
]  # fmt: skip
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file", envvar="PARTSLEDGER_TOKEN_FILE", metavar="FILE", rich_help_panel=_PANEL,
        help="Holds the token that says who calls.",
    ),
]  # fmt: skip


def read(
    ca: Path | None, certificate: Path | None, key: Path | None, token: Path | None
) -> Credentials:
    """What the files hold. A token is not sent in the clear to another machine: that is for the
    server to see to, which listens there with TLS only."""
    if (certificate is None) != (key is None):
        raise Failure("--tls-client-certificate and --tls-client-key go together")
    if certificate is not None and ca is None:
        raise Failure("--tls-client-certificate needs --tls-ca")
    return Credentials(_read(ca), _read(certificate), _read(key), _token(token))


def _token(file: Path | None) -> str:
    """A token is of a few characters of ASCII: whatever else stands in the file was not one."""
    found = (_read(file) or b"").strip()
    if file is not None and not _TOKEN.fullmatch(found):
        raise Failure(
            f"--token-file {file} must hold a token and nothing else",
            "`partsledger token` makes one for development",
        )
    return found.decode()


def _read(file: Path | None) -> bytes | None:
    try:
        return None if file is None else file.read_bytes()
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}") from None
