"""A dealer sees and moves its own; another dealer's is as if it did not exist."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf import json_format

from server.access.roles import Role
from tests.on_the_wire import day, on
from tests.server.api import documents
from tests.server.api.access.conftest import DEALERS, Office, claim, parcel
from tests.server.api.access.protected import KeyedDesk
from tests.server.api.access.test_roles import EXPECTED
from tests.server.api.reading.front_desk import Refused

Fields = dict[str, Any]
Request = Callable[[KeyedDesk, str, str], Fields]  # For a dealer; and a number that is new.
UNKNOWN = "D99"


def named(template: str) -> Request:
    return lambda desk, dealer, _: {"name": desk.name(template.format(dealer))}


def filtered(desk: KeyedDesk, dealer: str, new: str) -> Fields:
    return {"dealer": desk.name(f"dealers/{dealer}")}


def within(desk: KeyedDesk, dealer: str, new: str) -> Fields:
    return {"parent": desk.name(f"dealers/{dealer}")}


def new_claim(desk: KeyedDesk, dealer: str, new: str) -> Fields:
    return {"claim_id": new, "claim": claim(desk, dealer), "occurrence": on("2025-07-13", new)}


def on_a_machine(desk: KeyedDesk, dealer: str, new: str) -> Fields:
    """Claimed by the dealer itself, but for a machine of this one."""
    form = {**claim(desk, "D01", f"M-{dealer}"), "failed_on": day("2025-07-11")}
    return {"claim_id": new, "claim": form, "occurrence": on("2025-07-13", new)}


def new_return(desk: KeyedDesk, dealer: str, new: str) -> Fields:
    back = parcel(desk, dealer)
    return {"return_id": new, "parts_return": back, "occurrence": on("2025-07-23", new)}


def of_claim(desk: KeyedDesk, dealer: str, new: str) -> Fields:
    [line] = documents.lines(desk.parent, "P-1", 1)
    back = {**line, "claim": desk.name(f"claims/CL-{dealer}"), "to_place": desk.name("places/R01")}
    return {"return_id": new, "parts_return": back, "occurrence": on("2025-07-23", new)}


def step(template: str, **more: Any) -> Request:
    def request(desk: KeyedDesk, dealer: str, new: str) -> Fields:
        name = desk.name(template.format(dealer))
        return {"name": name, "occurrence": on("2025-08-05", new), **more}

    return request


def batch(single: Request) -> Request:
    def request(desk: KeyedDesk, dealer: str, new: str) -> Fields:
        return {"requests": [{**single(desk, dealer, new), "request_id": str(uuid4())}]}

    return request


def party(desk: KeyedDesk, dealer: str, new: str) -> Fields:
    return {"account": "1122", "party": f"dealers/{dealer}"}


def party_of_entries(desk: KeyedDesk, dealer: str, new: str) -> Fields:
    return {"filter": {"party": f"dealers/{dealer}"}}


def balance(desk: KeyedDesk, dealer: str, new: str) -> Fields:
    return {"balance": {"account": "1122", "party": f"dealers/{dealer}"}}


def open_item(desk: KeyedDesk, dealer: str, new: str) -> Fields:
    return {"open_item": {"dealer": desk.name(f"dealers/{dealer}"), "item": f"sales/SO-{dealer}"}}


def statement_line(desk: KeyedDesk, dealer: str, new: str) -> Fields:
    statement = desk.name(f"dealers/{dealer}/statements/2025-07")
    return {"statement_line": {"statement": statement, "account_version": 2}}


SETTLEMENT = "dealers/{}/settlements/2025-07"

# How a dealer names its own. Reads first: what follows is recorded.
READS: dict[str, list[Request]] = {
    "Claim.GetClaim": [named("claims/CL-{}")],
    "Claim.ListClaims": [filtered],
    "Dealer.GetDealer": [named("dealers/{}")],
    "Entry.ListEntries": [party_of_entries],
    "Explanation.Explain": [balance, open_item, statement_line],
    "Machine.GetMachine": [named("machines/M-{}")],
    "Machine.ListMachines": [filtered],
    "Payment.GetPayment": [named("payments/PM-{}")],
    "Payment.ListPayments": [filtered],
    "Payout.GetPayout": [named("payouts/PO-{}")],
    "Payout.ListPayouts": [filtered],
    "Return.GetReturn": [named("returns/RT-{}")],
    "Return.ListReturns": [filtered],
    "Sale.GetSale": [named("sales/SO-{}")],
    "Sale.ListSales": [filtered],
    "Settlement.GetSettlement": [named(SETTLEMENT)],
    "Settlement.ListSettlements": [within],
    "Statement.GetStatement": [named("dealers/{}/statements/2025-07")],
    "Statement.ListAccountLines": [party],
    "Statement.ListOpenItems": [within],
}
ACTS: dict[str, list[Request]] = {
    "Claim.CreateClaim": [new_claim, on_a_machine],
    "Claim.BatchCreateClaims": [batch(new_claim), batch(on_a_machine)],
    "Return.CreateReturn": [new_return, of_claim],
    "Return.BatchCreateReturns": [batch(new_return), batch(of_claim)],
    "Return.ShipReturn": [step("returns/RT-{}")],
    "Settlement.DisputeLine": [step(SETTLEMENT, line_version=2, because="wrong price")],
    "Settlement.ConfirmStatement": [step(SETTLEMENT)],
}
# The same for all dealers; the two streams are tested in test_following.py and test_actors.py.
SHARED: dict[str, Fields] = {
    "Part.GetPart": {"name": "parts/P-1"},
    "Part.ListParts": {},
    "Price.GetPrice": {"name": "priceLists/settlement-CNY/prices/P-1"},
    "Price.GetPriceList": {"name": "priceLists/settlement-CNY"},
    "Price.ListPrices": {"parent": "priceLists/settlement-CNY"},
    "Price.ListPriceLists": {},
    "Policy.GetPolicy": {"name": "policies/ZY16"},
    "Policy.ListPolicies": {},
}
STREAMS = {"Entry.SubscribeEntries", "Import.Import"}
EACH = [
    pytest.param(method, request, id=f"{method}-{number}")
    for method, requests in {**READS, **ACTS}.items()
    for number, request in enumerate(requests)
]


def told(desk: KeyedDesk, method: str, fields: Fields, dealer: str) -> tuple[Any, ...]:
    """What a caller is told who is refused, with the dealer's code out of it."""
    with pytest.raises(Refused) as refused:
        desk.call(method, **fields)
    facts = {name: value.replace(dealer, "D??") for name, value in refused.value.facts.items()}
    return (
        refused.value.code, refused.value.reason, str(refused.value).replace(dealer, "D??"),
        facts, sorted(refused.value.details),
    )  # fmt: skip


