"""How far each view has got, and the fingerprints by which two of them can be compared."""

from typing import Final, NamedTuple

from projections.engine.fingerprint import fingerprint
from projections.engine.reading import Reading
from projections.engine.view import Views

_POSITIONS: Final = "SELECT view, position FROM {views}.positions"


class ViewStatus(NamedTuple):
    """`rows` and `fingerprint` are of the rows up to the reading's position, None unless asked."""

    name: str
    position: int
    rows: int | None
    fingerprint: str | None
    built: bool  # Otherwise it is being built, and cannot be asked.


def view_status(
    now: Reading, views: Views, with_fingerprints: bool = False
) -> tuple[ViewStatus, ...]:
    """Every view by name. Fingerprints read every row, so they take a while."""
    live: dict[str, int] = dict(now.select(_POSITIONS, {}))
    building = {} if len(now.there) > len(views) else now.built()
    statuses = []
    for view in sorted(views, key=lambda view: view.name):
        rows, digest = None, None
        built = view.name in now.there
        position = live[view.name] if built else building.get(view.name, 0)
        if built and with_fingerprints:
            rows, digest = fingerprint(now.cursor, now.at, view, now.position)
        statuses.append(ViewStatus(view.name, position, rows, digest, built))
    return tuple(statuses)
