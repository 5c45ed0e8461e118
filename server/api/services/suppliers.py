"""SupplierService: suppliers and their terms."""

from partsledger.v1.supplier_service_pb2_grpc import SupplierServiceServicer
from server.api.conversions import names
from server.api.servicer import Servicer


class SupplierServicer(Servicer, SupplierServiceServicer):
    CreateSupplier = ReviseSupplier = Servicer.run
    GetSupplier = Servicer.get(names.SUPPLIER)
    ListSuppliers = Servicer.list(names.SUPPLIER)
