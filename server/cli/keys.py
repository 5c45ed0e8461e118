"""`partsledger keys`: makes keys and certificates to try the protection of a server out with."""

import json
import os
from pathlib import Path
from typing import Annotated, Final

import typer

from server.cli.failure import Failure
from server.cli.tables import out

EXAMPLES: Final = (
    "partsledger keys",
    "partsledger keys --dir ./keys --host ledger.example.com --host 10.0.0.5",
    "partsledger keys --add-signing-key",
)

ISSUER: Final = "partsledger-development"
SIGNING_KEY: Final = "signing.key"
JWKS: Final = "tokens.jwks"

Directory = Annotated[
    Path, typer.Option("--dir", metavar="DIR", help="Where they are kept; only you may read it.")
]
Hosts = Annotated[
    list[str] | None,
    typer.Option("--host", metavar="NAME", help="Of the server; default: localhost. Repeatable."),
]
Days = Annotated[int, typer.Option(min=1, max=3650, help="How long the certificates hold.")]
AddSigningKey = Annotated[
    bool,
    typer.Option(
        "--add-signing-key",
        help="Sign tokens with a new key from now on; those of the old one still count.",
    ),
]


def keys(
    directory: Directory = Path("keys"),
    hosts: Hosts = None,
    days: Days = 90,
    add_signing_key: AddSigningKey = False,
) -> None:
    """Makes keys for development: an authority, a server's and a client's certificate, and a key to
    sign tokens with. Nothing that is there is written over.

    In real use certificates come from your own authority, and tokens from your identity provider.
    """
    if add_signing_key:
        _add_signing_key(directory)
        return
    _make(directory, hosts or ["localhost", "127.0.0.1", "::1"], days)
    out().print(
        f"Keys for {days} days are in {directory}. A server that uses them:\n\n"
        f"  partsledger serve --tls-certificate {directory}/server.pem"
        f" --tls-key {directory}/server.key \\\n"
        f"    --token-keys {directory}/{JWKS} --token-issuer {ISSUER}\n\n"
        "And a caller:\n\n"
        f"  partsledger token --dir {directory} --name ann --role finance > {directory}/ann.jwt\n"
        f"  partsledger --tls-ca {directory}/ca.pem --token-file {directory}/ann.jwt"
        " trial-balance --server localhost:50151",
        soft_wrap=True, markup=False, highlight=False,
    )  # fmt: skip


def _make(directory: Path, hosts: list[str], days: int) -> None:
    # These take longer to import than most commands take to run.
    from server.access.certificates import Authority, private_pem
    from server.access.signing import new_key, public_jwk

    authority, signing = Authority(days), new_key()
    server, client = authority.server(hosts), authority.client("client")
    _write(
        directory,
        {
            "ca.pem": authority.certificate,
            "server.pem": server.certificate,
            "server.key": server.key,
            "client.pem": client.certificate,
            "client.key": client.key,
            SIGNING_KEY: private_pem(signing),
            JWKS: jwks([public_jwk(signing)]),
        },
    )


def _add_signing_key(directory: Path) -> None:
    from server.access.certificates import private_pem
    from server.access.signing import new_key, public_jwk

    signing, listed = new_key(), directory / JWKS
    try:
        known = json.loads(listed.read_bytes())["keys"]
    except (OSError, ValueError, TypeError, KeyError):
        raise Failure(f"{listed} is no set of keys: make one with `partsledger keys`") from None
    # The server has to know the new key before the first token of it comes.
    _replace(listed, jwks([*known, public_jwk(signing)]))
    _replace(directory / SIGNING_KEY, private_pem(signing))
    out().print(f"Tokens are signed with a new key from now on: {public_jwk(signing)['kid']}")


def jwks(listed: list[dict[str, object]]) -> bytes:
    return json.dumps({"keys": listed}, indent=1).encode() + b"\n"


def _write(directory: Path, files: dict[str, bytes]) -> None:
    """All of them or none; each for its owner only."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in files:
            if (directory / name).exists():
                raise Failure(f"{directory / name} is there already: name another --dir")
        for name, content in files.items():
            _replace(directory / name, content)
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None


def _replace(file: Path, content: bytes) -> None:
    """In one step: who reads it finds the old content or the new one."""
    beside = file.with_name(f".{file.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
    beside.replace(file)
