"""Why a caller is not let in."""


class NotAuthenticated(Exception):  # noqa: N818 - Named after what is the matter.
    """It is not known who calls. The message may be told to anyone."""


class NoToken(NotAuthenticated):
    """The call has no token."""


class BadKeys(Exception):  # noqa: N818
    """A file of keys or certificates that cannot be used: which one, and why."""
