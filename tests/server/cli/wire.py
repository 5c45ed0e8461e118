"""A wire that can be cut: passes bytes between a client and a server, as long as it is told to."""

import contextlib
import socket
import threading
from collections.abc import Iterable, Iterator


class Wire:
    """Listens on `address` and passes everything on to the server.

    A connection with a limit is cut when so many bytes have come back from the server; those
    after the last limit are not.
    """

    def __init__(self, server: str, limits: Iterable[int]) -> None:
        host, _, port = server.rpartition(":")
        self._server = (host, int(port))
        self._limits = iter(limits)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # The listener is closed: the test is over.
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                limit = next(self._limits, None)
                server = socket.create_connection(self._server)
                for source, target, most in ((client, server, None), (server, client, limit)):
                    threading.Thread(target=_pass, args=(source, target, most), daemon=True).start()


def _pass(source: socket.socket, target: socket.socket, most: int | None) -> None:
    passed = 0
    with contextlib.suppress(OSError):
        while (most is None or passed < most) and (chunk := source.recv(4096)):
            target.sendall(chunk)
            passed += len(chunk)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextlib.contextmanager
def wire_to(server: str, limits: Iterable[int]) -> Iterator[Wire]:
    wire = Wire(server, limits)
    try:
        yield wire
    finally:
        wire.close()
