"""Requests that set exchange rates."""

from functools import partial
from typing import Final

from domain import values
from domain.errors import InvalidValue
from domain.exchange_rate import rate_key
from domain.use_cases import base_data
from partsledger.v1 import exchange_rate_service_pb2 as pb
from server.access.roles import Role, roles
from server.api.conversions import names, times
from server.api.conversions.rates import exchange_rate
from server.api.decoded import Act, Acts, Decoded


def set_exchange_rate(request: pb.SetExchangeRateRequest) -> Decoded:
    book, key = names.EXCHANGE_RATE.parse(request.name, "name")
    from_currency, to_currency = _currencies(key)
    version = request.version
    use_case = partial(
        base_data.set_exchange_rate,
        from_currency=from_currency,
        to_currency=to_currency,
        effective_from=times.day(version.effective_from, "version.effective_from"),
        rate=exchange_rate(version.rate, "version.rate"),
        source=values.text(version.source, "version.source", required=True, most=100),
    )
    return Decoded(book, rate_key(from_currency, to_currency), use_case)


def _currencies(key: str) -> tuple[str, str]:
    """The currency that is converted and the book's, which the name of a rate is made of."""
    from_currency, hyphen, to_currency = key.partition("-")
    if not hyphen:
        raise InvalidValue("name", key, "must end in two currencies, as USD-CNY")
    return values.currency(from_currency, "name"), values.currency(to_currency, "name")


ACTS: Final[Acts] = {
    pb.SetExchangeRateRequest: Act(
        set_exchange_rate, roles(Role.FINANCE, Role.CONTROLLER, Role.ERP)
    ),
}
