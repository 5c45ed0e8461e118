"""Requests that set warranty policies."""

from functools import partial
from typing import Final

from domain import values
from domain.use_cases import base_data
from domain.warranty_policy import PolicyTerms
from partsledger.v1 import policy_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import lines, names, times
from server.api.conversions.rates import optional_rate
from server.api.decoded import Act, Acts, Decoded

LONGEST_DAYS: Final = 3_650
LONGEST_MONTHS: Final = 240


def set_policy(request: pb.SetPolicyRequest) -> Decoded:
    book, model = names.POLICY.parse(request.name, "name")
    use_case = partial(base_data.set_policy, model=model, terms=_terms(request.version))
    return Decoded(book, model, use_case)


def _terms(version: pb.PolicyVersion) -> PolicyTerms:
    lines.require_few(version.covered_causes, "version.covered_causes")
    return PolicyTerms(
        effective_from=times.day(version.effective_from, "version.effective_from"),
        term_months=_months(version.term_months, "version.term_months", least=1),
        covered_causes=tuple(
            values.code(cause, f"version.covered_causes[{index}]")
            for index, cause in enumerate(version.covered_causes)
        ),
        handling_rate=optional_rate(version.handling_rate, "version.handling_rate"),
        currency=_currency(version),
        tolerance_minor=values.amount_minor(
            version.tolerance_minor, "version.tolerance_minor", zero=True
        ),
        submission_days=_days(version.submission_days, "version.submission_days", least=1),
        return_days=_days(version.return_days, "version.return_days"),
        chargeback_months=_months(version.chargeback_months, "version.chargeback_months"),
    )


def _currency(version: pb.PolicyVersion) -> str:
    """None is the book's, where there is nothing to tolerate."""
    if not version.currency and not version.tolerance_minor:
        return ""
    return values.currency(version.currency, "version.currency")


def _days(value: int, field: str, least: int = 0) -> int:
    return values.count(value, field, most=LONGEST_DAYS, least=least)


def _months(value: int, field: str, least: int = 0) -> int:
    return values.count(value, field, most=LONGEST_MONTHS, least=least)


ACTS: Final[Acts] = {
    pb.SetPolicyRequest: Act(set_policy, roles(Role.CONTROLLER, Role.ERP)),
}
