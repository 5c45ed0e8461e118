"""A book: the ledger of one legal entity, in one functional currency and one time zone."""

from typing import Self

from domain.facts import Aggregate, Command, FirstFact


class Book(Aggregate):
    """Currency and time zone are set when a book is opened: all values and days depend on them."""

    TOPIC = "partsledger:Book"
    KIND = "books"

    class Opened(FirstFact):
        TOPIC = "partsledger:Book.Opened"
        currency: str
        time_zone: str

    def __init__(self, currency: str, time_zone: str) -> None:
        self.currency = currency
        self.time_zone = time_zone

    @classmethod
    def open(cls, command: Command, name: str, currency: str, time_zone: str) -> Self:
        return cls._first(cls.Opened, name, command, currency=currency, time_zone=time_zone)
