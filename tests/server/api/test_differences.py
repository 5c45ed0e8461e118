"""What a step says otherwise than it was recorded: amounts, quantities, choices, days and texts."""

from datetime import date
from typing import Any

import pytest
from google.protobuf.message import Message

from domain.claim_lines import ItemDecision
from domain.dealer_settlement import DealerSettlement
from domain.parts_back import Finding
from domain.parts_return import PartsReturn
from domain.warranty_claim import WarrantyClaim
from partsledger.v1 import claim_service_pb2, return_service_pb2, settlement_service_pb2
from server.api.conversions.money import message as money
from server.api.differences import of_step

DAYS: dict[str, Any] = {"effective_on": date(2025, 7, 1), "occurred_on": date(2025, 7, 1)}
REJECTED = WarrantyClaim.Rejected(
    **DAYS, currency="CNY",
    decisions=(
        ItemDecision(item=1, approved_minor=0, because="worn"),
        ItemDecision(item=2, approved_minor=12_050),
    ),
)  # fmt: skip
RESOLVED = DealerSettlement.DisputeResolved(
    **DAYS, line_version=7, currency="CNY", memo_minor=-1_000, because="agreed"
)
INSPECTED = PartsReturn.Inspected(**DAYS, finding=Finding.NO_FAULT_FOUND, note="clean")


def decisions(*said: tuple[int, int, str]) -> Message:
    return claim_service_pb2.AdjudicateClaimRequest(
        decisions=[
            claim_service_pb2.ItemDecision(item=item, approved=money(minor, "CNY"), because=why)
            for item, minor, why in said
        ]
    )


@pytest.mark.parametrize(
    ("asked", "recorded", "told"),
    [
        (decisions((1, 0, "worn"), (2, 12_050, "")), REJECTED, []),
        (
            decisions((1, 100, "worn"), (2, 12_050, "")),
            REJECTED,
            [("decisions[0].approved", "0.00 CNY", "1.00 CNY")],
        ),
        (
            decisions((1, 0, "used up"), (3, 12_050, "")),
            REJECTED,
            [("decisions[0].because", "worn", "used up"), ("decisions[1].item", "2", "3")],
        ),
        (decisions((1, 0, "worn")), REJECTED, [("decisions", "2 rows", "1 rows")]),
        (
            settlement_service_pb2.ResolveDisputeRequest(
                line_version=7, memo=money(-990, "CNY"), because="agreed"
            ),
            RESOLVED,
            [("memo", "-10.00 CNY", "-9.90 CNY")],
        ),
        (
            settlement_service_pb2.ResolveDisputeRequest(line_version=8, because="by phone"),
            RESOLVED,
            [("line_version", "7", "8"), ("because", "agreed", "by phone")],
        ),
        (
            return_service_pb2.InspectReturnRequest(
                finding=return_service_pb2.FINDING_MISUSE, note="clean"
            ),
            INSPECTED,
            [("finding", "no_fault_found", "FINDING_MISUSE")],
        ),
        (
            return_service_pb2.InspectReturnRequest(
                finding=return_service_pb2.FINDING_NO_FAULT_FOUND, note="dirty"
            ),
            INSPECTED,
            [("note", "clean", "dirty")],
        ),
    ],
)
def test_each_field_that_differs_is_told(
    asked: Message, recorded: Any, told: list[tuple[str, str, str]]
) -> None:
    assert [tuple(change) for change in of_step(asked, recorded)] == told
