"""How the server is protected, from its settings: certificates of its connections, and tokens."""

import ssl
from pathlib import Path
from typing import Any, NamedTuple

import grpc

from server.access.errors import BadKeys
from server.access.key_set import KeySet
from server.access.rates import Rates
from server.access.tokens import TokenReader
from server.api.callers import Identify, as_told, by_token
from server.settings import Settings


class Security(NamedTuple):
    """`credentials` are those of TLS, or None for plain connections."""

    identify: Identify
    rates: Rates
    credentials: grpc.ServerCredentials | None


def security(settings: Settings) -> Security:
    """Raises BadKeys for a file that cannot be used."""
    rates = Rates(settings.max_calls_per_second)
    return Security(_identify(settings), rates, _credentials(settings))


def _identify(settings: Settings) -> Identify:
    if settings.token_keys is None:
        return as_told
    assert settings.token_issuer is not None
    keys = KeySet(settings.token_keys, settings.token_algorithm)
    tokens = TokenReader(
        keys, settings.token_algorithm, settings.token_issuer, settings.token_audience
    )
    return by_token(tokens, certificates=settings.tls_client_ca is not None)


def _credentials(settings: Settings) -> Any:
    """Read again at each new connection where a file has changed, so that certificates are renewed
    without a restart."""
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    files = (settings.tls_key, settings.tls_certificate, settings.tls_client_ca)
    first = _configuration(*files)
    latest = _stamps(*files)

    def fetch() -> Any:
        nonlocal latest
        try:
            now = _stamps(*files)
            if now == latest:
                return None
            found, latest = _configuration(*files), now
        except BadKeys:
            return None  # What was there goes on; a renewal may be half written.
        return found

    return grpc.dynamic_ssl_server_credentials(
        first, fetch, require_client_authentication=settings.tls_client_ca is not None
    )


def _configuration(key: Path, certificate: Path, client_ca: Path | None) -> Any:
    pair = (_read(key, b"PRIVATE KEY-----"), _read(certificate, b"BEGIN CERTIFICATE-----"))
    if not _fit(certificate, key):
        raise BadKeys(f"{key}: is not the key of the certificate in {certificate}")
    roots = None if client_ca is None else _read(client_ca, b"BEGIN CERTIFICATE-----")
    return grpc.ssl_server_certificate_configuration([pair], roots)


def _fit(certificate: Path, key: Path) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except ssl.SSLError:
        return False
    return True


def _stamps(*files: Path | None) -> list[tuple[int, int]]:
    try:
        found = [file.stat() for file in files if file is not None]
    except OSError as error:
        raise BadKeys(str(error)) from None
    return [(each.st_mtime_ns, each.st_size) for each in found]


def _read(file: Path, marker: bytes) -> bytes:
    try:
        pem = file.read_bytes()
    except OSError as error:
        raise BadKeys(f"{file}: {error.strerror}") from None
    if marker not in pem:
        what = "a private key" if b"KEY" in marker else "a certificate"
        raise BadKeys(f"{file}: must be {what} in PEM")
    return pem
