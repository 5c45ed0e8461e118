"""A payment over thousands of items and a netting of thousands take several facts, not a refusal.

No fact is longer than an entry of the log can be, and each balances by itself.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from domain import accounts
from domain.account_facts import AccountFact
from domain.claim_lines import ClaimedItem, ItemDecision, ItemKind
from domain.claim_states import ClaimState
from domain.clearing import Allocation
from domain.conversion import Conversion
from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement
from domain.errors import InvalidValue
from domain.facts import Command
from domain.ledger import Ledger
from domain.people import MAX_NAME
from domain.storing import NO_REQUEST
from domain.use_cases import base_data, claiming, selling, settling
from domain.use_cases.booking import Occurrence
from domain.use_cases.claim_form import ClaimForm
from domain.warranty_claim import WarrantyClaim
from server.eventlog.entry import MAX_ENTRY_BYTES
from server.eventlog.sealing import check
from server.writing.recordable import require_recordable
from server.writing.submission import UseCase
from tests.domain.account_steps import opened, raised
from tests.domain.desk import counted, imbalance
from tests.server.writing.office import Office, facts, part
from tests.small_maker import policy, terms

JULY = date(2025, 7, 15)
ITEMS = 5_000
BOTH_SIDES = 3_000
PRICE = 100
SETTLEMENT = "D01/2025-07"


def invoiced(count: int, dealer: str = "D01", number: str = "S-{:04}") -> UseCase:
    """As many open items of one dealer, each of its own sale."""

    def invoice(ledger: Ledger, command: Command, /) -> DealerAccount:
        account = ledger.get(DealerAccount, dealer)
        for each in range(count):
            item = "sales/" + number.format(each)
            entry = raised(account, accounts.RECEIVABLE, item, PRICE, JULY)
            day = counted(JULY, "INV").caused_by(account.next_step)
            account.post(command, DealerAccount.SaleInvoiced, day, entry)
        return account

    return invoice


def paid(day: date, amount: int, *allocations: Allocation) -> UseCase:
    return partial(
        selling.receive_payment, number="PM1", occurrence=Occurrence(day, "BANK-1"),
        dealer="D01", amount_minor=amount, currency="CNY", allocations=allocations,
    )  # fmt: skip


def account_facts(office: Office, after: int = 0) -> list[AccountFact]:
    """The account's, each of which balances."""
    found = [fact for fact in facts(office, "accounts/D01", after) if isinstance(fact, AccountFact)]
    for fact in found:
        assert not imbalance(fact.postings), fact
    return found


def left(office: Office) -> dict[str, int]:
    """What is open, as a load from the log has it."""
    items = office.reread("accounts/D01")["items"]
    return {key: item.amount_minor for key, item in items.items()}


@pytest.fixture
def indebted(office: Office) -> Office:
    office.do(partial(base_data.register_dealer, code="D01", terms=terms()))
    office.do(invoiced(ITEMS))
    return office


@pytest.mark.parametrize("day", [date(2025, 7, 20), date(2025, 6, 25)], ids=["after", "before"])
@pytest.mark.parametrize("named", [True, False], ids=["named", "oldest"])
def test_a_payment_over_thousands_of_items_is_recorded(
    indebted: Office, named: bool, day: date
) -> None:
    allocations = [Allocation(f"sales/S-{each:04}", PRICE) for each in range(ITEMS) if named]

    indebted.do(paid(day, ITEMS * PRICE + 7, *allocations))

    recorded = account_facts(indebted, after=1 + ITEMS)
    first, *others = [(type(fact), fact.effective_on) for fact in recorded]
    assert first == (DealerAccount.PaymentReceived, day)
    assert set(others) == {(DealerAccount.CreditAllocated, max(day, JULY))}
    assert len(others) > 1, "more than fit into one fact"
    assert left(indebted) == {"payments/PM1": -7}


