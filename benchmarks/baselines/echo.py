"""A server that does nothing, on the gRPC set-up of the product: loop, options, interceptor.

`python -m benchmarks.baselines.echo` answers every unary method with an empty answer; with a
database's URL behind it, asks the database `SELECT 1` first, on a pooled connection as reads do.
"""

import signal
import sys
from collections.abc import Callable
from typing import Any, Final

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.message_factory import GetMessageClass

from benchmarks.sending import methods
from server.access.rates import Rates
from server.api.admission import Admission
from server.api.callers import as_told
from server.api.event_loop import EventLoop
from server.api.interceptors import ErrorInterceptor
from server.api.reads import NotThereYet, transactions
from server.api.serving import OPTIONS
from server.postgres.pool import Datastore
from server.settings import Settings

_ENDS: Final = (signal.SIGTERM, signal.SIGINT)


class Echo(grpc.GenericRpcHandler):
    """Decodes each request, does `work`, and answers nothing."""

    def __init__(self, work: Callable[[], None] | None) -> None:
        pool = descriptor_pool.Default()
        self._handlers = {
            method.path: grpc.unary_unary_rpc_method_handler(
                _answer(method.answer, work),
                request_deserializer=GetMessageClass(pool.FindMessageTypeByName(name)).FromString,
                response_serializer=method.answer.SerializeToString,
            )
            for name, method in methods().items()
        }

    def service(self, handler_call_details: Any) -> Any:
        return self._handlers.get(handler_call_details.method)


def _answer(kind: type[Any], work: Callable[[], None] | None) -> Callable[[Any, Any], Any]:
    async def answer(request: Any, context: Any) -> Any:
        return kind()

    def answer_after_work(request: Any, context: Any) -> Any:
        assert work is not None
        work()
        return kind()

    return answer if work is None else answer_after_work


def _select_one(url: str) -> Callable[[], None]:
    connect = transactions(Datastore(url, "book_main", pool_size=16, max_overflow=48))

    def select() -> None:
        with connect() as connection, connection.cursor() as c:
            c.execute("SELECT 1")
            c.fetchall()

    return select


async def _reached(views: NotThereYet) -> None:
    raise views


async def _serving(work: Callable[[], None] | None) -> grpc.aio.Server:
    calls = ErrorInterceptor(
        Settings.read().max_message_bytes, _reached, Admission(as_told, {}, Rates(1_000_000))
    )
    server = grpc.aio.server(interceptors=[calls], options=OPTIONS)
    server.add_generic_rpc_handlers((Echo(work),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"listening on 127.0.0.1:{port}", flush=True)
    return server


def main() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)  # In every thread: one waits for them.
    loop = EventLoop()
    server = loop.run(_serving(_select_one(sys.argv[1]) if len(sys.argv) > 1 else None))
    signal.sigwait(_ENDS)
    loop.run(server.stop(1))
    loop.close()


if __name__ == "__main__":
    main()
