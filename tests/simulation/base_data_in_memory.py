"""The base data of the trade, as use cases."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from domain.dealer import DealerTerms
from domain.part import PartClass
from domain.place import PlaceKind
from domain.price_list import PriceListKind
from domain.use_cases import base_data
from domain.warranty_policy import PolicyTerms
from tests.simulation.trade import (
    CHARGEBACK_MONTHS,
    CURRENCY,
    CUSTODY,
    DEALERS,
    MACHINES,
    PARTS,
    POLICIES,
    PRICED_FROM,
    SUBMISSION_DAYS,
    WAREHOUSES,
)

_LIST = f"settlement-{CURRENCY}"


def register(do: Callable[..., object]) -> None:
    """Does a use case for each place, part, price, dealer, policy and machine."""
    for place in (*WAREHOUSES, CUSTODY):
        kind = PlaceKind.CUSTODY if place == CUSTODY else PlaceKind.WAREHOUSE
        do(base_data.open_place, "ann", code=place, description="", kind=kind)
    do(
        base_data.open_price_list, "ann", kind=PriceListKind.SETTLEMENT, currency=CURRENCY,
        vat_rate=Decimal("0.13"),
    )  # fmt: skip
    for number, part in PARTS.items():
        do(
            base_data.register_part, "ann", number=number, description="",
            part_class=PartClass.WEAR, serviceable=part.serviceable,
            restricted=part.restricted,
        )  # fmt: skip
        if part.price_minor:
            do(
                base_data.set_price, "ann", price_list=_LIST, part=number,
                effective_from=PRICED_FROM, unit_price_minor=part.price_minor,
            )  # fmt: skip
    for dealer, payment_days in DEALERS.items():
        terms = DealerTerms("A", "A", CURRENCY, "", payment_days, "")
        do(base_data.register_dealer, "ann", code=dealer, title=dealer, terms=terms)
    standard = PolicyTerms(
        effective_from=date(2023, 1, 1), term_months=24, covered_causes=(),
        submission_days=SUBMISSION_DAYS, chargeback_months=CHARGEBACK_MONTHS,
    )  # fmt: skip
    for model, policy in POLICIES.items():
        terms_of_model = standard.model_copy(update={"return_days": policy.return_days})
        do(base_data.set_policy, "ann", model=model, terms=terms_of_model)
    for serial, machine in MACHINES.items():
        do(
            base_data.register_machine, "ann", serial=serial, model=machine.model,
            dealer=machine.dealer, sold_on=machine.sold_on, user=machine.user,
        )  # fmt: skip
