"""Threads for kernels: a team runs a kernel over parts of the work, on as many cores as it is given."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from engine.values import Int32s

WORTHWHILE = 8_000
"""From so many people on threads give more than they cost, where a person takes a tenth of a microsecond."""

_PARTS_A_THREAD = 4


class Team:
    """Threads that share out kernels, which let go of Python's lock and write to their own rows only.

    What comes out has the same bits for any number of threads.
    """

    def __init__(self, threads: int | None = None) -> None:
        """Call together so many threads; None: one for each core that this process may use."""
        self.threads = threads or _cores()
        self._pool = ThreadPoolExecutor(self.threads - 1, "plane") if self.threads > 1 else None

    def parts(self, people: int, worthwhile: int = WORTHWHILE) -> int:
        """Return into how many parts the work for so many people is best cut: below the worthwhile size, one.

        Every part costs a call from Python, so none is smaller than half of the worthwhile size.
        """
        if self._pool is None or people < worthwhile:
            return 1
        return min(_PARTS_A_THREAD * self.threads, 2 * people // worthwhile)

    def run(self, kernel: Callable[..., None], edges: Int32s, *arguments: Any) -> None:
        """Call kernel(part, edges[part], edges[part + 1], *arguments) for every part, in this thread and the others."""
        left = deque((part, int(edges[part]), int(edges[part + 1])) for part in range(edges.size - 1))

        def work() -> None:
            while left:
                try:
                    call = left.popleft()
                except IndexError:  # another thread took the last
                    return
                kernel(*call, *arguments)

        pool = self._pool if len(left) > 1 else None
        helpers = [pool.submit(work) for _ in range(self.threads - 1)] if pool is not None else []
        work()
        for helper in helpers:
            if not helper.cancel():  # one that has not begun has nothing left to do
                helper.result()

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown()


def edges_of(count: int, parts: int) -> Int32s:
    """Cut 0..count into even parts: int32[parts+1]."""
    return np.linspace(0, count, parts + 1).astype(np.int32)


def edges_of_rows(start: Int32s, columns: int, parts: int) -> Int32s:
    """Cut the rows of a grid of cells into parts with about as many people in each: int32[parts+1]."""
    filled = start[::columns]
    edges = np.searchsorted(filled, np.linspace(0, filled[-1], parts + 1)).astype(np.int32)
    edges[0], edges[-1] = 0, filled.size - 1
    return edges


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
