"""How many calls there were of each method, how they ended, and how long they took."""

from typing import Final

from prometheus_client import CollectorRegistry, Histogram

# Seconds. A read takes some milliseconds, and no call may take longer than a minute.
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class CallMetrics:
    """Counts since the start. A stream counts when it ends."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "partsledger_call_seconds", "How long calls took, by method and status.",
            ["method", "code"], buckets=_BUCKETS, registry=self.registry,
        )  # fmt: skip

    def observe(self, method: str, code: str, seconds: float) -> None:
        """The path of a method that is served: others would make labels without end."""
        self._seconds.labels(method, code).observe(seconds)
