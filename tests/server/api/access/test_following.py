"""Who follows the log gets what it may see, whoever else follows."""

import grpc

from server.access.roles import Role
from tests.conftest import new_book
from tests.on_the_wire import cny, on
from tests.server.api.access.conftest import MAKER, Office
from tests.server.api.access.protected import Signer, protected


def test_a_dealer_follows_its_own_entries_only(office: Office) -> None:
    streams = set()
    news = office.dealer("D01").stream("Entry.SubscribeEntries")
    for event in news:
        if event.HasField("heartbeat") and event.heartbeat.passed_position:
            break
        streams.add(event.entry.stream)
    news.cancel()

    assert "accounts/D01" in streams
    assert not [stream for stream in streams if "D02" in stream]


def test_who_follows_first_does_not_limit_the_others(database_url: str, signer: Signer) -> None:
    """One reader serves all who follow: it must not read with the rights of the first of them."""
    with (
        new_book(database_url) as book,
        protected(database_url, book, signer) as app,
        grpc.insecure_channel(app.address) as channel,
    ):
        office = Office(app, channel, book, signer)
        erp, auditor = office.desk(Role.ERP), office.desk(Role.AUDITOR)
        erp.open_for_business(MAKER)
        start = app.reads.log.head().size + 1
        first = office.dealer("D01").stream("Entry.SubscribeEntries", from_position=start)
        next(first)
        of_dealer = {"party": "dealers/D02"}
        second = auditor.stream("Entry.SubscribeEntries", from_position=start, filter=of_dealer)
        next(second)

        paid = {"dealer": erp.name("dealers/D02"), "amount": cny(1)}
        erp.call("Payment.CreatePayment", payment_id="PM-LIVE", payment=paid,
                 occurrence=on("2025-08-03", "PM-LIVE"))  # fmt: skip

        found = next(event for event in second if event.HasField("entry"))
        assert found.entry.position >= start
        first.cancel()
        second.cancel()
