"""PolicyService: warranty policies of models."""

from partsledger.v1.policy_service_pb2_grpc import PolicyServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class PolicyServicer(Servicer, PolicyServiceServicer):
    SetPolicy = Servicer.run
    GetPolicy = Servicer.get(names.POLICY)
    ListPolicies = Servicer.list(names.POLICY)
