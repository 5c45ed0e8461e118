"""Requests that register suppliers, and revise what was agreed with them."""

from functools import partial
from typing import Final

from domain import values
from domain.supplier import SupplierTerms
from domain.use_cases import base_data, revising
from partsledger.v1 import supplier_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import names
from server.api.decoded import Act, Acts, Decoded, dated


def create_supplier(request: pb.CreateSupplierRequest) -> Decoded:
    book = names.book(request.parent)
    code = values.code(request.supplier_id, "supplier_id")
    use_case = partial(base_data.register_supplier, code=code, terms=_terms(request.supplier))
    return Decoded(book, code, use_case)


def revise_supplier(request: pb.ReviseSupplierRequest) -> Decoded:
    book, code = names.SUPPLIER.parse(request.supplier.name, "supplier.name")
    terms = _terms(request.supplier)
    use_case = partial(revising.revise_supplier, code=code, terms=terms, **dated(request))
    return Decoded(book, code, use_case)


def _terms(supplier: pb.Supplier) -> SupplierTerms:
    return SupplierTerms(
        title=values.text(supplier.title, "supplier.title", required=True),
        currency=values.currency(supplier.currency, "supplier.currency"),
        tax_number=values.text(supplier.tax_number, "supplier.tax_number", most=63),
        payment_days=values.count(supplier.payment_days, "supplier.payment_days", most=365),
    )


_KEPT: Final = roles(Role.FINANCE, Role.CONTROLLER, Role.ERP)

ACTS: Final[Acts] = {
    pb.CreateSupplierRequest: Act(create_supplier, _KEPT),
    pb.ReviseSupplierRequest: Act(revise_supplier, _KEPT),
}
