"""What the files say of single items of a claim, and of the parts that come back for them."""

from pathlib import Path

from server.erp.files.claims import ClaimItemLine, ClaimLine
from server.erp.files.returns import ReturnLine
from tests.server.erp.conftest import WriteRows
from tests.server.erp.exports import BARE, request_of, stream

ITEM = BARE["claim_items.csv"]
CLAIM = BARE["claims.csv"] | {"adjudicated_on": "2025-07-10"}
PARCEL = BARE["returns.csv"]


def claimed(write_rows: WriteRows, **cells: str) -> None:
    """A pump, and labour that follows it though the causal part is another one."""
    write_rows(ClaimLine, CLAIM | cells)
    pump = {"kind": "material", "part": "P-7", "quantity": "2", "approved": "7.00"}
    labour = {"cause_item": "1", "approved": "5.00", "because": "flat rate"}
    write_rows(ClaimItemLine, ITEM | pump, ITEM | labour)


def test_items_are_numbered_in_their_order_and_decisions_name_them(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    claimed(write_rows)

    submitted, decided = map(request_of, stream(tmp_path))

    assert [item.cause_item for item in submitted.claim.items] == [0, 1]
    assert [(each.item, each.because) for each in decided.decisions] == [(1, ""), (2, "flat rate")]


def test_parts_that_nobody_announced_are_overdue_before_the_credit_is_taken_back(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    late = {"overdue_on": "2025-08-18", "overdue_by": "desk"}
    claimed(write_rows, **late, charged_back_on="2025-09-01", because="audit")

    steps = stream(tmp_path)

    assert [found.source.step for found in steps] == [
        "submit", "adjudicate", "overdue", "charge_back",
    ]  # fmt: skip
    assert steps[2].command.actor == "desk"


def test_a_return_says_which_item_it_is_of_and_which_supplier_gets_it(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    gone = {
        "claim_item": "2", "shipped_on": "2025-07-06", "received_on": "2025-07-07",
        "inspected_on": "2025-07-08", "finding": "confirmed", "disposed_on": "2025-07-09",
        "disposal": "to_supplier", "supplier": "S03",
    }  # fmt: skip
    write_rows(ReturnLine, PARCEL | gone)

    requested, *_, disposed = map(request_of, stream(tmp_path))

    assert requested.parts_return.claim_item == 2
    assert disposed.supplier == "S03"


def test_files_of_before_these_columns_are_read_as_they_were(tmp_path: Path) -> None:
    """The columns may be missing altogether; no others may."""
    for kind, row in ((ClaimLine, CLAIM), (ClaimItemLine, ITEM | {"approved": "7.00"}),
                      (ReturnLine, PARCEL)):  # fmt: skip
        columns = [name for name in kind.columns() if name not in kind.MAY_LACK]
        assert len(columns) < len(kind.columns())
        cells = ",".join(row.get(name, "") for name in columns)
        (tmp_path / kind.FILE).write_text(f"{','.join(columns)}\n{cells}\n", encoding="utf-8")

    assert [found.source.step for found in stream(tmp_path)] == [
        "submit", "request", "adjudicate"
    ]  # fmt: skip
