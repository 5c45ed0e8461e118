"""Figures of a running server for Prometheus, over HTTP at an address of their own.

They hold counts and times, and nothing of what is in the book: no number of a document, no name.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from prometheus_client import Metric, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from projections.engine.follower import Follower
from server.api.call_metrics import CallMetrics
from server.postgres.data_directory import CannotStart
from server.writing.writer import Writer

_log = logging.getLogger("partsledger.server")


class Measured(Protocol):
    """What the figures are of."""

    @property
    def writer(self) -> Writer: ...
    @property
    def follower(self) -> Follower: ...
    @property
    def calls(self) -> CallMetrics: ...


class Figures(Collector):
    """Read from the server whenever somebody asks."""

    def __init__(self, measured: Measured) -> None:
        self._writer = measured.writer
        self._follower = measured.follower

    def collect(self) -> Iterator[Metric]:
        written = self._writer.written
        for name, what, value in (
            ("queued_commands", "Commands that wait for the writer.", self._writer.waiting),
            ("log_entries", "Entries of the log.", self._follower.size()),
            ("view_lag_entries", "Entries that the views lack.", self._follower.lag()),
            ("writes_work", "1 while commands are recorded.", int(self._works)),
            ("reads_work", "1 while views are followed.", int(self._follower.failure is None)),
        ):
            yield GaugeMetricFamily(f"partsledger_{name}", what, value)
        for name, what, value in (
            ("committed_groups", "Commits of commands, each of a group of them.", written.groups),
            ("committed_commands", "Commands that were recorded.", written.commands),
            ("committed_facts", "Facts that were recorded.", written.facts),
        ):
            yield CounterMetricFamily(f"partsledger_{name}", what, value)

    @property
    def _works(self) -> bool:
        return self._writer.ended is None and self._writer.doubt() is None


@contextmanager
def metrics_served(listen: str | None, measured: Measured) -> Iterator[None]:
    """Answers at an address, host:port, within the block. Raises CannotStart if it is taken."""
    if listen is None:
        yield
        return
    host, _, port = listen.rpartition(":")
    registry = measured.calls.registry
    registry.register(Figures(measured))
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry)
    except OSError as taken:
        raise CannotStart(f"cannot answer for metrics at {listen}: {taken.strerror}") from None
    _log.info("metrics are at http://%s:%s/metrics", host, server.server_port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
