# ruff: noqa: N818 - Named after what is the matter, not "Error".
"""Why the views cannot answer.

ViewsError
├── ViewsMissing       the book's views have never been made
├── ViewNotBuilt       a view is new or was changed, and is being built
├── ViewsBehind        they have not reached the position that was asked for
├── FollowerStopped    nobody keeps them up to date
├── FoldStuck          a fold did not bring its views forward: a defect
├── EntryStops         the next entry of the log cannot be read
├── RebuildUnderWay    someone else is rebuilding them
└── HoldsALog          a schema that was to be dropped is not one of views
"""

from domain.errors import EntryUnreadable


class ViewsError(Exception):
    pass


class ViewsMissing(ViewsError):
    pass


class ViewNotBuilt(ViewsError):
    """Ask again later: of `size` facts it has folded those up to `position`."""

    def __init__(self, view: str, position: int, size: int) -> None:
        super().__init__(f"the view {view} is being built: it has {position:,} of {size:,} facts")
        self.view = view
        self.position = position
        self.size = size


class ViewsBehind(ViewsError):
    """Ask again later: the views stood at `reached` when they were asked for `position`."""

    def __init__(self, position: int, reached: int) -> None:
        super().__init__(f"the views stand at position {reached}, {position} was asked for")
        self.position = position
        self.reached = reached


class FollowerStopped(ViewsError):
    pass


class FoldStuck(ViewsError):
    pass


class EntryStops(ViewsError):
    """The views stand before an entry that cannot be read, and go no further."""

    def __init__(self, position: int, unreadable: EntryUnreadable) -> None:
        self.unreadable = unreadable.at(position)
        super().__init__(f"views end at {position - 1}: {self.unreadable}")


class RebuildUnderWay(ViewsError):
    pass


class HoldsALog(ViewsError):
    def __init__(self, schema: str) -> None:
        super().__init__(f"the schema {schema} is not dropped: it holds the log of a book")
