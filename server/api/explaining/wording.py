"""What base data says, in a line: `unit price 45.00 CNY, effective from 2025-01-01`."""

from collections.abc import Mapping
from typing import Any, Final

from domain.values import money_text

_MINOR: Final = "_minor"
_MOST: Final = 400  # Characters: a policy has many terms.


def said_by(name: str, fact: Mapping[str, Any]) -> str:
    """The plain fields of a fact of base data; amounts with their currency."""
    currency = fact.get("currency", "")
    told = [
        f"{field.removesuffix(_MINOR).replace('_', ' ')} {_value(field, value, currency)}"
        for field, value in fact.items()
        if not isinstance(value, list | dict) and value not in ("", None)
        and not (field == "currency" and any(each.endswith(_MINOR) for each in fact))
    ]  # fmt: skip
    text = ", ".join(told) or name
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"


def _value(field: str, value: Any, currency: str) -> str:
    if field.endswith(_MINOR) and currency:
        return money_text(value, currency)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
