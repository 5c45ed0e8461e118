"""Views as the API shows them, and the result of building them again."""

from domain.errors import InvalidValue
from partsledger.v1 import view_service_pb2 as pb
from projections.engine.rebuild import Rebuild
from projections.engine.status import ViewStatus
from projections.views import VIEWS


def view_message(status: ViewStatus) -> pb.View:
    return pb.View(
        view=status.name,
        position=status.position,
        row_count=status.rows or 0,
        fingerprint=status.fingerprint or "",
        building=not status.built,
    )


def view_names(request: pb.RebuildViewsRequest) -> frozenset[str]:
    """The views that a request names; none for all."""
    known = sorted(view.name for view in VIEWS)
    for index, name in enumerate(request.views):
        if name not in known:
            raise InvalidValue(f"views[{index}]", name, f"must be one of {', '.join(known)}")
    return frozenset(request.views)


def result_message(found: Rebuild) -> pb.RebuildResult:
    views = [
        pb.RebuiltView(
            view=view.name,
            row_count=view.rows,
            live_fingerprint=view.live or "",
            rebuilt_fingerprint=view.rebuilt,
            same=view.same,
            ahead=view.ahead,
            differences=[pb.RowDifference(rebuilt=of, row=row) for of, row in view.differences],
        )
        for view in sorted(found.views, key=lambda view: view.name)
    ]
    return pb.RebuildResult(
        position=found.position,
        same=found.same,
        views=views,
        differs=found.differs,
        went_live=found.went_live,
    )
