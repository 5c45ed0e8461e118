"""Every mutation of the API, by the type of its request: what a unary call or an import decodes.

A decoder checks each field and names the one at fault; it knows no ledger, and decides nothing.
"""

from typing import Final

from server.api.decoded import Decoded, Decoders
from server.api.services import (
    claims,
    dealers,
    machines,
    parts,
    payments,
    periods,
    places,
    policies,
    prices,
    purchases,
    returns,
    sales,
    settlements,
    transfers,
)

__all__ = ["MUTATIONS", "Decoded"]

MUTATIONS: Final[Decoders] = {
    **parts.DECODERS,
    **places.DECODERS,
    **prices.DECODERS,
    **dealers.DECODERS,
    **machines.DECODERS,
    **policies.DECODERS,
    **purchases.DECODERS,
    **sales.DECODERS,
    **payments.DECODERS,
    **transfers.DECODERS,
    **claims.DECODERS,
    **returns.DECODERS,
    **settlements.DECODERS,
    **periods.DECODERS,
}
