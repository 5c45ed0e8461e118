"""`partsledger serve`: runs the server until it is told to stop, then finishes what is queued."""

import gc
import logging
import os
import signal
import socket
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated, Final, NoReturn

import typer

from server.cli.failure import NOT_DONE, Failure
from server.cli.logs import log_to_stderr

EXAMPLES: Final = (
    "partsledger serve",
    "partsledger serve --data-dir ./ledger --listen 127.0.0.1:0",
    "partsledger serve --database-url postgresql://ledger@db/ledger",
    "partsledger serve --tls-certificate keys/server.pem --tls-key keys/server.key"
    " --token-keys keys/tokens.jwks --token-issuer partsledger-development",
)

_PROTECTION: Final = "Protection"
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_LONGEST_STOP: Final = 4.5  # Seconds.

_log = logging.getLogger(__name__)

Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A file of settings in TOML; default: PARTSLEDGER_CONFIG."),
]
# No defaults here: what is not given comes from the environment, and else from `Settings`.
DataDir = Annotated[
    Path | None,
    typer.Option(help="Keep a private PostgreSQL here; default: $XDG_DATA_HOME/partsledger."),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Use this PostgreSQL (15 or later) instead: postgresql://…"),
]
Listen = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT", help="Port 0 takes a free one; default: 127.0.0.1:50151."),
]
InsecureListen = Annotated[
    bool | None,
    typer.Option(
        "--insecure-listen",
        help="Let others reach it without TLS, because a proxy in front ends it; with tokens.",
    ),
]
TlsCertificate = Annotated[
    Path | None,
    typer.Option(metavar="PEM", help="The server's certificate.", rich_help_panel=_PROTECTION),
]
TlsKey = Annotated[
    Path | None, typer.Option(metavar="PEM", help="Its private key.", rich_help_panel=_PROTECTION)
]
TlsClientCa = Annotated[
    Path | None,
    typer.Option(
        metavar="PEM",
        help="Ask clients for certificates of this authority.",
        rich_help_panel=_PROTECTION,
    ),
]
TokenKeys = Annotated[
    Path | None,
    typer.Option(
        metavar="JWKS",
        help="Ask callers for tokens, signed with one of these keys.",
        rich_help_panel=_PROTECTION,
    ),
]
TokenAlgorithm = Annotated[
    str | None,
    typer.Option(
        metavar="ES256|EdDSA|RS256|PS256",
        help="Of their signatures; default: ES256.",
        rich_help_panel=_PROTECTION,
    ),
]
TokenIssuer = Annotated[
    str | None,
    typer.Option(metavar="ISS", help="Who issues the tokens.", rich_help_panel=_PROTECTION),
]
TokenAudience = Annotated[
    str | None,
    typer.Option(
        metavar="AUD",
        help="Whom they are for; default: partsledger.",
        rich_help_panel=_PROTECTION,
    ),
]
Book = Annotated[str | None, typer.Option(metavar="BOOK", help="The book to serve; default: main.")]
Currency = Annotated[
    str | None, typer.Option(metavar="CODE", help="Currency of a new book; default: CNY.")
]
TimeZone = Annotated[
    str | None, typer.Option(metavar="ZONE", help="Zone of a new book; default: Asia/Shanghai.")
]
MetricsListen = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT", help="Answer Prometheus here, over HTTP; default: nowhere."),
]
MaxCallsPerSecond = Annotated[
    int | None,
    typer.Option(metavar="N", help="How many calls one caller may make; default: 10000."),
]
CachedAggregates = Annotated[
    int | None,
    typer.Option(metavar="N", help="How many to keep in memory; default: 100000, about 500 MiB."),
]
AcceptClock = Annotated[
    str | None,
    typer.Option(
        metavar="DATE", help="Today's date: accepts a clock that is far from the last entry."
    ),
]
LogFormat = Annotated[
    str | None, typer.Option(metavar="console|json", help="Form of the log; default: console.")
]


def serve(
    config: Config = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    listen: Listen = None,
    insecure_listen: InsecureListen = None,
    tls_certificate: TlsCertificate = None,
    tls_key: TlsKey = None,
    tls_client_ca: TlsClientCa = None,
    token_keys: TokenKeys = None,
    token_algorithm: TokenAlgorithm = None,
    token_issuer: TokenIssuer = None,
    token_audience: TokenAudience = None,
    book: Book = None,
    currency: Currency = None,
    time_zone: TimeZone = None,
    metrics_listen: MetricsListen = None,
    max_calls_per_second: MaxCallsPerSecond = None,
    cached_aggregates: CachedAggregates = None,
    accept_clock: AcceptClock = None,
    log_format: LogFormat = None,
) -> None:
    """Serves one book over gRPC. Every option can be set as PARTSLEDGER_… in the environment, or in
    a file of settings.

    SIGTERM or Ctrl-C: what is under way is finished and answered, then it ends with 0. What is not
    finished within 3 seconds is told that the server stops; after 5 it has ended in any case, with
    2 where the database does not answer.
    """
    _serve(
        config=config,
        data_dir=data_dir, database_url=database_url, listen=listen, book=book,
        insecure_listen=insecure_listen, currency=currency, time_zone=time_zone,
        cached_aggregates=cached_aggregates, accept_clock=accept_clock, log_format=log_format,
        tls_certificate=tls_certificate, tls_key=tls_key, tls_client_ca=tls_client_ca,
        token_keys=token_keys, token_algorithm=token_algorithm, token_issuer=token_issuer,
        token_audience=token_audience, max_calls_per_second=max_calls_per_second,
        metrics_listen=metrics_listen,
    )  # fmt: skip


def _serve(**options: object) -> NoReturn:
    # These import the database code: commands that only ask a server should not wait for that.
    from server.app import running
    from server.postgres.data_directory import CannotStart
    from server.settings import BadSettings, Settings

    try:
        settings = Settings.read(**options)
    except BadSettings as refused:
        raise Failure(str(refused)) from None
    log_to_stderr(settings.log_format)
    collect_seldom()
    told = _told_to_stop()
    try:
        with running(settings) as app:
            where = "the database of --database-url" if settings.database_url else settings.data_dir
            print(f"listening on {app.address}", flush=True)
            print(f"book {settings.book} is kept in {where}", flush=True)
            while True:
                told.recv(1)
    except CannotStart as refused:
        raise Failure(str(refused)) from None


def _told_to_stop() -> socket.socket:
    """Has SIGTERM and SIGINT call `_leave`, and returns what becomes readable at one of them.

    The kernel may hand a signal to any thread. Python runs its handlers in the main one only, which
    `signal.pause` would leave asleep then: the server would have gone on as if nothing had been
    said.
    """
    told, tell = socket.socketpair()
    tell.setblocking(False)
    signal.set_wakeup_fd(tell.detach(), warn_on_full_buffer=False)
    for number in _SIGNALS:
        signal.signal(number, _leave)
    return told


def collect_seldom() -> None:
    """Most objects of a ledger live long. Searching them for cycles at Python's usual rate took a
    fifth of the time of a command."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """Leaves all `with` blocks in order. Further signals are ignored meanwhile."""
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    watchdog = threading.Timer(_LONGEST_STOP, _give_up)
    watchdog.daemon = True
    watchdog.start()
    raise SystemExit(0)


def _give_up() -> NoReturn:
    """Ends without the rest. All callers are answered by then, and what was acknowledged is in the
    log; the next start ends a private PostgreSQL that still runs."""
    _log.error("the database did not answer within %s s: ended without it", _LONGEST_STOP)
    os._exit(NOT_DONE)
