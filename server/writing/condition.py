"""Whether the log is what was written. If it is not, it is read as it is, and not written to.

What was once found wrong stays so until the server is started again: a look at other entries says
nothing about it, and what is recorded on a damaged log is hard to tell from what was forged.
"""

import logging
import threading
from collections.abc import Iterable
from typing import Final

from domain.errors import RuleViolation
from server.eventlog.inspection import Fault

_MOST_LOGGED: Final = 20

_log = logging.getLogger(__name__)


class LogDamaged(RuleViolation):
    """Nothing is recorded in a log of which an entry is not what was written."""

    reason = "LOG_DAMAGED"

    def __init__(self, fault: Fault) -> None:
        super().__init__(
            f"nothing is recorded, the log was altered. Entry {fault.position}: {fault.what}",
            position=fault.position,
            fault=fault.what,
        )


class LogCondition:
    """What is known to be wrong with the log. Any thread may ask or tell."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: tuple[Fault, ...] = ()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that was found wrong, by position."""
        return self._faults

    def found(self, faults: Iterable[Fault]) -> None:
        """Something is wrong: from now on nothing is recorded."""
        with self._lock:
            new = sorted(set(faults).difference(self._faults))
            self._faults = tuple(sorted({*self._faults, *new}))
        for fault in new[:_MOST_LOGGED]:
            _log.error("the log was altered, entry %s: %s", fault.position, fault.what)
        if len(new) > _MOST_LOGGED:
            _log.error("and %s more: `partsledger status` lists them", len(new) - _MOST_LOGGED)
        if new:
            _log.error("nothing is recorded: restore the log, and start the server again")

    def damage(self) -> LogDamaged | None:
        """Why nothing is recorded; None while the log is not known to be wrong."""
        return LogDamaged(self._faults[0]) if self._faults else None

    def require_sound(self) -> None:
        damage = self.damage()
        if damage is not None:
            raise damage
