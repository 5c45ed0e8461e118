"""Every service of the API, and who serves it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

import grpc

from partsledger.v1.ageing_service_pb2_grpc import add_AgeingServiceServicer_to_server
from partsledger.v1.claim_service_pb2_grpc import add_ClaimServiceServicer_to_server
from partsledger.v1.dealer_service_pb2_grpc import add_DealerServiceServicer_to_server
from partsledger.v1.entry_service_pb2_grpc import add_EntryServiceServicer_to_server
from partsledger.v1.import_service_pb2_grpc import add_ImportServiceServicer_to_server
from partsledger.v1.machine_service_pb2_grpc import add_MachineServiceServicer_to_server
from partsledger.v1.part_service_pb2_grpc import add_PartServiceServicer_to_server
from partsledger.v1.payment_service_pb2_grpc import add_PaymentServiceServicer_to_server
from partsledger.v1.period_service_pb2_grpc import add_PeriodServiceServicer_to_server
from partsledger.v1.place_service_pb2_grpc import add_PlaceServiceServicer_to_server
from partsledger.v1.policy_service_pb2_grpc import add_PolicyServiceServicer_to_server
from partsledger.v1.price_service_pb2_grpc import add_PriceServiceServicer_to_server
from partsledger.v1.purchase_service_pb2_grpc import add_PurchaseServiceServicer_to_server
from partsledger.v1.return_service_pb2_grpc import add_ReturnServiceServicer_to_server
from partsledger.v1.sale_service_pb2_grpc import add_SaleServiceServicer_to_server
from partsledger.v1.settlement_service_pb2_grpc import add_SettlementServiceServicer_to_server
from partsledger.v1.statement_service_pb2_grpc import add_StatementServiceServicer_to_server
from partsledger.v1.stock_service_pb2_grpc import add_StockServiceServicer_to_server
from partsledger.v1.transfer_service_pb2_grpc import add_TransferServiceServicer_to_server
from partsledger.v1.view_service_pb2_grpc import add_ViewServiceServicer_to_server
from server.api.commands import Commands
from server.api.reads import Reads
from server.api.services.ageing import AgeingServicer
from server.api.services.claims import ClaimServicer
from server.api.services.dealers import DealerServicer
from server.api.services.entries import EntryServicer
from server.api.services.imports import ImportServicer
from server.api.services.machines import MachineServicer
from server.api.services.parts import PartServicer
from server.api.services.payments import PaymentServicer
from server.api.services.periods import PeriodServicer
from server.api.services.places import PlaceServicer
from server.api.services.policies import PolicyServicer
from server.api.services.prices import PriceServicer
from server.api.services.purchases import PurchaseServicer
from server.api.services.returns import ReturnServicer
from server.api.services.sales import SaleServicer
from server.api.services.settlements import SettlementServicer
from server.api.services.statements import StatementServicer
from server.api.services.stock import StockServicer
from server.api.services.transfers import TransferServicer
from server.api.services.views import ViewServicer
from server.writing.dry_run import DryRun

_NOUNS: Final = (
    "Ageing",
    "Claim",
    "Dealer",
    "Entry",
    "Import",
    "Machine",
    "Part",
    "Payment",
    "Period",
    "Place",
    "Policy",
    "Price",
    "Purchase",
    "Return",
    "Sale",
    "Settlement",
    "Statement",
    "Stock",
    "Transfer",
    "View",
)

# What reflection and health name them.
SERVICES: Final = tuple(f"partsledger.v1.{noun}Service" for noun in _NOUNS)


def register(
    server: grpc.Server,
    commands: Commands,
    reads: Reads,
    dry_runs: Callable[[], AbstractContextManager[DryRun]],
) -> None:
    """Adds every service to a server."""
    add_AgeingServiceServicer_to_server(AgeingServicer(commands, reads), server)
    add_ClaimServiceServicer_to_server(ClaimServicer(commands, reads), server)
    add_DealerServiceServicer_to_server(DealerServicer(commands, reads), server)
    add_EntryServiceServicer_to_server(EntryServicer(commands, reads), server)
    add_ImportServiceServicer_to_server(ImportServicer(commands, dry_runs, reads.closing), server)
    add_MachineServiceServicer_to_server(MachineServicer(commands, reads), server)
    add_PartServiceServicer_to_server(PartServicer(commands, reads), server)
    add_PaymentServiceServicer_to_server(PaymentServicer(commands, reads), server)
    add_PeriodServiceServicer_to_server(PeriodServicer(commands, reads), server)
    add_PlaceServiceServicer_to_server(PlaceServicer(commands, reads), server)
    add_PolicyServiceServicer_to_server(PolicyServicer(commands, reads), server)
    add_PriceServiceServicer_to_server(PriceServicer(commands, reads), server)
    add_PurchaseServiceServicer_to_server(PurchaseServicer(commands, reads), server)
    add_ReturnServiceServicer_to_server(ReturnServicer(commands, reads), server)
    add_SaleServiceServicer_to_server(SaleServicer(commands, reads), server)
    add_SettlementServiceServicer_to_server(SettlementServicer(commands, reads), server)
    add_StatementServiceServicer_to_server(StatementServicer(commands, reads), server)
    add_StockServiceServicer_to_server(StockServicer(commands, reads), server)
    add_TransferServiceServicer_to_server(TransferServicer(commands, reads), server)
    add_ViewServiceServicer_to_server(ViewServicer(commands, reads), server)
