"""Every bad input of the list: a request that is in order, what is spoilt of it, what it is told.

The business they meet has stock, a machine with a claim, transfers on their way and closed months;
its day is 31 December 2025.
"""

import json
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import grpc

from tests.on_the_wire import cny, day, on, usd
from tests.server.api.reading.front_desk import FrontDesk
from tests.small_maker import SMALL_MAKER, CataloguePart, SmallMaker, SoldMachine, policy

NOW: Final = datetime(2025, 12, 31, 4, tzinfo=UTC)
BOOK: Final = "books/main"  # In the tables here; `here` puts the book's own name in its place.
USED_ID: Final = "5b1a6f0e-0000-4000-8000-0000000000ff"
W01, W02, P1, CORE, D01 = (
    f"{BOOK}/{path}"
    for path in ("places/W01", "places/W02", "parts/P-1", "parts/CORE", "dealers/D01")
)
ACTOR: Final = "@actor"  # Who calls, where that is what is spoilt.

_MAKER: Final = SmallMaker(
    parts={**SMALL_MAKER.parts, "CORE": CataloguePart(restricted=True)},
    policies={"ZY16": policy()},
    machines={
        "S-1": SoldMachine("ZY16", "D01", date(2025, 1, 1), "U-1"),
        "S-2": SoldMachine("ZY16", "D02", date(2025, 1, 1), "U-1"),
        "S-OLD": SoldMachine("ZY16", "D01", date(2022, 1, 1), "U-1"),
    },
)

CODES: Final = {
    "INVALID_VALUE": grpc.StatusCode.INVALID_ARGUMENT,
    "NOT_FOUND": grpc.StatusCode.NOT_FOUND,
    "BOOK_UNKNOWN": grpc.StatusCode.NOT_FOUND,
    "ALREADY_EXISTS": grpc.StatusCode.ALREADY_EXISTS,
    "REQUEST_ID_REUSED": grpc.StatusCode.ALREADY_EXISTS,
    "ETAG_MISMATCH": grpc.StatusCode.ABORTED,
}  # All other reasons: the rules forbid it now.


@dataclass(frozen=True)
class BadInput:
    """`good` is taken; with one thing of it spoilt it is refused for this reason."""

    name: str
    method: str
    good: dict[str, Any]
    path: str
    value: Any
    reason: str

    @property
    def code(self) -> grpc.StatusCode:
        return CODES.get(self.reason, grpc.StatusCode.FAILED_PRECONDITION)

    @property
    def bad(self) -> dict[str, Any]:
        """A copy of the request with the field at the path, as `a.b[0].c`, set to the value."""
        changed = deepcopy(self.good)
        *way, last = self.path.replace("[0]", ".0").split(".")
        place: Any = changed
        for step in way:
            place = place[0] if step == "0" else place.setdefault(step, {})
        place[last] = self.value
        return changed


def lines(quantity: int, part: str = P1) -> list[dict[str, Any]]:
    return [{"part": part, "quantity": quantity}]


