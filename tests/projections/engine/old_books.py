"""Books that look long kept: lines that spread over generations of the log."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from psycopg2.extensions import cursor
from psycopg2.extras import execute_values

from domain.months import first_day, month_of, next_month
from projections.engine.folding import fold
from projections.engine.partitions import make_partitions
from projections.engine.schemas import Schemas
from projections.engine.view import GENERATION_POSITIONS
from projections.views import VIEWS

# Around every seam: the begin of the log, and the end of each generation.
SEAMS: Final = (0, GENERATION_POSITIONS, 2 * GENERATION_POSITIONS)
LAST: Final = SEAMS[-1] + 12
POSITIONS: Final = [
    seam + step for seam in SEAMS for step in range(-8, 13) if 0 < seam + step <= LAST
]
FIRST_DAY: Final = date(2025, 1, 20)

# When which month was hard-closed: one before all lines, and January together with February.
_CLOSED: Final = {
    4: date(2024, 12, 1),
    11: date(2025, 2, 1),
    GENERATION_POSITIONS + 3: date(2025, 3, 1),
    LAST - 3: date(2025, 4, 1),
}

_DERIVED: Final = tuple(view for view in VIEWS if view.derived)


class OldBook:
    """Facts' lines at each of `POSITIONS`: an item raised or paid, or a month stated, and pieces
    moved, in months that are not closed. The last but one states a month, too."""

    def __init__(self, chance: random.Random) -> None:
        self.tables: dict[str, list[tuple[Any, ...]]] = {
            "dealer_accounts": [(1, "D1", "CNY"), (2, "D2", "CNY")],
            "journal_lines": [], "stock_lines": [], "statement_rows": [],
            "issued_statements": [], "closed_months": list(_CLOSED.items()),
        }  # fmt: skip
        self._chance = chance
        self._stated_in: dict[str, set[str]] = {"D1": set(), "D2": set()}
        self._first_unstated = {"D1": month_of(FIRST_DAY), "D2": month_of(FIRST_DAY)}
        self._raised: list[tuple[str, str, int]] = []
        for position in POSITIONS:
            day = FIRST_DAY + timedelta(days=chance.randrange(70))
            if position == LAST - 1 or chance.random() < 0.1:
                self._state(position)
            else:
                self._post(position, day)
            self._move(position, day)

    def write(self, c: cursor, at: Schemas) -> None:
        """Puts the lines where the folds would, without any sums."""
        make_partitions(c, at, VIEWS, 0, LAST)
        for table, lines in self.tables.items():
            execute_values(c, f"INSERT INTO {at.views}.{table} VALUES %s", lines)

    def _state(self, position: int) -> None:
        dealer = self._chance.choice(("D1", "D2"))
        month = self._first_unstated[dealer]
        while month not in self._stated_in[dealer] and self._chance.random() < 0.5:
            month = next_month(month)  # Passed over: it has no lines.
        self._first_unstated[dealer] = next_month(month)
        self.tables["issued_statements"].append(
            (position, dealer, month, position, datetime(2025, 12, 1, tzinfo=UTC), *[0] * 4,
             0, 1, 1, "", *[0] * 5)
        )  # fmt: skip

    def _post(self, position: int, day: date) -> None:
        month = month_of(day) if self._chance.random() < 0.7 else next_month(month_of(day))
        dealer, amount = self._chance.choice(("D1", "D2")), self._chance.randrange(1, 500)
        item, due_on = f"sales/S-{position}", day + timedelta(days=30)
        entry: tuple[Any, ...] = (position, amount, 1, day, due_on)
        if self._raised and self._chance.random() < 0.6:  # Paid, most often in full.
            dealer, item, open_minor = self._chance.choice(self._raised)
            amount = -open_minor if self._chance.random() < 0.8 else -1
            entry = (position, amount, 1, day, None)
        else:
            self._raised.append((dealer, item, amount))
        month = max(month, self._first_unstated[dealer])
        self._stated_in[dealer].add(month)
        self.tables["journal_lines"] += [
            (*entry, "1122", f"dealers/{dealer}", "CNY", item, month),
            (position, -amount, 2, day, None, "6001", "", "CNY", "", month),
        ]
        self.tables["statement_rows"].append(
            (position, amount, position, day, day, dealer, month, "Account.Posted", "", b"")
        )

    def _move(self, position: int, day: date) -> None:
        closed = max((month for at, month in _CLOSED.items() if at < position), default=date.min)
        if (day.year, day.month) <= (closed.year, closed.month):
            first_open_day = first_day(next_month(month_of(closed)))
            day = first_open_day + timedelta(days=self._chance.randrange(40))
        places = ("W01", "W02", "@in-transit", "@sold", "@supplier")
        out_of, into = self._chance.sample(places, 2)
        origin = FIRST_DAY - timedelta(days=self._chance.choice((0, 40, 200)))
        pieces, value = self._chance.randrange(1, 9), self._chance.choice((0, 5, 1000))
        item = (self._chance.choice(("P-1", "P-2")), self._chance.choice(("R-1", "R-2")), "", "")
        self.tables["stock_lines"] += [
            (position, 1, -pieces, -value, day, origin, origin, origin, out_of, *item),
            (position, 2, pieces, value, day, origin, day, day, into, *item),
        ]


def derive(c: cursor, at: Schemas, *stops: int, through: int = LAST) -> None:
    """Folds the sums in steps that end at these positions, and says that every view is there."""
    for view in _DERIVED:
        for after, last in zip((0, *stops), (*stops, through), strict=True):
            fold(c, view, at, after, last)
    c.execute(at.sql("UPDATE {views}.positions SET position = %s"), (through,))


# The journal has two lines a position: an item is raised, and one cleared that is 36 days older (in
# the first 36 days there is none). So it is with pieces that come to a place, and leave it. A claim
# ends 30 days after it was submitted.
_MANY: Final = {
    "journal_lines": """
        n / 2, CASE n %% 2 WHEN 0 THEN 5 ELSE -5 END, n %% 2, day,
        CASE n %% 2 WHEN 0 THEN day END,
        CASE WHEN n %% 2 = 0 OR n > %(lines)s / 10 THEN '1122' ELSE '6001' END,
        'dealers/D' || n / 2 %% 50, 'CNY',
        'sales/S-' || CASE n %% 2 WHEN 0 THEN n / 2 ELSE n / 2 - %(lines)s / 20 END, month
    """,
    "stock_lines": """
        n / 2, n %% 2, CASE n %% 2 WHEN 0 THEN 5 ELSE -5 END,
        CASE n %% 2 WHEN 0 THEN 50 ELSE -50 END, day, came_on, came_on, came_on,
        CASE WHEN came < 0 THEN '@sold' ELSE 'W' || came / 2 %% 20 END,
        'P-' || abs(came) / 2 %% 500, 'purchases/PR-' || abs(came) / 2, '', ''
    """,
    "statement_rows": "n, 5, n, day, day, 'D' || n %% 50, month, 'Account.Posted', '', ''",
    "claim_steps": """
        n, 5, 1 + n %% 2, day,
        'C-' || CASE n %% 2 WHEN 0 THEN n / 2 ELSE (n - %(lines)s / 12) / 2 END,
        CASE n %% 2 WHEN 0 THEN 'Submitted' ELSE 'Credited' END,
        '', CASE n %% 2 WHEN 0 THEN 'D' || n / 2 %% 50 END, 'CNY'
    """,
    "document_steps": """
        n, day, 1 + n %% 2, 'claims', 'C-' || n / 2,
        CASE n %% 2 WHEN 0 THEN 'Submitted' ELSE 'Credited' END,
        CASE n %% 2 WHEN 0 THEN 'D' || n / 2 %% 50 END, NULL, 'WO-' || n / 10
    """,
}

# Ten months, each to every dealer when its lines are there.
_STATED: Final = """
    INSERT INTO {views}.issued_statements
    SELECT through + dealer, 'D' || dealer, to_char(ends, 'YYYY-MM'), 1, ends,
           0, 0, 0, 0, 0, 1, 1, '', 0, 0, 0, 0, 0
    FROM generate_series(date '2025-01-31', '2025-10-31', interval '1 month') AS months (begins),
         LATERAL (SELECT (date_trunc('month', begins) + interval '1 month - 1 day')::date AS ends)
             AS m,
         LATERAL (SELECT (1 + ends - date '2025-01-01') * %(lines)s / 360 / 2 AS through) AS p,
         generate_series(1, 49) AS dealer
