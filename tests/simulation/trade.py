"""The trade of a small maker, as an interface: what is asked of a ledger, and what it shows.

The model is one implementation, the domain in memory another, the server over gRPC a third. Each
command answers with its refusal's reason, or with nothing. The base data below is the same for all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple, Protocol

from tests.small_maker import CataloguePart, SmallMaker, SoldMachine, policy, terms

Reasons = frozenset[str]
DONE: Final[Reasons] = frozenset()

TODAY: Final = date(2025, 7, 15)
CURRENCY: Final = "CNY"
PRICED_FROM: Final = date(2025, 1, 1)
PUMP, SEAL = "6204-2RS/C3", "M8 x 25"  # Numbers as catalogues write them.
PARTS: Final = {
    PUMP: CataloguePart(1999), SEAL: CataloguePart(37),
    "CORE": CataloguePart(restricted=True), "FRAME": CataloguePart(serviceable=False),
    "NEW": CataloguePart(),
}  # fmt: skip
WAREHOUSES: Final = ("W01", "W02")
CUSTODY: Final = "R01"
DEALERS: Final = {"D01": 30, "D02": 0, "D03": 15, "D04": 0, "D05": 30}  # Payment days.
CURRENCIES: Final = {"D01": CURRENCY, "D02": CURRENCY, "D03": "USD", "D04": "JPY", "D05": "KWD"}
# Of other currencies, by the first day: in January and from each month on at another one.
RATES: Final = {
    currency: {
        date(1990 if month == 1 else 2025, month, 1): Decimal(first) + month * Decimal(change)
        for month in range(1, 8)
    }
    for currency, first, change in (
        ("USD", "7.0", "0.0317"), ("JPY", "0.0521", "-0.00073"), ("KWD", "23", "0.1117"),
    )
}  # fmt: skip
RETURN_DAYS: Final = {"ZY16": 0, "ZY35": 30}  # By model.
MACHINES: Final = {
    "M1": SoldMachine("ZY16", "D01", date(2025, 1, 1), "U1"),
    "M2": SoldMachine("ZY16", "D02", date(2023, 3, 31), "U2"),
    "M3": SoldMachine("ZY35", "D01", date(2024, 6, 1), "U3"),
    "M4": SoldMachine("ZY35", "D02", date(2024, 6, 1), ""),
    "M5": SoldMachine("ZY16", "D03", date(2025, 1, 1), "U5"),
    "M6": SoldMachine("ZY35", "D04", date(2025, 1, 1), "U6"),
    "M7": SoldMachine("ZY16", "D05", date(2025, 1, 1), "U7"),
}
COVERED_UNTIL: Final = {
    "M1": date(2027, 1, 1), "M2": date(2025, 3, 31),
    "M3": date(2026, 6, 1), "M4": date(2026, 6, 1),
    "M5": date(2027, 1, 1), "M6": date(2027, 1, 1), "M7": date(2027, 1, 1),
}  # fmt: skip
VAT_PERCENTS: Final = {date(1990, 1, 1): 13, date(2025, 4, 1): 9}  # Of sales, by the first day.
CLAIMS_VAT_PERCENT: Final = {"D02": 3}  # Of dealers whose claims have a rate of their own.
HANDLING_PERCENT: Final = 5
SUBMISSION_DAYS: Final = 20
CHARGEBACK_MONTHS: Final = 1
MAKER: Final = SmallMaker(
    warehouses=WAREHOUSES,
    custody_rooms=(CUSTODY,),
    currency=CURRENCY,
    vat_rate=Decimal(VAT_PERCENTS[date(1990, 1, 1)]) / 100,
    later_vat_rates={date(2025, 4, 1): Decimal(VAT_PERCENTS[date(2025, 4, 1)]) / 100},
    parts=PARTS,
    priced_from=PRICED_FROM,
    dealers={
        dealer: terms(
            CURRENCIES[dealer],
            payment_days,
            claims_vat_rate=Decimal(CLAIMS_VAT_PERCENT[dealer]) / 100
            if dealer in CLAIMS_VAT_PERCENT
            else None,
        )
        for dealer, payment_days in DEALERS.items()
    },
    other_lists=("USD", "JPY", "KWD"),
    exchange_rates=RATES,
    policies={
        model: policy(
            handling_rate=Decimal(HANDLING_PERCENT) / 100,
            return_days=return_days,
            submission_days=SUBMISSION_DAYS,
            chargeback_months=CHARGEBACK_MONTHS,
        )
        for model, return_days in RETURN_DAYS.items()
    },
    machines=MACHINES,
)


def supplier_of(receipt: str) -> str:
    """Whom everybody buys from, by the number of the receipt."""
    return "SUP2" if receipt[-1] in "05" else "SUP1"


class Approved(NamedTuple):
    """What may be entered into a soft-closed month; the amount is a debit of the party."""

    month: str
    document: str
    kind: str
    party: str
    amount: int


class When(NamedTuple):
    """When something happened, on which paper, and whether it may be booked late."""

    on: date
    document: str = ""
    late: bool = False


class Whereabouts(NamedTuple):
    """Pieces of one part of a transfer: dispatched = the sum of the others."""

    dispatched: int
    in_transit: int
    received: int
    discrepant: int
    resolved: int


class Stated(NamedTuple):
    """An issued statement, in minor units."""

    opening: int
    debit: int
    credit: int
    closing: int


class Lying(NamedTuple):
    """Pieces that came by one receipt, and what they are worth together, in minor units."""

    origin: date
    arrived: date
    receipt: str
    pieces: int
    value: int


@dataclass(frozen=True)
class Shown:
    """All that a ledger shows of itself; entries that are nought are left out."""

    trial_balance: Mapping[tuple[str, str, str], int]  # (account, party, currency)
    stock: Mapping[tuple[str, str], list[Lying]]  # By place and part.
    open_items: Mapping[str, Mapping[str, int]]
    item_days: Mapping[tuple[str, str, date], int]  # (dealer, item, day): what it changes by.
    statements: Mapping[tuple[str, str], Stated]
    transfers: Mapping[str, Mapping[str, Whereabouts]]
    # What does not add up in the book's currency: of all accounts, and of a dealer's beside what
    # its open items were worth when they were raised.
    left_over: Mapping[str, int]


Wanted = Mapping[str, int]  # Pieces by part.


class Trade(Protocol):
    """One method a command; every one names who asks."""

    def receive_purchase(
        self, actor: str, number: str, when: When, place: str, part: str, quantity: int, value: int
    ) -> Reasons: ...

    def request_transfer(
        self, actor: str, number: str, when: When, source: str, target: str, wanted: Wanted
    ) -> Reasons: ...

    def approve_transfer(self, actor: str, number: str, when: When) -> Reasons: ...
    def reject_transfer(self, actor: str, number: str, when: When) -> Reasons: ...
    def cancel_transfer(self, actor: str, number: str, when: When) -> Reasons: ...

    def dispatch_transfer(self, actor: str, number: str, when: When, wanted: Wanted) -> Reasons: ...

    def receive_transfer(self, actor: str, number: str, when: When, wanted: Wanted) -> Reasons: ...

    def record_discrepancy(
        self, actor: str, number: str, when: When, part: str, quantity: int
    ) -> Reasons: ...

    def resolve_discrepancy(
        self, actor: str, number: str, when: When, resolution: str, part: str, quantity: int
    ) -> Reasons: ...

    def close_transfer(self, actor: str, number: str, when: When) -> Reasons: ...

    def sell_parts(
        self, actor: str, number: str, when: When, dealer: str, place: str, wanted: Wanted
    ) -> Reasons: ...

    def receive_payment(
        self, actor: str, number: str, when: When, dealer: str, amount: int, currency: str,
        allocations: tuple[tuple[str, int], ...],
    ) -> Reasons: ...  # fmt: skip

    def submit_claim(
        self, actor: str, number: str, when: When, dealer: str, machine: str, user: str,
        failed_on: date, part: str, quantity: int, material: int, ordered: int, labour: int,
    ) -> Reasons: ...  # fmt: skip

    def adjudicate_claim(
        self, actor: str, number: str, when: When, material: int, labour: int
    ) -> Reasons: ...

    def mark_claim_overdue(self, actor: str, number: str, when: When) -> Reasons: ...
    def charge_back_claim(self, actor: str, number: str, when: When) -> Reasons: ...

    def request_defective_return(
        self, actor: str, number: str, when: When, claim: str, part: str, quantity: int, place: str
    ) -> Reasons: ...

    def request_good_return(
        self, actor: str, number: str, when: When, sale: str, part: str, quantity: int, place: str
    ) -> Reasons: ...

    def ship_return(self, actor: str, number: str, when: When) -> Reasons: ...
    def receive_return(self, actor: str, number: str, when: When) -> Reasons: ...
    def mark_return_overdue(self, actor: str, number: str, when: When) -> Reasons: ...
    def inspect_return(self, actor: str, number: str, when: When, finding: str) -> Reasons: ...

    def dispose_return(
        self, actor: str, number: str, when: When, disposal: str, place: str, supplier: str
    ) -> Reasons: ...

    def issue_statement(self, actor: str, dealer: str, month: str, when: When) -> Reasons: ...
    def review_statement(self, actor: str, dealer: str, month: str, when: When) -> Reasons: ...

    def dispute_line(
        self, actor: str, dealer: str, month: str, when: When, line: int
    ) -> Reasons: ...

    def resolve_dispute(
        self, actor: str, dealer: str, month: str, when: When, line: int, memo: int
    ) -> Reasons: ...

    def confirm_statement(
        self, actor: str, dealer: str, month: str, when: When, genuine: bool
    ) -> Reasons: ...

    def invoice_settlement(
        self, actor: str, dealer: str, month: str, when: When, sales: str, claims: str
    ) -> Reasons:
        """`sales` and `claims` are the numbers of the two invoices."""
        ...

    def close_settlement(self, actor: str, dealer: str, month: str, when: When) -> Reasons: ...

    def soft_close(self, actor: str, when: When, month: str) -> Reasons: ...
    def approve_entry(self, actor: str, when: When, entry: Approved) -> Reasons: ...
    def request_reopening(self, actor: str, when: When, month: str) -> Reasons: ...
    def reopen(self, actor: str, when: When, month: str) -> Reasons: ...
    def request_hard_close(self, actor: str, when: When, month: str) -> Reasons: ...
    def hard_close(self, actor: str, when: When, month: str) -> Reasons: ...

    def shown(self) -> Shown: ...
