"""The one table of files: what is written as a layout is imported, once, and in its place."""

from importlib import import_module
from pkgutil import iter_modules

from server.erp import files
from server.erp.import_order import IMPORT_ORDER, LAYOUTS
from server.erp.lines import Line


def test_every_layout_has_a_row_and_no_file_has_two() -> None:
    for module in iter_modules(files.__path__, f"{files.__name__}."):
        import_module(module.name)

    assert {kind.FILE for kind in Line.__subclasses__()} == LAYOUTS.keys()
    assert sum(len(file.layouts) for file in IMPORT_ORDER) == len(LAYOUTS)


def test_only_items_of_claims_are_read_beside_another_file() -> None:
    beside = [layout.FILE for file in IMPORT_ORDER for layout in file.beside]

    assert beside == ["claim_items.csv"]
