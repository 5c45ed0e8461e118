"""docs/import.md says what the layouts say."""

from pathlib import Path

from server.erp.import_order import LAYOUTS
from server.erp.reference import refreshed, table

DOCUMENT = Path(__file__).parents[3] / "docs" / "import.md"


def test_the_document_has_the_columns_of_every_file() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert refreshed(text) == text, "run: python -m server.erp.reference docs/import.md"
    assert all(f"<!-- columns: {file} -->\n{table(kind)}" in text for file, kind in LAYOUTS.items())


def test_a_column_that_the_document_has_lost_is_found() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    line = next(found for found in text.splitlines(keepends=True) if "`restock_place`" in found)

    assert refreshed(text.replace(line, "")) == text


def test_every_column_says_what_it_means() -> None:
    for file, kind in LAYOUTS.items():
        for column, field in kind.model_fields.items():
            assert field.description, f"{file}: {column}"
