"""ClaimService: warranty claims, from submission to charge-back."""

from partsledger.v1.claim_service_pb2_grpc import ClaimServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class ClaimServicer(Servicer, ClaimServiceServicer):
    CreateClaim = AdjudicateClaim = MarkClaimOverdue = ChargeBackClaim = Servicer.run
    BatchCreateClaims = Servicer.run_batch
    GetClaim = Servicer.get(names.CLAIM)
    ListClaims = Servicer.list(names.CLAIM)
