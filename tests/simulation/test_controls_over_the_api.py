"""That a history over the API can fail: each fault here is of a kind some ledger has had."""

from contextlib import closing
from datetime import date

import psycopg2
import pytest
from psycopg2 import sql

from partsledger.v1.entry_service_pb2 import Entry
from partsledger.v1.types_pb2 import Posting, Sum
from projections.engine.schemas import schemas
from tests.simulation.conftest import Serve
from tests.simulation.history import History
from tests.simulation.over_the_api import ApiDriver
from tests.simulation.proof_over_the_api import Proof
from tests.simulation.shown_over_the_api import LogByHand
from tests.simulation.test_random_history_in_memory import Seeded
from tests.simulation.trade import DONE, MAKER, PUMP, Reasons, When

ROUNDS = 20  # By then each fault has shown.


class PostsTwice(ApiDriver):
    """Gives a retry another number and another request, so that it is posted again."""

    def receive_purchase(
        self, actor: str, number: str, when: When, place: str, part: str, quantity: int, value: int
    ) -> Reasons:
        super().receive_purchase(actor, f"{number}-again", when, place, part, quantity, value)
        return super().receive_purchase(actor, number, when, place, part, quantity, value)


class LosesACent(ApiDriver):
    """Takes a little less than was paid."""

    def receive_payment(
        self, actor: str, number: str, when: When, dealer: str, amount: int, currency: str,
        allocations: tuple[tuple[str, int], ...],
    ) -> Reasons:  # fmt: skip
        return super().receive_payment(
            actor, number, when, dealer, amount + 1, currency, allocations
        )


class LetsAnyonePass(ApiDriver):
    """Says done where it should have refused."""

    def approve_transfer(self, actor: str, number: str, when: When) -> Reasons:
        super().approve_transfer(actor, number, when)
        return DONE


@pytest.mark.parametrize(
    ("faulty", "commands"),
    [
        (PostsTwice, ["receive_purchase"]),
        (LosesACent, ["receive_payment"]),
        (LetsAnyonePass, ["receive_purchase", "request_transfer", "answer_request"]),
    ],
)
def test_a_faulty_ledger_is_found_out(
    serve: Serve, faulty: type[ApiDriver], commands: list[str]
) -> None:
    with serve("faulty") as desk:
        desk.open_for_business(MAKER)
        with pytest.raises(AssertionError):
            play(History(faulty(desk), Seeded(1)), commands)


def test_the_same_commands_find_no_fault_in_the_product(serve: Serve) -> None:
    commands = ["receive_purchase", "receive_payment", "request_transfer", "answer_request"]
    with serve("sound") as desk:
        desk.open_for_business(MAKER)
        history = History(ApiDriver(desk), Seeded(1))
        play(history, commands)

        assert history.answers["receive_purchase"]
        assert history.answers["receive_payment"]


def test_a_view_that_parts_from_the_log_is_found_out_and_rebuilt(
    serve: Serve, database_url: str
) -> None:
    with serve("tampered") as desk:
        desk.open_for_business(MAKER)
        driver = ApiDriver(desk)
        play(History(driver, Seeded(1)), ["receive_purchase"])
        proof = Proof(driver.look)
        proof.of_the_whole_book()

        alter(
            database_url, desk.book, "party_months",
            "UPDATE {} SET debit_minor = debit_minor + 1 WHERE account = '2202'",
        )  # fmt: skip
        with pytest.raises(AssertionError):
            driver.look.read_all()
        assert not proof.rebuilt_is_live(accept_difference=True)
        proof.of_the_whole_book()


def test_what_a_closed_month_lost_is_found_out_on_its_days(serve: Serve, database_url: str) -> None:
    with serve("closed") as desk:
        desk.open_for_business(MAKER)
        driver = ApiDriver(desk)
        play(History(driver, Seeded(1)), ["receive_purchase"])
        then = When(date(2025, 4, 8))
        assert driver.soft_close("ann", then, "2025-03") == DONE
        assert driver.request_hard_close("ann", then, "2025-03") == DONE
        assert driver.hard_close("bob", then, "2025-03") == DONE
        proof = Proof(driver.look)
        proof.every_day_has_its_inventory()

        alter(database_url, desk.book, "closed_stock", "DELETE FROM {} WHERE month = '2025-02-01'")
        with pytest.raises(AssertionError):
            proof.every_day_has_its_inventory()
        assert not proof.rebuilt_is_live(accept_difference=True)
        proof.every_day_has_its_inventory()


def test_entries_of_another_caller_are_not_taken_for_ones_own(serve: Serve) -> None:
    with serve("shared") as desk:
        desk.open_for_business(MAKER)
        driver = ApiDriver(desk)
        desk.buy("B-1", "2025-01-02", PUMP, 1, 10)

        with pytest.raises(AssertionError, match="records nothing"):
            driver.soft_close("ann", When(date(2025, 2, 1)), "2025-01")
        desk.buy("B-2", "2025-02-03", PUMP, 1, 10)
        with pytest.raises(AssertionError, match="records nothing"):
            driver.look.nothing_was_recorded()


def test_an_entry_out_of_balance_and_one_left_out_are_found_by_hand() -> None:
    money = Sum(currency_code="CNY", units=1)
    posting = Posting(account="1405", party="places/W01", amount=money)

    with pytest.raises(AssertionError, match="not balanced"):
        LogByHand().add(Entry(position=1, postings=[posting]))
    with pytest.raises(AssertionError, match="no gaps"):
        LogByHand().add(Entry(position=2))
    LogByHand().add(Entry(position=1))


def play(history: History, commands: list[str]) -> None:
    for _ in range(ROUNDS):
        for command in commands:
            getattr(history, command)()
            history.check()


def alter(database_url: str, book: str, view: str, change: str) -> None:
    """Makes a view what it would be had it missed or doubled something."""
    with closing(psycopg2.connect(database_url)) as connection, connection:
        cursor = connection.cursor()
        views = schemas(f"book_{book}").views
        cursor.execute(sql.SQL(change).format(sql.Identifier(views, view)))
        assert cursor.rowcount >= 1
