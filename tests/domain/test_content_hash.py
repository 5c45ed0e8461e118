"""What the content hash of a statement covers, each row of it, and how it is computed."""

import hashlib
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from domain.account_facts import AccountFact
from domain.lines import Posting
from domain.statement import StatedRow, items_hash, row_hash
from tests.domain.desk import Desk, d
from tests.domain.test_dealer_account import indebted, issued, paid


def rows(desk: Desk, month: str) -> list[StatedRow]:
    """The rows of a month's statement as the log has them."""
    return [
        StatedRow(
            fact.originator_version, type(fact).__name__, fact.occurred_on, fact.effective_on,
            fact.document, sum(p.amount_minor for p in fact.postings if p.item), of_items(fact),
        )
        for fact in desk.stream("accounts/D01")
        if isinstance(fact, AccountFact) and fact.statement_month == month
    ]  # fmt: skip


def of_items(fact: AccountFact) -> str:
    lines = [
        "\t".join([p.account, p.item, str(p.due_on or ""), str(p.amount_minor)]) + "\n"
        for p in fact.postings
        if p.item
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def chained(rows: Sequence[StatedRow]) -> str:
    chain = ""
    for row in rows:
        chain = hashlib.sha256("\t".join([chain, *map(str, row)]).encode()).hexdigest()
    return chain


def test_the_content_hash_can_be_recomputed_from_the_log_alone() -> None:
    desk = indebted()
    paid(desk, 100)
    statement = issued(desk, "2025-07").statement
    stated = rows(desk, "2025-07")
    head = f"D01\t2025-07\tCNY\t0\t{statement.closing_minor}\t{chained(stated)}"

    assert statement.content_hash == hashlib.sha256(head.encode()).hexdigest()
    assert (statement.first_version, statement.last_version) == (
        stated[0].version, stated[-1].version
    )  # fmt: skip


account_rows = st.lists(
    st.builds(
        StatedRow,
        version=st.integers(1, 99), kind=st.sampled_from(["SaleInvoiced", "PaymentReceived"]),
        occurred_on=st.dates(), effective_on=st.dates(),
        document=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=9),
        net_minor=st.integers(-999, 999), items_hash=st.sampled_from(["a" * 64, "b" * 64]),
    ),
    min_size=1, max_size=6, unique=True,
)  # fmt: skip


SOLD = StatedRow(2, "SaleInvoiced", d(7, 15), d(7, 15), "INV|1", 2259, "a" * 64)
TWO_ROWS = [SOLD, SOLD._replace(version=3, document="INV", net_minor=-2259)]
OTHERWISE: dict[str, Any] = {
    "version": 9, "kind": "MemoPosted", "occurred_on": d(7, 16), "effective_on": d(7, 16),
    "document": "INV|2", "net_minor": 1, "items_hash": "c" * 64,
}  # fmt: skip


@pytest.mark.parametrize("field", StatedRow._fields)
def test_each_field_of_a_row_is_in_its_hash(field: str) -> None:
    assert row_hash("", SOLD._replace(**{field: OTHERWISE[field]})) != row_hash("", SOLD)


@pytest.mark.parametrize(
    "change",
    [{"item": "sales/S-2"}, {"due_on": d(8, 15)}, {"due_on": None}, {"account": "2241"},
     {"amount_minor": 2}],
)  # fmt: skip
def test_item_and_due_day_are_in_the_hash_of_the_items(change: dict[str, Any]) -> None:
    raised = Posting(
        account="1122", party="dealers/D01", amount_minor=1, currency="CNY", item="sales/S-1",
        due_on=d(8, 14),
    )  # fmt: skip
    revenue = Posting(account="6001", amount_minor=-1, currency="CNY")

    assert items_hash([structs.replace(raised, **change)]) != items_hash([raised])
    assert items_hash([raised, revenue]) == items_hash([raised])  # Only what the dealer owes.


@given(stated=account_rows, index=st.integers(0, 5))
@example(stated=TWO_ROWS[:1], index=0)
@example(stated=TWO_ROWS, index=0)
@example(stated=TWO_ROWS, index=1)
def test_no_row_can_be_altered_moved_or_left_out_under_the_same_hash(
    stated: list[StatedRow], index: int
) -> None:
    index %= len(stated)
    row = stated[index]
    more = row._replace(net_minor=row.net_minor + 1)
    altered = [*stated[:index], more, *stated[index + 1 :]]
    others = [altered, stated[:index] + stated[index + 1 :]]
    if len(stated) > 1:
        others.append(stated[1:] + stated[:1])

    assert all(chained(other) != chained(stated) for other in others)


@given(stated=account_rows)
@example(stated=TWO_ROWS)
def test_the_domain_chains_rows_as_documented(stated: list[StatedRow]) -> None:
    chain = ""
    for row in stated:
        chain = row_hash(chain, row)

    assert chain == chained(stated)
