"""Rows of one price list are the versions of its VAT rate; a file without days is good as well."""

from collections import Counter
from pathlib import Path
from typing import Any

from domain.changes import VersionExists
from domain.ledger import Ledger
from server.api.resources import RESOURCES
from server.erp.files.dealers import DealerLine
from server.erp.files.price_lists import PriceListLine
from server.erp.folder import ErpFolder
from tests.domain.desk import command
from tests.server.erp.conftest import WriteRows
from tests.server.erp.exports import request_of, steps, stream


def row(rate: str, effective_from: str = "", price_list: str = "settlement") -> dict[str, str]:
    return {"price_list": price_list, "currency": "CNY", "vat_rate": rate,
            "effective_from": effective_from}  # fmt: skip


def rates(folder: Path) -> list[tuple[str, str, str]]:
    """Of each command, what it does, from which day on, and the rate."""
    found = []
    for each in stream(folder):
        request: Any = request_of(each)
        version = request.version
        first = version.effective_from
        day = f"{first.year}-{first.month:02}-{first.day:02}"
        found.append((type(request).__name__, day, version.vat_rate.value))
    return found


def test_the_rows_of_a_list_are_versions_in_the_order_of_their_days(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    changes = [
        ("ChangeVatRateRequest", "1990-01-01", "0.17"),
        ("ChangeVatRateRequest", "2018-05-01", "0.16"),
        ("ChangeVatRateRequest", "2019-04-01", "0.13"),
    ]
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        rows = [row("0.17"), row("0.16", "2018-05-01"), row("0.13", "2019-04-01")]
        write_rows(PriceListLine, *(rows[index] for index in order))

        assert rates(tmp_path) == changes, order


def test_a_version_that_comes_later_leaves_the_requests_before_it_as_they_were(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    """So a longer export of the same list records only what is new in it."""
    write_rows(PriceListLine, row("0.17", "2016-01-01"), row("0.16", "2018-05-01"))
    before = stream(tmp_path)
    write_rows(
        PriceListLine,
        row("0.17", "2016-01-01"), row("0.16", "2018-05-01"), row("0.13", "2019-04-01"),
    )  # fmt: skip
    after = stream(tmp_path)

    assert [each.command for each in after[:2]] == [each.command for each in before]
    assert len({request_of(each).request_id for each in after}) == 3


def test_rows_of_other_lists_are_other_documents(tmp_path: Path, write_rows: WriteRows) -> None:
    write_rows(PriceListLine, row("0.13"), row("0.09", "2025-08-01"), row("0.13", "", "guide"))

    assert Counter(steps(tmp_path)) == {
        ("settlement/CNY", "register"): 2, ("guide/CNY", "register"): 1,
    }  # fmt: skip


def test_a_column_that_came_later_may_be_missing_altogether(tmp_path: Path) -> None:
    (tmp_path / "price_lists.csv").write_text("price_list,currency,vat_rate\nguide,CNY,0.13\n")
    (tmp_path / "dealers.csv").write_text(
        "dealer,title,level,region_tier,currency,tax_number,payment_days,parent\n"
        "D01,D01,,,CNY,,30,\n"
    )

    assert steps(tmp_path) == [("guide/CNY", "register"), ("D01", "register")]


def test_any_other_column_is_still_missed(tmp_path: Path) -> None:
    """The control."""
    (tmp_path / "price_lists.csv").write_text("price_list,currency,effective_from\n")
    with ErpFolder(tmp_path, "main") as export:
        export.read()

    assert [problem.rule for problem in export.problems] == ["missing columns: vat_rate"]


def test_a_dealer_has_a_rate_of_its_own_only_where_its_cell_has(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    rates_of = {"D01": "", "D02": "0", "D03": "0.03"}
    write_rows(DealerLine, *(
        {"dealer": dealer, "title": dealer, "currency": "CNY", "payment_days": "30",
         "claims_vat_rate": rate}
        for dealer, rate in rates_of.items()
    ))  # fmt: skip

    shown = [request_of(each).dealer for each in stream(tmp_path)]

    assert [dealer.HasField("claims_vat_rate") for dealer in shown] == [False, True, True]
    assert [dealer.claims_vat_rate.value for dealer in shown] == ["", "0", "0.03"]


def test_two_rates_of_one_day_are_two_commands_for_the_ledger_to_compare(
    tmp_path: Path, write_rows: WriteRows
) -> None:
    write_rows(
        PriceListLine,
        row("0.17"), row("0.16", "2018-05-01"), row("0.15", "2018-05-01"), row("0.13"),
    )  # fmt: skip

    ledger, answers = Ledger(), []
    for number, found in enumerate(stream(tmp_path)):
        request: Any = request_of(found)
        decoded = RESOURCES.mutations[type(request)].decode(request)
        try:
            ledger.execute(command(number), decoded.use_case)
            answers.append("done")
        except VersionExists as refusal:
            answers.append(f"{refusal.facts['known']}, not {refusal.facts['given']}")
    assert answers == [
        "done", "vat_rate 0.17, not vat_rate 0.13", "done", "vat_rate 0.16, not vat_rate 0.15",
    ]  # fmt: skip
