"""A month is approved into, proved and closed for good over the wire, by two people."""

from typing import Any

import grpc
import pytest

from server.app import App
from tests.on_the_wire import minor, money, on
from tests.server.api.import_desk import commands, imported
from tests.server.api.reading.front_desk import FrontDesk, Refused

JULY = "2025-07"


@pytest.fixture
def july(app: App, channel: grpc.Channel, book: str) -> FrontDesk:
    """Two dealers have bought in July, which is soft-closed; nothing is stated yet."""
    desk = FrontDesk(channel, book)
    desk.open_for_business()
    desk.trade()
    period(desk, "SoftCloseMonth")
    return desk


def period(desk: FrontDesk, method: str, actor: str = "wang", **fields: Any) -> Any:
    said = {"name": desk.name("period"), "month": JULY, "occurrence": on("2025-08-08")}
    return desk.call(f"Period.{method}", actor, **{**said, **fields})


def state(desk: FrontDesk, *dealers: str) -> None:
    for dealer in dealers:
        name, then = desk.name(f"dealers/{dealer}"), on("2025-08-05")
        desk.call("Settlement.IssueStatement", parent=name, month=JULY, occurrence=then)


def test_a_month_is_not_closed_before_every_dealer_with_lines_is_stated(july: FrontDesk) -> None:
    period(july, "RequestHardClose")
    state(july, "D01")
    with pytest.raises(Refused) as refused:
        period(july, "HardCloseMonth", "li")
    assert refused.value.code is grpc.StatusCode.FAILED_PRECONDITION
    assert refused.value.reason == "PROOF_FAILED"
    assert (refused.value.facts["proof"], refused.value.facts["of"]) == ("statements", "D02")

    state(july, "D02")
    closed = period(july, "HardCloseMonth", "li")

    assert closed.period.hard_closed_through == JULY
    entry = july.call(
        "Entry.GetEntry", name=july.name(f"entries/{closed.receipt.last_position}")
    ).entry
    for figures in ('"proof":"stock"', '"proof":"open_items"', '"dealers_stated":2'):
        assert figures in entry.state.decode()


def test_a_repeated_hard_close_is_answered_as_the_first_time(july: FrontDesk) -> None:
    state(july, "D01", "D02")
    period(july, "RequestHardClose")
    request_id = "0b6e4c5e-0000-4000-8000-000000000001"

    first = period(july, "HardCloseMonth", "li", request_id=request_id)

    assert period(july, "HardCloseMonth", "li", request_id=request_id) == first


def test_a_hard_close_is_by_somebody_else_than_who_soft_closed_or_asked(july: FrontDesk) -> None:
    state(july, "D01", "D02")
    with pytest.raises(Refused) as refused:
        period(july, "HardCloseMonth", "wang")
    assert (refused.value.reason, refused.value.facts["made"]) == ("SAME_PERSON", "soft-closed")
    assert period(july, "RequestHardClose", "li").period.hard_close_requested == JULY
    with pytest.raises(Refused) as refused:
        period(july, "HardCloseMonth", "li")
    assert (refused.value.reason, refused.value.facts["made"]) == ("SAME_PERSON", "requested")

    period(july, "HardCloseMonth", "wang")


def test_an_entry_that_is_not_the_approved_one_is_told_both(july: FrontDesk) -> None:
    approval = {
        "document": "INV-S-9", "kind": "sales", "party": "dealers/D01", "amount": money(99),
    }  # fmt: skip
    let_in = period(july, "ApproveEntry", "li", **approval).period.approvals
    assert [(each.document, each.party, minor(each.amount)) for each in let_in] == [
        ("INV-S-9", "dealers/D01", 99)
    ]

    with pytest.raises(Refused) as refused:
        july.sell("S-9", "2025-07-20", "P-1", 1)

    assert refused.value.reason == "NOT_AS_APPROVED"
    assert refused.value.facts["approved"] == "sales of dealers/D01, 0.99 CNY"
    assert refused.value.facts["entered"].startswith("sales of dealers/D01 ")


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "parts"), ("kind", ""), ("party", "D01"), ("party", "machines/M1"),
     ("party", "dealers/"), ("amount", {"currency_code": "XXX"}), ("document", " ")],
)  # fmt: skip
def test_an_approval_that_makes_no_sense_is_refused(
    july: FrontDesk, field: str, value: object
) -> None:
    good = {"document": "S-9", "kind": "sales", "party": "dealers/D01", "amount": money(99)}

    with pytest.raises(Refused) as refused:
        period(july, "ApproveEntry", "li", **{**good, field: value})

    assert refused.value.reason == "INVALID_VALUE"
    assert refused.value.facts["field"].startswith(field)
    period(july, "ApproveEntry", "li", **good)


def test_on_a_stream_a_month_is_proved_with_all_that_was_sent_before(
    july: FrontDesk, channel: grpc.Channel
) -> None:
    """Though the server reads ahead, and has read the close when no statement is recorded yet."""
    step = {"name": july.name("period"), "month": JULY, "occurrence": on("2025-08-08")}
    then = {"month": JULY, "occurrence": on("2025-08-05")}
    sent = commands([
        *(("issue_statement", "wang", {"parent": july.name(f"dealers/{dealer}"), **then})
          for dealer in ("D01", "D02")),
        ("request_hard_close", "wang", step), ("hard_close_month", "li", step),
        ("soft_close_month", "wang", {**step, "month": "2025-08", "occurrence": on("2025-09-08")}),
    ])  # fmt: skip

    answers = imported(channel, sent, dry_run=True)
    assert [answer.error.message for answer in answers] == [""] * 5, "a dry run takes them as given"
    answers = imported(channel, sent)

    assert [answer.error.message for answer in answers] == [""] * 5