def reason_of(desk: KeyedDesk, method: str, fields: Fields) -> str:
    """Why it is refused; empty if it is not."""
    try:
        desk.call(method, **fields)
    except Refused as refused:
        return refused.reason
    return ""


@pytest.fixture
def d01(office: Office) -> KeyedDesk:
    return office.dealer("D01")


@pytest.fixture
def recorded_nothing(office: Office) -> Iterator[None]:
    before = office.app.reads.log.head()
    yield
    assert office.app.reads.log.head() == before


def test_all_that_dealers_may_call_is_tried() -> None:
    for_dealers = {method for method, roles in EXPECTED.items() if Role.DEALER in roles}
    assert for_dealers == {*READS, *ACTS, *SHARED} | STREAMS


@pytest.mark.parametrize(("method", "request_for"), EACH)
@pytest.mark.usefixtures("recorded_nothing")
def test_another_dealers_is_as_if_it_did_not_exist(
    d01: KeyedDesk, method: str, request_for: Request
) -> None:
    another, unknown = (
        told(d01, method, request_for(d01, dealer, "X-1"), dealer) for dealer in ("D02", UNKNOWN)
    )
    assert another == unknown
    assert another[1] == "NOT_FOUND"


@pytest.mark.parametrize(("method", "request_for"), EACH)
def test_the_others_exist_and_the_maker_gets_at_them(
    office: Office, method: str, request_for: Request
) -> None:
    """Control: it is not for lack of them that they are not found."""
    erp = office.desk(Role.ERP)
    fields = request_for(erp, "D02", "X-2")
    if method in READS:
        erp.call(method, **fields)
        return
    assert reason_of(erp, method, fields) != "NOT_FOUND"


@pytest.mark.parametrize("method", READS)
def test_its_own_is_answered(d01: KeyedDesk, method: str) -> None:
    for request_for in READS[method]:
        answer = json_format.MessageToJson(d01.call(method, **request_for(d01, "D01", "")))
        assert "D01" in answer
        assert "D02" not in answer


@pytest.mark.parametrize("method", [m for m in READS if "List" in m])
def test_a_list_that_names_no_dealer_has_its_own_only(d01: KeyedDesk, method: str) -> None:
    everyones: Fields = {"parent": d01.name("dealers/-")} if "dealers" in _parent(method) else {}
    if method == "Statement.ListAccountLines":
        everyones = {"account": "1122"}

    answer = json_format.MessageToJson(d01.call(method, **everyones))

    assert "D01" in answer
    assert "D02" not in answer


@pytest.mark.parametrize("method", SHARED)
def test_what_is_the_same_for_all_is_answered_as_to_the_maker(
    office: Office, d01: KeyedDesk, method: str
) -> None:
    fields: Fields = {field: d01.name(name) for field, name in SHARED[method].items()}
    answer, whole = d01.call(method, **fields), office.desk(Role.FINANCE).call(method, **fields)
    assert answer == whole
    assert "P-1" in str(answer) or "settlement-CNY" in str(answer) or "ZY16" in str(answer)


