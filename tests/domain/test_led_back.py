"""A figure is led back to document, people, price and policy version by what the facts hold."""

from datetime import timedelta
from typing import TypeVar

import pytest

from domain.account_facts import AccountFact
from domain.dealer import Dealer
from domain.dealer_account import DealerAccount
from domain.dealer_settlement import DealerSettlement
from domain.exchange_rate import ExchangeRate
from domain.facts import BookedFact, Fact
from domain.parts_return import PartsReturn
from domain.parts_sale import PartsSale
from domain.payment import Payment
from domain.payout import Payout
from domain.price_list import ListedPrice, PriceList, price_key
from domain.purchase_receipt import PurchaseReceipt
from domain.stock_item import StockItem
from domain.warranty_claim import WarrantyClaim
from domain.warranty_policy import WarrantyPolicy
from tests.domain.causes import cause_of
from tests.domain.desk import ANN, BOB
from tests.domain.tour import every_fact

F = TypeVar("F", bound=Fact)
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


def of_kind(history: History, kind: type[F]) -> list[F]:
    found = [fact for fact in history.values() if isinstance(fact, kind)]
    assert found
    return found


def test_every_layer_is_led_back_to_the_document_that_brought_it_and_its_supplier(
    history: History,
) -> None:
    layers = [
        layer
        for fact in history.values()
        if isinstance(fact, BookedFact)
        for movement in fact.movements
        for layer in movement.layers
    ]
    assert layers
    for layer in layers:
        brought = history[layer.receipt, 1]
        if isinstance(brought, PurchaseReceipt.Received):
            assert layer.supplier == brought.supplier
        else:
            assert (type(brought), layer.supplier) == (PartsReturn.Requested, "")


def test_every_due_day_is_led_back_to_the_terms_of_the_dealer(history: History) -> None:
    for sale in of_kind(history, PartsSale.Sold):
        terms = history[f"dealers/{sale.dealer}", sale.dealer_version]
        assert isinstance(terms, Dealer.Registered | Dealer.Revised)
        assert sale.due_on - sale.occurred_on == timedelta(days=terms.payment_days)


def test_every_tax_of_a_sale_is_led_back_to_the_rate_of_its_list(history: History) -> None:
    for sale in of_kind(history, PartsSale.Sold):
        for line in sale.lines:
            listed = history[f"price-lists/{line.price_list}", line.price_list_version]
            assert isinstance(listed, PriceList.Opened | PriceList.VatRateChanged)
            assert listed.vat_rate == line.vat_rate


def test_what_a_claim_pays_for_a_part_is_led_back_to_a_price_and_a_policy(history: History) -> None:
    bases = 0
    for claim in of_kind(history, WarrantyClaim.Submitted):
        for item in claim.items:
            if item.basis is not None:
                price = history[f"listed-prices/{item.basis.price_list}/{item.part}",
                                item.basis.price_version]  # fmt: skip
                assert isinstance(price, ListedPrice.Listed | ListedPrice.Changed)
                bases += 1
    assert bases


def test_every_converted_amount_is_led_back_to_a_rate_its_day_and_its_source(
    history: History,
) -> None:
    converted = [
        fact for fact in of_kind(history, AccountFact) if fact.conversion is not None
    ]  # fmt: skip
    assert converted
    for fact in converted:
        assert fact.conversion is not None
        rate = history[fact.conversion.stream, fact.conversion.version]
        assert isinstance(rate, ExchangeRate.Listed | ExchangeRate.Changed)
        assert (rate.rate, rate.source) == (fact.conversion.rate, fact.conversion.source)
        assert rate.effective_from == fact.conversion.effective_from <= fact.occurred_on


def test_every_memo_is_led_back_to_the_line_who_disputed_and_who_resolved(
    history: History,
) -> None:
    for memo in of_kind(history, DealerAccount.MemoPosted):
        assert isinstance(history[memo.originator_id, memo.line_version], AccountFact)
        resolved = cause_of(memo, history)
        assert isinstance(resolved, DealerSettlement.DisputeResolved)
        disputes = [
            fact
            for fact in of_kind(history, DealerSettlement.Disputed)
            if (fact.originator_id, fact.line_version)
            == (resolved.originator_id, memo.line_version)
        ]
        assert {fact.actor for fact in disputes} == {ANN} != {resolved.actor}


def test_what_is_paid_and_set_off_is_led_back_to_payments_and_settlements(
    history: History,
) -> None:
    for kind, causes in (
        (DealerAccount.PaymentReceived, Payment.Received),
        (DealerAccount.PaidOut, Payout.Paid),
        (DealerAccount.ItemsNetted, DealerSettlement.Closed),
        (DealerAccount.StatementClosed, DealerSettlement.Issued),
    ):
        for fact in of_kind(history, kind):
            assert isinstance(cause_of(fact, history), causes)
