"""A pooler as PgBouncer is one, of a few lines: it lends server connections to its callers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

_WHO_I_SAY_I_AM = b"K" + (12).to_bytes(4, "big") + bytes([0x7F, 255, 255, 1]) + bytes(4)
_OK = b"R" + (8).to_bytes(4, "big") + bytes(4)
_ROLLBACK = b"Q" + (13).to_bytes(4, "big") + b"ROLLBACK\0"
_READY = b"Z" + (5).to_bytes(4, "big") + b"I"


def _read(source: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        if not (more := source.recv(size - len(got))):
            raise EOFError
        got += more
    return got


def _message(source: socket.socket) -> bytes:
    kind, length = _read(source, 1), _read(source, 4)
    return kind + length + _read(source, int.from_bytes(length, "big") - 4)


class _Session:
    """A server connection, for one borrower at a time; `greeting` is what it says of itself."""

    def __init__(self, url: str) -> None:
        self.lock = threading.Lock()
        parts = urlsplit(url)
        [directory], [port] = (parse_qs(parts.query)[name] for name in ("host", "port"))
        self.server = socket.socket(socket.AF_UNIX)
        self.server.connect(f"{directory}/.s.PGSQL.{port}")
        asked = {"user": parts.username, "database": parts.path[1:], "client_encoding": "UTF8"}
        text = b"".join(f"{name}\0{value}\0".encode() for name, value in asked.items()) + b"\0"
        self.server.sendall((len(text) + 8).to_bytes(4, "big") + bytes([0, 3, 0, 0]) + text)
        self.greeting = b"".join(each for each in self.answers() if each[:1] == b"S")

    def ask(self, message: bytes, caller: socket.socket | None) -> bytes:
        """Passes on a message, and the answers to it; the state of the transaction after it."""
        self.server.sendall(message)
        for answer in self.answers():
            if caller is not None:
                caller.sendall(answer)
        return answer[-1:]

    def answers(self) -> Iterator[bytes]:
        while True:
            message = _message(self.server)
            yield message
            if message[:1] == b"Z":
                return


def _serve(caller: socket.socket, session: _Session, transactions: bool) -> None:
    with caller, suppress(EOFError, OSError):
        while True:
            startup = _read(caller, int.from_bytes(_read(caller, 4), "big") - 4)
            if startup[:2] == bytes([0, 3]):
                break
            caller.sendall(b"N")  # No encryption.
        caller.sendall(_OK + session.greeting + _WHO_I_SAY_I_AM + _READY)
        while (message := _message(caller))[:1] != b"X":
            with session.lock:
                try:
                    while session.ask(message, caller) != b"I":  # Until the transaction is over.
                        if not transactions:
                            raise EOFError
                        message = _message(caller)
                        if message[:1] == b"X":
                            raise EOFError
                except EOFError:
                    session.ask(_ROLLBACK, None)
                    return


@contextmanager
def pooled(url: str, *, sessions: bool, transactions: bool = True) -> Iterator[str]:
    """The URL of a pooler with one server connection, or where it keeps `sessions`, with one for
    each caller. Without `transactions` it ends whoever begins one."""
    shared = _Session(url)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve(caller: socket.socket, own: _Session | None) -> None:
            _serve(caller, own or shared, transactions)
            if own is not None:
                own.server.close()

        def accept() -> None:
            with suppress(OSError):
                while True:
                    caller, _ = listener.accept()
                    own = _Session(url) if sessions else None
                    threading.Thread(target=serve, args=(caller, own), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        parts = urlsplit(url)
        port = listener.getsockname()[1]
        yield f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}?sslmode=disable"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    shared.server.close()
