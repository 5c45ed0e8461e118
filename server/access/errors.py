"""Why a caller is not let in."""


class NotAuthenticated(Exception):  # noqa: N818 - Named after what is the matter.
    """It is not known who calls. The message may be told to anyone."""


class NoToken(NotAuthenticated):
    """The call has no token."""


class CalledTooOften(Exception):  # noqa: N818
    """A caller makes more calls than it may; it may make the next one after so many `seconds`."""

    def __init__(self, caller: str, per_second: int, seconds: float) -> None:
        super().__init__(f"{caller} makes more than {per_second} calls a second")
        self.caller = caller
        self.seconds = seconds


class BadKeys(Exception):  # noqa: N818
    """A file of keys or certificates that cannot be used: which one, and why."""
