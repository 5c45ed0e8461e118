"""Exchange rates of other currencies in the book's, in versions: each until the next one's day."""

from collections.abc import Iterator

from domain.exchange_rate import rate_key
from partsledger.v1 import exchange_rate_service_pb2 as pb
from server.api.conversions.rates import rate_message
from server.api.conversions.times import day_message
from server.erp.cells import Currency, Day, ExchangeRate, Text
from server.erp.documents import Document
from server.erp.lines import Line, column
from server.erp.steps import Step, register
from server.erp.wire import Names


class ExchangeRateLine(Line):
    """What one unit of another currency is worth in units of the book's."""

    FILE = "exchange_rates.csv"
    NUMBER = ("from_currency", "to_currency", "effective_from")

    from_currency: Currency = column("The currency that is converted.", example="USD")
    to_currency: Currency = column("The book's currency.", example="CNY")
    effective_from: Day = column("First day the rate counts.", example="2025-07-01")
    rate: ExchangeRate = column(
        "One unit of the first is so many units of the second; at most ten decimals.",
        example="7.1586",
    )
    source: Text = column("Who published it.", example="PBOC")


def exchange_rate_steps(names: Names, document: Document[ExchangeRateLine]) -> Iterator[Step]:
    row = document.head
    version = pb.ExchangeRateVersion(
        effective_from=day_message(row.effective_from),
        rate=rate_message(row.rate),
        source=row.source,
    )
    name = names.of("exchangeRates", rate_key(row.from_currency, row.to_currency))
    yield register(pb.SetExchangeRateRequest(name=name, version=version))
