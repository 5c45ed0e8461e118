"""A caller of the API on a real socket: requests as JSON has them, answers as messages."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

import grpc
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from tests.on_the_wire import on
from tests.server.api.documents import lines, purchase, sale, transfer
from tests.server.api.methods import METHOD_OF_COMMAND, METHODS, path
from tests.small_maker import SMALL_MAKER, SmallMaker

TIMEOUT_SECONDS = 20
Metadata = Sequence[tuple[str, str | bytes]]


class Refused(Exception):  # noqa: N818 - Named after what happened.
    """A status that is not OK, with everything it says."""

    def __init__(self, error: grpc.RpcError) -> None:
        call: Any = error
        status = rpc_status.from_call(call)
        assert status is not None, error
        super().__init__(status.message)
        self.code: grpc.StatusCode = call.code()
        self.details = {any_.TypeName().rpartition(".")[2]: any_ for any_ in status.details}
        info = error_details_pb2.ErrorInfo()
        assert self.details["ErrorInfo"].Unpack(info)
        self.reason: str = info.reason
        self.facts = dict(info.metadata)


class FrontDesk:
    """Calls every method by its name: `desk.call("Part.GetPart", name=desk.part("P-1"))`."""

    def __init__(self, channel: grpc.Channel, book: str) -> None:
        self._channel = channel
        self._callers: dict[str, Any] = {}  # Made once each: thousands of calls are few methods.
        self.book = book
        self.parent = f"books/{book}"

    def name(self, path: str) -> str:
        return f"{self.parent}/{path}"

    def call(
        self,
        method: str,
        actor: str = "wang",
        timeout: int = TIMEOUT_SECONDS,
        metadata: Metadata = (),
        **fields: Any,
    ) -> Any:
        """Called by the actor, or with this metadata instead."""
        request, described = self._request(method, fields)
        caller: Any = self._callers.get(method)
        if caller is None:
            caller = self._callers[method] = self._channel.unary_unary(
                path(described),
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=_parser(described),
            )
        try:
            said = metadata or [("partsledger-actor", actor)]
            return caller(request, timeout=timeout, metadata=said)
        except grpc.RpcError as error:
            raise Refused(error) from None

    def stream(
        self,
        method: str,
        timeout: int = TIMEOUT_SECONDS,
        metadata: Metadata = (),
        **fields: Any,
    ) -> Any:
        """The running call itself: iterate it, cancel it."""
        request, described = self._request(method, fields)
        caller: Any = self._channel.unary_stream(
            path(described),
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=_parser(described),
        )
        return caller(request, timeout=timeout, metadata=metadata)

    def pages(self, method: str, **fields: Any) -> Iterator[Any]:
        """Every page of a list."""
        token = ""
        while True:
            page = self.call(method, page_token=token, **fields)
            yield page
            if not page.next_page_token:
                return
            assert page.next_page_token != token, f"{method} gives the same page again and again"
            token = page.next_page_token

    def _request(self, method: str, fields: dict[str, Any]) -> tuple[Message, MethodDescriptor]:
        described = METHODS[method]
        request = message_factory.GetMessageClass(described.input_type)()
        known = described.input_type.fields_by_name
        filled = {"parent": self.parent} if "parent" in known else {}
        if "request_id" in known:
            filled["request_id"] = str(uuid4())
        json_format.ParseDict({**filled, **fields}, request)
        return request, described

    # The business, with what the tests do not care about filled in.

    def open_for_business(self, maker: SmallMaker = SMALL_MAKER) -> None:
        for command, fields in maker.requests(self.parent):
            self.call(METHOD_OF_COMMAND[command], **fields)

    def trade(self) -> None:
        """Ten P-1 of January at 6.00, ten of June at 8.00; of them four sold in July."""
        self.buy("B-1", "2025-01-01", "P-1", 10, 6)
        self.buy("B-2", "2025-06-25", "P-1", 10, 8)
        self.sell("S-1", "2025-07-01", "P-1", 3, "D01")
        self.sell("S-2", "2025-07-15", "P-1", 1, "D02")

    def add_part(self, number: str, **fields: Any) -> Any:
        part = {"description": number, "part_class": "PART_CLASS_STANDARD", "serviceable": True}
        return self.call("Part.CreatePart", part_id=number, part=part, **fields)

    def buy(self, number: str, when: str, part: str, quantity: int, cost: int) -> Any:
        bought = purchase(self.parent, number, when, part, quantity, cost)
        return self.call("Purchase.CreatePurchase", **bought)

    def sell(self, number: str, when: str, part: str, quantity: int, dealer: str = "D01") -> Any:
        sold = sale(self.parent, number, when, part, quantity, dealer)
        return self.call("Sale.CreateSale", **sold)

    def request_transfer(self, number: str, when: str, part: str, quantity: int) -> Any:
        asked = transfer(self.parent, number, when, part, quantity)
        return self.call("Transfer.CreateTransfer", **asked)

    def dispatch(self, number: str, when: str) -> Any:
        """Approved by somebody else, and sent out in full."""
        name = self.name(f"transfers/{number}")
        then = on(when, number)
        self.call("Transfer.ApproveTransfer", actor="li", name=name, occurrence=then)
        return self.call("Transfer.DispatchTransfer", name=name, occurrence=then)

    def receive(self, number: str, when: str, part: str, quantity: int) -> Any:
        return self.call(
            "Transfer.ReceiveTransfer",
            name=self.name(f"transfers/{number}"),
            occurrence=on(when, number),
            lines=lines(self.parent, part, quantity),
        )


def _parser(method: MethodDescriptor) -> Any:
    return message_factory.GetMessageClass(method.output_type).FromString
