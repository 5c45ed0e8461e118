"""A server that does nothing, on the gRPC set-up of the product: threads, options, interceptor.

`python -m benchmarks.baselines.echo` answers every unary method with an empty answer; with a
database's URL behind it, asks the database `SELECT 1` first, on a pooled connection as reads do.
"""

import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.message_factory import GetMessageClass

from benchmarks.sending import methods
from server.api.interceptors import ErrorInterceptor
from server.api.reads import transactions
from server.api.serving import CALL_THREADS, HARD_MESSAGE_LIMIT
from server.postgres.pool import Datastore
from server.settings import Settings

_ENDS: Final = (signal.SIGTERM, signal.SIGINT)


class Echo(grpc.GenericRpcHandler):
    """Decodes each request, does `work`, and answers nothing."""

    def __init__(self, work: Callable[[], None]) -> None:
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


def _answer(kind: type[Any], work: Callable[[], None]) -> Callable[[Any, Any], Any]:
    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        work()
        return kind()

    return answer


def _select_one(url: str) -> Callable[[], None]:
    connect = transactions(Datastore(url, "book_main", pool_size=16, max_overflow=48))

    def select() -> None:
        with connect() as connection, connection.cursor() as c:
            c.execute("SELECT 1")
            c.fetchall()

    return select


def main() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)  # In every thread: one waits for them.
    work = _select_one(sys.argv[1]) if len(sys.argv) > 1 else lambda: None
    server = grpc.server(
        ThreadPoolExecutor(CALL_THREADS),
        handlers=[Echo(work)],
        interceptors=[ErrorInterceptor(Settings.read().max_message_bytes)],
        options=[
            ("grpc.so_reuseport", 0),
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.keepalive_timeout_ms", 10_000),
            ("grpc.max_receive_message_length", HARD_MESSAGE_LIMIT),
            ("grpc.max_send_message_length", HARD_MESSAGE_LIMIT),
        ],
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"listening on 127.0.0.1:{port}", flush=True)
    signal.sigwait(_ENDS)
    server.stop(1).wait()


if __name__ == "__main__":
    main()