def _parent(method: str) -> str:
    """What the parent of a list is, as its comment in the schema says it."""
    return "dealers" if method in ("Settlement.ListSettlements", "Statement.ListOpenItems") else ""


@pytest.mark.parametrize("dealer", DEALERS)
def test_a_dealer_carries_its_business_on(office: Office, dealer: str) -> None:
    desk, number = office.dealer(dealer), f"OWN-{dealer}"
    form = {**claim(desk, dealer), "failed_on": day("2025-07-14")}
    created = desk.call("Claim.CreateClaim", claim_id=number, claim=form,
                        occurrence=on("2025-07-15", number))  # fmt: skip
    assert created.claim.dealer == desk.name(f"dealers/{dealer}")

    desk.call("Return.CreateReturn", **new_return(desk, dealer, number))
    shipped = desk.call("Return.ShipReturn", name=desk.name(f"returns/{number}"),
                        occurrence=on("2025-07-24", number))  # fmt: skip
    assert shipped.parts_return.dealer == desk.name(f"dealers/{dealer}")

    entry = office.desk(Role.AUDITOR).call(
        "Entry.ListEntries", filter={"stream": f"claims/{number}"}
    ).entries[0]  # fmt: skip
    assert (entry.actor, entry.principal) == (f"dms-{dealer}", "")


def test_a_repeat_of_another_dealers_request_tells_nothing(office: Office) -> None:
    """A request id is not easily guessed; who has got at one learns nothing by it."""
    one, two = office.dealer("D01"), office.dealer("D02")
    fields = {**new_return(one, "D01", "RE-1"), "request_id": str(uuid4())}
    first = one.call("Return.CreateReturn", **fields)
    again = one.call("Return.CreateReturn", **fields)
    assert again == first  # Control.

    with pytest.raises(Refused) as same:
        two.call("Return.CreateReturn", **fields)
    assert same.value.reason == "NOT_FOUND"

    other = {**new_return(two, "D02", "RE-2"), "request_id": fields["request_id"]}
    with pytest.raises(Refused) as reused:
        two.call("Return.CreateReturn", **other)
    assert reused.value.reason == "REQUEST_ID_REUSED"
    assert "D01" not in str(reused.value) + str(reused.value.facts)


def test_entries_of_documents_are_shown_without_what_parts_cost_the_maker(office: Office) -> None:
    dealer, maker = office.dealer("D01"), office.desk(Role.FINANCE)
    wanted: Fields = {"filter": {"party": "dealers/D01"}, "page_size": 200}
    seen = {e.position: e for e in dealer.call("Entry.ListEntries", **wanted).entries}
    whole = {e.position: e for e in maker.call("Entry.ListEntries", **wanted).entries}

    assert seen.keys() == whole.keys()
    assert {e.stream.partition("/")[0] for e in seen.values()} > {"accounts", "sales", "claims"}
    for position, entry in seen.items():
        if entry.stream == "accounts/D01":
            assert entry == whole[position]
            continue
        assert not entry.state
        assert not entry.movements
        assert {posting.party for posting in entry.postings} <= {"dealers/D01"}
    sales = [e for e in whole.values() if e.stream == "sales/SO-D01"]
    assert b"layers" in sales[0].state  # Control: the maker's cost stands there.


def test_a_machine_that_changed_hands(office: Office) -> None:
    """Its first dealer sees it no more, its second one since then and without the other's claim."""
    erp = office.desk(Role.ERP)
    name, card = erp.name("machines/M-SOLD"), {"model": "ZY16", "sold_on": day("2025-01-01")}
    erp.call("Machine.CreateMachine", machine_id="M-SOLD",
             machine={**card, "dealer": erp.name("dealers/D02"), "user": "U-1"})  # fmt: skip
    erp.call("Claim.CreateClaim", claim_id="CL-SOLD", claim=claim(erp, "D02", "M-SOLD"),
             occurrence=on("2025-07-12", "CL-SOLD"))  # fmt: skip
    erp.call("Machine.ReviseMachine", effective_from=day("2025-07-20"), because="sold on",
             machine={**card, "name": name, "dealer": erp.name("dealers/D01"), "user": "U-3"},
             )  # fmt: skip
    whole = erp.call("Machine.GetMachine", name=name).machine
    assert (len(whole.versions), len(whole.failures)) == (2, 1)  # Control.

    seen = office.dealer("D01").call("Machine.GetMachine", name=name).machine

    assert [version.machine.user for version in seen.versions] == ["U-3"]
    assert not seen.failures
    with pytest.raises(Refused) as refused:
        office.dealer("D02").call("Machine.GetMachine", name=name)
    assert refused.value.reason == "NOT_FOUND"
