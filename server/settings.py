"""What can be set, where it comes from, and what is refused before anything starts.

A command line option wins over the environment (`PARTSLEDGER_…`), which wins over a file of
settings, which wins over the default.
"""

import os
import re
import tomllib
from collections.abc import Container
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain import values
from domain.errors import InvalidValue

_CONFIG: Final = "PARTSLEDGER_CONFIG"
_ADDRESS: Final = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+):(?P<port>[0-9]{1,5})")
_DATABASE_URL: Final = re.compile(r"^postgres(?:ql)?(?:\+psycopg2)?://")


class BadSettings(Exception):  # noqa: N818 - Named after what is refused.
    """Settings that make no sense, one line each. Values are left out: some are secret."""


def _data_home() -> Path | None:
    """Where the XDG base directory specification puts a user's data; relative paths don't count.

    None for a user without a home, as a container may have: HOME is not set, and no account says.
    """
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    if given.is_absolute():
        return given / "partsledger"
    try:
        return Path.home() / ".local" / "share" / "partsledger"
    except RuntimeError:
        return None


def _expanded(value: Path) -> Path:
    try:
        return value.expanduser()
    except RuntimeError:
        raise ValueError(f"nobody knows the home directory that ~ stands for in {value}") from None


File = Annotated[Path, AfterValidator(_expanded)]


def _address(value: str) -> str:
    match = _ADDRESS.fullmatch(value)
    if match is None or int(match["port"]) > 65535:
        raise ValueError("must be host:port, such as 127.0.0.1:50151 or [::1]:50151")
    return value


def _currency(value: str) -> str:
    try:
        return values.currency(value, "currency")
    except InvalidValue as refused:
        raise ValueError(refused.facts["rule"]) from None


def _database_url(value: str) -> str:
    if not _DATABASE_URL.match(value):
        raise ValueError("must begin with postgresql://")
    return _DATABASE_URL.sub("postgresql://", value)


