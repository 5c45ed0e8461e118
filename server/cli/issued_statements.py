"""What an import has to look up: an ERP knows neither hash nor versions of a statement."""

from collections.abc import Callable
from typing import Any

import grpc

from partsledger.v1 import settlement_service_pb2 as settlements_pb
from partsledger.v1 import statement_service_pb2 as statements_pb
from partsledger.v1.settlement_service_pb2_grpc import SettlementServiceStub
from partsledger.v1.statement_service_pb2_grpc import StatementServiceStub
from server.cli.channel import Connection
from server.cli.failure import is_not_found
from server.erp.steps import Disputed


class IssuedStatements:
    """Statements as issued. They never change, so the last one is kept."""

    def __init__(self, connection: Connection, position: Callable[[], int]) -> None:
        self._connection = connection
        self._position = position  # Of the last entry that has to be seen.
        self._name = ""
        self._statement = statements_pb.Statement()

    def is_issued(self, settlement: str) -> bool:
        return self._settlement(settlement) is not None

    def content_hash(self, settlement: str) -> str:
        """The hash it was issued under; empty if it was not."""
        found = self._settlement(settlement)
        return found.content_hash if found else ""

    def line_version(self, settlement: str, disputed: Disputed) -> int:
        """The version of the line; of the last with its document if there are fewer, 0 if none."""
        if self._name != settlement:
            self._statement = self._read(settlement)
            self._name = settlement
        lines = self._statement.lines
        found = [line.account_version for line in lines if line.document == disputed.document]
        return found[min(disputed.place, len(found)) - 1] if found else 0

    def _settlement(self, name: str) -> settlements_pb.Settlement | None:
        stub = SettlementServiceStub(self._connection.channel)
        request = settlements_pb.GetSettlementRequest(name=name)
        response = self._ask(stub.GetSettlement, request)
        return None if response is None else response.settlement

    def _read(self, settlement: str) -> statements_pb.Statement:
        stub = StatementServiceStub(self._connection.channel)
        request = statements_pb.GetStatementRequest(
            name=settlement.replace("/settlements/", "/statements/"),
            min_position=self._position(),
        )
        response: Any = self._connection.ask_for_all(
            stub.GetStatement, request, lambda page: page.statement, ["lines"], ask=self._ask
        )
        return statements_pb.Statement() if response is None else response.statement

    def _ask(self, method: Callable[..., Any], request: Any) -> Any:
        """The answer, or None where there is no such thing."""

        def asked(*args: Any, **options: Any) -> Any:
            try:
                return method(*args, **options)
            except grpc.RpcError as error:
                if is_not_found(error):
                    return None
                raise

        return self._connection.ask(asked, request, patient=True)
