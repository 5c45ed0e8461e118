"""docs/adding.md works as it stands, touches few files, and none of its steps can be forgotten."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from tests.conftest import new_book
from tests.docs.adding import PAGE, ROOT, blocks, carry_out, copy_of_the_tree, run
from tests.on_the_wire import day
from tests.server.api.reading.front_desk import FrontDesk
from tests.server.conftest import serving, size

MOST_FILES_CHANGED = 11

# By the file whose change is left out: the test that notices.
NOTICED_BY = {
    "domain/aggregates.py": "tests/domain/test_aggregates.py",
    "tests/domain/tour.py": "tests/domain/test_stored_names.py",
    "domain/published/meanings.py": "tests/docs/test_facts.py",
    "domain/published/vocabulary.py": "tests/docs/test_facts.py",
    "proto/partsledger/v1/import_service.proto": "tests/server/api/services/test_mutations.py",
    "server/api/conversions/names.py": "tests/server/api/reading/test_resources.py",
    "server/api/resources.py": "tests/server/api/reading/test_resources.py",
    "tests/server/api/access/expected.txt": "tests/server/api/access/test_roles.py",
    "projections/views.py": "tests/projections/test_views.py",
    "server/erp/import_order.py": "tests/server/erp/test_import_order.py",
    "docs/import.md": "tests/server/erp/test_reference.py",
}
GENERATED_FROM = {
    "tests/domain/tour.py": ["tests/domain/golden/facts.json"],
    "domain/published/meanings.py": ["docs/facts/README.md"],
    "server/api/resources.py": ["docs/security.md"],
    "proto/partsledger/v1/import_service.proto": ["proto/partsledger/v1/import_service_pb2.py"],
}
ALL_OF_THEM = sorted({*NOTICED_BY.values(), "tests/domain/test_document.py",
                      "tests/server/api/reading/test_registry.py"})  # fmt: skip

# The last section changes what the others have made.
MADE, CHANGED = PAGE.read_text().split("\n## Changing a fact\n")

# Uses the example as its users would, in a process of its own that has the example's code.
USE = ROOT / "tests" / "docs" / "using_the_example.py"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with everything of the page in it."""
    tree = tmp_path_factory.mktemp("adding")
    copy_of_the_tree(tree)
    carry_out(tree, MADE)
    return tree


