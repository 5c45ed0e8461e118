"""A file corrects what an earlier one said: by a version, or by a refusal that tells the change."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.server.cli.terminal import PARTS, PLACES, PURCHASE, TRANSFER, Served, export

PLACE = {"place": "W01", "description": "中心库", "kind": "warehouse"}
PART = {"part": "P-1", "description": "pump", "part_class": "wear", "serviceable": "true",
        "restricted": "false"}  # fmt: skip
DEALER = {"dealer": "D1", "title": "滨江", "currency": "CNY", "payment_days": "30", "level": "A"}
MACHINE = {"serial": "M-1", "model": "ZY16", "dealer": "D1", "sold_on": "2025-01-31", "user": ""}
SUPPLIER = {"supplier": "S1", "title": "长沙", "currency": "CNY", "payment_days": "60"}
PRICE_LIST = {"price_list": "settlement", "currency": "CNY", "vat_rate": "0.13"}
PRICE = {"price_list": "settlement", "currency": "CNY", "part": "P-1", "unit_price": "18.60",
         "effective_from": "2025-01-01"}  # fmt: skip
POLICY = {"model": "ZY16", "effective_from": "2025-01-01", "term_months": "24"}
BASE: dict[str, list[dict[str, str]]] = {
    "places": [PLACE], "parts": [PART], "price_lists": [PRICE_LIST], "prices": [PRICE],
    "dealers": [DEALER], "machines": [MACHINE], "policies": [POLICY], "suppliers": [SUPPLIER],
}  # fmt: skip
# Of each file: what a row says now, the column, and what was said of it and is said now.
CHANGES = [
    ("places", {"description": "北库"}, "description was 中心库, is now 北库"),
    ("places", {"kind": "custody"}, "kind was warehouse, is now custody"),
    ("parts", {"serviceable": "false"}, "serviceable was true, is now false"),
    ("price_lists", {"vat_rate": "0.09"}, "vat_rate was 0.13, is now 0.09"),
    ("prices", {"unit_price": "19.00"}, "unit_price was 18.60 CNY, is now 19.00 CNY"),
    ("dealers", {"payment_days": "45", "level": ""},
     "level was A, is now (nothing); payment_days was 30, is now 45"),
    ("machines", {"user": "U7"}, "user was (nothing), is now U7"),
    ("policies", {"term_months": "36", "covered_causes": "F1;F2"},
     "term_months was 24, is now 36; covered_causes was (nothing), is now F1;F2"),
    ("suppliers", {"payment_days": "30"}, "payment_days was 60, is now 30"),
]  # fmt: skip


def imported(served: Served, folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(served.ask("import", str(folder), "--json").out)
    return told


def refusals(told: dict[str, Any]) -> list[tuple[str, int, str, str]]:
    return [(r["file"], r["line"], r["reason"], r["message"]) for r in told["refusals"]]


@pytest.mark.parametrize(("file", "change", "what"), CHANGES)
def test_a_row_that_says_something_else_is_told_column_by_column(
    served: Served, tmp_path: Path, file: str, change: dict[str, str], what: str
) -> None:
    assert imported(served, export(tmp_path / "first", **BASE))["refusals"] == []
    [row] = BASE[file]

    told = imported(served, export(tmp_path / "second", **{file: [row | change]}))

    [(name, line, reason, message)] = refusals(told)
    assert (name, line) == (f"{file}.csv", 2)
    assert reason in ("KNOWN_OTHERWISE", "VERSION_EXISTS")
    assert what in message
    again = imported(served, export(tmp_path / "third", **BASE))  # The control.
    assert (again["recorded"], again["refused"]) == (0, 0)


def test_with_a_day_it_is_a_version(served: Served, tmp_path: Path) -> None:
    imported(served, export(tmp_path / "first", **BASE))
    later = {"effective_from": "2025-09-01"}
    versions = {
        "places": [PLACE | later | {"description": "北库"}],
        "parts": [PART | later | {"serviceable": "false"}],
        "price_lists": [PRICE_LIST | later | {"vat_rate": "0.09"}],
        "prices": [PRICE | later | {"unit_price": "19.00"}],
        "dealers": [DEALER | later | {"payment_days": "45"}],
        "machines": [MACHINE | later | {"user": "U7", "because": ""}],
        "policies": [POLICY | later | {"term_months": "36"}],
        "suppliers": [SUPPLIER | later | {"payment_days": "30"}],
    }

    told = imported(served, export(tmp_path / "second", **versions))
    again = imported(served, export(tmp_path / "second", **versions))

    assert (told["recorded"], told["refusals"]) == (8, [])
    assert (again["repeated"], again["recorded"], again["refusals"]) == (8, 0, [])


@pytest.mark.parametrize(
    ("file", "change", "column"),
    [("places", {"kind": "custody"}, "kind"), ("dealers", {"currency": "USD"}, "currency"),
     ("machines", {"model": "ZY35"}, "model")],
)  # fmt: skip
def test_what_never_changes_is_refused_with_a_day_as_well(
    served: Served, tmp_path: Path, file: str, change: dict[str, str], column: str
) -> None:
    imported(served, export(tmp_path / "first", **BASE))
    row = BASE[file][0] | change | {"effective_from": "2025-09-01"}

    told = imported(served, export(tmp_path / "second", **{file: [row]}))

    [(_, _, reason, message)] = refusals(told)
    assert reason == "NEVER_CHANGES"
    assert f"{column} was " in message


def test_two_prices_of_a_part_for_one_day_are_named_by_their_rows(
    served: Served, tmp_path: Path
) -> None:
    prices = [PRICE, PRICE | {"effective_from": "2025-02-01"}, PRICE | {"unit_price": "19.00"}]

    told = imported(served, export(tmp_path / "one", **BASE | {"prices": prices}))

    [(file, line, reason, message)] = refusals(told)
    assert (file, line, reason) == ("prices.csv", 4, "VERSION_EXISTS")
    assert "unit_price was 18.60 CNY, is now 19.00 CNY" in message
    assert message.endswith("About the same in this file: line 2")


def test_a_row_with_a_day_registers_what_is_not_known(served: Served, tmp_path: Path) -> None:
    day = {"effective_from": "2025-03-01"}
    rows = {file: [row | day] for file, [row] in BASE.items()}
    rows["dealers"].append(DEALER)  # What held before, further down.

    told = imported(served, export(tmp_path / "one", **rows))

    assert (told["recorded"], told["refusals"]) == (9, [])


def test_a_document_that_says_something_else_says_what(served: Served, tmp_path: Path) -> None:
    imported(served, export(tmp_path / "first", places=PLACES, parts=PARTS, purchases=[PURCHASE]))
    changed = PURCHASE | {
        "received_on": "2025-03-02", "supplier": "S99", "quantity": "7", "unit_cost": "12.35",
    }  # fmt: skip

    told = imported(served, export(tmp_path / "second", purchases=[changed]))

    [(_, line, reason, message)] = refusals(told)
    assert (line, reason) == (2, "REQUEST_ID_REUSED")
    was = PURCHASE
    for what in (
        f"supplier was {was['supplier']}, is now S99",
        f"lines[0].quantity was {was['quantity']}, is now 7",
        f"lines[0].unit_cost was {was['unit_cost']} CNY, is now 12.35 CNY",
        f"occurred_on was {was['received_on']}, is now 2025-03-02",
    ):
        assert what in message
    assert "document was" not in message


@pytest.mark.parametrize(
    ("column", "now", "what"),
    [
        ("dispatched_on", "2025-07-02", "occurred_on was 2025-07-03, is now 2025-07-02"),
        ("received_on", "2025-07-05", "occurred_on was 2025-07-04, is now 2025-07-05"),
        ("received_quantity", "2", "lines[0].quantity was 3, is now 2"),
        ("dispatched_quantity", "2", "lines[0].quantity was 3, is now 2"),
        ("closed_on", "2025-07-06", "occurred_on was 2025-07-05, is now 2025-07-06"),
    ],
)
def test_a_later_step_that_says_something_else_says_what(
    served: Served, tmp_path: Path, column: str, now: str, what: str
) -> None:
    stock = {"places": PLACES, "parts": PARTS, "purchases": [PURCHASE]}
    imported(served, export(tmp_path / "first", **stock, transfers=[TRANSFER]))

    told = imported(served, export(tmp_path / "second", transfers=[TRANSFER | {column: now}]))

    [(_, line, reason, message)] = refusals(told)
    assert (line, reason) == (2, "REQUEST_ID_REUSED")
    assert what in message
    assert "document was" not in message


RECEIVED_LATER = {"part": "P-2", "quantity": "1", "received_quantity": "1",
                  "received_on": "2025-07-05", "received_by": "keeper3"}  # fmt: skip
TWO_PARTS = {
    "places": PLACES, "parts": PARTS,
    "purchases": [PURCHASE, PURCHASE | {"purchase": "PR-2", "part": "P-2"}],
}  # fmt: skip


@pytest.mark.parametrize("corrected", [0, 1])
def test_a_line_that_came_on_another_day_is_told_and_nothing_is_received_twice(
    served: Served, tmp_path: Path, corrected: int
) -> None:
    """Both lines came together, and of both, pieces are still on the way."""
    part_of_it = {"quantity": "5", "received_quantity": "2", "closed_on": "", "closed_by": ""}
    rows = [TRANSFER | part_of_it, TRANSFER | part_of_it | {"part": "P-2"}]
    imported(served, export(tmp_path / "first", **TWO_PARTS, transfers=rows))

    rows[corrected] |= {"received_on": "2025-07-05"}
    told = imported(served, export(tmp_path / "second", transfers=rows))

    [(_, line, reason, message)] = refusals(told)
    assert (line, reason) == (corrected + 2, "REQUEST_ID_REUSED")
    assert "occurred_on was 2025-07-04, is now 2025-07-05" in message
    for part in ("P-1", "P-2"):
        card = served.ask("stock-card", part, "--place", "W02", "--json").json["lines"]
        assert [line["balance_quantity"] for line in card] == [2]


def test_a_line_that_comes_later_is_another_receipt(served: Served, tmp_path: Path) -> None:
    """The control: it is no correction."""
    open_still = {"closed_on": "", "closed_by": ""}
    first = [TRANSFER | open_still, TRANSFER | open_still | RECEIVED_LATER]
    not_yet = {"received_on": "", "received_by": "", "received_quantity": ""}
    imported(
        served,
        export(tmp_path / "first", **TWO_PARTS, transfers=[first[0], first[1] | not_yet]),
    )
    told = imported(served, export(tmp_path / "second", transfers=first))
    assert (told["recorded"], refusals(told)) == (1, [])


def test_a_corrected_approval_is_told_and_is_no_second_one(served: Served, tmp_path: Path) -> None:
    approval = {
        "month": "2025-07", "step": "approve_entry", "done_on": "2025-08-03", "done_by": "boss",
        "document": "PR-9", "kind": "purchases", "party": "suppliers/S01", "amount": "-61.70",
        "currency": "CNY",
    }  # fmt: skip
    closed = {"month": "2025-07", "step": "soft_close", "done_on": "2025-08-02", "done_by": "close"}
    stock = {"places": PLACES, "parts": PARTS, "purchases": [PURCHASE]}
    first = imported(served, export(tmp_path / "first", **stock, periods=[closed, approval]))
    assert refusals(first) == []

    moved = approval | {"done_on": "2025-08-04"}
    told = imported(served, export(tmp_path / "second", periods=[closed, moved]))
    [(_, _, reason, message)] = refusals(told)
    assert (reason, told["recorded"]) == ("REQUEST_ID_REUSED", 0)
    assert "occurred_on was 2025-08-03, is now 2025-08-04" in message
    # The control: one more row is one more approval.
    more = imported(served, export(tmp_path / "third", periods=[closed, approval, moved]))
    assert (more["recorded"], refusals(more)) == (1, [])


def test_the_same_day_written_otherwise_is_the_same_request(served: Served, tmp_path: Path) -> None:
    price = {
        "price_list": "settlement", "currency": "CNY", "part": "P-1", "unit_price": "18.60",
        "effective_from": "2025-07-01",
    }  # fmt: skip
    lists = [{"price_list": "settlement", "currency": "CNY",
              "vat_rate": "0.13", "effective_from": "2025-01-01"}]  # fmt: skip
    closed = {"month": "2025-06", "step": "soft_close", "done_on": "2025-07-02", "done_by": "close"}
    rows = {"parts": PARTS, "price_lists": lists, "prices": [price], "periods": [closed]}
    imported(served, export(tmp_path / "first", **rows))

    rows["prices"] = [price | {"effective_from": "2025/7/1"}]
    rows["periods"] = [closed | {"done_on": "2025/7/2 0:00"}]
    told = imported(served, export(tmp_path / "second", **rows))
    assert (told["recorded"], told["repeated"], refusals(told)) == (0, 5, [])
