"""A folder that a spreadsheet has saved, imported from the command line."""

from pathlib import Path

from tests.server.cli.terminal import PARTS, PLACES, Served, export


def test_a_folder_saved_by_a_spreadsheet_is_imported(served: Served, tmp_path: Path) -> None:
    folder = export(tmp_path / "plain", places=PLACES, parts=PARTS)
    for name in ("places.csv", "parts.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        text = text.replace(",", ";").replace("true", "TRUE").replace("false", "False")
        (folder / name).write_bytes(text.encode("gb18030"))
    refused = served.ask("import", str(folder))
    assert refused.code == 1
    assert "save it as" in refused.out
    taken = served.ask("import", str(folder), "--encoding", "GBK", "--json")
    assert (taken.code, taken.json["recorded"]) == (0, 4)
    part = served.ask("show", "parts/P-1", "--json").json
    assert part["description"] == "液压泵"
    again = served.ask("import", str(export(tmp_path / "again", places=PLACES, parts=PARTS)))
    assert again.code == 0  # The same rows, saved in the usual way, are the same requests.
    wrong = served.ask("import", str(folder), "--encoding", "excel")
    assert wrong.code == 2
    assert "must be an encoding of texts" in wrong.err


def test_a_csv_for_excel_begins_with_the_mark_and_says_the_same(examples: Served) -> None:
    for command in (["list", "dealers"], ["trial-balance"], ["entries", "--limit", "3"]):
        plain, marked = examples.ask(*command, "--csv"), examples.ask(*command, "--csv-bom")
        assert marked.out == "\ufeff" + plain.out
        assert not plain.out.startswith("\ufeff")
        assert marked.code == 0
    assert examples.ask("list", "dealers", "--csv-bom", "--json").code == 2