def test_in_one_fact_it_would_have_been_too_long(indebted: Office) -> None:
    """The control: what the facts of the payment hold together fits into no entry."""
    indebted.do(paid(date(2025, 7, 20), ITEMS * PRICE))

    stored = indebted.log.select_events("accounts/D01", gt=1 + ITEMS)

    assert max(len(event.state) for event in stored) < MAX_ENTRY_BYTES
    assert sum(len(event.state) for event in stored) > MAX_ENTRY_BYTES


def claimed(ledger: Ledger, command: Command, /) -> WarrantyClaim:
    """A claim for labour under each of many machines."""
    claim = None
    for each in range(BOTH_SIDES):
        serial = f"M-{each:04}"
        base_data.register_machine(
            ledger, command,
            serial=serial, model="ZY16", dealer="D01", sold_on=date(2025, 1, 1), user="U1",
        )  # fmt: skip
        labour = ClaimedItem(
            kind=ItemKind.LABOUR, inspected_minor=PRICE, ordered_minor=PRICE, claimed_minor=PRICE
        )
        form = ClaimForm(
            dealer="D01", machine=serial, user="U1", failed_on=JULY, causal_part="P-1",
            fault_code="F1", pre_inspection="PI", work_order="WO", settlement_sheet="SS",
            currency="CNY", items=(labour,),
        )  # fmt: skip
        claim = claiming.submit_claim(
            ledger, command, number=f"C-{each:04}", occurrence=Occurrence(JULY), form=form
        )
    assert claim is not None
    return claim


def decided(ledger: Ledger, command: Command, /) -> WarrantyClaim:
    """All of them, each credited at once."""
    decisions = (ItemDecision(item=1, approved_minor=PRICE),)
    claim = None
    for each in range(BOTH_SIDES):
        claim = claiming.adjudicate_claim(
            ledger, command,
            number=f"C-{each:04}", occurrence=Occurrence(JULY), decisions=decisions,
        )  # fmt: skip
    assert claim is not None
    return claim


def test_a_settlement_that_nets_thousands_of_claims_and_invoices_is_closed(office: Office) -> None:
    office.do(part("P-1"))
    own_rate = terms(claims_vat_rate=Decimal("0.13"))
    office.do(partial(base_data.register_dealer, code="D01", terms=own_rate))
    office.do(partial(base_data.set_policy, model="ZY16", terms=policy()))
    office.do(invoiced(BOTH_SIDES))
    office.do(claimed)
    office.do(decided, actor="bob")
    day = Occurrence(date(2025, 8, 5))
    office.do(partial(settling.issue_statement, dealer="D01", month="2025-07", occurrence=day))
    stated = office.ledger.get(DealerSettlement, SETTLEMENT).statement
    step: dict[str, Any] = {"number": SETTLEMENT, "occurrence": day}
    office.do(partial(settling.review_statement, **step), actor="bob")
    office.do(partial(settling.confirm_statement, **step, content_hash=stated.content_hash))
    numbers: dict[str, Any] = {"sales_invoice": "SI-1", "claims_invoice": "CI-1"}
    office.do(partial(settling.invoice_settlement, **step, **numbers))
    recorded = len(office.log.select_events("accounts/D01"))

    office.do(partial(settling.close_settlement, **step))

    netted = account_facts(office, after=recorded)
    assert {type(fact) for fact in netted} == {DealerAccount.ItemsNetted}
    assert len(netted) > 1, "more than fit into one fact"
    tax = 13 * PRICE * BOTH_SIDES // 100
    assert left(office) == {f"settlements/{SETTLEMENT}/claims-tax": -tax}
    for number in ("C-0000", f"C-{BOTH_SIDES - 1}"):
        assert office.ledger.get(WarrantyClaim, number).state is ClaimState.SETTLED


def alternating(count: int) -> UseCase:
    """As many sales, one in July and the next in August, and so on."""

    def invoice(ledger: Ledger, command: Command, /) -> DealerAccount:
        account = ledger.get(DealerAccount, "D01")
        for each in range(count):
            day = date(2025, 7 + each % 2, 15)
            entry = raised(account, accounts.RECEIVABLE, f"sales/S-{each:04}", PRICE, day)
            booking = counted(day, "INV").caused_by(account.next_step)
            account.post(command, DealerAccount.SaleInvoiced, booking, entry)
        return account

    return invoice