_AMOUNTS: Final = {name: cny(20) for name in ("inspected", "ordered", "claimed")}
CLAIM: Final[dict[str, Any]] = {
    "parent": BOOK, "claim_id": "C-9", "occurrence": on("2025-08-12"), "claim": {
        "dealer": D01, "machine": f"{BOOK}/machines/S-1", "user": "U-1",
        "failed_on": day("2025-08-10"), "causal_part": P1, "fault_code": "F-1",
        "pre_inspection": "PI-1", "work_order": "WO-1", "settlement_sheet": "SS-1",
        "items": [{"kind": "CLAIM_ITEM_KIND_LABOUR", **_AMOUNTS}]},
}  # fmt: skip
DECISION: Final[dict[str, Any]] = {
    ACTOR: "li", "name": f"{BOOK}/claims/C-1", "occurrence": on("2025-07-15"),
    "decisions": [{"item": 1, "approved": cny(20)}],
}  # fmt: skip
SALE: Final[dict[str, Any]] = {
    "parent": BOOK, "sale_id": "SO-9", "occurrence": on("2025-07-10"),
    "sale": {"dealer": D01, "from_place": W01, "lines": lines(1)},
}  # fmt: skip
PURCHASE: Final[dict[str, Any]] = {
    "parent": BOOK, "purchase_id": "B-9", "occurrence": on("2025-07-01"),
    "purchase": {
        "supplier": "S01", "to_place": W01, "lines": [{**lines(1)[0], "unit_cost": cny(6)}]},
}  # fmt: skip
PAYMENT: Final[dict[str, Any]] = {
    "parent": BOOK, "payment_id": "M-9", "occurrence": on("2025-07-20"),
    "payment": {"dealer": D01, "amount": cny(10)},
}  # fmt: skip
TRANSFER: Final[dict[str, Any]] = {
    "parent": BOOK, "transfer_id": "T-9", "occurrence": on("2025-07-02"),
    "transfer": {"from_place": W01, "to_place": W02, "lines": lines(1)},
}  # fmt: skip
APPROVAL: Final[dict[str, Any]] = {
    ACTOR: "li", "name": f"{BOOK}/transfers/T-1", "occurrence": on("2025-07-02"),
}  # fmt: skip
DISPATCH: Final[dict[str, Any]] = {
    "name": f"{BOOK}/transfers/T-2", "occurrence": on("2025-07-03"), "lines": lines(2),
}  # fmt: skip
RECEIPT: Final[dict[str, Any]] = {
    "name": f"{BOOK}/transfers/T-3", "occurrence": on("2025-07-05"), "lines": lines(4),
}  # fmt: skip
PRICE: Final[dict[str, Any]] = {
    "name": f"{BOOK}/priceLists/settlement-CNY/prices/P-1",
    "version": {"effective_from": day("2025-11-01"), "unit_price": cny(11)},
}  # fmt: skip
CONSIGNED: Final = {
    **TRANSFER,
    "transfer": {
        "from_place": W01,
        "to_place": f"{BOOK}/places/consignment.D01",
        "lines": lines(1),
    },
}

_SALE, _BUY, _CLAIM = "Sale.CreateSale", "Purchase.CreatePurchase", "Claim.CreateClaim"
_DECIDE, _PAY, _PRICE = "Claim.AdjudicateClaim", "Payment.CreatePayment", "Price.SetPrice"
_MOVE, _APPROVE = "Transfer.CreateTransfer", "Transfer.ApproveTransfer"
_SEND, _RECEIVE = "Transfer.DispatchTransfer", "Transfer.ReceiveTransfer"
_QUANTITY, _DATE = "sale.lines[0].quantity", "occurrence.occurred_on"
_MOST = 2**63 - 1

