"""How far each view has got, and the fingerprints by which two of them can be compared."""

from typing import Final, NamedTuple

from projections.engine.fingerprint import fingerprint
from projections.engine.folding import VIEWS
from projections.engine.reading import Reading

_POSITIONS: Final = "SELECT view, position FROM {views}.positions"


class ViewStatus(NamedTuple):
    """`rows` and `fingerprint` are of the rows up to the reading's position, None unless asked."""

    name: str
    position: int
    rows: int | None
    fingerprint: str | None


def view_status(now: Reading, with_fingerprints: bool = False) -> tuple[ViewStatus, ...]:
    """Every view by name. Fingerprints read every row, so they take a while."""
    positions: dict[str, int] = dict(now.select(_POSITIONS, {}))
    statuses = []
    for view in sorted(VIEWS, key=lambda view: view.name):
        rows, digest = None, None
        if with_fingerprints:
            rows, digest = fingerprint(now.cursor, now.views, view, now.position)
        statuses.append(ViewStatus(view.name, positions[view.name], rows, digest))
    return tuple(statuses)
