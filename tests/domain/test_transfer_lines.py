"""The lines of a transfer are recorded in as few facts as hold them, in their order."""

from itertools import count

import pytest

from domain.layers import MOST_LAYERS as MOST
from domain.transfer_lines import MovedLine, lines_in_facts
from tests.domain.desk import d, layer


def line(part: str, layers: int) -> MovedLine:
    """A line of so many layers, no two of which are the same."""
    return MovedLine(
        part=part,
        layers=tuple(
            layer(1, number, d(7, 1), lot=str(number)) for number, _ in zip(count(1), range(layers))
        ),
    )


@pytest.mark.parametrize(
    ("layers", "facts"),
    [
        ((), []),
        ((1,), [[("A", 1)]]),
        ((2, 3), [[("A", 2), ("B", 3)]]),
        ((MOST,), [[("A", MOST)]]),
        ((MOST + 1,), [[("A", MOST)], [("A", 1)]]),
        ((MOST - 1, 1), [[("A", MOST - 1), ("B", 1)]]),
        ((MOST - 1, 2), [[("A", MOST - 1), ("B", 1)], [("B", 1)]]),
        ((MOST, 1, 1), [[("A", MOST)], [("B", 1), ("C", 1)]]),
        ((1, 2 * MOST), [[("A", 1), ("B", MOST - 1)], [("B", MOST)], [("B", 1)]]),
        ((2 * MOST, 1), [[("A", MOST)], [("A", MOST)], [("B", 1)]]),
    ],
)
def test_a_fact_is_filled_before_another_one_begins(
    layers: tuple[int, ...], facts: list[list[tuple[str, int]]]
) -> None:
    lines = [line(part, number) for part, number in zip("ABC", layers, strict=False)]

    found = list(lines_in_facts(lines))

    assert [[(each.part, len(each.layers)) for each in fact] for fact in found] == facts
    for whole in lines:
        parts = [each for fact in found for each in fact if each.part == whole.part]
        assert tuple(one for each in parts for one in each.layers) == whole.layers


def test_a_line_is_as_many_pieces_as_its_layers() -> None:
    two = MovedLine(part="A", layers=(layer(2, 100, d(7, 1)), layer(5, 100, d(7, 2))))
    assert two.quantity == 7