def test_a_month_whose_lines_alternate_with_the_next_ones_is_stated(office: Office) -> None:
    office.do(partial(base_data.register_dealer, code="D01", terms=terms()))
    office.do(alternating(2 * ITEMS))
    day = Occurrence(date(2025, 8, 5))

    office.do(partial(settling.issue_statement, dealer="D01", month="2025-07", occurrence=day))

    stated = office.ledger.get(DealerSettlement, SETTLEMENT).statement
    assert (stated.line_count, stated.first_version, stated.last_version) == (
        ITEMS, 2, 2 * ITEMS,
    )  # fmt: skip
    step: dict[str, Any] = {"number": SETTLEMENT, "occurrence": day}
    office.do(partial(settling.review_statement, **step), actor="bob")
    disputed = partial(settling.dispute_line, **step, because="price")
    with pytest.raises(InvalidValue):
        office.do(partial(disputed, line_version=3))  # Of August.
    office.do(partial(disputed, line_version=4))


LONGEST = "𠮷" * 63  # Four bytes each.
DOLLAR = Conversion(
    from_currency="USD", to_currency="CNY", rate=Decimal("999999999.9999999999"),
    effective_from=JULY, source="𠮷" * 500, stream="exchange-rates/USD-CNY", version=10**9,
)  # fmt: skip
NAME = "𠮷" * MAX_NAME


@pytest.mark.parametrize("clear", ["pay", "net"])
def test_facts_of_the_longest_names_fit_into_an_entry(clear: str) -> None:
    """Every number, document and amount as long as it may be, in the script that takes most."""
    command = Command(datetime.now(UTC), date(2025, 12, 31), NAME, NO_REQUEST, NAME)
    account = opened(command, LONGEST, "USD")
    most = 10**15
    for number in range(200):
        item, owed = f"settlements/{LONGEST}/2025-07/memo-{number:09}", (-1) ** number * most
        entry = raised(account, accounts.RECEIVABLE, item, owed, JULY, conversion=DOLLAR)
        account.post(
            command,
            DealerAccount.MemoPosted,
            counted(JULY),
            entry,
            line_version=1,
            claims_tax_minor=0,
        )
    command.facts.clear()
    booking = counted(JULY, "𠮷" * 500)

    if clear == "pay":
        account.pay(command, booking, LONGEST, 100 * most, (), date.min, DOLLAR)
    else:
        account.net(command, booking, date.min)

    mapper = Ledger().mapper
    events = [mapper.to_stored_event(fact) for fact in command.facts]
    assert len(events) > 1
    require_recordable(events)
    check(b"main", events)
    assert max(len(event.state) for event in events) > MAX_ENTRY_BYTES // 2, "it is a near thing"


class ReadOnce(tuple[Allocation, ...]):
    """Allocations that count how often someone goes through them."""

    times = 0

    def __iter__(self) -> Iterator[Allocation]:
        type(self).times += 1
        return super().__iter__()


def test_a_payment_goes_through_its_allocations_once_however_many_they_are() -> None:
    """Once for each item would be twenty-five million steps for five thousand."""
    command = Command(datetime.now(UTC), date(2025, 12, 31), "ann", "request-1")
    account = opened(command)
    for number in range(100):
        entry = raised(account, accounts.RECEIVABLE, f"sales/{number}", PRICE, JULY)
        account.post(command, DealerAccount.SaleInvoiced, counted(JULY), entry)
    allocations = ReadOnce(Allocation(f"sales/{number}", PRICE) for number in range(100))

    account.pay(command, counted(JULY), "PM1", 100 * PRICE, allocations, date.min, None)

    assert account.items == {}
    assert ReadOnce.times == 1
