"""Warranty policies 质保政策 of the models, in versions."""

from collections.abc import Iterator
from decimal import Decimal

from partsledger.v1 import policy_service_pb2 as pb
from server.api.conversions.rates import rate_message
from server.api.conversions.times import day_message
from server.erp.cells import Amount, Code, Count, Currency, Day, FaultCodes, Rate
from server.erp.documents import Document
from server.erp.lines import Line, column, optional
from server.erp.steps import Step, register
from server.erp.wire import Names, minor_units


class PolicyLine(Line):
    FILE = "policies.csv"
    NUMBER = ("model", "effective_from")
    AMOUNTS = ("tolerance",)

    model: Code = column("Model of machine.", example="ZY210")
    effective_from: Day = column("For machines sold from this day on.", example="2022-01-01")
    term_months: Count = column("Term from the day of sale.", example="24")
    covered_causes: FaultCodes = column(
        "Fault codes that are covered; empty covers all.", default=(), example="F01;F02"
    )
    handling_rate: Rate = column(
        "Handling on top of a claimed part's price.", default=Decimal(0), example="0.05"
    )
    tolerance: Amount | None = optional(
        "By how much the three documents may differ on a line; empty: not at all.", "5.00"
    )
    currency: Currency | None = optional("Currency of the tolerance: the book's.", "CNY")
    submission_days: Count = column("Days from failure to claim.", default=30, example="30")
    return_days: Count = column(
        "Days from approval until replaced parts must be back; 0: they need not come back.",
        default=0, example="30",
    )  # fmt: skip
    chargeback_months: Count = column(
        "Months after the credit in which a failed audit takes it back.", default=12, example="12"
    )


def policy_steps(names: Names, document: Document[PolicyLine]) -> Iterator[Step]:
    row = document.head
    version = pb.PolicyVersion(
        effective_from=day_message(row.effective_from),
        term_months=row.term_months,
        covered_causes=row.covered_causes,
        handling_rate=rate_message(row.handling_rate),
        currency=row.currency or "",
        tolerance_minor=_tolerance(row),
        submission_days=row.submission_days,
        return_days=row.return_days,
        chargeback_months=row.chargeback_months,
    )
    yield register(pb.SetPolicyRequest(name=names.of("policies", row.model), version=version))


def _tolerance(row: PolicyLine) -> int:
    if row.tolerance is None or row.currency is None:
        return 0
    return minor_units(row.tolerance, row.currency)
