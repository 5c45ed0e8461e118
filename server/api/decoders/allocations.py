"""Which items money is set against, as requests for payments and payouts say it."""

from collections.abc import Sequence
from typing import Final

from domain import values
from partsledger.v1 import payment_service_pb2 as pb
from server.api.conversions import lines, money

# A payment may name each item that it pays, and a dealer may have thousands.
MOST_ALLOCATIONS: Final = 10_000


def items_and_amounts(allocations: Sequence[pb.Allocation]) -> list[tuple[str, money.Amount]]:
    """Item and amount of each allocation."""
    lines.require_few(allocations, "allocations", MOST_ALLOCATIONS)
    allocated = []
    for index, allocation in enumerate(allocations):
        field = f"allocations[{index}]"
        item = values.text(allocation.item, f"{field}.item", required=True, most=200)
        allocated.append((item, money.positive(allocation.amount, f"{field}.amount")))
    return allocated
