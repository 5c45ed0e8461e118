"""The same size and seed make the same bytes, and the committed example is what they make."""

from pathlib import Path

from examples.files import COLUMNS, opened
from examples.generate import generate
from examples.sizes import SIZES
from server.erp.import_order import LAYOUTS
from tests.examples.conftest import SMALL


def made(folder: Path, seed: int) -> dict[str, bytes]:
    with opened(folder) as files:
        for _ in generate(SIZES["small"], seed, files):
            pass
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_committed_example_is_what_the_generator_makes(tmp_path: Path) -> None:
    # Whoever has imported the example has receipts beside it.
    committed = {file.name: file.read_bytes() for file in SMALL.iterdir() if file.is_file()}

    assert made(tmp_path / "again", 2025) == committed, (
        "run: python -m examples.generate --out examples/small"
    )
    other = made(tmp_path / "other", 2026)
    assert other["sales.csv"] != committed["sales.csv"], "another seed, another history"


def test_the_generator_writes_the_columns_of_the_import() -> None:
    written = {name: columns.split(",") for name, columns in COLUMNS.items()}
    written.pop("expected_refusals.csv")

    assert written == {file: LAYOUTS[file].columns() for file in written}
    assert len(written) >= 16  # Control: there are some to compare.


def test_the_committed_example_is_small() -> None:
    assert sum(file.stat().st_size for file in SMALL.iterdir()) < 1_000_000
