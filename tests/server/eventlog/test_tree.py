"""The root hash is that of RFC 9162's tree, as everybody else computes it."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.eventlog.tree import Tree

# The leaves of the tests of Certificate Transparency, and the roots that are known for them.
LEAVES = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def root(leaves: list[bytes]) -> bytes:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.size == len(leaves)
    return tree.root()


@pytest.mark.parametrize("size", ROOTS)
def test_known_trees_have_their_known_roots(size: int) -> None:
    leaves = [sha256(b"\x00" + bytes.fromhex(leaf)).digest() for leaf in LEAVES[:size]]
    assert root(leaves).hex() == ROOTS[size]


def as_defined(leaves: list[bytes]) -> bytes:
    """Word by word from RFC 9162, 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    left, right = as_defined(leaves[:half]), as_defined(leaves[half:])
    return sha256(b"\x01" + left + right).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70))
def test_it_is_the_tree_as_it_is_defined(leaves: list[bytes]) -> None:
    assert root(leaves) == as_defined(leaves)


def test_any_other_order_or_length_has_another_root() -> None:
    leaves = [bytes([number]) * 32 for number in range(9)]
    others = [leaves[:8], [*leaves[:7], leaves[8], leaves[7]], leaves[1:], [*leaves, leaves[8]]]
    assert len({root(each) for each in [leaves, *others]}) == 5
