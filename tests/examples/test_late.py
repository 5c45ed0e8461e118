"""A maker may be late more often: late documents of every kind, all of them accepted."""

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from domain.facts import BookedFact
from examples.files import opened
from examples.generate import generate
from examples.sizes import SIZES
from tests.examples.conftest import Played

KINDS = ("PartsSale.Sold", "Payment.Received", "PurchaseReceipt.Received",
         "WarrantyClaim.Submitted")  # fmt: skip


def written(folder: Path, late: int) -> Path:
    with opened(folder) as files:
        for _ in generate(replace(SIZES["small"], months=3, late=late), 2025, files):
            pass
    return folder


def expected_refusals(folder: Path) -> int:
    with (folder / "expected_refusals.csv").open(encoding="utf-8") as file:
        return len(list(csv.DictReader(file)))


def late_facts(played: Played) -> Counter[str]:
    booked = [fact for fact in played.facts if isinstance(fact, BookedFact)]
    late = [fact for fact in booked if fact.occurred_on != fact.effective_on]
    return Counter(fact.TOPIC.removeprefix("partsledger:") for fact in late)


def test_more_documents_of_each_kind_are_late_and_none_is_refused(
    tmp_path: Path, player: Callable[[Path], Played]
) -> None:
    folder = written(tmp_path / "late", late=6)
    played = player(folder)

    assert len(played.refused) == expected_refusals(folder) > 0
    seen = late_facts(played)
    assert all(seen[kind] >= 10 for kind in KINDS), seen
    counted_later = [
        layer
        for fact in played.facts
        for movement in getattr(fact, "movements", ())
        for layer in movement.layers
        if layer.counts_from
    ]
    assert counted_later, "pieces that came late are moved on"


def test_without_them_only_one_sale_and_one_payment_a_month_are_late(
    tmp_path: Path, player: Callable[[Path], Played]
) -> None:
    """The control."""
    seen = late_facts(player(written(tmp_path / "plain", late=0)))

    assert (seen["PartsSale.Sold"], seen["Payment.Received"]) == (2, 2)
    assert not seen["PurchaseReceipt.Received"] + seen["WarrantyClaim.Submitted"]
