"""The root hash of the log's first entries: one value that names all of them, in their order.

It is that of the Merkle tree of RFC 9162 (2.1.1) over their leaf hashes. No node is kept: whoever
needs the root reads the leaf hashes once.
"""

from hashlib import sha256
from typing import Final

_LEFT_AND_RIGHT: Final = b"\x01"  # Marks what is hashed as a node, and not as a leaf.


class Tree:
    """Leaf hashes are added in the order of their positions."""

    def __init__(self) -> None:
        self.size = 0
        self._complete: list[bytes] = []  # Roots of complete subtrees, the largest first.

    def add(self, leaf_hash: bytes) -> None:
        self.size += 1
        node, size = leaf_hash, self.size
        while size % 2 == 0:
            node = _node(self._complete.pop(), node)
            size //= 2
        self._complete.append(node)

    def root(self) -> bytes:
        if not self._complete:
            return sha256(b"").digest()
        node = self._complete[-1]
        for left in reversed(self._complete[:-1]):
            node = _node(left, node)
        return node


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(_LEFT_AND_RIGHT + left + right).digest()
