"""What a person sees while kernels are compiled for this machine, which happens once, and while ways are laid out."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from numba.core import event

if TYPE_CHECKING:
    from rich.status import Status

PATIENCE = 1.0
"""Seconds of compiling, or of laying out ways, before anything is said."""

PLAIN_EVERY = 10.0


_LOG = logging.getLogger("sociarium.plane")


class _Notes(logging.Handler):
    """Hands on the sentences in which the engine says how far it is with the land. Use it as a context."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._say, self._level = say, _LOG.level

    def __enter__(self) -> _Notes:
        _LOG.addHandler(self)
        _LOG.setLevel(logging.INFO)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _LOG.removeHandler(self)
        _LOG.setLevel(self._level)

    def emit(self, record: logging.LogRecord) -> None:
        """Say it; warnings go where they go without these notes."""
        if record.levelno <= logging.INFO:
            self._say(record.getMessage())
        elif logging.lastResort is not None:
            logging.lastResort.handle(record)


class Compiling(event.Listener):
    """Counts kernels as numba compiles them, and says so when it takes a while. Use it as a context.

    It says as well how far the engine is with a large land.
    """

    def __init__(self, quiet: bool) -> None:
        from rich.console import Console

        self.count = 0
        self._quiet = quiet
        self._console = Console(stderr=True, highlight=False)
        self._status: Status | None = None
        self._begun = self._said = time.monotonic()
        self._notes = _Notes(self._tell)

    def __enter__(self) -> Compiling:
        event.register("numba:compile", self)
        self._notes.__enter__()
        self._begun = self._said = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        event.unregister("numba:compile", self)
        self._notes.__exit__(kind, error, trace)
        if self._status is not None:
            self._status.stop()

    def on_start(self, event: event.Event) -> None:
        """Note that a kernel is being compiled."""
        if self.count == 0:
            self._begun = self._said = time.monotonic()
        self._tell(f"compiling kernels for this machine, once: {self.count} done")

    def on_end(self, event: event.Event) -> None:
        """Count it."""
        self.count += 1

    def _tell(self, line: str) -> None:
        """Show a line, on a terminal in place of the one before, elsewhere now and then."""
        now = time.monotonic()
        if self._quiet or not line or now - self._begun < PATIENCE:
            return
        if self._console.is_terminal:
            if self._status is None:
                from rich.status import Status

                self._status = Status(line, console=self._console)
                self._status.start()
            self._status.update(line)
        elif now - self._said > PLAIN_EVERY or self._said == self._begun:
            self._said = now
            print(line, file=sys.stderr, flush=True)


class Kernels(event.Listener):
    """Says in a sentence that kernels are compiled, or ways laid out, and "" when they are. Use it as a context."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._count, self._depth = say, 0, 0
        self._notes = _Notes(say)

    def __enter__(self) -> Kernels:
        event.register("numba:compile", self)
        self._notes.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        event.unregister("numba:compile", self)
        self._notes.__exit__(kind, error, trace)

    def on_start(self, event: event.Event) -> None:
        """Say that a kernel is being compiled."""
        self._depth += 1
        self._say(f"compiling for this machine, once: {self._count} kernels done")

    def on_end(self, event: event.Event) -> None:
        """Count it."""
        self._count += 1
        self._depth -= 1
        if self._depth == 0:
            self._say("")
