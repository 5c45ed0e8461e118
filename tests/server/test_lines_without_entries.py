"""An entry that somebody took out of the log, or that is no fact any more, hides no line of a
report that has it."""

from collections.abc import Callable

import grpc
import pytest

from tests.server.api.reading.front_desk import FrontDesk
from tests.server.conftest import serving
from tests.server.forging import Forger, forging


def taken_out(forger: Forger, position: int) -> None:
    forger.delete(position)


def no_fact(forger: Forger, position: int) -> None:
    forger.state(position, '["conversion"]')


@pytest.mark.parametrize("forge", [taken_out, no_fact])
def test_ledger_card_and_explanation_show_what_is_left(
    database_url: str, book: str, forge: Callable[[Forger, int], None]
) -> None:
    with serving(database_url, book) as app, grpc.insecure_channel(app.address) as channel:
        desk = FrontDesk(channel, book)
        desk.open_for_business()
        desk.trade()
        end = desk.call("Entry.ListEntries", page_size=1_000).entries[-1].position
        ledger = desk.call("Statement.ListAccountLines", account="1405", min_position=end).lines
        position = ledger[0].step.position
        with forging(database_url, f"book_{book}") as forger:
            forge(forger, position)
        again = desk.call("Statement.ListAccountLines", account="1405").lines
        assert [line.step.position for line in again] == [line.step.position for line in ledger]
        assert again[0].balance == ledger[0].balance
        assert again[0].step.topic == ("" if forge is taken_out else ledger[0].step.topic)
        card = desk.call("Stock.ListStockCardLines", parent=desk.name("parts/P-1")).lines
        assert position in [line.step.position for line in card]
        balance = {"account": "1405"}
        told = desk.call("Explanation.Explain", balance=balance).explanation
        [part] = [part for part in told.parts[:1] if part.step.position == position]
        assert part.amount == ledger[0].amount
        # The control: the others lead to their documents.
        assert told.parts[-1].because[0].title.startswith("sales/")
