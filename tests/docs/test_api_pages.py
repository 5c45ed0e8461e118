"""docs/api is what the .proto files say, whole; everything in them says what it is."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor

from partsledger.v1 import error_reason_pb2, types_pb2
from server.api.conversions import names
from server.api.conversions.names import NamePattern
from server.api.published.comments import PROTOS, Comments, Uncommented, comments
from server.api.published.index import shape
from server.api.published.pages import pages
from server.api.published.refusals import listed
from server.api.published.services import changes_the_book, service_page
from server.api.resources import RESOURCES
from tests.docs.adding import ROOT
from tests.server.api.methods import METHODS, SERVICES

FOLDER = ROOT / "docs" / "api"


@pytest.fixture(scope="module")
def said() -> Comments:
    return comments()


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages(FOLDER)


def differences(made: dict[str, str], folder: Path) -> list[str]:
    """Pages that are not as they would be written now, or that would not be written."""
    there = {path.name for path in folder.glob("*.md")}
    changed = {name for name in there & made.keys() if (folder / name).read_text() != made[name]}
    return sorted(changed | (there ^ made.keys()))


def test_the_pages_are_what_the_schema_says(made: dict[str, str]) -> None:
    """Otherwise: make api-docs."""
    assert differences(made, FOLDER) == []


def test_a_page_that_says_something_else_is_found(made: dict[str, str]) -> None:
    """The control: of a page, of one that is gone, and of one too many."""
    wrong = {**made, "SaleService.md": made["SaleService.md"] + "More.\n", "Barn.md": ""}
    del wrong["types.md"]

    assert differences(wrong, FOLDER) == ["Barn.md", "SaleService.md", "types.md"]


# What has to say what it is. Requests and responses are told by the methods that have them.


def elements() -> dict[str, Any]:
    """Every service, method, message, field, choice, enum and value, by its full name."""
    files = {service.file for service in SERVICES}
    files |= {types_pb2.DESCRIPTOR, error_reason_pb2.DESCRIPTOR}
    found: dict[str, Any] = {method.full_name: method for method in METHODS.values()}
    found |= {service.full_name: service for service in SERVICES}
    for file in files:
        for message in file.message_types_by_name.values():
            found |= of_message(message)
        for enum in file.enum_types_by_name.values():
            found |= {enum.full_name: enum}
            found |= {f"{enum.full_name}.{value.name}": value for value in enum.values}
    return found


def of_message(message: Descriptor) -> dict[str, Any]:
    found: dict[str, Any] = {field.full_name: field for field in message.fields}
    if not message.name.endswith(("Request", "Response")):
        found[message.full_name] = message
    for choice in message.oneofs:
        if not choice.name.startswith("_"):
            found[f"{message.full_name}.{choice.name}"] = choice
    return found


def unexplained(said: dict[str, str]) -> list[str]:
    """Elements that say nothing, or only whether they are needed."""
    bare = {"", "Required.", "Output only."}
    return sorted(name for name in elements() if said.get(name, "") in bare)


def test_every_element_says_what_it_is(said: Comments) -> None:
    assert unexplained(said) == []
    assert len(elements()) > 1_000


@pytest.mark.parametrize(
    "name",
    [
        "SaleService", "SaleService.CreateSale", "Sale", "Sale.dealer", "ClaimState",
        "ClaimState.CLAIM_STATE_SETTLED", "ImportCommand.command", "ImportCommand.create_part",
    ],
)  # fmt: skip
def test_an_element_that_says_nothing_is_found_and_refused(said: Comments, name: str) -> None:
    """The control: of each kind."""
    whole = f"partsledger.v1.{name}"
    less = Comments({**said, whole: "Required."})
    assert unexplained(less) == [whole]
    del less[whole]
    assert unexplained(less) == [whole]
    with pytest.raises(Uncommented, match=re.escape(whole)):
        [service_page(service, less) for service in SERVICES]


def test_a_comment_that_is_taken_out_of_a_file_is_missed(tmp_path: Path) -> None:
    """The control of what reads them."""
    shutil.copytree(PROTOS, tmp_path / "proto", ignore=shutil.ignore_patterns("*.py", "*.pyi"))
    file = tmp_path / "proto" / "partsledger" / "v1" / "sale_service.proto"
    file.write_text(file.read_text().replace("  // Reads one sale. Reasons: NOT_FOUND.\n", ""))

    assert unexplained(comments(tmp_path / "proto")) == ["partsledger.v1.SaleService.GetSale"]


def test_each_method_lists_the_reasons_it_has(said: Comments) -> None:
    silent = {name for name, method in METHODS.items() if not listed(method, said)}

    # They say so in words: those of others, or none of their own.
    assert silent == {
        *(name for name in METHODS if ".Batch" in name),
        "Entry.InspectLog", "Import.Import", "View.GetViewStatus",
    }  # fmt: skip
    assert "NO_PRICE" in listed(METHODS["Sale.CreateSale"], said)


def test_what_is_said_to_change_the_book_is_what_the_server_records() -> None:
    recording = {kind.DESCRIPTOR for kind in (*RESOURCES.mutations, *RESOURCES.batches)}
    changing = {
        method.input_type for method in METHODS.values() if changes_the_book(method.input_type)
    }

    assert changing == {*recording, METHODS["Import.Import"].input_type}


# What a reader finds.


def test_every_field_and_value_stands_on_its_page(made: dict[str, str]) -> None:
    for service in SERVICES:
        page = made[f"{service.name}.md"]
        for message in service.file.message_types_by_name.values():
            section = re.split(r"^##", page.partition(f"# {message.name}\n")[2], flags=re.M)[0]
            rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
            assert rows == [field.name for field in message.fields], message.name
        for enum in service.file.enum_types_by_name.values():
            assert all(f"| `{value.name}` | {value.number} |" in page for value in enum.values)


def test_every_kind_of_name_stands_on_the_first_page(made: dict[str, str]) -> None:
    patterns = {
        shape(each.template) for each in vars(names).values() if isinstance(each, NamePattern)
    }
    shown = re.findall(r"^\| `(books/.*?)` \|", made["README.md"], re.MULTILINE)

    assert {shape(each) for each in shown} == patterns - {"books/{}"}
    assert len(shown) == len(patterns) - 1


def anchors(page: str) -> set[str]:
    """How a reader's browser calls the headings."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(made: dict[str, str]) -> list[str]:
    """Links to what is not there."""
    found = []
    for name, page in made.items():
        for path, anchor in re.findall(r"\]\(([^)#\s]+)#?([^)]*)\)", page):
            if not (FOLDER / path).exists():
                found.append(f"{name}: {path}")
            elif anchor and anchor not in anchors(made.get(path) or (FOLDER / path).read_text()):
                found.append(f"{name}: {path}#{anchor}")
    return found


def test_every_link_leads_somewhere(made: dict[str, str]) -> None:
    assert broken(made) == []


def test_a_link_that_leads_nowhere_is_found(made: dict[str, str]) -> None:
    """The control."""
    page = "[a](types.md#nothing) [b](nowhere.md) [c](types.md#receipt)"

    assert broken({"types.md": made["types.md"], "x.md": page}) == [
        "x.md: types.md#nothing", "x.md: nowhere.md"
    ]  # fmt: skip
