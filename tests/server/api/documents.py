"""Documents as JSON has them in the requests that record them, with most of it filled in."""

from typing import Any

from tests.on_the_wire import cny, day, in_name, on

Fields = dict[str, Any]


def purchase(book: str, number: str, when: str, part: str, quantity: int, cost: int) -> Fields:
    """Into W01, at a cost in whole CNY."""
    [line] = lines(book, part, quantity)
    bought = {
        "supplier": "S01", "to_place": f"{book}/places/W01",
        "lines": [{**line, "unit_cost": cny(cost)}],
    }  # fmt: skip
    return {"purchase_id": number, "purchase": bought, "occurrence": on(when, f"DN-{number}")}


def sale(
    book: str, number: str, when: str, part: str, quantity: int, dealer: str = "D01"
) -> Fields:
    """Out of W01."""
    sold = {
        "dealer": f"{book}/dealers/{dealer}", "from_place": f"{book}/places/W01",
        "lines": lines(book, part, quantity),
    }  # fmt: skip
    return {"sale_id": number, "sale": sold, "occurrence": on(when, f"INV-{number}")}


def transfer(book: str, number: str, when: str, part: str, quantity: int) -> Fields:
    """From W01 to W02."""
    moved = {
        "from_place": f"{book}/places/W01", "to_place": f"{book}/places/W02",
        "lines": lines(book, part, quantity),
    }  # fmt: skip
    return {"transfer_id": number, "transfer": moved, "occurrence": on(when, number)}


def claim(book: str, machine: str = "S-1", quantity: int = 1, part: str = "P-1") -> Fields:
    """What D01 claims: a part for 20.00, and labour of 5.00, for a failure of 10 July 2025."""
    material, labour = (
        {sheet: cny(units) for sheet in ("inspected", "ordered", "claimed")} for units in (20, 5)
    )
    [replaced] = lines(book, part, quantity)
    return {
        "dealer": f"{book}/dealers/D01", "machine": f"{book}/machines/{machine}", "user": "U-1",
        "failed_on": day("2025-07-10"), "causal_part": replaced["part"], "fault_code": "F-1",
        "pre_inspection": "PI-1", "work_order": "WO-1", "settlement_sheet": "SS-1", "items": [
            {"kind": "CLAIM_ITEM_KIND_MATERIAL", **replaced, **material},
            {"kind": "CLAIM_ITEM_KIND_LABOUR", **labour},
        ],
    }  # fmt: skip


def lines(book: str, part: str, quantity: int) -> list[Fields]:
    return [{"part": f"{book}/parts/{in_name(part)}", "quantity": quantity}]
