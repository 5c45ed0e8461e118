"""The rows of a statement hash their open items as the rules do, whatever is left unsaid."""

import json
from datetime import UTC, date, datetime

import pytest
from msgspec.json import encode

from domain.dealer_account import DealerAccount
from domain.lines import Posting
from domain.statement import items_hash
from domain.storing import NO_REQUEST, RecordedEvent
from tests.projections.bookkeeping import Bookkeeper

_DUE = date(2025, 7, 1)
_LATER = date(2025, 8, 1)


def owed(amount_minor: int, item: str, due_on: date | None, account: str = "1122") -> Posting:
    return Posting(
        account=account, party="dealers/D01", amount_minor=amount_minor, currency="CNY",
        item=item, due_on=due_on,
    )  # fmt: skip


_REVENUE = Posting(account="6001", amount_minor=-1, currency="CNY", item="sales/S-9")


@pytest.mark.parametrize(
    "postings",
    [
        (owed(1, "sales/S-1", _DUE),),
        (owed(1, "sales/S-1", None),),
        (owed(1, "", _DUE),),
        (owed(1, "", None),),
        (owed(1, "sales/S-2", _DUE), _REVENUE, owed(2, "sales/S-1", _LATER, "2241")),
        (owed(-2, "sales/S-1", None, "2241"), owed(1, "sales/S-2", None)),
        (_REVENUE,),
        (),
    ],
    ids=lambda postings: " ".join(f"{p.account}:{p.item}:{p.due_on}" for p in postings) or "none",
)
def test_a_row_hashes_its_items_as_the_domain_does(
    bookkeeper: Bookkeeper, postings: tuple[Posting, ...]
) -> None:
    days = {"effective_on": "2025-06-30", "occurred_on": "2025-06-30"}
    fact = {**days, "statement_month": "2025-06", "postings": json.loads(encode(postings))}
    asked = datetime(2025, 7, 1, tzinfo=UTC), "ann", "", NO_REQUEST
    topic, state = DealerAccount.SaleInvoiced.TOPIC, json.dumps(fact).encode()
    bookkeeper.ledger.recorder.insert_events(
        [RecordedEvent("accounts/D01", 1, topic, state, *asked)]
    )

    with bookkeeper.look() as now:
        [(hashed, net)] = now.select(
            "SELECT encode(items_hash, 'hex'), net_minor FROM {views}.statement_rows", {}
        )

    assert hashed == items_hash(postings)
    assert net == sum(p.amount_minor for p in postings if p.party)
