"""Which refusal wins where a command breaks several rules: base data, purchases and transfers."""

from datetime import date

from msgspec.structs import replace

from domain.changes import KnownOtherwise, VersionExists
from domain.errors import (
    AlreadyExists,
    BeforeArrival,
    FutureDate,
    InsufficientStock,
    InvalidValue,
    NotAllowedInState,
    NotFound,
    OpenDiscrepancy,
    OutOfSequence,
    OverDispatch,
    OverReceipt,
    PlaceNotAllowed,
    RestrictedPart,
    SamePerson,
)
from domain.part import CatalogueEntry, PartClass
from domain.purchase_receipt import PurchaseLine
from domain.transfer_lines import DiscrepancyCause, Resolution
from domain.use_cases import base_data, purchasing, revising, transferring
from tests.domain.desk import ANN, BOB, Desk, d, on
from tests.domain.givens import (
    AT_D01,
    CORE,
    CUSTODY,
    LIST,
    MAIN,
    NORTH,
    PUMP,
    SEAL,
    bought,
    dispatched,
    maker,
    requested,
    stocked_maker,
)
from tests.domain.refusal_order import FUTURE, Broken, closed_months, dates, in_order
from tests.domain.transfer_steps import lines
from tests.small_maker import terms

LINE = PurchaseLine(part=PUMP, quantity=1, value_minor=1)


def test_a_price_needs_its_list_its_part_one_that_may_be_priced_then_a_free_day() -> None:
    in_order(
        maker(), base_data.set_price,
        {"price_list": "guide-CNY", "part": "X", "effective_from": d(1, 1), "unit_price_minor": 1},
        Broken(NotFound, {"kind": "PriceList"}, {"part": CORE}),
        Broken(NotFound, {"kind": "PriceList"}, {"part": "X", "price_list": LIST}),
        Broken(NotFound, {"kind": "Part"}, {"part": CORE}),
        Broken(RestrictedPart, {}, {"part": PUMP}),
        Broken(VersionExists, {"known": "unit_price 19.99 CNY"}, {"effective_from": d(2, 1)}),
    )  # fmt: skip


def test_a_dealers_code_is_looked_at_before_its_parent() -> None:
    in_order(
        maker(), base_data.register_dealer,
        {"code": "D01", "terms": terms(parent="HQ")},
        Broken(KnownOtherwise, {"key": "D01"}, {"code": "D11"}),
        Broken(NotFound, {"key": "HQ"}, {"terms": terms(parent="D01")}),
    )  # fmt: skip


def test_a_machines_serial_then_its_dealer_then_its_day() -> None:
    in_order(
        maker(), base_data.register_machine,
        {"serial": "S1", "model": "ZY16", "dealer": "D09", "sold_on": FUTURE.on, "user": ""},
        Broken(KnownOtherwise, {"key": "S1"}, {"serial": "S9"}),
        Broken(NotFound, {"key": "D09"}, {"dealer": "D01"}),
        Broken(FutureDate, {}, {"sold_on": date(2025, 1, 1)}),
    )  # fmt: skip


def test_a_purchase_its_number_its_place_its_lines_in_order_then_its_day() -> None:
    desk = closed_months(maker())
    bought(desk, 1, 1, on(7, 1), number="PR0")
    unknown = replace(LINE, part="X")
    in_order(
        desk, purchasing.receive_purchase,
        {"number": "PR0", "occurrence": FUTURE, "supplier": "SUP1", "to_place": "W09",
         "lines": (unknown, unknown)},
        Broken(AlreadyExists, {"key": "PR0"}, {"number": "PR1"}),
        Broken(NotFound, {"kind": "Place"}, {"to_place": CUSTODY}),
        Broken(PlaceNotAllowed, {"place": CUSTODY}, {"to_place": MAIN}),
        Broken(InvalidValue, {"field": "lines[1].part"}, {"lines": (unknown, LINE)}),
        Broken(NotFound, {"kind": "Part", "key": "X"}, {"lines": (LINE, unknown)}),
        Broken(NotFound, {"kind": "Part", "key": "X"}, {"lines": (LINE,)}),
        *dates(on(7, 1)),
    )  # fmt: skip


