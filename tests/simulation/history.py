"""A random history: commands likely to be accepted, mixed with ones that must not be.

Who draws is left open: Hypothesis, so that a failure shrinks, or a seeded generator for long runs.
After each command the ledger must have answered like the model; `check` compares all they show.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Protocol, TypeVar

from tests.simulation.model import Model
from tests.simulation.model_books import first_day_after, month_of, next_month
from tests.simulation.model_stock import Row, count, worth
from tests.simulation.trade import (
    CURRENCIES,
    CURRENCY,
    CUSTODY,
    DEALERS,
    HANDLING_PERCENT,
    MACHINES,
    PARTS,
    PUMP,
    SEAL,
    TODAY,
    Approved,
    Shown,
    Trade,
    When,
)

T = TypeVar("T")

PLACES = ("W01", "W02", "consignment.D01", "consignment.D02")
ACTORS = ("ann", "bob", "eve")
MONTHS = tuple(f"2025-0{month}" for month in range(1, 9))
INVENTORY = ("1405", "1406", "1407")


class Draw(Protocol):
    def pick(self, options: Sequence[T]) -> T: ...
    def number(self, least: int, most: int) -> int: ...

    def seldom(self) -> bool:
        """True about once in ten times."""
        ...


class History:
    def __init__(self, ledger: Trade, draw: Draw) -> None:
        self.ledger = ledger
        self.model = Model()
        self.draw = draw
        self.now = date(2025, 1, 2)
        self.numbers = 0
        self.answers: Counter[str] = Counter()

    def time_passes(self) -> None:
        self.now = min(TODAY, self.now + timedelta(days=self.draw.number(0, 6)))

    def receive_purchase(self) -> None:
        place = CUSTODY if self.draw.seldom() else self.draw.pick(PLACES[:2])
        part, quantity = self._part(), self.draw.number(1, 12)
        value = self.draw.pick((0, 1, 7, 1000, 1000, 12_345, 1000 * quantity))
        self._do("receive_purchase", self._new("P"), self._when(), place, part, quantity, value)

    def request_transfer(self) -> None:
        source, target = (self._stocked_place(), self.draw.pick(PLACES))
        wanted = self._wanted(source)
        self._do("request_transfer", self._new("T"), self._when(), source, target, wanted)

    def answer_request(self) -> None:
        answers = ("approve_transfer",) * 6 + ("reject_transfer", "cancel_transfer")
        self._do(self.draw.pick(answers), self._transfer("requested", "approved"), self._when())

    def dispatch_transfer(self) -> None:
        number = self._transfer("approved")
        wanted = self._wanted("W01") if self.draw.seldom() else {}
        self._do("dispatch_transfer", number, self._when(), wanted)

    def receive_transfer(self) -> None:
        number = self._transfer("in transit", "partly received")
        part, quantity = self._some_of(self._rows(number, "transit"))
        wanted = {part: quantity} if self.draw.number(0, 1) else {}
        self._do("receive_transfer", number, self._when(), wanted)

    def record_discrepancy(self) -> None:
        number = self._transfer("in transit", "partly received")
        part, quantity = self._some_of(self._rows(number, "transit"))
        self._do("record_discrepancy", number, self._when(), part, quantity)

    def resolve_discrepancy(self) -> None:
        number = self._transfer("discrepant", "partly received")
        part, quantity = self._some_of(self._rows(number, "discrepant"))
        resolution = self.draw.pick(("found", "write_off", "carrier", "sent_back"))
        self._do("resolve_discrepancy", number, self._when(), resolution, part, quantity)

    def close_transfer(self) -> None:
        self._do("close_transfer", self._transfer("received", "discrepant"), self._when())

    def sell_parts(self) -> None:
        place, dealer = self._stocked_place(), self._dealer()
        if place.startswith("consignment.") and not self.draw.seldom():
            dealer = place.removeprefix("consignment.")
        self._do("sell_parts", self._new("S"), self._when(), dealer, place, self._wanted(place))

    def receive_payment(self) -> None:
        dealer, amount = self._dealer(), self.draw.number(1, 9000)
        allocations: tuple[tuple[str, int], ...] = ()
        if dealer in DEALERS and self.draw.number(0, 1):
            items = sorted(self.model.accounts[dealer].items) or ["sales/none"]
            allocations = tuple(
                (self.draw.pick(items), self.draw.number(1, 2000))
                for _ in range(self.draw.number(1, 2))
            )
        currency = "EUR" if self.draw.seldom() else CURRENCIES.get(dealer, CURRENCY)
        self._do("receive_payment", self._new("B"), self._some_time_ago(), dealer, amount,
                 currency, allocations)  # fmt: skip

    def submit_claim(self) -> None:
        machine = self.draw.pick(("M1", "M2", "M3", "M3", "M3", "M3", "M4", "M5", "M6", "M7", "M9"))
        card = MACHINES.get(machine)
        dealer = self._dealer() if card is None or self.draw.seldom() else card.dealer
        user = "U1" if card is None or self.draw.seldom() else card.user
        when = self._when()
        failed_on = when.on - timedelta(days=self.draw.number(-1, 12))
        part, quantity = self._part(), self.draw.number(1, 3)
        price = PARTS[part].price_minor * quantity if part in PARTS else 0
        most = 9999 if self.draw.seldom() else max(1, price + price * HANDLING_PERCENT // 100)
        material, labour = self.draw.number(1, most), self.draw.number(0, 900)
        ordered = material + (1 if self.draw.seldom() else 0)
        self._do("submit_claim", self._new("C"), when, dealer, machine, user, failed_on, part,
                 quantity, material, ordered, labour)  # fmt: skip

    def adjudicate_claim(self) -> None:
        number = self._claim("submitted")
        claim = self.model.claims.get(number)
        material, labour = (claim.material, claim.labour) if claim else (1, 1)
        if self.draw.seldom():
            material = self.draw.pick((0, material + 1))
        if self.draw.seldom():
            labour = self.draw.number(0, labour)
        self._do("adjudicate_claim", number, self._when(), material, labour)

    def mark_claim_overdue(self) -> None:
        self._do("mark_claim_overdue", self._claim("awaiting"), self._much_later())

    def charge_back_claim(self) -> None:
        """Seldom: it is the end of a claim."""
        if self.draw.number(0, 2) == 0:
            self._do("charge_back_claim", self._claim("credited", "settled"), self._much_later())

    def request_defective_return(self) -> None:
        refused = [n for n, claim in self.model.claims.items() if "refused" in claim.pieces]
        number = self._one_of(refused, "C") if self.draw.number(0, 1) else self._claim("awaiting")
        claim = self.model.claims.get(number)
        part = claim.part if claim and not self.draw.seldom() else self._part()
        quantity = self.draw.pick((1, 1, claim.quantity if claim else 1))
        self._do("request_defective_return", self._new("R"), self._when(), number, part, quantity,
                 self._custody())  # fmt: skip

    def request_good_return(self) -> None:
        number = self._one_of(self.model.sales, "S")
        sale = self.model.sales.get(number)
        part = self.draw.pick(sorted(sale.lines)) if sale else PUMP
        self._do("request_good_return", self._new("R"), self._when(), number, part,
                 self.draw.number(1, 3), self._custody())  # fmt: skip

    def ship_return(self) -> None:
        self._do("ship_return", self._parcel("requested"), self._when())

    def receive_return(self) -> None:
        self._do("receive_return", self._parcel("shipped"), self._when())

    def mark_return_overdue(self) -> None:
        self._do("mark_return_overdue", self._parcel("requested", "shipped"), self._much_later())

    def inspect_return(self) -> None:
        number = self._parcel("received")
        parcel = self.model.parcels.get(number)
        usual = "no_fault_found" if parcel and parcel.kind == "good" else "confirmed"
        finding = self.draw.pick((usual, usual, "no_fault_found", "misuse"))
        self._do("inspect_return", number, self._when(), finding)

    def dispose_return(self) -> None:
        disposal = self.draw.pick(("scrap", "restock", "restock", "to_supplier", "back_to_dealer"))
        place = self.draw.pick(("W01", "W02", "W02", CUSTODY, ""))
        supplier = self.draw.pick(("SUP1", "SUP2", "")) if disposal == "to_supplier" else ""
        supplier = "SUP1" if self.draw.seldom() else supplier
        self._do("dispose_return", self._parcel("inspected"), self._when(), disposal, place,
                 supplier)  # fmt: skip

    def issue_statement(self) -> None:
        """Often of the dealer that is furthest behind: a month closes when all are stated."""
        dealer = self._dealer()
        if self.draw.number(0, 1):
            accounts = self.model.accounts.items()
            dealer = min(accounts, key=lambda each: min(each[1].months, default="9999"))[0]
        account = self.model.accounts.get(dealer)
        month = self.draw.pick(MONTHS)
        if account and not self.draw.seldom():
            following = next_month(account.stated_through) or MONTHS[0]
            month = min(account.months, default=following)
        over = first_day_after(month)
        self._do("issue_statement", dealer, month, self._not_before(over))

    def review_statement(self) -> None:
        dealer, month = self._settlement("issued")
        self._do("review_statement", dealer, month, self._after_statement(dealer, month))

    def dispute_line(self) -> None:
        dealer, month = self._settlement("reviewed", "disputed")
        settlement = self.model.settlements.get((dealer, month))
        lines = settlement.lines if settlement and settlement.lines else [1]
        line = 0 if self.draw.seldom() else self.draw.pick(lines)
        when = self._after_statement(dealer, month)
        self._do("dispute_line", dealer, month, when, line)

    def resolve_dispute(self) -> None:
        dealer, month = self._settlement("disputed")
        settlement = self.model.settlements.get((dealer, month))
        lines = sorted(settlement.disputes) if settlement and settlement.disputes else [1]
        line = self.draw.pick(lines)
        known = self.model.accounts[dealer].lines.get(line)
        whole = known.gross if known else 100
        memo = self.draw.pick((0, -whole, -whole // 3, 90, 2 * whole))
        when = self._after_statement(dealer, month)
        self._do("resolve_dispute", dealer, month, when, line, memo)

    def confirm_statement(self) -> None:
        dealer, month = self._settlement("reviewed", "disputed")
        when = self._after_statement(dealer, month)
        self._do("confirm_statement", dealer, month, when, not self.draw.seldom())

    def invoice_settlement(self) -> None:
        dealer, month = self._settlement("confirmed")
        when = self._after_statement(dealer, month)
        sales, claims = ("" if self.draw.seldom() else number for number in ("SI-1", "CI-1"))
        self._do("invoice_settlement", dealer, month, when, sales, claims)

    def close_settlement(self) -> None:
        """Often on the day of the step before: some of what is netted is younger."""
        dealer, month = self._settlement("invoiced")
        settlement = self.model.settlements.get((dealer, month))
        when = self._after_statement(dealer, month)
        if settlement and self.draw.number(0, 1):
            when = When(settlement.last[0])
        self._do("close_settlement", dealer, month, when)

    def soft_close(self) -> None:
        """Mostly a month that has passed, so that time can go on in the next."""
        past = [month for month in MONTHS if month < month_of(self.now)] or [MONTHS[-1]]
        month = MONTHS[-1] if self.draw.seldom() else self.draw.pick(past)
        self._do("soft_close", self._when(), month)

    def reopen(self) -> None:
        month = self.model.soft or MONTHS[0]
        step = self.draw.pick(("request_reopening", "reopen"))
        self._do(step, self._when(), month)

    def approve_entry(self) -> None:
        """A payment, or a purchase of one piece."""
        kind, party = self.draw.pick((("payments", "dealers/D01"), ("purchases", "suppliers/SUP1")))
        month, amount = self.model.soft or MONTHS[0], -self.draw.number(1, 3000)
        entry = Approved(month, "DN-1", kind, party, amount)
        self._do("approve_entry", self._not_before(self.model.closed_on), entry)

    def enter_approved(self) -> None:
        """Just what was approved, or seldom a little more."""
        if not self.model.approvals:
            return
        entry, _ = self.draw.pick(self.model.approvals)
        amount = -entry.amount + (1 if self.draw.seldom() else 0)
        when = When(date.fromisoformat(f"{entry.month}-20"), entry.document)
        if entry.kind == "payments":
            dealer = entry.party.removeprefix("dealers/")
            self._do("receive_payment", self._new("B"), when, dealer, amount, CURRENCY, ())
        else:
            self._do("receive_purchase", self._new("P"), when, "W01", PUMP, 1, amount)

    def hard_close(self) -> None:
        """Seldom: it is final, and leaves less of the year to be written to."""
        if self.draw.number(0, 3) == 0:
            month = self.draw.pick(MONTHS) if self.draw.seldom() else self.model.soft
            step = "request_hard_close"
            if self.model.hard_closing and not self.draw.seldom():
                month, step = self.model.hard_closing[0], "hard_close"
            elif self.draw.seldom():
                step = "hard_close"
            self._do(step, self._not_before(self.model.closed_on), month or MONTHS[0])

    def check(self) -> None:
        """All that is shown agrees with the model, and with itself.

        How its parts have to agree is in docs/domain.md, "The one idea".
        """
        shown, expected = self.ledger.shown(), self.model.shown()
        assert shown.trial_balance == expected.trial_balance
        assert shown.stock == expected.stock
        assert shown.open_items == expected.open_items
        assert shown.item_days == expected.item_days
        assert shown.statements == expected.statements
        started = {number: parts for number, parts in shown.transfers.items() if parts}
        assert started == {number: parts for number, parts in expected.transfers.items() if parts}
        sums: Counter[str] = Counter()
        for (_, _, currency), amount in shown.trial_balance.items():
            sums[currency] += amount
        assert not any(sums.values()), sums
        assert shown.left_over == {}
        self._check_inventory(shown)
        for parts in shown.transfers.values():
            for where in parts.values():
                assert where.dispatched == sum(where[1:]), where
        for stated in shown.statements.values():
            assert stated.closing == stated.opening + stated.debit - stated.credit
        for dealer, items in shown.open_items.items():
            account = self.model.accounts[dealer]
            unstated = sum(sums.debit - sums.credit for sums in account.months.values())
            assert account.stated + unstated == sum(items.values())

    def _check_inventory(self, shown: Shown) -> None:
        """Inventory accounts = value of the layers, at each place and on the way."""
        on_account: Counter[str] = Counter()
        for (account, party, _), amount in shown.trial_balance.items():
            if account in INVENTORY:
                on_account[party] += amount
        in_layers: Counter[str] = Counter()
        for (place, _), layers in shown.stock.items():
            dealer = place.removeprefix("consignment.")
            party = f"places/{place}" if dealer == place else f"dealers/{dealer}"
            in_layers[party] += sum(layer.value for layer in layers)
        assert +on_account == +in_layers
        transit = sum(
            worth(row) for each in self.model.transfers.values() for row in each.transit.values()
        ) + sum(
            worth(each.pieces) for each in self.model.parcels.values() if each.state == "shipped"
        )
        assert shown.trial_balance.get(("1408", "", CURRENCY), 0) == transit

    def _do(self, command: str, *arguments: Any) -> None:
        """Gives a command to both; the ledger answers with one of the rules it breaks, or none."""
        actor = self.draw.pick(ACTORS)
        expected = getattr(self.model, command)(actor, *arguments)
        answer = getattr(self.ledger, command)(actor, *arguments)
        self.answers[f"{command} {min(answer, default='')}".strip()] += 1
        said = (
            f"{command}{(actor, *arguments)}: the ledger says {set(answer)}, the model {expected}"
        )
        assert bool(answer) == bool(expected), said
        assert answer <= expected, said

    # Draws.

    def _when(self) -> When:
        """Today as the history has it; back-dated now and then, seldom in the future."""
        days = 0
        if self.draw.seldom():
            days = self.draw.pick((-60, -35, -35, -9, -9, -2, -2, 400))
        document = "DN-1" if self.draw.seldom() else ""
        return When(self.now + timedelta(days=days), document, self.draw.number(0, 2) == 0)

    def _not_before(self, day: date) -> When:
        """Now, or on a day that is still to come; seldom any day at all."""
        return self._when() if self.draw.seldom() else When(max(self.now, day))

    def _after_statement(self, dealer: str, month: str) -> When:
        """After the last step of a settlement."""
        settlement = self.model.settlements.get((dealer, month))
        return self._not_before(settlement.last[0] if settlement else self.now)

    def _some_time_ago(self) -> When:
        """Often before what it clears was there."""
        days = self.draw.pick((0, -1, -3, -6))
        return self._when() if days == 0 else When(self.now + timedelta(days=days))

    def _much_later(self) -> When:
        """Now, or past any window that is open now."""
        return When(min(TODAY, self.now + timedelta(days=self.draw.pick((0, 40)))))

    def _new(self, prefix: str) -> str:
        """A new number, seldom one that is taken."""
        if self.numbers and self.draw.seldom():
            return f"{prefix}-{self.draw.number(1, self.numbers)}"
        self.numbers += 1
        return f"{prefix}-{self.numbers}"

    def _one_of(self, numbers: Iterable[str], prefix: str) -> str:
        known = sorted(numbers)
        return f"{prefix}-0" if not known else self.draw.pick(known)

    def _in_state(self, documents: Any, states: tuple[str, ...]) -> list[Any]:
        """Documents that are in one of the states; seldom, or if there are none, all."""
        fitting = [key for key, each in documents.items() if each.state in states]
        return list(documents) if not fitting or self.draw.seldom() else fitting

    def _transfer(self, *states: str) -> str:
        return self._one_of(self._in_state(self.model.transfers, states), "T")

    def _claim(self, *states: str) -> str:
        return self._one_of(self._in_state(self.model.claims, states), "C")

    def _parcel(self, *states: str) -> str:
        return self._one_of(self._in_state(self.model.parcels, states), "R")

    def _settlement(self, *states: str) -> tuple[str, str]:
        known = sorted(self._in_state(self.model.settlements, states))
        return self.draw.pick(known) if known else ("D01", "2025-01")

    def _part(self) -> str:
        usual = (PUMP, PUMP, SEAL)
        return self.draw.pick((*PARTS, "GONE") if self.draw.seldom() else usual)

    def _dealer(self) -> str:
        return "D09" if self.draw.seldom() else self.draw.pick(tuple(DEALERS))

    def _custody(self) -> str:
        return "W01" if self.draw.seldom() else CUSTODY

    def _stocked_place(self) -> str:
        stocked = sorted({place for (place, _), row in self.model.stock.items() if row})
        return self.draw.pick(stocked) if stocked and not self.draw.seldom() else "W02"

    def _wanted(self, place: str) -> dict[str, int]:
        """One or two parts, mostly such as lie there."""
        there = sorted(
            part for (where, part), row in self.model.stock.items() if where == place and row
        )
        wanted = {}
        for _ in range(self.draw.number(1, 2)):
            part = self._part() if not there or self.draw.seldom() else self.draw.pick(there)
            wanted[part] = self.draw.number(1, 6)
        return wanted

    def _rows(self, number: str, which: str) -> dict[str, Row]:
        transfer = self.model.transfers.get(number)
        rows = getattr(transfer, which) if transfer else {}
        return {part: row for part, row in rows.items() if row}

    def _some_of(self, rows: dict[str, Row]) -> tuple[str, int]:
        """A part and some of its pieces, seldom one too many."""
        if not rows:
            return PUMP, 1
        part = self.draw.pick(sorted(rows))
        return part, self.draw.number(1, count(rows[part]) + (1 if self.draw.seldom() else 0))


# Every command, the ones that lead on more often than the rest.
COMMANDS = (
    *(name for name in vars(History) if not name.startswith("_") and name != "check"),
    *("time_passes", "receive_purchase", "request_transfer", "answer_request") * 2,
    *("dispatch_transfer", "receive_transfer", "record_discrepancy", "sell_parts") * 2,
    *(
        "submit_claim",
        "submit_claim",
        "adjudicate_claim",
        "ship_return",
        "receive_return",
        "inspect_return",
    ),
)
