"""What callers have sent, and what they were told of it."""

import threading
from collections import Counter
from collections.abc import Collection, Mapping

from partsledger.v1.types_pb2 import Receipt
from tests.chaos.ledger_checks import Acknowledged


class Told:
    """Everything by request id. Many threads may tell at once."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, Acknowledged] = {}
        self.refused: dict[str, str] = {}  # The reasons.
        self._sent: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._answer = threading.Condition(self._lock)

    def sending(self, request_ids: Collection[str]) -> None:
        with self._lock:
            self._sent.update(request_ids)

    def receipt(self, request_id: str, receipt: Receipt) -> None:
        """What was told before must not change."""
        told = Acknowledged(receipt.first_position, receipt.last_position, receipt.leaf_hash)
        with self._lock:
            assert self.acknowledged.setdefault(request_id, told) == told
            self._answer.notify_all()

    def refusal(self, request_id: str, reason: str) -> None:
        with self._lock:
            self.refused[request_id] = reason
            self._answer.notify_all()

    @property
    def answered(self) -> int:
        return len(self.acknowledged) + len(self.refused)

    def wait_for(self, answers: int, seconds: float) -> bool:
        """Whether there are so many answers by then; returns as soon as there are."""
        with self._lock:
            return self._answer.wait_for(lambda: self.answered >= answers, seconds)

    @property
    def sent_again(self) -> int:
        """How many were sent more than once."""
        return sum(times > 1 for times in self._sent.values())

    def under_way(self) -> dict[str, int]:
        """What was sent and is not answered, with how many times it was sent."""
        with self._lock:
            answered = self.acknowledged.keys() | self.refused.keys()
            return {id_: times for id_, times in self._sent.items() if id_ not in answered}

    def repeated_since(self, under_way: Mapping[str, int]) -> list[str]:
        """What was under way and got no answer: it had to be sent again."""
        return [id_ for id_, times in under_way.items() if self._sent[id_] > times]
