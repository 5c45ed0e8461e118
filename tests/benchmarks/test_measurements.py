"""Every goal has its measurement, and each can be asked for by itself."""

import pytest

from benchmarks import p01_mixed_commands, p08_long_stream
from benchmarks.__main__ import MEASUREMENTS, asked_for, chosen
from benchmarks.profiles import room
from benchmarks.scales import FULL, LONG, QUICK
from benchmarks.sending import methods

GOALS = {
    "P1", "P1f", "P1b", "P2", "P3", "P3t", "P4", "P5", "P5a", "P5l", "P6", "P6g",
    "P7s", "P7a", "P7t", "P7b", "P8", "P9", "P10", "P10s", "P10c", "P11", "P12", "P12l",
}  # fmt: skip


def test_every_goal_has_a_line_and_no_two_lines_share_a_number() -> None:
    numbers = [number for numbers in MEASUREMENTS for number in numbers]

    assert set(numbers) == GOALS
    assert len(numbers) == len(set(numbers))


def test_lines_that_are_named_are_measured_and_no_others() -> None:
    assert chosen(["P1f", "P8"]) == [p01_mixed_commands.measure, p08_long_stream.measure]
    assert chosen([]) == list(MEASUREMENTS.values())
    assert chosen(["P99"]) == []


def test_single_calls_know_the_method_of_every_request_of_the_workload() -> None:
    known = methods()

    assert (
        known["partsledger.v1.CreateSaleRequest"].path == "/partsledger.v1.SaleService/CreateSale"
    )
    assert "partsledger.v1.ImportRequest" not in known  # It is a stream's.


def test_a_profile_tells_work_from_waiting() -> None:
    waiting = "waiting for commands or for the commit before"
    assert room("~", "<method 'get' of '_queue.SimpleQueue' objects>") == waiting
    assert room("~", "<method 'execute' of 'psycopg2.extensions.cursor' objects>") == "PostgreSQL"
    assert room("/any/where/domain/stock_item.py", "issue") == "deciding: domain/"
    assert room("/any/where/server/eventlog/group.py", "seal") == "the log: server/eventlog/"
    assert room("/any/where/server/writer.py", "_take") == "the writer: server/"
    assert room("~", "<built-in method builtins.sum>").startswith("Python itself")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--only", "P1,P99"], "there is no line 'P99': P1, "),
        (["--facts", "0"], "'0' must be a whole number from 1"),
        (["--pairs", "-3"], "'-3' must be a whole number from 1"),
        (["--quick", "--long"], "not allowed with argument --quick"),
        (["--long", "--facts", "5"], "not allowed with argument --long"),
    ],
)
def test_what_cannot_be_measured_is_refused_at_once(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        asked_for(arguments)

    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_what_is_not_said_is_all_of_it() -> None:
    assert vars(asked_for([])) == {
        "quick": False, "long": False, "only": [], "pairs": None, "facts": None
    }  # fmt: skip
    assert asked_for(["--only", "P1f,P8"]).only == ["P1f", "P8"]


def test_every_scale_takes_five_pairs_or_more() -> None:
    assert all(scale.pairs >= 5 for scale in (QUICK, FULL, LONG))