BAD_INPUTS: Final = tuple(
    BadInput(*row)
    for row in (
        ("unknown part", _SALE, SALE, "sale.lines[0].part", f"{BOOK}/parts/NONE", "NOT_FOUND"),
        ("unknown dealer", _SALE, SALE, "sale.dealer", f"{BOOK}/dealers/NONE", "NOT_FOUND"),
        ("unknown machine", _CLAIM, CLAIM, "claim.machine", f"{BOOK}/machines/NO", "NOT_FOUND"),
        ("unknown place", _BUY, PURCHASE, "purchase.to_place", f"{BOOK}/places/NO", "NOT_FOUND"),
        ("unknown claim", _DECIDE, DECISION, "name", f"{BOOK}/claims/NONE", "NOT_FOUND"),
        ("unknown transfer", _APPROVE, APPROVAL, "name", f"{BOOK}/transfers/NO", "NOT_FOUND"),
        ("unknown book", _APPROVE, APPROVAL, "name", "books/nobody/transfers/T-1", "BOOK_UNKNOWN"),
        ("quantity below nought", _SALE, SALE, _QUANTITY, -3, "INVALID_VALUE"),
        ("quantity of nought", _SALE, SALE, _QUANTITY, 0, "INVALID_VALUE"),
        ("quantity just too large", _SALE, SALE, _QUANTITY, 1_000_001, "INVALID_VALUE"),
        ("quantity of all bits", _SALE, SALE, _QUANTITY, _MOST, "INVALID_VALUE"),
        ("received below nought", _RECEIVE, RECEIPT, "lines[0].quantity", -1, "INVALID_VALUE"),
        ("payment in dollars", _PAY, PAYMENT, "payment.amount", usd(10), "WRONG_CURRENCY"),
        ("cost in dollars", _BUY, PURCHASE, "purchase.lines[0].unit_cost", usd(6),
         "WRONG_CURRENCY"),
        ("claim in dollars", _CLAIM, CLAIM, "claim.items[0].claimed", usd(20), "WRONG_CURRENCY"),
        ("no such currency", _PAY, PAYMENT, "payment.amount.currency_code", "XXX",
         "INVALID_VALUE"),
        ("a tenth of a fen", _PRICE, PRICE, "version.unit_price.nanos", 1_000_000,
         "INVALID_VALUE"),
        ("half a fen paid", _PAY, PAYMENT, "payment.amount.nanos", 5_000_000, "INVALID_VALUE"),
        ("signs that disagree", _PAY, PAYMENT, "payment.amount.nanos", -10_000_000,
         "INVALID_VALUE"),
        ("core part sold", _SALE, SALE, "sale.lines[0].part", CORE, "RESTRICTED_PART"),
        ("core part sent out", _MOVE, CONSIGNED, "transfer.lines[0].part", CORE,
         "RESTRICTED_PART"),
        ("core part claimed", _CLAIM, CLAIM, "claim.causal_part", CORE, "RESTRICTED_PART"),
        ("unknown item decided", _DECIDE, DECISION, "decisions[0].item", 2, "INVALID_VALUE"),
        ("no item decided", _DECIDE, DECISION, "decisions[0].item", 0, "INVALID_VALUE"),
        ("core part priced", _PRICE, PRICE, "name",
         f"{BOOK}/priceLists/settlement-CNY/prices/CORE", "RESTRICTED_PART"),
        ("sale above stock", _SALE, SALE, _QUANTITY, 1_000, "INSUFFICIENT_STOCK"),
        ("dispatch above stock", _SEND, DISPATCH, "lines[0].quantity", 900, "INSUFFICIENT_STOCK"),
        ("dispatch above request", _SEND, DISPATCH, "lines[0].quantity", 901,
         "DISPATCH_ABOVE_REQUESTED"),
        ("receipt above dispatch", _RECEIVE, RECEIPT, "lines[0].quantity", 5,
         "RECEIPT_ABOVE_DISPATCHED"),
        ("claim without user", _CLAIM, CLAIM, "claim.user", "", "USER_MISSING"),
        ("claim of another user", _CLAIM, CLAIM, "claim.user", "U-2", "USER_MISSING"),
        ("foreign serial", _CLAIM, CLAIM, "claim.machine", f"{BOOK}/machines/S-2",
         "FOREIGN_MACHINE"),
        ("claim out of term", _CLAIM, CLAIM, "claim.machine", f"{BOOK}/machines/S-OLD",
         "OUT_OF_WARRANTY"),
        ("claim too late", _CLAIM, CLAIM, "claim.failed_on", day("2025-06-10"),
         "SUBMITTED_TOO_LATE"),
        ("duplicate claim", _CLAIM, CLAIM, "claim.failed_on", day("2025-07-14"),
         "DUPLICATE_CLAIM"),
        ("documents that disagree", _CLAIM, CLAIM, "claim.items[0].ordered", cny(19),
         "DOCUMENTS_DISAGREE"),
        ("claim decided by its submitter", _DECIDE, DECISION, ACTOR, "wang", "SAME_PERSON"),
        ("transfer approved by its requester", _APPROVE, APPROVAL, ACTOR, "wang", "SAME_PERSON"),
        ("approved above claimed", _DECIDE, DECISION, "decisions[0].approved", cny(21),
         "APPROVED_ABOVE_CLAIMED"),
        ("month closed for good", _BUY, PURCHASE, _DATE, day("2025-04-30"), "PERIOD_CLOSED"),
        ("month closed softly", _BUY, PURCHASE, _DATE, day("2025-05-31"), "PERIOD_SOFT_CLOSED"),
        ("date of tomorrow", _BUY, PURCHASE, _DATE, day("2026-01-01"), "FUTURE_DATE"),
        ("date that is none", _BUY, PURCHASE, _DATE, {"year": 2025, "month": 2, "day": 30},
         "INVALID_VALUE"),
        ("request id used for another", _SALE, SALE, "request_id", USED_ID, "REQUEST_ID_REUSED"),
        ("request id that is none", _SALE, SALE, "request_id", "42", "INVALID_VALUE"),
        ("number taken", _SALE, SALE, "sale_id", "SO-1", "ALREADY_EXISTS"),
        ("read long ago", _APPROVE, APPROVAL, "etag", "7", "ETAG_MISMATCH"),
        ("received before it was sent", _RECEIVE, RECEIPT, _DATE, day("2025-07-01"),
         "BEFORE_ARRIVAL"),
        ("decided before it was submitted", _DECIDE, DECISION, _DATE, day("2025-07-13"),
         "OUT_OF_SEQUENCE"),
        ("sent before it was approved", _SEND, DISPATCH, "name", f"{BOOK}/transfers/T-1",
         "NOT_ALLOWED_IN_STATE"),
        ("approved before it was requested", _APPROVE, APPROVAL, _DATE, day("2025-07-01"),
         "OUT_OF_SEQUENCE"),
        ("approved on no day", _APPROVE, APPROVAL, _DATE, {}, "INVALID_VALUE"),
    )
)  # fmt: skip


