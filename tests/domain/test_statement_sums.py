"""What stands on a month's statement so far, line by line, and what is to be invoiced of it."""

from domain import accounts
from domain.lines import Posting
from domain.statement import MonthSums, StatedRow
from tests.domain.desk import d


def row(version: int, net_minor: int) -> StatedRow:
    return StatedRow(version, "SaleInvoiced", d(7, 1), d(7, 1), "INV-1", net_minor, "0" * 64)


def posting(account: str, amount_minor: int, functional_minor: int | None = None) -> Posting:
    return Posting(
        account=account, amount_minor=amount_minor, currency="CNY",
        functional_minor=functional_minor,
    )  # fmt: skip


def test_lines_add_up_by_their_side_and_the_first_and_the_last_are_known() -> None:
    sums = MonthSums()
    for version, net_minor in ((4, 100), (5, 1), (7, -30), (9, -1), (11, 0)):
        sums.add_row(row(version, net_minor))

    assert (sums.debit_minor, sums.credit_minor, sums.line_count) == (101, 31, 5)
    assert (sums.first_version, sums.last_version) == (4, 11)


def test_a_sale_and_a_claim_are_a_line_each_of_what_is_to_be_invoiced() -> None:
    sums = MonthSums()
    sale = [
        posting(accounts.RECEIVABLE, 113), posting(accounts.PARTS_REVENUE, -100),
        posting(accounts.VAT_PENDING, -13, -2),
    ]  # fmt: skip
    claim = [posting(accounts.WARRANTY_PROVISION, 50), posting(accounts.CLAIMS_PAYABLE, -50)]
    for _ in range(2):
        sums.add_to_invoices(sale, 0)
    for _ in range(3):
        sums.add_to_invoices(claim, 7)
    sums.add_to_invoices([posting(accounts.RECEIVABLE, -9)], 1_000)

    assert (sums.sales_line_count, sums.sales_tax_minor) == (2, 26)
    assert sums.sales_tax_functional_minor == 4
    assert (sums.claims_line_count, sums.claims_minor, sums.claims_tax_minor) == (3, 150, 21)


def test_tax_that_is_in_the_book_s_currency_has_no_other_worth() -> None:
    sums = MonthSums()
    sums.add_to_invoices([posting(accounts.VAT_PENDING, -13)], 0)
    assert (sums.sales_line_count, sums.sales_tax_minor) == (1, 13)
    assert sums.sales_tax_functional_minor == 0


def test_of_a_sale_revenue_or_tax_alone_makes_it_a_line_to_be_invoiced() -> None:
    for account in (accounts.PARTS_REVENUE, accounts.VAT_PENDING):
        sums = MonthSums()
        sums.add_to_invoices([posting(account, -100)], 0)
        assert (sums.sales_line_count, sums.claims_line_count) == (1, 0)
    sums = MonthSums()
    sums.add_to_invoices([posting(accounts.RECEIVABLE, 100), posting(accounts.BANK, -100)], 0)
    assert (sums.sales_line_count, sums.claims_line_count) == (0, 0)  # The control.
