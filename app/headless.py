"""Running without a window: run, resume and branch a society to its last tick, with progress and a summary."""

from __future__ import annotations

import gc
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app import runs
from app.compiling import Compiling
from app.compose import Laboratory
from app.progress import ProgressView, percentile
from engine.errors import RunFileError
from engine.ports import Aside
from engine.record.reader import RunReader
from engine.record.space import Waiting
from engine.runner import refused
from engine.scenario import Scenario
from engine.values import CONTINUE, Source, TickRecord

ONE_WISH = 0.5
"""Seconds within which several signals are one wish to stop."""


@dataclass
class Tally:
    """What a run is summed up by."""

    milliseconds: list[float] = field(default_factory=list)
    decisions: int = 0
    chosen: int = 0
    fallbacks: int = 0
    refused: int = 0
    events: Counter[int] = field(default_factory=Counter)

    def add(self, record: TickRecord, seconds: float) -> None:
        """Count a tick."""
        self.milliseconds.append(1000 * seconds)
        self.decisions += record.decisions.size
        self.chosen += int((record.decisions.action != CONTINUE).sum())
        self.fallbacks += int((record.decisions.source >= Source.FALLBACK_TIMEOUT).sum())
        self.refused += refused(record)
        self.events.update(record.events.kind.tolist())


@dataclass(frozen=True)
class Result:
    """A finished (or stopped) run."""

    laboratory: Laboratory
    tally: Tally
    path: Path
    stopped: bool
    minds: Sequence[Mapping[str, Any]] = ()
    """What each language model did, as `Staff.report` tells it, with its decisions a second."""

    def report(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        scenario, world, tally = self.laboratory.scenario, self.laboratory.society.world, self.tally
        seconds = sum(tally.milliseconds) / 1000
        return {
            "scenario": scenario.name,
            "space": scenario.space.backend,
            "mind": "+".join(dict.fromkeys(mind.mind for mind in scenario.cognition.minds)) or "reflex",
            "agents": int(world.alive.sum()),
            "ticks": world.tick,
            "seed": scenario.seed,
            "state_hash": world.state_hash().hex(),
            "ms_per_tick": {
                "median": round(percentile(tally.milliseconds, 0.5), 4),
                "p99": round(percentile(tally.milliseconds, 0.99), 4),
            },
            "decisions": tally.decisions,
            "decisions_per_s": round(tally.decisions / seconds, 1) if seconds else 0.0,
            "fallbacks": tally.fallbacks,
            "refused": tally.refused,
            "minds": list(self.minds),
            "events": sum(tally.events.values()),
            "run": str(self.path),
        }


def run(scenario: Scenario, path: Path, quiet: bool = False) -> Result:
    """Found a society and run it for `time.ticks` ticks into a new run file."""
    with ExitStack() as stack:
        with Compiling(quiet):
            laboratory = stack.enter_context(runs.founded(scenario, path, WAITING))
            runs.warm(laboratory)
        return _go_on(laboratory, path, scenario.time.ticks, quiet)


def resume(path: Path, last: int | None = None, quiet: bool = False) -> Result:
    """Go on with a run that ended early, from its last committed tick, to `last` or to where it was meant to end."""
    with RunReader(path) as reader, Compiling(quiet):
        laboratory = runs.restored(reader).laboratory
    last, reached = laboratory.scenario.time.ticks if last is None else last, laboratory.society.world.tick
    if reached >= last:
        raise RunFileError(f"{path} has reached tick {reached} already; to go further say so with --ticks")
    with runs.resumed(laboratory, path, WAITING):
        return _go_on(laboratory, path, last, quiet)


def branch(
    path: Path,
    at: int,
    change: Callable[[Scenario], Scenario],
    last: int | None,
    out: Path,
    quiet: bool = False,
    changes: Sequence[str] = (),
) -> Result:
    """Restore a run at a tick, change its scenario, and run on into a new file to `last` or to where the run ended.

    `changes` says in words what `change` does; the new file keeps it.
    """
    with RunReader(path) as reader, Compiling(quiet):
        origin = runs.restored(reader, at)
    end = origin.last if last is None else last
    if end <= at:
        raise RunFileError(f"a branch at tick {at} cannot end at tick {end}; choose a later tick with --ticks")
    with ExitStack() as stack:
        with Compiling(quiet):
            laboratory = stack.enter_context(runs.branched(origin, change, out, changes, WAITING))
        return _go_on(laboratory, out, end, quiet)


def _go_on(laboratory: Laboratory, path: Path, last: int, quiet: bool) -> Result:
    """Run to the last tick, or until asked to stop; a live world keeps its rate."""
    runner, world, tally = laboratory.runner, laboratory.society.world, Tally()
    gc.collect()
    gc.freeze()  # what was made so far stays: looking through it again costs milliseconds each time
    staff = laboratory.staff
    with _stop_on_signal() as asked_to_stop, ProgressView(laboratory.society, world.tick, last, quiet, staff) as view:
        while world.tick < last and not asked_to_stop():
            begun = time.perf_counter()
            record = runner.tick()
            spent = time.perf_counter() - begun
            tally.add(record, spent)
            for refusal in runner.commands.refusals:
                view.say(refusal)
            view.show(record)
            if not runner.wait:
                _rest(staff, begun + 1 / laboratory.scenario.time.rate)
    seconds = sum(tally.milliseconds) / 1000
    minds = [
        {**mind, "decisions_per_s": round(mind["answered"] / seconds, 3) if seconds else 0.0} for mind in staff.report()
    ]
    return Result(laboratory, tally, path, stopped=world.tick < last, minds=minds)


def _rest(aside: Aside, until: float) -> None:
    """Do what minds put off, and sleep, until a moment of `time.perf_counter`."""
    while (left := until - time.perf_counter()) > 0:
        rest = aside.rest()
        if rest == 0.0:
            aside.work_aside()
        else:
            time.sleep(left if rest is None else min(left, rest))


@contextmanager
def _stop_on_signal() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C or SIGTERM into a wish to stop after the tick; a second one is taken at its word.

    Under `make` one Ctrl-C arrives twice, as SIGINT and as the SIGTERM that make passes on.
    """
    wishes: list[float] = []

    def wish(number: int, frame: object) -> None:
        wishes.append(time.monotonic())
        if wishes[-1] - wishes[0] > ONE_WISH:
            raise KeyboardInterrupt

    kept = {number: signal.signal(number, wish) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(wishes)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _tell(line: str) -> None:
    print(f"sociarium: {line}", file=sys.stderr, flush=True)


WAITING = Waiting(on_pause=_tell, on_resume=_tell)
"""When the disk is full a headless run says so and waits."""
