"""Looks into log and views together, and has the writer know what is wrong."""

from collections.abc import Collection, Iterator, Sequence

from projections.engine.ahead import ViewAhead, views_ahead
from server.eventlog.inspection import (
    SNAPSHOT,
    Fault,
    Inspection,
    inspect,
    inspect_answers,
    suspect,
)
from server.postgres.pool import Datastore
from server.writing.condition import LogCondition


class Inspector:
    """Looks at the log of one book. Any thread may use it."""

    def __init__(self, datastore: Datastore, condition: LogCondition) -> None:
        self._datastore = datastore
        self._condition = condition

    def inspect(self, asked: Collection[int] = (), *, thorough: bool = False) -> Inspection:
        """Looks again; the faults are all that are known, those of earlier looks included.

        A look also takes the positions that are `asked` for. A thorough one reads all answers and
        snapshots, too. What is wrong is noted, so that a server that is started again sees it.
        """
        with self._datastore.transaction() as c:
            c.execute(SNAPSHOT)
            found = inspect(c, self._datastore, asked)
            faults = [*found.faults, *_ahead(views_ahead(c, self._datastore.schema))]
            if thorough:
                faults += inspect_answers(c, self._datastore)
        if faults:
            self._condition.found(faults)
            suspect(self._datastore, faults)
        return found._replace(faults=list(self._condition.faults))


def _ahead(views: Sequence[ViewAhead]) -> Iterator[Fault]:
    """One fault for all of them: they read on together."""
    if views:
        furthest = max(views, key=lambda view: view.position)
        others = f" and {len(views) - 1} more views have" if len(views) > 1 else " has"
        what = f"the log ends before it, and {furthest.name}{others} read up to {furthest.position}"
        yield Fault(furthest.size + 1, what)
