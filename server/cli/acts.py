"""What people do with documents by hand: approve, decide, inspect, review, confirm, pay.

All other steps are taken with `partsledger call`.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

import typer

from partsledger.v1 import claim_service_pb2, payment_service_pb2, return_service_pb2
from server.cli import options
from server.cli.acting import (
    Dealer,
    Document,
    Done,
    Items,
    Late,
    Month,
    Number,
    On,
    RequestId,
    act,
    amount_of,
    pairs,
)
from server.cli.channel import connected
from server.cli.failure import Failure
from server.cli.kinds import named
from server.cli.messages import enum_word
from server.cli.show import read

APPROVE: Final = ("partsledger approve TR-250701-0001 --on 2025-07-02 --as li",)
DECIDE: Final = (
    "partsledger decide CL-250722-0001 --on 2025-07-23 --as li",
    'partsledger decide CL-250722-0001 --item 2=0 --because "not covered" --on 2025-07-23 --as li',
)
INSPECT: Final = ("partsledger inspect RT-250704-0001 no-fault-found --on 2025-07-15 --as li",)
REVIEW: Final = ("partsledger review D01 2025-11 --on 2025-12-03 --as li",)
CONFIRM: Final = ("partsledger confirm D01 2025-11 HASH --on 2025-12-08 --as d01.office",)
PAY: Final = (
    "partsledger pay D01 5650.00 --number PM-1 --document BK-77 --on 2025-12-09 --as cash",
    "partsledger pay D01 5650.00 --number PM-1 --item sales/S-1=5650.00 --on 2025-12-09 --as cash",
)

_FINDINGS: Final = return_service_pb2.DESCRIPTOR.enum_types_by_name["Finding"]


def approve(
    number: Number,
    on: On,
    document: Document = "",
    late: Late = False,
    request_id: RequestId = None,
    actor: options.Actor = "",
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
) -> None:
    """Approves a transfer, so that it can be sent. Not by whoever has asked for it."""
    done = Done(on, document, late, request_id)
    with connected(server, book, actor) as connection:
        act(connection, "Transfer.ApproveTransfer", f"transfers/{number}", done, as_json)


def decide(
    number: Number,
    on: On,
    item: Items = None,
    because: Annotated[
        str, typer.Option(metavar="TEXT", help="Why less than claimed is approved of any item.")
    ] = "",
    document: Document = "",
    late: Late = False,
    request_id: RequestId = None,
    actor: options.Actor = "",
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
) -> None:
    """Decides a claim. Items that are not named are approved as claimed."""
    done = Done(on, document, late, request_id)
    with connected(server, book, actor) as connection:
        name = f"claims/{number}"
        claim = read(connection, *named(connection.book, name))
        decisions = _decisions(claim, item or [], because)
        act(
            connection, "Claim.AdjudicateClaim", name, done, as_json,
            decisions=decisions, etag=claim.etag,
        )  # fmt: skip


def inspect(
    number: Number,
    finding: Annotated[
        str,
        typer.Argument(metavar="FINDING", help="confirmed, no-fault-found, misuse or wrong-part."),
    ],
    on: On,
    note: Annotated[str, typer.Option(metavar="TEXT", help="What the inspector says.")] = "",
    document: Document = "",
    late: Late = False,
    request_id: RequestId = None,
    actor: options.Actor = "",
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
) -> None:
    """Says what inspection found parts to be that came back."""
    field = return_service_pb2.InspectReturnRequest.DESCRIPTOR.fields_by_name["finding"]
    known = {enum_word(field, value.number): value.number for value in _FINDINGS.values[1:]}
    wanted = finding.lower().replace("-", " ").replace("_", " ")
    if wanted not in known:
        raise Failure(f"FINDING {finding!r} must be one of {', '.join(known)}")
    done = Done(on, document, late, request_id)
    with connected(server, book, actor) as connection:
        act(
            connection, "Return.InspectReturn", f"returns/{number}", done, as_json,
            finding=known[wanted], note=note,
        )  # fmt: skip


def review(
    dealer: Dealer,
    month: Month,
    on: On,
    document: Document = "",
    late: Late = False,
    request_id: RequestId = None,
    actor: options.Actor = "",
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
) -> None:
    """Reviews an issued statement. Not by whoever has issued it."""
    done = Done(on, document, late, request_id)
    name = f"dealers/{dealer}/settlements/{month}"
    with connected(server, book, actor) as connection:
        act(connection, "Settlement.ReviewStatement", name, done, as_json)


def confirm(
    dealer: Dealer,
    month: Month,
    content_hash: Annotated[
        str, typer.Argument(metavar="HASH", help="As it stands on the statement that was shown.")
    ],
    on: On,
    document: Document = "",
    late: Late = False,
    request_id: RequestId = None,
    actor: options.Actor = "",
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
) -> None:
    """Records that the dealer has confirmed the statement with this content hash."""
    done = Done(on, document, late, request_id)
    name = f"dealers/{dealer}/settlements/{month}"
    with connected(server, book, actor) as connection:
        act(
            connection, "Settlement.ConfirmStatement", name, done, as_json,
            content_hash=content_hash,
        )  # fmt: skip


def pay(
    dealer: Dealer,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="In its currency: 5650.00.")],
    number: Annotated[
        str, typer.Option(parser=options.code, metavar="NUMBER", help="The payment's number.")
    ],
    on: On,
    item: Items = None,
    document: Document = "",
    late: Late = False,
    request_id: RequestId = None,
    actor: options.Actor = "",
    server: options.Server = options.DEFAULT_SERVER,
    book: options.Book = "main",
    as_json: options.Json = False,
) -> None:
    """Records a payment of a dealer: against the items that are named, or the oldest due."""
    done = Done(on, document, late, request_id)
    with connected(server, book, actor) as connection:
        of = f"dealers/{dealer}"
        currency = read(connection, *named(connection.book, of)).currency
        allocations = [
            payment_service_pb2.Allocation(
                item=name, amount=amount_of(paid, currency, f"--item {name}")
            )
            for name, paid in pairs(item or [])
        ]
        payment = payment_service_pb2.Payment(
            dealer=f"{connection.book}/{of}", amount=amount_of(amount, currency, "AMOUNT")
        )
        act(
            connection, "Payment.CreatePayment", "", done, as_json,
            payment_id=number, payment=payment, allocations=allocations,
        )  # fmt: skip


COMMANDS: Final[dict[str, tuple[Callable[..., None], Sequence[str]]]] = {
    "approve": (approve, APPROVE),
    "decide": (decide, DECIDE),
    "inspect": (inspect, INSPECT),
    "review": (review, REVIEW),
    "confirm": (confirm, CONFIRM),
    "pay": (pay, PAY),
}


def _decisions(
    claim: Any, items: Sequence[str], because: str
) -> list[claim_service_pb2.ItemDecision]:
    chosen = dict(pairs(items))
    known = {str(item.item): item for item in claim.items}
    unknown = sorted(chosen.keys() - known.keys())
    if unknown:
        raise Failure(f"--item {unknown[0]!r} must be an item of the claim: {', '.join(known)}")
    decisions = []
    for number, item in known.items():
        approved = item.claimed
        if number in chosen:
            approved = amount_of(chosen[number], item.claimed.currency_code, f"--item {number}")
        why = because if approved != item.claimed else ""
        decisions.append(
            claim_service_pb2.ItemDecision(item=item.item, approved=approved, because=why)
        )
    return decisions
