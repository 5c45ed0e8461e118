"""PolicyService: what the maker stands behind."""

from functools import partial
from typing import Final

import grpc

from domain import values
from domain.use_cases import base_data
from domain.warranty_policy import PolicyTerms, WarrantyPolicy
from partsledger.v1 import policy_service_pb2 as pb
from partsledger.v1.policy_service_pb2_grpc import PolicyServiceServicer
from server.api.conversions import lines, names, times
from server.api.conversions.base_data import policy_message
from server.api.conversions.rates import optional_rate
from server.api.decoded import Decoded, Decoders, stream_of
from server.api.listing import Listing
from server.api.servicer import Servicer

LONGEST_DAYS: Final = 3_650
LONGEST_MONTHS: Final = 240


POLICIES: Final = Listing(WarrantyPolicy, policy_message)


class PolicyServicer(Servicer, PolicyServiceServicer):
    SetPolicy = Servicer.run

    def GetPolicy(
        self, request: pb.GetPolicyRequest, context: grpc.ServicerContext
    ) -> pb.GetPolicyResponse:
        policy, book, position = self.find(WarrantyPolicy, names.POLICY, request)
        return pb.GetPolicyResponse(policy=policy_message(policy, book), as_of_position=position)

    def ListPolicies(
        self, request: pb.ListPoliciesRequest, context: grpc.ServicerContext
    ) -> pb.ListPoliciesResponse:
        page = POLICIES.page(self._reads, context, request, names.book(request.parent))
        return pb.ListPoliciesResponse(
            policies=page.messages,
            next_page_token=page.next_page_token,
            as_of_position=page.as_of_position,
        )


def set_policy(request: pb.SetPolicyRequest) -> Decoded:
    book, model = names.POLICY.parse(request.name, "name")
    use_case = partial(base_data.set_policy, model=model, terms=_terms(request.version))
    return Decoded(
        book, stream_of(WarrantyPolicy, model), use_case,
        lambda policy: pb.SetPolicyResponse(policy=policy_message(policy, book)),
    )  # fmt: skip


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
        tolerance_minor=values.amount_minor(
            version.tolerance_minor, "version.tolerance_minor", zero=True
        ),
        submission_days=_days(version.submission_days, "version.submission_days", least=1),
        return_days=_days(version.return_days, "version.return_days"),
        chargeback_months=_months(version.chargeback_months, "version.chargeback_months"),
    )


def _days(value: int, field: str, least: int = 0) -> int:
    return values.count(value, field, most=LONGEST_DAYS, least=least)


def _months(value: int, field: str, least: int = 0) -> int:
    return values.count(value, field, most=LONGEST_MONTHS, least=least)


DECODERS: Final[Decoders] = {pb.SetPolicyRequest: set_policy}
