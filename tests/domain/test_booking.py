"""On which day a fact counts: open, soft-closed and hard-closed months, and the future."""

from datetime import date

from msgspec.structs import replace

from domain.errors import DomainError, FutureDate, PeriodClosed, PeriodSoftClosed, SamePerson
from domain.purchase_receipt import PurchaseLine, PurchaseReceipt
from domain.stock_item import StockItem
from domain.use_cases import closing, purchasing
from domain.use_cases.booking import Occurrence
from tests.domain.desk import ANN, BOB, TODAY, Desk, d, layer, on, only
from tests.domain.givens import MAIN, PUMP, bought, maker


def refused_purchase(
    desk: Desk, refusal: type[DomainError], occurrence: Occurrence, actor: str = ANN
) -> dict[str, str]:
    return desk.refused(
        refusal, purchasing.receive_purchase, actor=actor,
        number="PR", occurrence=occurrence, supplier="SUP1", to_place=MAIN,
        lines=(PurchaseLine(part=PUMP, quantity=1, value_minor=1),),
    )  # fmt: skip


def soft_closed_july() -> Desk:
    desk = maker()
    desk.do(closing.soft_close, month="2025-07")
    return desk


def hard_closed_july() -> Desk:
    desk = soft_closed_july()
    desk.close_for_good("2025-07")
    return desk


def test_in_an_open_month_a_fact_counts_on_the_day_it_happened() -> None:
    received = only(bought(maker(), 1, 1, on(7, 31, "DN-1")), PurchaseReceipt.Received)

    assert (received.effective_on, received.occurred_on) == (d(7, 31), d(7, 31))
    assert received.document == "DN-1"


def test_today_is_the_last_day_that_can_be_booked() -> None:
    desk = maker()
    bought(desk, 1, 1, Occurrence(TODAY))

    facts = refused_purchase(desk, FutureDate, Occurrence(date(2026, 1, 1)))

    assert facts == {"date": "2026-01-01", "today": "2025-12-31"}


def test_a_hard_closed_month_takes_nothing() -> None:
    facts = refused_purchase(hard_closed_july(), PeriodClosed, on(7, 31))

    assert facts == {"month": "2025-07", "date": "2025-07-31", "first_open_day": "2025-08-01"}


def test_every_month_before_a_closed_one_is_closed_too() -> None:
    refused_purchase(hard_closed_july(), PeriodClosed, Occurrence(date(2024, 2, 29)))


def test_a_late_entry_counts_on_the_first_open_day_and_keeps_the_day_it_happened() -> None:
    desk = hard_closed_july()
    received = only(bought(desk, 2, 5, on(7, 3, late=True)), PurchaseReceipt.Received)

    assert (received.effective_on, received.occurred_on) == (d(8, 1), d(7, 3))
    late = replace(layer(2, 5, d(7, 3)), counts_from=d(8, 1))
    assert desk.the(StockItem, f"{MAIN}/{PUMP}").layers == (late,), "as old as it is"


def test_the_first_open_day_lies_after_the_soft_closed_months_too() -> None:
    desk = hard_closed_july()
    desk.do(closing.soft_close, month="2025-09")
    received = only(bought(desk, 1, 1, on(7, 3, late=True)), PurchaseReceipt.Received)

    assert received.effective_on == d(10, 1)


def test_the_late_mark_changes_nothing_in_an_open_month() -> None:
    received = only(bought(hard_closed_july(), 1, 1, on(8, 2, late=True)), PurchaseReceipt.Received)

    assert (received.effective_on, received.occurred_on) == (d(8, 2), d(8, 2))


def test_a_soft_closed_month_takes_only_the_document_another_person_approved() -> None:
    desk = soft_closed_july()
    facts = refused_purchase(desk, PeriodSoftClosed, on(7, 31, "DN-1"))
    assert facts == {"month": "2025-07", "document": "DN-1"}
    refused_purchase(desk, PeriodSoftClosed, on(7, 31, late=True))

    desk.approve("2025-07", "DN-1", "purchases", "suppliers/SUP1", -1)

    refused_purchase(desk, PeriodSoftClosed, on(7, 31, "DN-2"))
    refused_purchase(desk, PeriodSoftClosed, on(6, 30, "DN-1"))
    assert refused_purchase(desk, SamePerson, on(7, 31, "DN-1"), actor=BOB) == {
        "actor": BOB, "made": "approved", "action": "enter",
    }  # fmt: skip
    received = only(bought(desk, 1, 1, on(7, 31, "DN-1")), PurchaseReceipt.Received)
    assert received.effective_on == d(7, 31)
