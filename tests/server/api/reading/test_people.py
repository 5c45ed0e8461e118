"""Who is responsible and who sent it, over the wire and in the log, whatever they are called."""

import pytest

from tests.server.api.documents import transfer
from tests.server.api.reading.front_desk import FrontDesk, Metadata, Refused

WANG = "王小明"


def recorded(desk: FrontDesk, metadata: Metadata) -> tuple[str, str]:
    """Actor and principal of a part that is registered by a caller who says this."""
    part = {"description": "x", "part_class": "PART_CLASS_STANDARD", "serviceable": True}
    made = desk.call("Part.CreatePart", part_id="P-9", part=part, metadata=metadata)
    position = made.receipt.first_position
    entry = desk.call("Entry.GetEntry", name=desk.name(f"entries/{position}")).entry
    return entry.actor, entry.principal


@pytest.mark.parametrize(
    ("metadata", "actor", "principal"),
    [
        ([("other", "x")], "anonymous", ""),
        ([("partsledger-actor", "anna@dealer.example")], "anna@dealer.example", ""),
        ([("partsledger-actor", "Anna-Maria O'Neil")], "Anna-Maria O'Neil", ""),
        ([("partsledger-actor-bin", WANG.encode())], WANG, ""),
        ([("partsledger-actor-bin", b"Rene\xcc\x81")], "Ren\u00e9", ""),
        (
            [("partsledger-actor-bin", WANG.encode()), ("partsledger-principal", "erp.north")],
            WANG,
            "erp.north",
        ),
        (
            [("partsledger-actor", "wang"), ("partsledger-principal-bin", "北方".encode())],
            "wang",
            "北方",
        ),
        ([("partsledger-actor", "wang"), ("partsledger-principal", "wang")], "wang", ""),
    ],
)
def test_an_entry_says_who_is_responsible_and_who_sent_it_where_that_is_another(
    desk: FrontDesk, metadata: Metadata, actor: str, principal: str
) -> None:
    assert recorded(desk, metadata) == (actor, principal)


@pytest.mark.parametrize(
    ("metadata", "field", "rule"),
    [
        ([("partsledger-actor", "")], "partsledger-actor", "is required"),
        ([("partsledger-actor", "a  b")], "partsledger-actor", "must not hold two blanks in a row"),
        ([("partsledger-actor-bin", b"\xff")], "partsledger-actor-bin", "must be a name in UTF-8"),
        (
            [("partsledger-principal-bin", "a\u200b".encode())],
            "partsledger-principal-bin",
            "must not hold U+200B (ZERO WIDTH SPACE)",
        ),
        (
            [("partsledger-actor", "wang"), ("partsledger-actor-bin", WANG.encode())],
            "partsledger-actor",
            "must be said once, as partsledger-actor or as partsledger-actor-bin",
        ),
    ],
)
def test_a_name_that_is_none_is_refused_and_nothing_is_recorded(
    desk: FrontDesk, metadata: Metadata, field: str, rule: str
) -> None:
    before = desk.call("View.GetViewStatus").head_position

    with pytest.raises(Refused) as refused:
        recorded(desk, metadata)

    assert refused.value.reason == "INVALID_VALUE"
    assert (refused.value.facts["field"], refused.value.facts["rule"]) == (field, rule)
    assert desk.call("View.GetViewStatus").head_position == before


def test_who_requested_a_transfer_cannot_approve_it_by_spelling_the_name_in_another_way(
    desk: FrontDesk,
) -> None:
    desk.open_for_business()
    desk.buy("B-1", "2025-06-01", "P-1", 10, 6)
    apart, composed = [("partsledger-actor-bin", n.encode()) for n in ("Rene\u0301", "ren\u00e9")]
    asked = transfer(desk.parent, "T-1", "2025-07-01", "P-1", 2)
    desk.call("Transfer.CreateTransfer", metadata=[apart], **asked)
    approval = {"name": desk.name("transfers/T-1"), "occurrence": asked["occurrence"]}

    with pytest.raises(Refused) as refused:
        desk.call("Transfer.ApproveTransfer", metadata=[composed], **approval)
    assert refused.value.reason == "SAME_PERSON"
    desk.call("Transfer.ApproveTransfer", actor="li", **approval)
