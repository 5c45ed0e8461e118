"""Batches: many requests of one kind that are recorded together, or not at all.

A batch has no meaning of its own. Each request in it is decoded, decided and answered as if it had
come by itself: the same request under the same id is the same, by whichever way it comes.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from google.protobuf.message import Message

from domain.errors import InvalidValue
from partsledger.v1 import claim_service_pb2 as claims
from partsledger.v1 import machine_service_pb2 as machines
from partsledger.v1 import part_service_pb2 as parts
from partsledger.v1 import payment_service_pb2 as payments
from partsledger.v1 import price_service_pb2 as prices
from partsledger.v1 import purchase_service_pb2 as purchases
from partsledger.v1 import return_service_pb2 as returns
from partsledger.v1 import sale_service_pb2 as sales
from partsledger.v1 import transfer_service_pb2 as transfers
from server.api.conversions import names
from server.writing.submission import RefusedInBatch

MAX_REQUESTS: Final = 1_000

# The response to each kind of batch. Its first field lists the resources, as the first field of
# the response to a single request holds one.
RESPONSES: Final[dict[type[Message], type[Message]]] = {
    claims.BatchCreateClaimsRequest: claims.BatchCreateClaimsResponse,
    machines.BatchCreateMachinesRequest: machines.BatchCreateMachinesResponse,
    parts.BatchCreatePartsRequest: parts.BatchCreatePartsResponse,
    payments.BatchCreatePaymentsRequest: payments.BatchCreatePaymentsResponse,
    prices.BatchSetPricesRequest: prices.BatchSetPricesResponse,
    purchases.BatchCreatePurchasesRequest: purchases.BatchCreatePurchasesResponse,
    returns.BatchCreateReturnsRequest: returns.BatchCreateReturnsResponse,
    sales.BatchCreateSalesRequest: sales.BatchCreateSalesResponse,
    transfers.BatchCreateTransfersRequest: transfers.BatchCreateTransfersResponse,
}


def requests_of(batch: Any) -> Sequence[Message]:
    """The requests of a batch as they would be sent by themselves, each with its parent."""
    if not 1 <= len(batch.requests) <= MAX_REQUESTS:
        raise InvalidValue("requests", len(batch.requests), f"must be 1 to {MAX_REQUESTS:,}")
    join = _on_list if isinstance(batch, prices.BatchSetPricesRequest) else _in_book
    joined = join(batch.parent)
    for index, request in enumerate(batch.requests):
        try:
            joined(request)
        except InvalidValue as refusal:
            raise RefusedInBatch(index, refusal) from refusal
    requests: Sequence[Message] = batch.requests
    return requests


def response_to(batch: Message, answers: Iterable[Any]) -> Any:
    """The response to a batch of the responses to its requests."""
    response: Any = RESPONSES[type(batch)]()
    resources = getattr(response, _first_field(response))
    for answer in answers:
        resources.append(getattr(answer, _first_field(answer)))
        response.receipts.append(answer.receipt)
    return response


def _in_book(parent: str) -> Callable[[Any], None]:
    """Fills in the parent where it is left out, so that it is said once."""
    names.book(parent)

    def join(request: Any) -> None:
        if request.parent not in ("", parent):
            raise InvalidValue("parent", request.parent, f"must be {parent}, as that of the batch")
        request.parent = parent

    return join


def _on_list(parent: str) -> Callable[[Any], None]:
    """A price has no parent: its name says which list it is on."""
    book, price_list = names.PRICE_LIST.parse_or_all(parent, "parent")

    def join(request: prices.SetPriceRequest) -> None:
        key = names.PRICE.key(request.name, "name", book)
        if price_list and key.partition("/")[0] != price_list:
            raise InvalidValue("name", request.name, f"must be on {parent}, as the batch is")

    return join


def _first_field(message: Message) -> str:
    return message.DESCRIPTOR.fields_by_number[1].name
