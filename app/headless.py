"""Running without a window: run, resume and branch a society to its last tick, with progress and a summary."""

from __future__ import annotations

import gc
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.compiling import Compiling
from app.compose import Laboratory, compose, header, read_scenario, rules_version
from app.progress import ProgressView, percentile
from engine.errors import Problem, RunFileError, ScenarioError
from engine.record.reader import RunReader
from engine.record.replay import seek, span
from engine.record.rows import RunSettings
from engine.record.space import Waiting
from engine.record.writer import RunWriter
from engine.runner import refused
from engine.scenario import Scenario
from engine.values import CONTINUE, Snapshot, Source, TickRecord

MEGABYTE = 2**20
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
            "events": sum(tally.events.values()),
            "run": str(self.path),
        }


def run(scenario: Scenario, path: Path, quiet: bool = False) -> Result:
    """Found a society and run it for `time.ticks` ticks into a new run file."""
    with ExitStack() as stack:
        with Compiling(quiet):
            laboratory = compose(scenario)
            laboratory.runner.recorder = stack.enter_context(_writer(laboratory, path))
            laboratory.found()
            _warm(laboratory)
        return _go_on(laboratory, path, scenario.time.ticks, quiet)


def _warm(laboratory: Laboratory) -> None:
    """Lay out everyone's choices once: what a tick compiles first is compiled before the clock runs."""
    society = laboratory.society
    laboratory.runner.observer.lay_out(society.now(1), society.world.living())


def resume(path: Path, last: int | None = None, quiet: bool = False) -> Result:
    """Go on with a run that ended early, from its last committed tick, to `last` or to where it was meant to end."""
    with RunReader(path) as reader:
        laboratory = compose(_scenario(reader))
        seek(laboratory.runner, reader, span(reader)[1])
    scenario = laboratory.scenario
    last, reached = scenario.time.ticks if last is None else last, laboratory.society.world.tick
    if reached >= last:
        raise RunFileError(f"{path} has reached tick {reached} already; to go further say so with --ticks")
    with _closing(RunWriter.append(path, *_writing(scenario))) as writer:
        laboratory.runner.recorder = writer
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
    with RunReader(path) as reader:
        original = compose(_scenario(reader))
        seek(original.runner, reader, at)
        state: Snapshot = original.runner.snapshot()
        end, parent = span(reader)[1] if last is None else last, (reader.header.run, at)
    if end <= at:
        raise RunFileError(f"a branch at tick {at} cannot end at tick {end}; choose a later tick with --ticks")
    laboratory = compose(_changeable(original.scenario, change(original.scenario)))
    laboratory.runner.restore(state)
    with _writer(laboratory, out, parent, changes) as writer:
        laboratory.runner.recorder = writer
        laboratory.runner.begin()
        return _go_on(laboratory, out, end, quiet)


def _scenario(reader: RunReader) -> Scenario:
    """Return a run's scenario. Raises RunFileError when these are other rules than the run was made by."""
    scenario = read_scenario(reader.header.scenario, str(reader.path))
    made_by, here = reader.header.rules.get("rules", "unknown"), rules_version(scenario)
    if made_by != here:
        raise RunFileError(
            f"{reader.path} was made by other rules ({made_by}, here {here}), which would lead elsewhere; "
            f"go on with it in Sociarium {reader.header.program}"
        )
    return scenario


FIXED = (
    "name", "population", "places", "resources", "space.kind", "space.width", "space.height", "space.edges",
    "space.pitch", "terrain.seed", "terrain.villages", "terrain.houses", "terrain.workshops", "terrain.fields",
    "terrain.woodland", "terrain.hills", "terrain.river", "terrain.pond", "time.tick", "time.day", "time.start",
)  # fmt: skip
"""What has done its work when a run begins; a branch that changed it would not be what it says."""


def _changeable(before: Scenario, after: Scenario) -> Scenario:
    """Return the changed scenario of a branch. Raises ScenarioError for what is settled when a run begins."""
    old, new = before.document(), after.document()
    for path in FIXED:
        section, _, name = path.partition(".")
        was, will_be = (document[section][name] if name else document[section] for document in (old, new))
        if was != will_be:
            mend = "run the scenario anew with it"
            raise ScenarioError("--set", [Problem(path, None, "is settled when a run begins", mend)])
    return after


def _go_on(laboratory: Laboratory, path: Path, last: int, quiet: bool) -> Result:
    """Run to the last tick, or until asked to stop; a live world keeps its rate."""
    runner, world, tally = laboratory.runner, laboratory.society.world, Tally()
    gc.collect()
    gc.freeze()  # what was made so far stays: looking through it again costs milliseconds each time
    with _stop_on_signal() as asked_to_stop, ProgressView(laboratory.society, world.tick, last, quiet) as view:
        while world.tick < last and not asked_to_stop():
            begun = time.perf_counter()
            record = runner.tick()
            spent = time.perf_counter() - begun
            tally.add(record, spent)
            for refusal in runner.commands.refusals:
                view.say(refusal)
            view.show(record)
            if not runner.wait:
                time.sleep(max(0.0, 1 / laboratory.scenario.time.rate - spent))
    return Result(laboratory, tally, path, stopped=world.tick < last)


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


def _writing(scenario: Scenario) -> tuple[RunSettings, Waiting]:
    record = scenario.record
    return (
        RunSettings(keyframe_every=record.keyframe_every, min_free_bytes=record.min_free_mb * MEGABYTE),
        Waiting(on_pause=_tell, on_resume=_tell),
    )


def _tell(line: str) -> None:
    print(f"sociarium: {line}", file=sys.stderr, flush=True)


@contextmanager
def _writer(
    laboratory: Laboratory, path: Path, parent: tuple[str, int] | None = None, changes: Sequence[str] = ()
) -> Iterator[RunWriter]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFileError(
            f"{path.parent} cannot be made ({error.strerror}); choose another place with --out"
        ) from error
    created = datetime.now().astimezone().isoformat(timespec="seconds")
    writer = RunWriter.create(path, header(laboratory, created, parent, changes), *_writing(laboratory.scenario))
    with _closing(writer):
        yield writer


@contextmanager
def _closing(writer: RunWriter) -> Iterator[RunWriter]:
    try:
        yield writer
    finally:
        writer.close()