def test_the_future_is_refused_before_a_month_that_is_closed() -> None:
    """A day can be both only where the clock was put back."""
    desk = closed_months(maker())
    desk.today = d(4, 30)

    desk.refused(
        FutureDate, purchasing.receive_purchase,
        number="PR1", occurrence=on(5, 1), supplier="SUP1", to_place=MAIN, lines=(LINE,),
    )  # fmt: skip


def test_a_request_its_number_its_places_its_lines_in_order_then_its_day() -> None:
    desk = closed_months(stocked_maker())
    requested(desk, number="T0")
    in_order(
        desk, transferring.request_transfer,
        {"number": "T0", "occurrence": FUTURE, "from_place": "W09", "to_place": "W09",
         "lines": lines(1, "X") + lines(1, "X")},
        Broken(AlreadyExists, {"key": "T0"}, {"number": "T1"}),
        Broken(PlaceNotAllowed, {"action": "transfer"}, {"to_place": CUSTODY}),
        Broken(NotFound, {"key": "W09"}, {"from_place": CUSTODY, "to_place": "W08"}),
        Broken(PlaceNotAllowed, {"action": "transfer from"}, {"from_place": MAIN}),
        Broken(NotFound, {"key": "W08"}, {"to_place": CUSTODY}),
        Broken(PlaceNotAllowed, {"action": "transfer to"}, {"to_place": AT_D01}),
        Broken(InvalidValue, {"field": "lines[1].part"}, {"lines": lines(1, "X") + lines(1, CORE)}),
        Broken(NotFound, {"kind": "Part", "key": "X"}, {"lines": lines(1, CORE) + lines(1, "X")}),
        Broken(RestrictedPart, {"part": CORE}, {"lines": lines(1) + lines(1, "X")}),
        Broken(NotFound, {"kind": "Part", "key": "X"}, {"lines": lines(1)}),
        *dates(on(7, 11)),
    )  # fmt: skip


def test_an_answer_to_a_request_its_number_its_state_then_who_gives_it() -> None:
    for use_case, because in (
        (transferring.approve_transfer, {}), (transferring.reject_transfer, {"because": "no"})
    ):  # fmt: skip
        desk = stocked_maker()
        requested(desk, number="T1")
        dispatched(desk, 1, number="T2")
        in_order(
            desk, use_case, {"number": "T9", "actor": ANN, **because},
            Broken(NotFound, {"key": "T9"}, {"number": "T2"}),
            Broken(NotAllowedInState, {"key": "T2"}, {"number": "T1"}),
            Broken(SamePerson, {"made": "requested"}, {"actor": BOB}),
        )  # fmt: skip


def part_restricted(desk: Desk, number: str) -> None:
    core = CatalogueEntry("", PartClass.MODULE, serviceable=True, restricted=True)
    desk.do(revising.revise_part, number=number, entry=core, effective_from=d(1, 2))


def test_a_dispatch_its_state_its_lines_in_order_its_day_the_stock_then_the_sequence() -> None:
    desk = closed_months(stocked_maker())
    bought(desk, 10, 100, on(7, 2), part=SEAL)
    desk.do(
        transferring.request_transfer, number="T1", occurrence=on(7, 11), from_place=MAIN,
        to_place=AT_D01, lines=lines(16) + lines(16, SEAL),
    )  # fmt: skip
    desk.do(transferring.approve_transfer, actor=BOB, number="T1")
    requested(desk, number="T2")
    part_restricted(desk, PUMP)
    in_order(
        desk, transferring.dispatch_transfer,
        {"number": "T9", "occurrence": FUTURE, "lines": lines(17) + lines(17)},
        Broken(NotFound, {"key": "T9"}, {"number": "T2"}),
        Broken(NotAllowedInState, {"key": "T2"}, {"number": "T1"}),
        Broken(InvalidValue, {"field": "lines[1].part"}, {"lines": lines(17)}),
        Broken(OverDispatch, {"part": PUMP}, {"lines": lines(16) + lines(17, SEAL)}),
        Broken(RestrictedPart, {"part": PUMP}, {"lines": lines(17, SEAL) + lines(16)}),
        Broken(OverDispatch, {"part": SEAL}, {"lines": lines(16, SEAL)}),
        *dates(on(7, 10)),
        Broken(InsufficientStock, {"part": SEAL}, {"lines": lines(10, SEAL)}),
        Broken(OutOfSequence, {"step": "approved"}, {"occurrence": on(7, 11)}),
    )  # fmt: skip


