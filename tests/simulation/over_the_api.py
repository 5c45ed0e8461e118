"""The server as a driver: every command a call over gRPC, every answer held against the log.

What a caller may rely on is checked at each call. A refusal records nothing; an acceptance records
exactly the entries its receipt names, under its actor and request; and now and then an answer is
lost on the way, so that the caller asks again and has to be given the same one.
"""

from datetime import date
from typing import Any
from uuid import UUID

from tests.server.reading.front_desk import FrontDesk, Refused
from tests.simulation.on_the_wire import day, money, occurrence
from tests.simulation.shown_over_the_api import Look
from tests.simulation.trade import CURRENCY, DONE, Reasons, Shown, Wanted, When

LOST_ANSWERS = 10  # Every so many accepted commands, the answer is asked for again.


class ApiDriver:
    """Implements Trade over the public API. The book has its base data already.

    `commands` is how many an earlier driver of the same book has sent: ids are numbered on.
    """

    def __init__(self, desk: FrontDesk, commands: int = 0) -> None:
        self.desk = desk
        self.look = Look(desk)
        self.commands = commands
        self.accepted = 0
        self.labour: dict[str, bool] = {}  # Whether a claim has an item of labour.

    def shown(self) -> Shown:
        return self.look.shown()

    # Parts.

    def receive_purchase(
        self, actor: str, number: str, when: When, place: str, part: str, quantity: int, cost: int
    ) -> Reasons:
        line = {"part": self._part(part), "quantity": quantity, "unit_cost": money(cost)}
        purchase = {"supplier": "SUP1", "to_place": self._place(place), "lines": [line]}
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

    def approve_transfer(self, actor: str, number: str) -> Reasons:
        return self._do("Transfer.ApproveTransfer", actor, name=self._transfer(number))

    def reject_transfer(self, actor: str, number: str) -> Reasons:
        name = self._transfer(number)
        return self._do("Transfer.RejectTransfer", actor, name=name, because="no")

    def cancel_transfer(self, actor: str, number: str) -> Reasons:
        name = self._transfer(number)
        return self._do("Transfer.CancelTransfer", actor, name=name, because="no")

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

    def close_transfer(self, actor: str, number: str) -> Reasons:
        return self._do("Transfer.CloseTransfer", actor, name=self._transfer(number))

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
        items = [
            {"kind": "CLAIM_ITEM_KIND_MATERIAL", "part": self._part(part), "quantity": quantity,
             "inspected": money(material), "ordered": money(ordered), "claimed": money(material)},
        ]  # fmt: skip
        if labour:  # An item that claims nothing is not one.
            sheets = ("inspected", "ordered", "claimed")
            amounts = {sheet: money(labour) for sheet in sheets}
            items.append({"kind": "CLAIM_ITEM_KIND_LABOUR", **amounts})
        claim = {
            "dealer": self._dealer(dealer), "machine": self.desk.name(f"machines/{machine}"),
            "user": user, "failed_on": day(failed_on), "causal_part": self._part(part),
            "fault_code": "F1", "pre_inspection": "PI", "work_order": "WO",
            "settlement_sheet": "SS", "items": items,
        }  # fmt: skip
        answer = self._do("Claim.CreateClaim", actor, when, claim_id=number, claim=claim)
        if answer is DONE:
            self.labour[number] = bool(labour)
        return answer

    def adjudicate_claim(
        self, actor: str, number: str, when: When, material: int, labour: int
    ) -> Reasons:
        amounts = (material, labour) if self.labour.get(number, True) else (material,)
        decisions = [{"approved": money(amount), "because": "as found"} for amount in amounts]
        name = self._claim(number)
        return self._do("Claim.AdjudicateClaim", actor, when, name=name, decisions=decisions)

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
        self, actor: str, number: str, when: When, disposal: str, place: str
    ) -> Reasons:
        return self._do(
            "Return.DisposeReturn", actor, when,
            name=self._return(number), disposal=f"DISPOSAL_{disposal.upper()}",
            to_place=self._place(place) if place else "",
        )  # fmt: skip

    # Settlements and periods.

    def issue_statement(self, actor: str, dealer: str, month: str) -> Reasons:
        parent = self._dealer(dealer)
        return self._do("Settlement.IssueStatement", actor, parent=parent, month=month)

    def review_statement(self, actor: str, dealer: str, month: str) -> Reasons:
        name = self._settlement(dealer, month)
        return self._do("Settlement.ReviewStatement", actor, name=name)

    def dispute_line(self, actor: str, dealer: str, month: str, line: int) -> Reasons:
        return self._do(
            "Settlement.DisputeLine", actor,
            name=self._settlement(dealer, month), line_version=line, because="price",
        )  # fmt: skip

    def resolve_dispute(
        self, actor: str, dealer: str, month: str, when: When, line: int, memo: int
    ) -> Reasons:
        amount = {"memo": money(memo)} if memo else {}
        return self._do(
            "Settlement.ResolveDispute", actor, when,
            name=self._settlement(dealer, month), line_version=line, because="agreed", **amount,
        )  # fmt: skip

    def confirm_statement(self, actor: str, dealer: str, month: str, genuine: bool) -> Reasons:
        """The dealer confirms what it was shown: the hash on the statement, not ours."""
        content_hash = self.look.content_hash(dealer, month) if genuine else ""
        return self._do(
            "Settlement.ConfirmStatement", actor,
            name=self._settlement(dealer, month), content_hash=content_hash or "0" * 64,
        )  # fmt: skip

    def invoice_settlement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        name = self._settlement(dealer, month)
        return self._do("Settlement.InvoiceSettlement", actor, when, name=name)

    def close_settlement(self, actor: str, dealer: str, month: str, when: When) -> Reasons:
        name = self._settlement(dealer, month)
        return self._do("Settlement.CloseSettlement", actor, when, name=name)

    def soft_close(self, actor: str, month: str) -> Reasons:
        return self._do("Period.SoftCloseMonth", actor, name=self._period, month=month)

    def approve_entry(self, actor: str, month: str, document: str) -> Reasons:
        return self._do(
            "Period.ApproveEntry", actor, name=self._period, month=month, document=document
        )

    def request_reopening(self, actor: str, month: str) -> Reasons:
        return self._do("Period.RequestReopening", actor, name=self._period, month=month)

    def reopen(self, actor: str, month: str) -> Reasons:
        return self._do("Period.ReopenMonth", actor, name=self._period, month=month)

    def hard_close(self, actor: str, month: str) -> Reasons:
        return self._do("Period.HardCloseMonth", actor, name=self._period, month=month)

    # Calls.

    def _do(self, method: str, actor: str, when: When | None = None, **fields: Any) -> Reasons:
        self.commands += 1
        fields["request_id"] = str(UUID(int=self.commands))
        if when is not None:
            fields["occurrence"] = occurrence(when)
        try:
            answer = self.desk.call(method, actor=actor, **fields)
        except Refused as refusal:
            self.look.nothing_was_recorded()
            return frozenset({refusal.reason})
        self.look.was_recorded(answer.receipt, actor, fields["request_id"])
        self.accepted += 1
        if self.accepted % LOST_ANSWERS == 0:
            self._ask_again(method, actor, fields, answer)
        return DONE

    def _ask_again(self, method: str, actor: str, fields: dict[str, Any], answer: Any) -> None:
        """The same request is answered the same; another under its id is not taken for it."""
        assert self.desk.call(method, actor=actor, **fields) == answer
        reused = {"name": self._period, "month": "2025-01", "document": "another"}
        try:
            self.desk.call(
                "Period.ApproveEntry", actor=actor, request_id=fields["request_id"], **reused
            )
        except Refused as refusal:
            assert refusal.reason == "REQUEST_ID_REUSED", refusal.reason
        else:
            raise AssertionError(f"{fields['request_id']} was taken for two requests")
        self.look.nothing_was_recorded()

    def _part(self, part: str) -> str:
        return self.desk.name(f"parts/{part}")

    def _place(self, place: str) -> str:
        return self.desk.name(f"places/{place}")

    def _dealer(self, dealer: str) -> str:
        return self.desk.name(f"dealers/{dealer}")

    def _transfer(self, number: str) -> str:
        return self.desk.name(f"transfers/{number}")

    def _claim(self, number: str) -> str:
        return self.desk.name(f"claims/{number}")

    def _return(self, number: str) -> str:
        return self.desk.name(f"returns/{number}")

    def _settlement(self, dealer: str, month: str) -> str:
        return self.desk.name(f"dealers/{dealer}/settlements/{month}")

    @property
    def _period(self) -> str:
        return self.desk.name("period")

    def _lines(self, wanted: Wanted) -> list[dict[str, Any]]:
        return [{"part": self._part(part), "quantity": n} for part, n in wanted.items()]
