"""The rows that a ledger has to refuse, one of each kind, with the reason it has to give.

Each is written among the valid ones and noted in expected_refusals.csv. Nothing else of the
history depends on them, so a ledger that refuses them is as if they had never been there.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from examples.history import History
from examples.sizes import FIRST_DAY
from examples.warranty import Claim, Warranty


class Refusals:
    def __init__(self, history: History, warranty: Warranty) -> None:
        self._history = history
        self._warranty = warranty
        self._due: dict[date, Callable[[], None]] = {
            date(2025, 7, 15): self._core_part_sold,
            date(2025, 7, 22): self._claim_out_of_term,
            date(2025, 7, 29): self._part_not_for_service_sold,
            date(2025, 8, 5): self._dispatch_above_stock,
            date(2025, 8, 12): self._core_part_consigned,
            date(2025, 8, 19): self._claim_again,
            date(2025, 8, 26): self._claim_without_user,
            date(2025, 9, 2): self._claim_of_another_dealer,
            date(2025, 9, 9): self._claim_too_late,
            date(2025, 9, 16): self._claim_decided_by_its_submitter,
            date(2025, 9, 23): self._sale_in_closed_month,
            date(2025, 10, 14): self._payment_in_another_currency,
            date(2025, 10, 21): self._claim_with_unlike_documents,
        }

    def price_core_part(self) -> None:
        """Written with the base data: a core part is never priced."""
        part = self._part(self._history.catalogue.restricted[0])
        line = self._history.files.write(
            "prices.csv", price_list="settlement", currency="CNY", part=part,
            effective_from=FIRST_DAY, unit_price="98000.00",
        )  # fmt: skip
        number = f"settlement/CNY/{part}/{FIRST_DAY}"
        self._expect("prices.csv", line, number, "register", "RESTRICTED_PART")

    def turn(self) -> None:
        due = self._due.get(self._history.today)
        if due:
            due()

    def _core_part_sold(self) -> None:
        self._sale(self._history.catalogue.restricted[0], self._history.today, "RESTRICTED_PART")

    def _part_not_for_service_sold(self) -> None:
        part = self._history.catalogue.unserviceable[0]
        self._sale(part, self._history.today, "PART_NOT_SERVICEABLE")

    def _sale_in_closed_month(self) -> None:
        """July is hard-closed by then, and the row does not allow it to count later."""
        self._sale(self._history.catalogue.active[0], date(2025, 7, 30), "PERIOD_CLOSED")

    def _dispatch_above_stock(self) -> None:
        home, other, *_ = self._history.catalogue.warehouses
        self._transfer(
            other, self._history.catalogue.active[-1], 5_000, "dispatch", "INSUFFICIENT_STOCK",
            approved_on=self._history.today, approved_by=f"{home.lower()}.books",
            dispatched_on=self._history.today, dispatched_by=f"{home.lower()}.keeper",
        )  # fmt: skip

    def _core_part_consigned(self) -> None:
        place = f"consignment.{self._history.catalogue.dealers[1].code}"
        part = self._history.catalogue.restricted[0]
        self._transfer(place, part, 1, "request", "RESTRICTED_PART")

    def _claim_again(self) -> None:
        """The same machine, day and causal part as the last claim, under a new number."""
        first = self._warranty.latest
        assert first is not None
        again = first._replace(number=self._history.number("CL"))
        self._claim(again, "submit", "DUPLICATE_CLAIM", submitted=first.failed_on + timedelta(20))

    def _claim_without_user(self) -> None:
        self._claim(self._draft(), "submit", "USER_MISSING", user=None)

    def _claim_of_another_dealer(self) -> None:
        drafted = self._draft()
        others = self._history.catalogue.dealers
        other = next(dealer for dealer in others if dealer.code != drafted.dealer.code)
        self._claim(drafted._replace(dealer=other), "submit", "FOREIGN_MACHINE")

    def _claim_out_of_term(self) -> None:
        """The first machine's two years have ended three weeks before."""
        machine = self._history.catalogue.machines[0]
        dealer = self._history.catalogue.dealers[machine.dealer]
        failed_on = self._history.today - timedelta(days=2)
        drafted = self._draft()._replace(machine=machine, dealer=dealer, failed_on=failed_on)
        self._claim(drafted, "submit", "OUT_OF_WARRANTY")

    def _claim_too_late(self) -> None:
        failed_on = self._history.today - timedelta(days=45)
        self._claim(self._draft()._replace(failed_on=failed_on), "submit", "SUBMITTED_TOO_LATE")

    def _claim_with_unlike_documents(self) -> None:
        self._claim(self._draft(), "submit", "DOCUMENTS_DISAGREE", inspected_less=5_000)

    def _claim_decided_by_its_submitter(self) -> None:
        drafted = self._draft()
        self._claim(
            drafted, "adjudicate", "SAME_PERSON", approved=[item.minor for item in drafted.items],
            adjudicated_on=self._history.today + timedelta(days=3),
            adjudicated_by=f"{drafted.dealer.code.lower()}.service",
        )  # fmt: skip

    def _payment_in_another_currency(self) -> None:
        history = self._history
        number = history.number("PM")
        line = history.files.write(
            "payments.csv", payment=number, received_on=history.today, received_by="finance.cash",
            document=history.paper("BK"), dealer=history.catalogue.dealers[0].code,
            amount="1000.00", currency="USD",
        )  # fmt: skip
        self._expect("payments.csv", line, number, "receive", "WRONG_CURRENCY")

    def _sale(self, part: int, on: date, reason: str) -> None:
        history = self._history
        number = history.number("SO")
        line = history.files.write(
            "sales.csv", sale=number, sold_on=on, sold_by="parts.sales",
            entered_on=history.entered(on), document=history.paper("INV"),
            dealer=history.catalogue.dealers[0].code,
            from_place=history.catalogue.warehouses[0], part=self._part(part), quantity=1,
        )  # fmt: skip
        self._expect("sales.csv", line, number, "sell", reason)

    def _transfer(
        self, place: str, part: int, quantity: int, step: str, reason: str, **cells: Any
    ) -> None:
        history = self._history
        number = history.number("TR")
        line = history.files.write(
            "transfers.csv", transfer=number, document=history.paper("TO"),
            from_place=history.catalogue.warehouses[0], to_place=place, part=self._part(part),
            quantity=quantity, requested_on=history.today, requested_by="parts.sales", **cells,
        )  # fmt: skip
        self._expect("transfers.csv", line, number, step, reason)

    def _claim(
        self, claim: Claim, step: str, reason: str, approved: list[int] | None = None,
        inspected_less: int = 0, submitted: date | None = None, **cells: Any,
    ) -> None:  # fmt: skip
        on = submitted or self._history.today
        line = self._warranty.write(claim, on, **cells)
        self._warranty.write_items(claim, approved, inspected_less=inspected_less)
        self._expect("claims.csv", line, claim.number, step, reason)

    def _draft(self) -> Claim:
        drafted = self._warranty.draft(self._history.today)
        assert drafted is not None
        return drafted

    def _part(self, index: int) -> str:
        return self._history.catalogue.part(index)

    def _expect(self, name: str, line: int, document: str, step: str, reason: str) -> None:
        self._history.files.expect_refusal(name, line, document, step, reason)
