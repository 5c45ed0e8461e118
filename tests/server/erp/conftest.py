"""Small exports, written as an ERP would: rows as dicts, all other cells empty."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server.erp.lines import Line

WriteRows = Callable[..., Path]


@pytest.fixture
def write_rows(tmp_path: Path) -> WriteRows:
    """Writes a file of a layout from rows of cells; returns its path."""

    def write(kind: type[Line], *rows: dict[str, str]) -> Path:
        lines = [",".join(kind.columns())]
        lines += [",".join(row.get(column, "") for column in kind.columns()) for row in rows]
        path = tmp_path / kind.FILE
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
