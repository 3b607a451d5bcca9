"""What prompts begin with alike, kept in the KV cache as a tree of sequences: least recently used leaves go first."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from cognition.language.llama.library import Context

Key = tuple[int, ...]


@dataclass(slots=True, eq=False)
class Node:
    """A beginning: the tokens of its parents and its own, `end` in all, held by a sequence (-1: nothing yet)."""

    key: Key
    end: int
    sequence: int
    parent: Node | None = None
    children: dict[Key, Node] = field(default_factory=dict)
    users: int = 0
    used: int = 0

    @property
    def own(self) -> int:
        """How many cells it holds beside its parent's."""
        return len(self.key)


class Sequences:
    """The numbers of sequences that are free, the lowest first."""

    def __init__(self, count: int) -> None:
        self._free = list(range(count))

    def __len__(self) -> int:
        return len(self._free)

    def take(self) -> int:
        """Take one; there must be one."""
        return heapq.heappop(self._free)

    def give(self, sequence: int) -> None:
        """Give one back."""
        heapq.heappush(self._free, sequence)


class PrefixTree:
    """One tree for each adapter. `cells` counts what its nodes hold."""

    def __init__(self, context: Context, sequences: Sequences) -> None:
        self._context = context
        self._sequences = sequences
        self._roots: dict[str, Node] = {}
        self._clock = 0
        self.cells = 0

    def root(self, adapter: str) -> Node:
        """Return where all prompts of an adapter begin."""
        return self._roots.setdefault(adapter, Node((), 0, -1))

    def child(self, node: Node, key: Key) -> Node | None:
        """Return the node that goes on with these tokens, as used just now."""
        found = node.children.get(key)
        if found is not None:
            self._clock += 1
            found.used = self._clock
        return found

    def grow(self, parent: Node, key: Key, source: int) -> Node:
        """Add a node with what `source` holds of its tokens (-1: nothing); the rest is to be decoded into it."""
        sequence = self._sequences.take()
        if source >= 0:
            self._context.share(source, sequence, parent.end + len(key))
        self._clock += 1
        node = Node(key, parent.end + len(key), sequence, parent, used=self._clock)
        parent.children[key] = node
        self.cells += node.own
        return node

    def make_room(self, cells: int, sequences: int, capacity: int, held: int) -> bool:
        """Let leaves go that nobody uses until so many cells and sequences are free. held: cells of what runs."""
        while capacity - held - self.cells < cells or len(self._sequences) < sequences:
            idle = min((node for node in self._leaves() if node.users == 0), key=lambda node: node.used, default=None)
            if idle is None:
                return False
            self.drop(idle)
        return True

    def drop(self, node: Node) -> None:
        """Forget a leaf."""
        assert node.parent is not None and not node.children
        del node.parent.children[node.key]
        self._context.drop(node.sequence)
        self._sequences.give(node.sequence)
        self.cells -= node.own

    def _leaves(self) -> Iterator[Node]:
        stack: list[Node] = list(self._roots.values())
        while stack:
            node = stack.pop()
            if node.children:
                stack.extend(node.children.values())
            elif node.parent is not None:
                yield node


def lock(node: Node, by: int) -> None:
    """Count a user of a node and of all before it in (1) or out (-1)."""
    at: Node | None = node
    while at is not None:
        at.users += by
        at = at.parent