def test_a_receipt_its_state_its_lines_its_day_the_pieces_then_their_arrival() -> None:
    desk = closed_months(stocked_maker())
    dispatched(desk, 6)
    requested(desk, number="T2")
    in_order(
        desk, transferring.receive_transfer,
        {"number": "T9", "occurrence": FUTURE, "lines": lines(7) + lines(7)},
        Broken(NotFound, {"key": "T9"}, {"number": "T2"}),
        Broken(NotAllowedInState, {"key": "T2"}, {"number": "T1"}),
        Broken(InvalidValue, {"field": "lines[1].part"}, {"lines": lines(7)}),
        *dates(on(7, 11)),
        Broken(OverReceipt, {"there": "6"}, {"lines": lines(6)}),
        Broken(BeforeArrival, {}, {"occurrence": on(7, 12)}),
    )  # fmt: skip


def test_a_discrepancy_its_state_its_pieces_its_day_then_their_arrival() -> None:
    desk = closed_months(stocked_maker())
    dispatched(desk, 6)
    requested(desk, number="T2")
    in_order(
        desk, transferring.record_discrepancy,
        {"number": "T9", "occurrence": FUTURE, "cause": DiscrepancyCause.SHORT, "part": PUMP,
         "quantity": 7},
        Broken(NotFound, {"key": "T9"}, {"number": "T2"}),
        Broken(NotAllowedInState, {"key": "T2"}, {"number": "T1"}),
        Broken(OverReceipt, {"there": "6"}, {"quantity": 6}),
        *dates(on(7, 11)),
        Broken(BeforeArrival, {}, {"occurrence": on(7, 12)}),
    )  # fmt: skip


def missing(desk: Desk, number: str, quantity: int) -> None:
    desk.do(
        transferring.record_discrepancy, number=number, occurrence=on(7, 15),
        cause=DiscrepancyCause.SHORT, part=PUMP, quantity=quantity,
    )  # fmt: skip


def test_a_resolution_its_state_its_pieces_its_day_their_arrival_then_who_pays() -> None:
    desk = closed_months(stocked_maker())
    dispatched(desk, 6)
    missing(desk, "T1", 2)
    requested(desk, number="T2")
    in_order(
        desk, transferring.resolve_discrepancy,
        {"number": "T9", "occurrence": FUTURE, "resolution": Resolution.CARRIER, "part": PUMP,
         "quantity": 3},
        Broken(NotFound, {"key": "T9"}, {"number": "T2"}),
        Broken(NotAllowedInState, {"key": "T2"}, {"number": "T1"}),
        Broken(OverReceipt, {"there": "2"}, {"quantity": 2}),
        *dates(on(7, 14)),
        Broken(BeforeArrival, {}, {"occurrence": on(7, 15)}),
        Broken(InvalidValue, {"field": "carrier"}, {"carrier": "SF"}),
    )  # fmt: skip


def test_a_close_its_state_its_day_what_is_open_who_closes_it_then_the_sequence() -> None:
    """Ann received both; of T2 a piece is missing."""
    desk = closed_months(stocked_maker())
    for number in ("T1", "T2"):
        dispatched(desk, 3, NORTH, number)
        if number == "T2":
            missing(desk, number, 1)
        desk.do(transferring.receive_transfer, number=number, occurrence=on(7, 15))
    requested(desk, number="T3")
    in_order(
        desk, transferring.close_transfer,
        {"number": "T9", "actor": ANN, "occurrence": FUTURE},
        Broken(NotFound, {"key": "T9"}, {"number": "T3"}),
        Broken(NotAllowedInState, {"key": "T3"}, {"number": "T2"}),
        *dates(on(7, 14)),
        Broken(OpenDiscrepancy, {"transfer": "T2"}, {"number": "T1"}),
        Broken(SamePerson, {"made": "received"}, {"actor": BOB}),
        Broken(OutOfSequence, {"step": "received"}, {"occurrence": on(7, 15)}),
    )  # fmt: skip
