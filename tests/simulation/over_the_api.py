"""The server as a driver: every command of the trade is a call over gRPC."""

from datetime import date

from tests.on_the_wire import day, money
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.simulation.calls_over_the_api import Calls
from tests.simulation.trade import (
    CURRENCIES,
    CURRENCY,
    DONE,
    Approved,
    Reasons,
    Shown,
    Wanted,
    When,
    supplier_of,
)


class ApiDriver(Calls):
    """Implements Trade over the public API."""

    def __init__(self, desk: FrontDesk, commands: int = 0) -> None:
        super().__init__(desk, commands)
        self._without_labour: set[str] = set()  # Claims.

    def shown(self) -> Shown:
        return self.look.shown()

    # Parts.

    def receive_purchase(
        self, actor: str, number: str, when: When, place: str, part: str, quantity: int, value: int
    ) -> Reasons:
        line = {"part": self._part(part), "quantity": quantity, "amount": money(value)}
        purchase = {
            "supplier": supplier_of(number),
            "to_place": self._place(place),
            "lines": [line],
        }
        return self._do(
            "Purchase.CreatePurchase", actor, when, purchase_id=number, purchase=purchase
        )

    def request_transfer(
        self, actor: str, number: str, when: When, source: str, target: str, wanted: Wanted
    ) -> Reasons:
        transfer = {
            "from_place": self._place(source),
            "to_place": self._place(target),
            "lines": self._lines(wanted),
        }
        return self._do(
            "Transfer.CreateTransfer", actor, when, transfer_id=number, transfer=transfer
        )

    def approve_transfer(self, actor: str, number: str, when: When) -> Reasons:
        return self._do("Transfer.ApproveTransfer", actor, when, name=self._transfer(number))

    def reject_transfer(self, actor: str, number: str, when: When) -> Reasons:
        name = self._transfer(number)
        return self._do("Transfer.RejectTransfer", actor, when, name=name, because="no")

    def cancel_transfer(self, actor: str, number: str, when: When) -> Reasons:
        name = self._transfer(number)
        return self._do("Transfer.CancelTransfer", actor, when, name=name, because="no")

    def dispatch_transfer(self, actor: str, number: str, when: When, wanted: Wanted) -> Reasons:
        name, lines = self._transfer(number), self._lines(wanted)
        return self._do("Transfer.DispatchTransfer", actor, when, name=name, lines=lines)

    def receive_transfer(self, actor: str, number: str, when: When, wanted: Wanted) -> Reasons:
        name, lines = self._transfer(number), self._lines(wanted)
        return self._do("Transfer.ReceiveTransfer", actor, when, name=name, lines=lines)

    def record_discrepancy(
        self, actor: str, number: str, when: When, part: str, quantity: int
    ) -> Reasons:
        [line] = self._lines({part: quantity})
        return self._do(
            "Transfer.RecordDiscrepancy", actor, when,
            name=self._transfer(number), cause="DISCREPANCY_CAUSE_SHORT", line=line,
        )  # fmt: skip

    def resolve_discrepancy(
        self, actor: str, number: str, when: When, resolution: str, part: str, quantity: int
    ) -> Reasons:
        [line] = self._lines({part: quantity})
        return self._do(
            "Transfer.ResolveDiscrepancy", actor, when,
            name=self._transfer(number), resolution=f"RESOLUTION_{resolution.upper()}",
            line=line, carrier="SF",
        )  # fmt: skip

    def close_transfer(self, actor: str, number: str, when: When) -> Reasons:
        return self._do("Transfer.CloseTransfer", actor, when, name=self._transfer(number))

    def sell_parts(
        self, actor: str, number: str, when: When, dealer: str, place: str, wanted: Wanted
    ) -> Reasons:
        sale = {
            "dealer": self._dealer(dealer),
            "from_place": self._place(place),
            "lines": self._lines(wanted),
        }
        return self._do("Sale.CreateSale", actor, when, sale_id=number, sale=sale)

    def receive_payment(
        self, actor: str, number: str, when: When, dealer: str, amount: int, currency: str,
        allocations: tuple[tuple[str, int], ...],
    ) -> Reasons:  # fmt: skip
        payment = {"dealer": self._dealer(dealer), "amount": money(amount, currency)}
        allocated = [{"item": item, "amount": money(part, currency)} for item, part in allocations]
        return self._do(
            "Payment.CreatePayment", actor, when,
            payment_id=number, payment=payment, allocations=allocated,
        )  # fmt: skip

    # Claims and returns.

    def submit_claim(
        self, actor: str, number: str, when: When, dealer: str, machine: str, user: str,
        failed_on: date, part: str, quantity: int, material: int, ordered: int, labour: int,
    ) -> Reasons:  # fmt: skip
        currency = CURRENCIES.get(dealer, CURRENCY)
        items = [
            {"kind": "CLAIM_ITEM_KIND_MATERIAL", "part": self._part(part), "quantity": quantity,
             "inspected": money(material, currency), "ordered": money(ordered, currency),
             "claimed": money(material, currency)},
        ]  # fmt: skip
        if labour:  # An item that claims nothing is not one.
            sheets = ("inspected", "ordered", "claimed")
            amounts = {sheet: money(labour, currency) for sheet in sheets}
            items.append({"kind": "CLAIM_ITEM_KIND_LABOUR", **amounts})
        claim = {
            "dealer": self._dealer(dealer), "machine": self.desk.name(f"machines/{machine}"),
            "user": user, "failed_on": day(failed_on), "causal_part": self._part(part),
            "fault_code": "F1", "pre_inspection": "PI", "work_order": "WO",
            "settlement_sheet": "SS", "items": items,
        }  # fmt: skip
        answer = self._do("Claim.CreateClaim", actor, when, claim_id=number, claim=claim)
        if answer is DONE and not labour:
            self._without_labour.add(number)
        return answer

    def adjudicate_claim(
        self, actor: str, number: str, when: When, material: int, labour: int
    ) -> Reasons:
        amounts = (material,) if number in self._without_labour else (material, labour)
        currency = self._currency_of(number)
        decisions = [
            {"item": item, "approved": money(amount, currency), "because": "as found"}
            for item, amount in enumerate(amounts, start=1)
        ]
        name = self._claim(number)
        return self._do("Claim.AdjudicateClaim", actor, when, name=name, decisions=decisions)

    def _currency_of(self, claim: str) -> str:
        """The currency of a claim, if there is one."""
        try:
            found = self.desk.call("Claim.GetClaim", name=self._claim(claim)).claim
        except Refused:
            return CURRENCY
        return str(found.claimed.currency_code)

    def mark_claim_overdue(self, actor: str, number: str, when: When) -> Reasons:
        return self._do("Claim.MarkClaimOverdue", actor, when, name=self._claim(number))

    def charge_back_claim(self, actor: str, number: str, when: When) -> Reasons:
        name = self._claim(number)
        return self._do("Claim.ChargeBackClaim", actor, when, name=name, because="audit")

    def request_defective_return(
        self, actor: str, number: str, when: When, claim: str, part: str, quantity: int, place: str
    ) -> Reasons:
        origin = {"claim": self._claim(claim)}
        return self._request_return(actor, number, when, origin, part, quantity, place)

    def request_good_return(
        self, actor: str, number: str, when: When, sale: str, part: str, quantity: int, place: str
    ) -> Reasons:
        origin = {"sale": self.desk.name(f"sales/{sale}")}
        return self._request_return(actor, number, when, origin, part, quantity, place)

    def _request_return(
        self, actor: str, number: str, when: When, origin: dict[str, str], part: str,
        quantity: int, place: str,
    ) -> Reasons:  # fmt: skip
        line = {"part": self._part(part), "quantity": quantity, "to_place": self._place(place)}
        return self._do(
            "Return.CreateReturn", actor, when, return_id=number, parts_return={**origin, **line}
        )

    def ship_return(self, actor: str, number: str, when: When) -> Reasons:
        return self._do("Return.ShipReturn", actor, when, name=self._return(number))

    def receive_return(self, actor: str, number: str, when: When) -> Reasons:
        return self._do("Return.ReceiveReturn", actor, when, name=self._return(number))

    def mark_return_overdue(self, actor: str, number: str, when: When) -> Reasons:
        return self._do("Return.MarkReturnOverdue", actor, when, name=self._return(number))

    def inspect_return(self, actor: str, number: str, when: When, finding: str) -> Reasons:
        found = f"FINDING_{finding.upper()}"
        name = self._return(number)
        return self._do("Return.InspectReturn", actor, when, name=name, finding=found)

    def dispose_return(
        self, actor: str, number: str, when: When, disposal: str, place: str, supplier: str
    ) -> Reasons:
        return self._do(
            "Return.DisposeReturn", actor, when,
            name=self._return(number), disposal=f"DISPOSAL_{disposal.upper()}",
            to_place=self._place(place) if place else "", supplier=supplier,
        )  # fmt: skip

    # Settlements and periods.

    def issue_statement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        parent = self._dealer(dealer)
        return self._do("Settlement.IssueStatement", actor, when, parent=parent, month=month)

    def review_statement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        name = self._settlement(dealer, month)
        return self._do("Settlement.ReviewStatement", actor, when, name=name)

    def dispute_line(self, actor: str, dealer: str, month: str, when: When, line: int) -> Reasons:
        return self._do(
            "Settlement.DisputeLine", actor, when,
            name=self._settlement(dealer, month), line_version=line, because="price",
        )  # fmt: skip

    def resolve_dispute(
        self, actor: str, dealer: str, month: str, when: When, line: int, memo: int
    ) -> Reasons:
        amount = {"memo": money(memo, CURRENCIES.get(dealer, CURRENCY))} if memo else {}
        return self._do(
            "Settlement.ResolveDispute", actor, when,
            name=self._settlement(dealer, month), line_version=line, because="agreed", **amount,
        )  # fmt: skip

    def confirm_statement(
        self, actor: str, dealer: str, month: str, when: When, genuine: bool
    ) -> Reasons:
        """The dealer confirms what it was shown: the hash on the statement, not ours."""
        content_hash = self.look.content_hash(dealer, month) if genuine else ""
        return self._do(
            "Settlement.ConfirmStatement", actor, when,
            name=self._settlement(dealer, month), content_hash=content_hash or "0" * 64,
        )  # fmt: skip

    def invoice_settlement(
        self, actor: str, dealer: str, month: str, when: When, sales: str, claims: str
    ) -> Reasons:
        return self._do(
            "Settlement.InvoiceSettlement", actor, when,
            name=self._settlement(dealer, month), sales_invoice=sales, claims_invoice=claims,
        )  # fmt: skip

    def close_settlement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        name = self._settlement(dealer, month)
        return self._do("Settlement.CloseSettlement", actor, when, name=name)

    def soft_close(self, actor: str, when: When, month: str) -> Reasons:
        return self._do("Period.SoftCloseMonth", actor, when, name=self._period, month=month)

    def approve_entry(self, actor: str, when: When, entry: Approved) -> Reasons:
        fields = {**entry._asdict(), "amount": money(entry.amount)}
        return self._do("Period.ApproveEntry", actor, when, name=self._period, **fields)

    def request_reopening(self, actor: str, when: When, month: str) -> Reasons:
        return self._do("Period.RequestReopening", actor, when, name=self._period, month=month)

    def reopen(self, actor: str, when: When, month: str) -> Reasons:
        return self._do("Period.ReopenMonth", actor, when, name=self._period, month=month)

    def request_hard_close(self, actor: str, when: When, month: str) -> Reasons:
        return self._do("Period.RequestHardClose", actor, when, name=self._period, month=month)

    def hard_close(self, actor: str, when: When, month: str) -> Reasons:
        return self._do("Period.HardCloseMonth", actor, when, name=self._period, month=month)