def here(desk: FrontDesk, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with the desk's own book in all names."""
    found: dict[str, Any] = json.loads(json.dumps(fields).replace(BOOK, desk.parent))
    return found


def send(desk: FrontDesk, method: str, fields: dict[str, Any]) -> Any:
    fields = here(desk, fields)
    return desk.call(method, fields.pop(ACTOR, "wang"), **fields)


def open_the_business(desk: FrontDesk) -> None:
    """All that the requests above speak of."""
    desk.open_for_business(_MAKER)
    desk.buy("B-1", "2025-03-01", "P-1", 100, 6)
    desk.buy("B-2", "2025-03-01", "CORE", 5, 90)
    for month, verb, actor in (
        ("2025-05", "SoftCloseMonth", "wang"),
        ("2025-04", "RequestHardClose", "wang"),
        ("2025-04", "HardCloseMonth", "li"),
    ):
        period, then = desk.name("period"), on("2025-06-05")
        desk.call(f"Period.{verb}", actor, name=period, month=month, occurrence=then)
    submitted = deepcopy(CLAIM)
    submitted["claim"]["failed_on"] = day("2025-07-14")
    send(desk, _CLAIM, {**submitted, "claim_id": "C-1", "occurrence": on("2025-07-14")})
    send(desk, _SALE, {**SALE, "sale_id": "SO-1", "request_id": USED_ID})
    for number, quantity in (("T-1", 3), ("T-2", 900), ("T-3", 4)):
        desk.request_transfer(number, "2025-07-02", "P-1", quantity)
    send(desk, _APPROVE, {**APPROVAL, "name": f"{BOOK}/transfers/T-2"})
    desk.dispatch("T-3", "2025-07-03")
