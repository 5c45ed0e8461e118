"""A request id is a UUID of the whole book: however it is spelt, and whoever sends it."""

import pytest

from server.app import App
from tests.server.api.reading.front_desk import FrontDesk, Refused
from tests.server.conftest import size

SENT = "5b1a6f0e-0000-4000-8000-0000000000ff"
PART = {"description": "pump", "part_class": "PART_CLASS_WEAR", "serviceable": True}


@pytest.mark.parametrize("spelt", [SENT.upper(), SENT.replace("-", ""), f"{{{SENT}}}", SENT])
@pytest.mark.parametrize("actor", ["wang", "li"])
def test_a_repeat_is_answered_as_the_first_time(
    app: App, desk: FrontDesk, spelt: str, actor: str
) -> None:
    first = desk.call("Part.CreatePart", "wang", part_id="P-77", part=PART, request_id=SENT)
    before = size(app)

    again = desk.call("Part.CreatePart", actor, part_id="P-77", part=PART, request_id=spelt)

    assert again == first
    assert size(app) == before
    with pytest.raises(Refused) as refused:
        desk.call("Part.CreatePart", actor, part_id="P-78", part=PART, request_id=spelt)
    assert refused.value.reason == "REQUEST_ID_REUSED"
    assert size(app) == before
    desk.call("Part.CreatePart", actor, part_id="P-78", part=PART)  # Control: under a new one.
    assert size(app) == before + 1