@pytest.fixture(scope="module")
def remade(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what was made, with its fact changed."""
    tree = tmp_path_factory.mktemp("changing") / "tree"
    copied(made, tree)
    carry_out(tree, CHANGED)
    return tree


def copied(tree: Path, target: Path) -> None:
    shutil.copytree(tree, target, ignore=shutil.ignore_patterns("__pycache__"))


def changed(tree: Path) -> set[str]:
    """Files that are there, and not as they were."""
    ours = [path for path in tree.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    names = {str(path.relative_to(tree)) for path in ours}
    return {
        name for name in names
        if (ROOT / name).is_file() and (ROOT / name).read_bytes() != (tree / name).read_bytes()
    }  # fmt: skip


def test_few_files_change_that_are_there(made: Path) -> None:
    by_hand = {block.file for block in blocks(MADE) if block.action == "change"}
    assert by_hand == set(NOTICED_BY)
    assert len(by_hand) <= MOST_FILES_CHANGED
    assert changed(made) == by_hand.union(*GENERATED_FROM.values())


def test_what_the_page_makes_passes_the_tests_that_it_names(made: Path) -> None:
    done = pytest_in(made, *ALL_OF_THEM)
    assert done.returncode == 0, done.stdout[-3000:]
    assert all(path in PAGE.read_text() for path in NOTICED_BY.values())


@pytest.mark.parametrize("left_out", NOTICED_BY)
def test_a_step_that_is_left_out_is_noticed(made: Path, left_out: str, tmp_path: Path) -> None:
    """In what the page makes, one file is as it was before."""
    tree = tmp_path / "tree"
    copied(made, tree)
    for file in (left_out, *GENERATED_FROM.get(left_out, ())):
        shutil.copy2(ROOT / file, tree / file)

    done = pytest_in(tree, NOTICED_BY[left_out])

    told = done.stdout + done.stderr
    assert done.returncode != 0
    assert " failed" in told or "rror" in told, told[-3000:]


def pytest_in(tree: Path, *tests: str) -> "subprocess.CompletedProcess[str]":
    quick = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    return run(tree, [sys.executable, "-m", "pytest", *quick, *tests])


@pytest.fixture
def book(database_url: str) -> Iterator[str]:
    with new_book(database_url) as name:
        yield name


def test_the_example_is_used_on_a_log_that_is_there_and_rebuilds_no_view_that_is(
    made: Path, database_url: str, book: str
) -> None:
    with serving(database_url, book) as app:
        import grpc

        with grpc.insecure_channel(app.address) as channel:
            desk = FrontDesk(channel, book)
            desk.open_for_business()
            desk.buy("B-1", "2025-07-01", "P-1", 10, 6)
        app.follower.wait_for(size(app), 20)
    before = tables(database_url, book)

    done = run(made, [sys.executable, str(USE), database_url, book])

    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {
        "listed": ["RM-1", "RM-2"],
        "answered": "REMINDER_STATE_ANSWERED",
        "refused": "NOT_ALLOWED_IN_STATE",
        "by_dealer": [["D01", 1, 1], ["D02", 1, 0]],
    }
    after = tables(database_url, book)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"reminder_steps"}


def test_a_changed_fact_is_read_from_what_is_in_the_log(
    made: Path, remade: Path, database_url: str, book: str
) -> None:
    with serving(database_url, book) as app:
        import grpc

        with grpc.insecure_channel(app.address) as channel:
            FrontDesk(channel, book).open_for_business()
    arguments = [str(USE), database_url, book]
    done = run(made, [sys.executable, *arguments])
    assert done.returncode == 0, done.stderr[-3000:]

    done = run(remade, [sys.executable, *arguments, "changed"])

    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "stored": {"RM-1": [False, "letter"], "RM-2": [False, "letter"], "RM-3": [True, "mail"]},
        "by_dealer": [["D01", 2, 1], ["D02", 1, 0]],
        "same": True,
    }
    done = run(made, [sys.executable, *arguments])  # The version before knows the older form only.
    assert "may hold facts of form 2" in done.stderr


def test_a_changed_fact_passes_the_test_that_the_page_names(remade: Path) -> None:
    done = pytest_in(remade, "tests/domain/test_stored_names.py", "tests/docs/test_facts.py")
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    ("file", "step", "noticed"),
    [
        ("domain/storing.py", "FORM: Final = 2", "what is stored has changed: FORM is to be 2"),
        ("domain/reminder.py", '@formerly("partsledger:Reminder.Sent")', "no upcaster reads it"),
    ],
)
def test_a_step_of_the_change_that_is_left_out_is_noticed(
    remade: Path, tmp_path: Path, file: str, step: str, noticed: str
) -> None:
    tree = tmp_path / "tree"
    copied(remade, tree)
    text = (tree / file).read_text()
    assert text.count(step) == 1
    (tree / file).write_text(text.replace(step, "FORM: Final = 1" if "FORM" in step else ""))

    done = pytest_in(tree, "tests/domain/test_stored_names.py")

    assert done.returncode != 0
    assert noticed in done.stdout + done.stderr


def tables(database_url: str, book: str) -> dict[str, int]:
    """The tables of views as PostgreSQL numbers them: a rebuilt one is another."""
    with psycopg2.connect(database_url) as connection, connection.cursor() as c:
        c.execute(
            "SELECT relname, oid FROM pg_class WHERE relkind IN ('r', 'p')"
            " AND relnamespace = %s::regnamespace",
            [f"views_of_book_{book}"],
        )
        return dict(c.fetchall())


def test_the_days_of_the_example_are_days() -> None:
    assert day("2025-08-01") == {"year": 2025, "month": 8, "day": 1}
