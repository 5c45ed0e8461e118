# ruff: noqa: N818 - Named after what is the matter, not "Error".
"""Why the views cannot answer.

ViewsError
├── ViewsMissing       the book's views have never been made
├── ViewsOutdated      another version of this program folded them: rebuild
├── ViewsBehind        they have not reached the position that was asked for
├── FollowerStopped    nobody keeps them up to date
└── RebuildUnderWay    someone else is rebuilding them
"""


class ViewsError(Exception):
    pass


class ViewsMissing(ViewsError):
    pass


class ViewsOutdated(ViewsError):
    pass


class ViewsBehind(ViewsError):
    """Ask again later: the views stood at `reached` when they were asked for `position`."""

    def __init__(self, position: int, reached: int) -> None:
        super().__init__(f"the views stand at position {reached}, {position} was asked for")
        self.position = position
        self.reached = reached


class FollowerStopped(ViewsError):
    pass


class RebuildUnderWay(ViewsError):
    pass
