"""The figures of a month for a ledger that no view follows: nothing is compared."""

from collections.abc import Callable
from functools import partial
from typing import Any

from domain.accounting_period import CALENDAR, AccountingPeriod
from domain.ledger import Ledger
from domain.proofs import NOTHING_READ, Figures
from server.api.decoded import Decoded


def taken_as_given(ledger: Ledger) -> Figures:
    calendar = ledger.find(AccountingPeriod, CALENDAR)
    return NOTHING_READ._replace(calendar_version=calendar.version if calendar else 0)


def use_case_of(decoded: Decoded, ledger: Ledger) -> Callable[..., Any]:
    """The use case of a request; one that closes a month for good with such figures."""
    if not decoded.proves:
        return decoded.use_case
    return partial(decoded.use_case, figures=taken_as_given(ledger))