"""

# The same ten months, each when all have been stated.
_MONTHS_CLOSED: Final = """
    INSERT INTO {views}.closed_months
    SELECT max(position) + 1, (month || '-01')::date FROM {views}.issued_statements GROUP BY month
"""


def write_many(c: cursor, at: Schemas, lines: int) -> None:
    """A year of plain lines, enough for reading all of them to be the dear way."""
    accounts = "SELECT n, 'D' || n, 'CNY' FROM generate_series(1, 49) AS n"
    c.execute(f"INSERT INTO {at.views}.dealer_accounts {accounts}")
    make_partitions(c, at, VIEWS, 0, lines)
    for table, columns in _MANY.items():
        c.execute(
            f"""
            INSERT INTO {at.views}.{table} SELECT {columns}
            FROM generate_series(2, %(lines)s) AS n,
                 LATERAL (SELECT date '2025-01-01' + n * 360 / %(lines)s AS day) AS d,
                 LATERAL (SELECT to_char(day, 'YYYY-MM') AS month) AS m,
                 LATERAL (SELECT n - n %% 2 * (1 + %(lines)s / 10) AS came) AS c,
                 LATERAL (SELECT date '2025-01-01' + came * 360 / %(lines)s AS came_on) AS d2
            """,
            {"lines": lines},
        )
    c.execute(at.sql(_STATED), {"lines": lines})
    c.execute(at.sql(_MONTHS_CLOSED), {"lines": lines})
