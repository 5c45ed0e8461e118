"""A figure is led back to document, people, price and policy version by what the facts hold."""

import pytest

from domain.account_facts import AccountFact
from domain.dealer_account import DealerAccount
from domain.facts import Fact
from domain.parts_sale import PartsSale
from domain.price_list import ListedPrice, price_key
from domain.purchase_receipt import PurchaseReceipt
from domain.stock_item import StockItem
from domain.warranty_claim import WarrantyClaim
from domain.warranty_policy import WarrantyPolicy
from tests.domain.causes import cause_of
from tests.domain.desk import ANN, BOB
from tests.domain.tour import every_fact

History = dict[tuple[str, int], Fact]


@pytest.fixture(scope="module")
def history() -> History:
    return {(fact.originator_id, fact.originator_version): fact for fact in every_fact()}


def first_line_of(history: History, item: str) -> AccountFact:
    """The line of an account that raised an open item."""
    return next(
        fact
        for fact in history.values()
        if isinstance(fact, AccountFact) and any(p.item == item for p in fact.postings)
    )


def test_what_a_dealer_owes_is_led_back_to_the_sale_its_prices_and_who_sold(
    history: History,
) -> None:
    raised = first_line_of(history, "sales/SA1")
    owed = sum(p.amount_minor for p in raised.postings if p.item)

    sale = cause_of(raised, history)

    assert isinstance(sale, PartsSale.Sold)
    assert (sale.actor, owed) == (ANN, sum(line.net_minor + line.tax_minor for line in sale.lines))
    for line in sale.lines:
        price = history[
            f"listed-prices/{price_key(line.price_list, line.part)}", line.price_version
        ]
        assert isinstance(price, ListedPrice.Listed | ListedPrice.Changed)
        assert price.unit_price_minor == line.unit_price_minor


def test_what_a_dealer_is_owed_is_led_back_to_the_claim_its_policy_and_who_decided(
    history: History,
) -> None:
    raised = first_line_of(history, "claims/C1")
    assert isinstance(raised, DealerAccount.ClaimCredited)

    credit = cause_of(raised, history)

    assert isinstance(credit, WarrantyClaim.Credited)
    submitted = history[credit.originator_id, 1]
    assert isinstance(submitted, WarrantyClaim.Submitted)
    decided = history[credit.originator_id, credit.originator_version - 1]
    assert (submitted.actor, decided.actor) == (ANN, BOB)
    policy = history[f"policies/{submitted.policy}", submitted.policy_version]
    assert isinstance(policy, WarrantyPolicy.Issued | WarrantyPolicy.Amended)


def test_every_piece_in_stock_is_led_back_to_how_it_came(history: History) -> None:
    came = [fact for fact in history.values() if isinstance(fact, StockItem.Received)]
    causes = [cause_of(fact, history) for fact in came]

    assert None not in causes
    bought = [(f, c) for f, c in zip(came, causes, strict=True)
              if isinstance(c, PurchaseReceipt.Received)]  # fmt: skip
    assert bought
    for fact, receipt in bought:
        parties = {posting.party for posting in fact.postings}
        assert f"suppliers/{receipt.supplier}" in parties
