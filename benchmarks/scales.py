"""How much is measured: enough to believe, or enough to see in minutes where it stands."""

from dataclasses import dataclass, replace
from typing import Final

from examples.sizes import Size


@dataclass(frozen=True)
class Scale:
    """Counts of one run of the suite."""

    name: str
    pairs: int
    size: Size  # Of the maker whose history is written.
    library_share: int  # The library gets one document in so many, with all its commands.
    transfers: int  # Function calls of the transfer baseline.
    unary: int  # Single calls a run.
    facts: int  # In the log, where reading is measured.
    few_facts: int  # In the smaller log, of P5, P6 and P10.
    projected: int  # Facts for the library's projection, which takes them one by one.
    long_stream: int  # Facts of the stock item of P8.
    imported: Size | None = None  # The history that long logs are; None: repeated ones.
    only: tuple[str, ...] = ()  # The lines that are measured; none named means all.
    profiled: bool = False  # Whether it says where the time goes, too.


FULL: Final = Scale(
    name="full",
    pairs=5,
    size=Size(60, 4, 1_200, 500, 1_500, 3, claims=500, sale_lines=3_000, transfer_lines=1_000),
    library_share=6,
    transfers=20_000,
    unary=4_000,
    facts=1_000_000,
    few_facts=100_000,
    projected=5_000,
    long_stream=100_000,
    profiled=True,
)

QUICK: Final = Scale(
    name="quick",
    pairs=5,
    size=Size(12, 3, 120, 100, 120, 1, claims=100, sale_lines=600, transfer_lines=250),
    library_share=4,
    transfers=3_000,
    unary=150,
    facts=25_000,
    few_facts=5_000,
    projected=300,
    long_stream=2_000,
)

# As many facts as a large maker has in four months, each of them written by the product, for what
# reads, folds and starts, and for the memory that writing takes: an hour and a half, and 50 GB.
LONG: Final = replace(
    FULL,
    name="long",
    facts=10_000_000,
    few_facts=1_000_000,
    imported=Size(400, 4, 30_000, 6_000, 60_000, 12, claims=30_000, sale_lines=195_000,
                  transfer_lines=65_000),
    only=("P6", "P7s", "P10", "P10s", "P11"),
    profiled=False,
)  # fmt: skip
