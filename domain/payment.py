"""A payment received from a dealer; what it clears stands on the dealer's account."""

from typing import Self

from domain.facts import Aggregate, Booking, Command, FirstBookedFact


class Payment(Aggregate):
    TOPIC = "partsledger:Payment"
    KIND = "payments"

    class Received(FirstBookedFact):
        TOPIC = "partsledger:Payment.Received"
        dealer: str
        amount_minor: int
        currency: str

    def __init__(self, dealer: str, amount_minor: int, currency: str) -> None:
        self.dealer = dealer
        self.amount_minor = amount_minor
        self.currency = currency

    @classmethod
    def receive(
        cls,
        command: Command,
        number: str,
        booking: Booking,
        dealer: str,
        amount_minor: int,
        currency: str,
    ) -> Self:
        return cls._first(
            cls.Received, number, command, booking,
            dealer=dealer, amount_minor=amount_minor, currency=currency,
        )  # fmt: skip
