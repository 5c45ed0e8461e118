"""ExplanationService: what a figure adds up from, and what that goes back to."""

from typing import Final

import grpc

from domain.errors import InvalidValue
from partsledger.v1 import explanation_service_pb2 as pb
from partsledger.v1.explanation_service_pb2_grpc import ExplanationServiceServicer
from server.access.roles import MAKER, Role, roles
from server.api import own
from server.api.conversions import money, names, times
from server.api.explaining.figures import FIGURES, Asked, Figure, Part
from server.api.explaining.history import History
from server.api.permissions import Permission
from server.api.servicer import Servicer

_USUAL_PARTS: Final = 20
_MOST_PARTS: Final = 200
# Prices and the like in an answer, so that with three levels of documents it stays below 4 MiB, the
# most that clients take unless they are told otherwise.
_MOST_TOLD: Final = 2_000


class ExplanationServicer(Servicer, ExplanationServiceServicer):
    OWN = {
        "Explain": Permission(MAKER | roles(Role.DEALER), own.in_figure),
    }

    def Explain(
        self, request: pb.ExplainRequest, context: grpc.ServicerContext
    ) -> pb.ExplainResponse:
        self._reads.require_book(names.book(request.parent))
        kind = request.WhichOneof("figure")
        if kind is None:
            raise InvalidValue("figure", "", f"must be one of {', '.join(FIGURES)}")
        if request.most_parts < 0:
            raise InvalidValue("most_parts", request.most_parts, "must not be negative")
        asked = Asked(
            self._reads.book,
            times.optional_day(request.as_of_date, "as_of_date") or self._reads.today(),
            min(request.most_parts or _USUAL_PARTS, _MOST_PARTS),
        )
        with self._reads.views(context, request.min_position, request.as_of_position) as now:
            figure = FIGURES[kind](now, getattr(request, kind), asked)
        # No connection is held any more while the log is read on another.
        history = History(
            self._reads.log.entries,
            [part.position for part in figure.parts if part.position],
            [part.document for part in figure.parts if part.document],
            now.position,
            told_each(asked.most, len(figure.parts)),
        )
        return pb.ExplainResponse(
            explanation=_explained(figure, history), as_of_position=now.position
        )


def told_each(most: int, parts: int) -> int:
    """How many prices and the like are told of a document, where a figure has so many parts."""
    return min(most, _MOST_TOLD // max(1, parts))


def _explained(figure: Figure, history: History) -> pb.Explanation:
    parts = [_part(part, figure.currency, history) for part in figure.parts]
    if not figure.currency:  # An entry, which is no sum.
        [only] = parts
        only.title = figure.title
        return only
    return pb.Explanation(
        title=figure.title,
        amount=money.sum_message(figure.minor, figure.currency),
        quantity=figure.quantity,
        parts=parts,
    )


def _part(part: Part, currency: str, history: History) -> pb.Explanation:
    if part.position:
        told = history.entry(part.position)
    elif part.document:
        told = pb.Explanation(because=history.document(part.document))
    else:
        told = pb.Explanation()
    told.title = part.title
    if currency:
        told.amount.CopyFrom(money.sum_message(part.minor, currency))
    if part.quantity is not None:
        told.quantity = part.quantity
    return told
