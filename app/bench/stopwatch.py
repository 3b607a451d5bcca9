"""Where the time of a tick goes: wrappers around its steps that count each second once."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from engine.runner import Runner


class Stopwatch:
    """Seconds by name; a wrapped call inside another is taken off the outer one.

    `clock` is the time of day; give `time.thread_time` to leave out what other processes take.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.clock = clock
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inner: list[float] = []

    def time(self, owner: object, method: str, name: str) -> None:
        """Count the time of a method of an object under a name from now on."""
        call = getattr(owner, method)

        def timed(*arguments: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            begun = self.clock()
            try:
                return call(*arguments, **named)
            finally:
                took = self.clock() - begun
                self.seconds[name] += took - self._inner.pop()
                if self._inner:
                    self._inner[-1] += took

        setattr(owner, method, timed)


STEPS = ("complete", "observe", "think", "act", "settle", "move", "hash", "measure", "checkpoint", "commit", "rest")
"""The steps of a tick in order; `hash` to `commit` are what DESIGN.md calls record."""


def time_steps(stopwatch: Stopwatch, runner: Runner) -> None:
    """Count the steps of a runner's ticks under their names in `STEPS`."""
    society = runner.society
    stopwatch.time(runner, "tick", "rest")
    stopwatch.time(runner.commands, "take", "complete")
    stopwatch.time(runner.commands, "apply", "complete")
    stopwatch.time(runner.actor, "complete", "complete")
    stopwatch.time(runner.attention, "pick", "observe")
    stopwatch.time(runner.observer, "lay_out", "observe")
    stopwatch.time(runner.mind, "ask", "think")
    stopwatch.time(runner.mind, "answers", "think")
    stopwatch.time(runner.actor, "act", "act")
    for module in society.modules.values():
        stopwatch.time(module, "settle", "settle")
    stopwatch.time(society.space, "move", "move")
    stopwatch.time(society.world, "state_hash", "hash")
    stopwatch.time(runner.measures, "take", "measure")
    stopwatch.time(runner, "snapshot", "checkpoint")
    if runner.recorder is not None:
        stopwatch.time(runner.recorder, "commit", "commit")


def time_parts(stopwatch: Stopwatch, runner: Runner) -> None:
    """Count each module and action under a name of its own ("observe: offer gather"); call it before `time_steps`."""
    society = runner.society
    stopwatch.time(society.space, "contacts", "observe: contacts")
    for name, module in society.modules.items():
        stopwatch.time(module, "settle", f"settle: {name}")
        for method in ("feel", "attract"):
            stopwatch.time(module, method, f"observe: {method} {name}")
    for action in society.actions:
        stopwatch.time(action, "offer", f"observe: offer {action.name}")
        for method in ("check", "start"):
            stopwatch.time(action, method, f"act: {method} {action.name}")
        for method in ("ended", "finish"):
            stopwatch.time(action, method, f"complete: {method} {action.name}")