class Settings(BaseSettings):
    """One server's settings. Immutable, and complete once made."""

    model_config = SettingsConfigDict(
        env_prefix="PARTSLEDGER_",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    data_dir: Annotated[Path, AfterValidator(_expanded)] | None = Field(default_factory=_data_home)
    """Where the embedded PostgreSQL keeps its data; None only where it is not needed."""

    database_url: Annotated[str, AfterValidator(_database_url)] | None = Field(None, repr=False)
    """Any PostgreSQL 15 or later, postgresql://…; without it the embedded one is started."""

    listen: Annotated[str, AfterValidator(_address)] = "127.0.0.1:50151"
    """The address of the gRPC server, host:port. Port 0 takes a free one."""

    insecure_listen: bool = False
    """Allow an address that other machines reach without TLS, because something in front of the
    server ends it. Tokens are asked for all the same."""

    tls_certificate: File | None = None
    """The server's certificate, with those between it and the authority, in PEM."""

    tls_key: File | None = None
    """The private key of that certificate, in PEM."""

    tls_client_ca: File | None = None
    """Who has issued the certificates of clients, in PEM: then each client needs one."""

    token_keys: File | None = None
    """The public keys that callers' tokens are signed with, a JWKS. Then each caller needs one."""

    token_algorithm: Literal["ES256", "EdDSA", "RS256", "PS256"] = "ES256"
    """The one algorithm that tokens are accepted in."""

    token_issuer: str | None = Field(None, min_length=1)
    """Who issues the tokens: their `iss`."""

    token_audience: str = Field("partsledger", min_length=1)
    """Whom they are for: their `aud`."""

    book: str = Field("main", pattern=r"^[a-z][a-z0-9_]{0,39}$")
    """The book that is served: the ledger of one legal entity, in a PostgreSQL schema."""

    currency: Annotated[str, AfterValidator(_currency)] = "CNY"
    """The book's functional currency, ISO 4217; set for good when the book is opened."""

    time_zone: ZoneInfo = Field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    """Where a business day begins and ends."""

    max_message_bytes: int = Field(4 * 1024 * 1024, ge=64 * 1024, le=64 * 1024 * 1024)
    """The longest request accepted; the answer to a longer one is RESOURCE_EXHAUSTED."""

    metrics_listen: Annotated[str, AfterValidator(_address)] | None = None
    """Where Prometheus reads figures of the server over HTTP, host:port; nowhere if not said. They
    hold nothing of the book, and nobody is asked who reads them."""

    max_calls_per_second: int = Field(10_000, ge=1, le=1_000_000)
    """How many calls one caller may make a second; further ones are CALLED_TOO_OFTEN. An import
    stream, or a subscription, is one call."""

    max_queued_commands: int = Field(20_000, ge=1, le=1_000_000)
    """How many commands may wait for the writer; further ones are refused with QUEUE_FULL."""

    cached_aggregates: int = Field(100_000, ge=1_000, le=10_000_000)
    """How many documents, items and accounts are kept in memory: up to 500 MiB for 100,000. One
    that holds many rows counts as several (domain/cache.py)."""

    max_clock_jump_days: int = Field(31, ge=1, le=36_500)
    """How far the clock may stand after the last entry before nothing more is recorded."""

    max_clock_lead_hours: int = Field(24, ge=1, le=8_760)
    """How far it may stand ahead of the database's clock, or before the last entry."""

    accept_clock: date | None = None
    """Today's date, as somebody knows who looked: on that day the clock is right all the same."""

    log_format: Literal["console", "json"] = "console"
    """`console` for people, `json` for machines, one object a line."""

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @model_validator(mode="after")
    def _exposed_only_with_protection(self) -> Self:
        if _is_loopback(self.host):
            return self
        if self.token_keys is None:
            raise ValueError(
                f"on {self.listen} other machines reach the ledger: ask callers for tokens, with "
                "--token-keys and --token-issuer, or listen on 127.0.0.1"
            )
        if self.tls_certificate is None and not self.insecure_listen:
            raise ValueError(
                f"on {self.listen} without TLS others could read along, and take tokens: name a "
                "certificate with --tls-certificate and --tls-key; or say --insecure-listen, if "
                "something in front of the server ends TLS"
            )
        return self

    @model_validator(mode="after")
    def _said_together(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("--tls-certificate and --tls-key go together")
        if self.tls_client_ca is not None and self.tls_certificate is None:
            raise ValueError("--tls-client-ca needs --tls-certificate and --tls-key")
        if (self.token_keys is None) != (self.token_issuer is None):
            raise ValueError("--token-keys and --token-issuer go together")
        return self

    @model_validator(mode="after")
    def _kept_somewhere(self) -> Self:
        if self.data_dir is None and self.database_url is None:
            raise ValueError(
                "this user has no home directory to keep the data in: name a directory with "
                "--data-dir, or a PostgreSQL with --database-url"
            )
        return self

    @classmethod
    def read(cls, **options: object) -> Self:
        """Options over environment over the file over defaults; an option that is None was not
        given. The file is the option `config`, or the one that PARTSLEDGER_CONFIG names.

        Raises BadSettings, which names each setting by its option and its variable.
        """
        file = Path(str(options.pop("config", None) or os.environ.get(_CONFIG, "")))
        said = _in_file(file, cls.model_fields.keys()) if file.name else {}
        given = {name: value for name, value in options.items() if value is not None}
        below = {name: value for name, value in said.items() if not os.environ.get(_variable(name))}
        try:
            return cls(**{**below, **given})  # type: ignore[arg-type]
        except ValidationError as refused:
            lines = [_line(error["loc"], error["msg"]) for error in refused.errors()]
            raise BadSettings("\n".join(lines)) from None


def _in_file(file: Path, known: Container[str]) -> dict[str, object]:
    """The settings of a file in TOML: `listen = "127.0.0.1:50151"`, each named as its variable is,
    without PARTSLEDGER_ and in small letters."""
    try:
        said = tomllib.loads(file.expanduser().read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(f"{file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{file}: is no TOML: {error}") from None
    for name in said:
        if name not in known:
            raise BadSettings(f"{file}: there is no setting {name!r}")
    return said


def _variable(name: str) -> str:
    return f"PARTSLEDGER_{name.upper()}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _line(location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    if not location:
        return message
    name = str(location[0])
    return f"--{name.replace('_', '-')} ({_variable(name)}): {message}"
