"""Made-up older forms of three facts, one for each way in which a fact can change.

No log has them: they are here so that upcasting is proved before it is needed. `aged` tells a
history of today as a version would have recorded it that knew only these forms.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from domain.dealer_account import DealerAccount
from domain.stock_item import StockItem
from domain.storing import RecordedEvent
from domain.upcasting import Fields, Readings, Upcaster

# A field was added. Left out it is empty today; what had no such field was paid at the counter.
PAID: Final = "partsledger:DealerAccount.PaymentTaken"
COUNTER: Final = "counter"
# A field was split: the account was named by dealer and currency together.
BEGUN: Final = "partsledger:DealerAccount.Begun"
# A fact was replaced by two: what came in and went out at once was one fact.
EXCHANGED: Final = "partsledger:StockItem.Exchanged"

_DAYS: Final = ("effective_on", "occurred_on")


def _paid_at_the_counter(stored: Fields) -> Readings:
    return [(DealerAccount.PaymentReceived.TOPIC, {**stored, "document": COUNTER})]


def _named_together(stored: Fields) -> Readings:
    dealer, _, currency = stored["account"].partition("/")
    others = {name: value for name, value in stored.items() if name != "account"}
    return [(DealerAccount.Opened.TOPIC, {**others, "dealer": dealer, "currency": currency})]


def _in_and_out(stored: Fields) -> Readings:
    days = {name: stored[name] for name in _DAYS}
    return [
        (StockItem.Received.TOPIC, {**days, **stored["came"]}),
        (StockItem.Issued.TOPIC, {**days, **stored["went"]}),
    ]


OLDER_FORMS: Final[Mapping[str, Upcaster]] = {
    PAID: _paid_at_the_counter,
    BEGUN: _named_together,
    EXCHANGED: _in_and_out,
}


def aged(history: Iterable[RecordedEvent]) -> Iterator[RecordedEvent]:
    """The same history in the older forms: what came and went on one day is one fact of a stock."""
    versions: Counter[str] = Counter()
    came: dict[str, RecordedEvent] = {}
    for event in history:
        stream, fields = str(event.originator_id), json.loads(event.state)
        if event.topic == StockItem.Received.TOPIC and stream not in came:
            came[stream] = event
            continue
        for topic, older in _told(event, fields, came.pop(stream, None)):
            versions[stream] += 1
            yield _as(event, versions[stream], topic, older)
    for stream, event in came.items():
        yield _as(event, versions[stream] + 1, event.topic, json.loads(event.state))


def _told(
    event: RecordedEvent, fields: Fields, before: RecordedEvent | None
) -> Iterator[tuple[str, Fields]]:
    """What is recorded of an event, and of the receipt that the same stream had before it."""
    received: Fields = json.loads(before.state) if before else {}
    days = {name: fields.get(name) for name in _DAYS}
    exchanged = event.topic == StockItem.Issued.TOPIC and days.items() <= received.items()
    if before and not exchanged:
        yield before.topic, received
    if exchanged:
        went = {name: value for name, value in fields.items() if name not in _DAYS}
        arrived = {name: value for name, value in received.items() if name not in _DAYS}
        yield EXCHANGED, {**days, "came": arrived, "went": went}
    elif event.topic == DealerAccount.Opened.TOPIC:
        account = f"{fields.pop('dealer')}/{fields.pop('currency')}"
        yield BEGUN, {**fields, "account": account}
    elif event.topic == DealerAccount.PaymentReceived.TOPIC and fields["document"] == COUNTER:
        yield PAID, {name: value for name, value in fields.items() if name != "document"}
    else:
        yield event.topic, fields


def _as(event: RecordedEvent, version: int, topic: str, fields: Fields) -> RecordedEvent:
    state = json.dumps(fields, ensure_ascii=False).encode()
    recorded = event.recorded_at, event.actor, event.principal, event.request_id
    return RecordedEvent(event.originator_id, version, topic, state, *recorded)
