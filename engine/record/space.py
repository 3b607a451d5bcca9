"""What the writer does when the disk is full: it waits, says so once, and goes on by itself."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


def free_bytes(path: Path) -> int:
    """Return how many bytes are free where a file lies."""
    return shutil.disk_usage(path.parent).free


@dataclass(slots=True)
class Waiting:
    """Where time, free space and the way to tell people come from; tests put their own.

    `on_pause` is called once for each pause with one sentence; `on_resume` when it ends.
    """

    on_pause: Callable[[str], None] = lambda _: None
    on_resume: Callable[[str], None] = lambda _: None
    free: Callable[[Path], int] = free_bytes
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class DiskWatch:
    """Keeps an eye on free space, at most once a second, and waits while there is less than `least`."""

    path: Path
    least: int
    waiting: Waiting
    _looked: float = field(default=float("-inf"))

    def before_commit(self) -> None:
        """Return when there is room enough, at once or after a pause."""
        now = self.waiting.clock()
        if now - self._looked < 1.0:
            return
        self._looked = now
        if not self.has_room():
            self.pause(self.has_room)

    def has_room(self) -> bool:
        """Whether there is as much free space as is wanted."""
        return self.waiting.free(self.path) >= self.least

    def pause(self, ready: Callable[[], bool]) -> None:
        """Say once that the disk is full, and look every second until it is `ready`."""
        free = self.waiting.free(self.path)
        self.waiting.on_pause(
            f"the disk of {self.path} is full ({free // 2**20} MiB free, {self.least // 2**20} MiB wanted): "
            "the run waits; make room and it goes on by itself"
        )
        while not ready():
            self.waiting.sleep(1.0)
        self._looked = self.waiting.clock()
        self.waiting.on_resume(f"there is room on the disk of {self.path} again: the run goes on")
