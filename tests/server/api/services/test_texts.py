"""No text that a command can carry holds what people cannot see, whichever field it is in."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, Final

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from domain import values
from domain.errors import InvalidValue
from server.api.resources import RESOURCES
from tests.server.api.services.test_bad_input import CNY_1, DAY, GOOD

ON: Final = {"occurrence": {"occurred_on": DAY}}
_SETTLEMENT = {"name": "books/main/dealers/D01/settlements/2025-07"}
_TRANSFER, _CLAIM, _RETURN = (
    {"name": f"books/main/{kind}/X-1"} for kind in ("transfers", "claims", "returns")
)

# A request in order of every command that carries a text of its own.
REQUESTS: Final[dict[str, dict[str, Any]]] = {
    **GOOD,
    "create_payment": {"parent": "books/main", "payment_id": "M-9", **ON,
        "payment": {"dealer": "books/main/dealers/D01", "amount": CNY_1},
        "allocations": [{"item": "sales/S-1", "amount": CNY_1}]},
    "create_return": {"parent": "books/main", "return_id": "R-9", **ON, "parts_return": {
        "claim": "books/main/claims/C-1", "part": "books/main/parts/P-1", "quantity": "1",
        "to_place": "books/main/places/R01"}},
    "reject_transfer": {**_TRANSFER, **ON, "because": "x"},
    "cancel_transfer": {**_TRANSFER, **ON, "because": "x"},
    "adjudicate_claim": {**_CLAIM, **ON, "decisions": [{"item": 1, "approved": CNY_1}]},
    "charge_back_claim": {**_CLAIM, **ON, "because": "x"},
    "ship_return": {**_RETURN, **ON},
    "inspect_return": {**_RETURN, **ON, "finding": "FINDING_CONFIRMED"},
    "dispose_return": {**_RETURN, **ON, "disposal": "DISPOSAL_TO_SUPPLIER", "supplier": "S01"},
    "dispute_line": {**_SETTLEMENT, **ON, "because": "x", "line_version": 1},
    "resolve_dispute": {**_SETTLEMENT, **ON, "because": "x", "line_version": 1},
    "confirm_statement": {**_SETTLEMENT, **ON, "content_hash": "ab"},
    "invoice_settlement": {**_SETTLEMENT, **ON},
    "approve_entry": {**ON, "name": "books/main/period", "month": "2025-07", "document": "x",
        "kind": "sales", "party": "dealers/D01", "amount": CNY_1},
}  # fmt: skip
MARK: Final = "Q7"


def texts_of(message: Descriptor, path: str = "") -> Iterator[str]:
    """Paths of all fields that hold texts, as `sale.lines[0].part`; not of the retry's own."""
    for field in message.fields:
        if field.containing_oneof:
            continue  # Of two names, of which only one may be there.
        if field.name == "versions":
            continue  # Only shown, each of them as the resource itself.
        here = f"{path}{field.name}"
        if field.type == FieldDescriptor.TYPE_STRING and field.name not in ("request_id", "etag"):
            yield here if not field.is_repeated else f"{here}[0]"
        elif field.message_type and not field.message_type.full_name.startswith("google."):
            yield from texts_of(field.message_type, f"{here}{'[0]' if field.is_repeated else ''}.")


def spoilt(good: dict[str, Any], path: str, spoil: Callable[[str], str]) -> dict[str, Any]:
    """A copy of a request with another text at a path, marked and spoilt."""
    changed = deepcopy(good)
    *way, last = path.split(".")
    place: Any = changed
    for step in way:
        name, _, many = step.partition("[")
        place = place.setdefault(name, [{}] if many else {})
        place = place[0] if many else place
    name, _, many = last.partition("[")
    text = spoil(("" if many else place.get(name, "")) + MARK)
    place[name] = [text] if many else text
    return changed


def taken(
    request_of: Callable[..., Any], spoil: Callable[[str], str]
) -> tuple[list[str], list[str]]:
    """Of all texts of all commands, those that are refused by their field, and those taken."""
    refused, through = [], []
    for command, good in REQUESTS.items():
        request = request_of(command, **good)
        decode = RESOURCES.mutations[type(request)].decode
        decode(request)  # The control: in order, it is taken.
        for path in texts_of(request.DESCRIPTOR):
            decoded, field = _decoded(decode, request_of(command, **spoilt(good, path, spoil)))
            if field:
                assert path.startswith(field.partition("[0]")[0])
                refused.append(f"{command}:{path}")
            elif MARK in repr(decoded):  # Else it is a field that commands do not read.
                through.append(f"{command}:{path}")
    return refused, through


def _decoded(decode: Callable[[Any], Any], request: Any) -> tuple[Any, str]:
    """What a request is decoded to, or else the field that it is refused for."""
    try:
        return decode(request), ""
    except InvalidValue as refusal:
        return None, refusal.facts["field"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: f"{text}\u202e",  # Turns the direction of what follows.
        lambda text: f"{text[:1]}\u200b{text[1:]}",  # No width.
        lambda text: f"{text}\x1b[2K",  # Moves the cursor.
        lambda text: f"{text} ",
        lambda text: f"\u3000{text}",
    ],
    ids=["direction", "invisible", "control", "blank behind", "blank before"],
)
def test_what_people_cannot_see_is_refused_in_every_text_of_every_command(
    request_of: Callable[..., Any], spoil: Callable[[str], str]
) -> None:
    refused, through = taken(request_of, spoil)

    assert through == []
    assert len(refused) > 80


def test_without_the_one_check_the_texts_would_be_taken(
    request_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what looks the same would be recorded as another."""
    monkeypatch.setattr(values, "_unseen", lambda _: "")

    _, through = taken(request_of, lambda text: f"{text}\u202e")

    assert {"approve_entry:document", "create_sale:occurrence.document"} <= set(through)


def test_a_code_with_a_blank_at_its_end_is_told_so(request_of: Callable[..., Any]) -> None:
    request = request_of("create_part", **{**GOOD["create_part"], "part_id": "P-2 "})

    with pytest.raises(InvalidValue) as refusal:
        RESOURCES.mutations[type(request)].decode(request)

    assert refusal.value.facts["rule"] == "must not begin or end with a blank"
    assert "'P-2 '" in str(refusal.value)
