"""Connects to a server: address, book and caller, and the errors when it does not answer."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, NamedTuple, TypeVar

import grpc

from domain import people
from domain.errors import InvalidValue
from server.api.conversions.names import in_name
from server.cli.failure import Failure, failure_of, is_unavailable

R = TypeVar("R")

READ_SECONDS: Final = 60.0
# Seconds to wait for a server that is gone, before each further try: a minute in all.
PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0)
ACTOR_METADATA: Final = "partsledger-actor-bin"  # In UTF-8: a plain key takes only ASCII.

_ADDRESS: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):[0-9]{1,5}")
_LARGEST_ANSWER: Final = 64 * 1024 * 1024  # A statement holds all its lines.
_OPTIONS: Final = [
    ("grpc.max_receive_message_length", _LARGEST_ANSWER),
    # Finds out that a silent server is gone. More often, and servers take it for an attack.
    ("grpc.keepalive_time_ms", 330_000),
    # A server that comes back is found in seconds, however long it was gone.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 4_000),
    ("grpc.enable_http_proxy", 0),
]


class Connection:
    """An open channel to one server, with the book and the caller of its calls."""

    def __init__(
        self,
        channel: grpc.Channel,
        server: str,
        book: str,
        actor: str,
        pauses: Sequence[float],
    ) -> None:
        self.channel = channel
        self.server = server
        self.book = f"books/{book}"
        self.pauses = pauses
        self.metadata: tuple[tuple[str, str | bytes], ...]
        self.metadata = ((ACTOR_METADATA, actor.encode()),) if actor else ()
        if token := _CREDENTIALS.get().token:
            self.metadata += (("authorization", f"Bearer {token}"),)

    def part(self, number: str) -> str:
        """The name of a part: `books/main/parts/P-1`."""
        return f"{self.book}/parts/{in_name(number)}"

    def ask(
        self,
        method: Callable[..., R],
        request: Any,
        patient: bool = False,
        seconds: float = READ_SECONDS,
    ) -> R:
        """Calls a unary method; a refusal ends the command. If patient, waits for the server."""
        for pause in self.pauses if patient else ():
            try:
                return method(request, timeout=seconds, metadata=self.metadata)
            except grpc.RpcError as error:
                if not is_unavailable(error):
                    raise failure_of(error, self.server) from None
            time.sleep(pause)
        with self.failing():
            return method(request, timeout=seconds, metadata=self.metadata)

    def ask_for_all(
        self,
        method: Callable[..., R],
        request: Any,
        rows: Callable[[R], Any],
        fields: Sequence[str],
        ask: Callable[..., Any] | None = None,
    ) -> R:
        """The answer with the rows of all its pages: those in these fields of what `rows` gives."""
        whole, *others = self.pages(method, request, ask)
        for page in others:
            for field in fields:
                getattr(rows(whole), field).extend(getattr(rows(page), field))
        return whole

    def pages(
        self, method: Callable[..., R], request: Any, ask: Callable[..., Any] | None = None
    ) -> Iterator[R]:
        """Page after page, all as of the position of the first."""
        asked = type(request)()
        asked.CopyFrom(request)
        while True:
            page: Any = (ask or self.ask)(method, asked)
            yield page
            if page is None or not page.next_page_token:
                return
            asked.page_token = page.next_page_token

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Turns what goes wrong with a call in the block into what ends the command."""
        try:
            yield
        except grpc.RpcError as error:
            raise failure_of(error, self.server) from None


class Credentials(NamedTuple):
    """What a command line says once for whatever it calls: certificates in PEM, and the token."""

    authority: bytes | None = None
    certificate: bytes | None = None
    key: bytes | None = None
    token: str = ""


_NONE: Final = Credentials()
_CREDENTIALS: Final[ContextVar[Credentials]] = ContextVar("credentials", default=_NONE)


def use(credentials: Credentials) -> None:
    """For all connections that are opened from here on."""
    _CREDENTIALS.set(credentials)


def _channel(server: str) -> grpc.Channel:
    authority, certificate, key, _ = _CREDENTIALS.get()
    if authority is None:
        return grpc.insecure_channel(server, options=_OPTIONS)
    credentials = grpc.ssl_channel_credentials(authority, key, certificate)
    return grpc.secure_channel(server, credentials, options=_OPTIONS)


@contextmanager
def connected(
    server: str, book: str, actor: str = "", pauses: Sequence[float] = PAUSES
) -> Iterator[Connection]:
    """A connection for the block. Nothing is sent before the first call."""
    if not _ADDRESS.fullmatch(server):
        raise Failure(f"--server {server!r} must be HOST:PORT, such as 127.0.0.1:50151")
    try:
        actor = actor and people.named(actor, "--as")
    except InvalidValue as refused:
        raise Failure(str(refused)) from None
    with _channel(server) as channel:
        yield Connection(channel, server, book, actor, pauses)
