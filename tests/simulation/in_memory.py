"""The domain as a driver: use cases on a ledger in memory, and what its facts add up to."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date

from domain.accounting_period import CALENDAR, AccountingPeriod
from domain.approvals import ApprovedEntry
from domain.claim_lines import ClaimedItem, ItemDecision, ItemKind
from domain.clearing import Allocation
from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement, settlement_key
from domain.errors import DomainError
from domain.facts import Aggregate, BookedFact
from domain.layers import Layer, quantity_of
from domain.ledger import Ledger
from domain.parts_back import Finding
from domain.parts_return import Disposal
from domain.parts_transfer import PartsTransfer
from domain.proofs import Figures
from domain.purchase_receipt import PurchaseLine
from domain.stock_item import StockItem
from domain.transfer_lines import DiscrepancyCause, Resolution, TransferLine
from domain.use_cases import (
    claiming,
    closing,
    purchasing,
    returning,
    selling,
    settling,
    transferring,
)
from domain.use_cases.booking import Occurrence
from domain.use_cases.claim_form import ClaimForm
from tests.domain.desk import command
from tests.simulation.trade import (
    CURRENCIES,
    CURRENCY,
    DEALERS,
    DONE,
    MAKER,
    TODAY,
    Approved,
    Lying,
    Reasons,
    Shown,
    Stated,
    Wanted,
    When,
    Whereabouts,
    supplier_of,
)

LayerKey = tuple[date, date, str]


class DomainDriver:
    """Implements Trade. Views are folded from the facts, as the projections do."""

    def __init__(self) -> None:
        self.ledger = Ledger(currency=CURRENCY)
        self.commands = 0
        self.balances: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self.lying: defaultdict[tuple[str, str], dict[LayerKey, tuple[int, int]]]
        self.lying = defaultdict(dict)  # Pieces and value, by place and part.
        self.item_days: Counter[tuple[str, str, date]] = Counter()
        self.worth: Counter[str] = Counter()  # By party, on the accounts of dealers; and of all.
        self.statements: dict[tuple[str, str], Stated] = {}
        self.transfers: set[str] = set()
        for use_case, fields in MAKER.use_cases():
            assert self._do(use_case, "ann", **fields) is DONE

    def shown(self) -> Shown:
        return Shown(
            trial_balance={key: amount for key, amount in self.balances.items() if amount},
            stock=self._stock(),
            open_items={dealer: self._open_items(dealer) for dealer in DEALERS},
            item_days={key: amount for key, amount in self.item_days.items() if amount},
            statements=dict(self.statements),
            transfers={number: self._whereabouts(number) for number in self.transfers},
            left_over=self._left_over(),
        )

    def _left_over(self) -> dict[str, int]:
        left = Counter({"all": self.worth["all"]})
        for dealer in DEALERS:
            items = self.ledger.get(DealerAccount, dealer).items.values()
            raised = sum(
                item.amount_minor if item.functional_minor is None else item.functional_minor
                for item in items
            )
            left[dealer] = self.worth[f"dealers/{dealer}"] - raised
        return {whose: minor for whose, minor in left.items() if minor}

    # Parts.

    def receive_purchase(
        self, actor: str, number: str, when: When, place: str, part: str, quantity: int, value: int
    ) -> Reasons:
        return self._do(
            purchasing.receive_purchase, actor,
            number=number, occurrence=_at(when), supplier=supplier_of(number),
            to_place=place, lines=(PurchaseLine(part=part, quantity=quantity, value_minor=value),),
        )  # fmt: skip

    def request_transfer(
        self, actor: str, number: str, when: When, source: str, target: str, wanted: Wanted
    ) -> Reasons:
        answer = self._do(
            transferring.request_transfer, actor,
            number=number, occurrence=_at(when), from_place=source, to_place=target,
            lines=_lines(wanted),
        )  # fmt: skip
        if answer is DONE:
            self.transfers.add(number)
        return answer

    def approve_transfer(self, actor: str, number: str, when: When) -> Reasons:
        return self._do(transferring.approve_transfer, actor, number=number, occurrence=_at(when))

    def reject_transfer(self, actor: str, number: str, when: When) -> Reasons:
        return self._do(
            transferring.reject_transfer, actor,
            number=number, occurrence=_at(when), because="no",
        )  # fmt: skip

    def cancel_transfer(self, actor: str, number: str, when: When) -> Reasons:
        return self._do(
            transferring.cancel_transfer, actor,
            number=number, occurrence=_at(when), because="no",
        )  # fmt: skip

    def dispatch_transfer(self, actor: str, number: str, when: When, wanted: Wanted) -> Reasons:
        return self._do(
            transferring.dispatch_transfer, actor,
            number=number, occurrence=_at(when), lines=_lines(wanted),
        )  # fmt: skip

    def receive_transfer(self, actor: str, number: str, when: When, wanted: Wanted) -> Reasons:
        return self._do(
            transferring.receive_transfer, actor,
            number=number, occurrence=_at(when), lines=_lines(wanted),
        )  # fmt: skip

    def record_discrepancy(
        self, actor: str, number: str, when: When, part: str, quantity: int
    ) -> Reasons:
        return self._do(
            transferring.record_discrepancy, actor,
            number=number, occurrence=_at(when), cause=DiscrepancyCause.SHORT, part=part,
            quantity=quantity,
        )  # fmt: skip

    def resolve_discrepancy(
        self, actor: str, number: str, when: When, resolution: str, part: str, quantity: int
    ) -> Reasons:
        return self._do(
            transferring.resolve_discrepancy, actor,
            number=number, occurrence=_at(when), resolution=Resolution(resolution), part=part,
            quantity=quantity, carrier="SF",
        )  # fmt: skip

    def close_transfer(self, actor: str, number: str, when: When) -> Reasons:
        return self._do(transferring.close_transfer, actor, number=number, occurrence=_at(when))

    def sell_parts(
        self, actor: str, number: str, when: When, dealer: str, place: str, wanted: Wanted
    ) -> Reasons:
        lines = tuple(selling.WantedLine(part, quantity) for part, quantity in wanted.items())
        return self._do(
            selling.sell_parts, actor,
            number=number, occurrence=_at(when), dealer=dealer, from_place=place, lines=lines,
        )  # fmt: skip

    def receive_payment(
        self, actor: str, number: str, when: When, dealer: str, amount: int, currency: str,
        allocations: tuple[tuple[str, int], ...],
    ) -> Reasons:  # fmt: skip
        return self._do(
            selling.receive_payment, actor,
            number=number, occurrence=_at(when), dealer=dealer, amount_minor=amount,
            currency=currency, allocations=tuple(Allocation(*each) for each in allocations),
        )  # fmt: skip

    # Claims and returns.

    def submit_claim(
        self, actor: str, number: str, when: When, dealer: str, machine: str, user: str,
        failed_on: date, part: str, quantity: int, material: int, ordered: int, labour: int,
    ) -> Reasons:  # fmt: skip
        items = (
            ClaimedItem(
                kind=ItemKind.MATERIAL, part=part, quantity=quantity,
                inspected_minor=material, ordered_minor=ordered, claimed_minor=material,
            ),
            ClaimedItem(
                kind=ItemKind.LABOUR,
                inspected_minor=labour, ordered_minor=labour, claimed_minor=labour,
            ),
        )  # fmt: skip
        form = ClaimForm(
            dealer, machine, user, failed_on, part, "F1", "PI", "WO", "SS",
            CURRENCIES.get(dealer, CURRENCY), items,
        )  # fmt: skip
        return self._do(
            claiming.submit_claim, actor, number=number, occurrence=_at(when), form=form
        )

    def adjudicate_claim(
        self, actor: str, number: str, when: When, material: int, labour: int
    ) -> Reasons:
        decisions = tuple(
            ItemDecision(item=item, approved_minor=amount, because="as found")
            for item, amount in enumerate((material, labour), start=1)
        )
        return self._do(
            claiming.adjudicate_claim, actor,
            number=number, occurrence=_at(when), decisions=decisions,
        )  # fmt: skip

    def mark_claim_overdue(self, actor: str, number: str, when: When) -> Reasons:
        return self._do(claiming.mark_claim_overdue, actor, number=number, occurrence=_at(when))

    def charge_back_claim(self, actor: str, number: str, when: When) -> Reasons:
        return self._do(
            claiming.charge_back_claim, actor,
            number=number, occurrence=_at(when), because="audit",
        )  # fmt: skip

    def request_defective_return(
        self, actor: str, number: str, when: When, claim: str, part: str, quantity: int, place: str
    ) -> Reasons:
        return self._do(
            returning.request_defective_return, actor,
            number=number, occurrence=_at(when), claim=claim, part=part, quantity=quantity,
            to_place=place,
        )  # fmt: skip

    def request_good_return(
        self, actor: str, number: str, when: When, sale: str, part: str, quantity: int, place: str
    ) -> Reasons:
        return self._do(
            returning.request_good_return, actor,
            number=number, occurrence=_at(when), sale=sale, part=part, quantity=quantity,
            to_place=place,
        )  # fmt: skip

    def ship_return(self, actor: str, number: str, when: When) -> Reasons:
        return self._do(returning.ship_return, actor, number=number, occurrence=_at(when))

    def receive_return(self, actor: str, number: str, when: When) -> Reasons:
        return self._do(returning.receive_return, actor, number=number, occurrence=_at(when))

    def mark_return_overdue(self, actor: str, number: str, when: When) -> Reasons:
        return self._do(returning.mark_return_overdue, actor, number=number, occurrence=_at(when))

    def inspect_return(self, actor: str, number: str, when: When, finding: str) -> Reasons:
        return self._do(
            returning.inspect_return, actor,
            number=number, occurrence=_at(when), finding=Finding(finding),
        )  # fmt: skip

    def dispose_return(
        self, actor: str, number: str, when: When, disposal: str, place: str, supplier: str
    ) -> Reasons:
        return self._do(
            returning.dispose_return, actor,
            number=number, occurrence=_at(when), disposal=Disposal(disposal), to_place=place,
            supplier=supplier,
        )  # fmt: skip

    # Settlements and periods.

    def issue_statement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        answer = self._do(
            settling.issue_statement, actor, dealer=dealer, month=month, occurrence=_at(when)
        )
        if answer is DONE:
            stated = self._settlement(dealer, month).statement
            self.statements[dealer, month] = Stated(
                stated.opening_minor, stated.debit_minor, stated.credit_minor, stated.closing_minor
            )
        return answer

    def review_statement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        return self._do(
            settling.review_statement, actor,
            number=settlement_key(dealer, month), occurrence=_at(when),
        )  # fmt: skip

    def dispute_line(self, actor: str, dealer: str, month: str, when: When, line: int) -> Reasons:
        return self._do(
            settling.dispute_line, actor,
            number=settlement_key(dealer, month), occurrence=_at(when), line_version=line,
            because="price",
        )  # fmt: skip

    def resolve_dispute(
        self, actor: str, dealer: str, month: str, when: When, line: int, memo: int
    ) -> Reasons:
        return self._do(
            settling.resolve_dispute, actor,
            number=settlement_key(dealer, month), occurrence=_at(when), line_version=line,
            memo_minor=memo, because="agreed",
        )  # fmt: skip

    def confirm_statement(
        self, actor: str, dealer: str, month: str, when: When, genuine: bool
    ) -> Reasons:
        known = self.ledger.find(DealerSettlement, settlement_key(dealer, month))
        content_hash = known.statement.content_hash if known and genuine else "0" * 64
        return self._do(
            settling.confirm_statement, actor,
            number=settlement_key(dealer, month), occurrence=_at(when), content_hash=content_hash,
        )  # fmt: skip

    def invoice_settlement(
        self, actor: str, dealer: str, month: str, when: When, sales: str, claims: str
    ) -> Reasons:
        return self._do(
            settling.invoice_settlement, actor,
            number=settlement_key(dealer, month), occurrence=_at(when),
            sales_invoice=sales, claims_invoice=claims,
        )  # fmt: skip

    def close_settlement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        return self._do(
            settling.close_settlement, actor,
            number=settlement_key(dealer, month), occurrence=_at(when),
        )  # fmt: skip

    def soft_close(self, actor: str, when: When, month: str) -> Reasons:
        return self._do(closing.soft_close, actor, occurrence=_at(when), month=month)

    def approve_entry(self, actor: str, when: When, entry: Approved) -> Reasons:
        approved = ApprovedEntry(*entry, CURRENCY)
        return self._do(closing.approve_entry, actor, occurrence=_at(when), entry=approved)

    def request_reopening(self, actor: str, when: When, month: str) -> Reasons:
        return self._do(closing.request_reopening, actor, occurrence=_at(when), month=month)

    def reopen(self, actor: str, when: When, month: str) -> Reasons:
        return self._do(closing.reopen, actor, occurrence=_at(when), month=month)

    def request_hard_close(self, actor: str, when: When, month: str) -> Reasons:
        return self._do(closing.request_hard_close, actor, occurrence=_at(when), month=month)

    def hard_close(self, actor: str, when: When, month: str) -> Reasons:
        return self._do(
            closing.hard_close, actor, occurrence=_at(when), month=month,
            figures=self._figures(month),
        )  # fmt: skip

    def _figures(self, month: str) -> Figures:
        """There are no views here: what agrees is left to `History.check`."""
        calendar = self.ledger.find(AccountingPeriod, CALENDAR)
        accounts = [(dealer, self.ledger.get(DealerAccount, dealer)) for dealer in DEALERS]
        not_stated = [dealer for dealer, account in accounts if month in account.months]
        version = calendar.version if calendar else 0
        return Figures(self.commands, version, (), len(DEALERS), tuple(not_stated))

    def _do(self, use_case: Callable[..., Aggregate], actor: str, **fields: object) -> Reasons:
        self.commands += 1
        asked = command(self.commands, actor, TODAY)
        try:
            self.ledger.execute(asked, lambda ledger, cmd: use_case(ledger, cmd, **fields))
        except DomainError as refusal:
            assert asked.facts == [], "a refused command records nothing"
            return frozenset({refusal.reason})
        for fact in asked.facts:
            if isinstance(fact, BookedFact):
                self._fold(fact)
        return DONE

    def _fold(self, fact: BookedFact) -> None:
        for posting in fact.postings:
            self.balances[posting.account, posting.party, posting.currency] += posting.amount_minor
            worth = posting.functional_minor
            worth = posting.amount_minor if worth is None else worth
            self.worth["all"] += worth
            if posting.item:
                self.worth[posting.party] += worth
                item = (posting.party.removeprefix("dealers/"), posting.item, fact.effective_on)
                self.item_days[item] += posting.amount_minor
        for movement in fact.movements:
            for layer in movement.layers:
                left = (layer.origin_on, layer.arrived_on, layer.receipt)
                came = (layer.origin_on, fact.occurred_on, layer.receipt)
                self._move(movement.from_place, movement.part, left, layer, -1)
                self._move(movement.to_place, movement.part, came, layer, 1)

    def _move(self, place: str, part: str, key: LayerKey, layer: Layer, sign: int) -> None:
        lying = self.lying[place, part]
        pieces, value = lying.get(key, (0, 0))
        lying[key] = pieces + sign * layer.quantity, value + sign * layer.value_minor

    def _stock(self) -> dict[tuple[str, str], list[Lying]]:
        """As the aggregates hold it, which has to be what the movements add up to."""
        shown = {}
        for (place, part), layers in self.lying.items():
            lying = sorted(Lying(*key, *sums) for key, sums in layers.items() if any(sums))
            if place in ("@in-transit", "@discrepancy"):
                assert all(each.pieces > 0 <= each.value for each in lying), (place, part, lying)
            if place.startswith("@"):
                continue
            pieces: Counter[LayerKey] = Counter()  # Apart from the day from which they count.
            value: Counter[LayerKey] = Counter()
            for layer in self.ledger.get(StockItem, f"{place}/{part}").layers:
                key = (layer.origin_on, layer.arrived_on, layer.receipt)
                pieces[key] += layer.quantity
                value[key] += layer.value_minor
                assert layer.supplier == supplier_of(layer.receipt) or "returns/" in layer.receipt
            held = [Lying(*key, pieces[key], value[key]) for key in pieces]
            assert held == lying, f"{part} at {place}: stock item and movements part"
            if held:
                shown[place, part] = held
        return shown

    def _open_items(self, dealer: str) -> dict[str, int]:
        account = self.ledger.get(DealerAccount, dealer)
        return {name: item.amount_minor for name, item in account.items.items()}

    def _whereabouts(self, number: str) -> dict[str, Whereabouts]:
        transfer = self.ledger.get(PartsTransfer, number)
        return {
            part: Whereabouts(
                dispatched, quantity_of(transfer.in_transit[part]),
                transfer.received.get(part, 0), quantity_of(transfer.discrepant.get(part, ())),
                transfer.resolved.get(part, 0),
            )
            for part, dispatched in transfer.dispatched.items()
        }  # fmt: skip

    def _settlement(self, dealer: str, month: str) -> DealerSettlement:
        return self.ledger.get(DealerSettlement, settlement_key(dealer, month))


def _at(when: When) -> Occurrence:
    return Occurrence(when.on, when.document, when.late)


def _lines(wanted: Wanted) -> tuple[TransferLine, ...]:
    return tuple(TransferLine(part=part, quantity=quantity) for part, quantity in wanted.items())
