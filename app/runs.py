"""How a run begins: founded, resumed or branched off, with its run file. Headless runs and hosts begin alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from app.compose import Laboratory, compose, header, read_scenario, rules_version, sections
from app.minds import STORE
from engine.errors import Problem, RunFileError, ScenarioError, SociariumError
from engine.record.reader import RunReader
from engine.record.replay import seek, span
from engine.record.rows import RunSettings
from engine.record.space import Waiting
from engine.record.writer import RunWriter
from engine.scenario import Scenario, set_paths

MEGABYTE = 2**20
Made = Callable[[], None]
FIXED = (
    "name", "population", "places", "resources", "space.kind", "space.width", "space.height", "space.edges",
    "space.pitch", "space.cell", "town", "terrain.seed", "terrain.villages", "terrain.houses", "terrain.workshops",
    "terrain.fields", "terrain.woodland", "terrain.hills", "terrain.river", "terrain.pond", "time.tick", "time.day",
    "time.start",
)  # fmt: skip
"""What has done its work when a run begins; a branch that changed it would not be what it says."""


class Origin(NamedTuple):
    """A run restored at a tick: the society, the run's id and its last tick."""

    laboratory: Laboratory
    run: str
    last: int


def changed(scenario: Scenario, assignments: Sequence[str]) -> Scenario:
    """Return the scenario with each PATH=VALUE set. Raises SociariumError where one is not that, or does not fit."""
    pairs = []
    for assignment in assignments:
        path, equals, value = assignment.partition("=")
        if not equals:
            raise SociariumError(f"--set {assignment}: there is no `=`; write PATH=VALUE, such as population.count=200")
        pairs.append((path.strip(), value))
    return set_paths(scenario, pairs, sections()) if pairs else scenario


@contextmanager
def founded(scenario: Scenario, path: Path, waiting: Waiting, made: Made = lambda: None) -> Iterator[Laboratory]:
    """Found a society and commit tick 0 into a new run file, which is closed at the end.

    `made` is called when there is a file that was not there before.
    """
    with composed(scenario) as laboratory, _written(laboratory, path, waiting, made):
        laboratory.found()
        yield laboratory


@contextmanager
def composed(scenario: Scenario) -> Iterator[Laboratory]:
    """Compose a society whose minds work until the end."""
    laboratory = compose(scenario)
    try:
        yield laboratory
    finally:
        laboratory.close()


@contextmanager
def resumed(laboratory: Laboratory, path: Path, waiting: Waiting) -> Iterator[Laboratory]:
    """Go on writing to the run file from whose last tick a society was restored."""
    try:
        with closing(RunWriter.append(path, settings(laboratory.scenario), waiting)) as writer:
            laboratory.runner.recorder = writer
            laboratory.staff.take_up(writer.store(STORE))
            yield laboratory
    finally:
        laboratory.close()


@contextmanager
def branched(
    origin: Origin,
    change: Callable[[Scenario], Scenario],
    path: Path,
    changes: Sequence[str],
    waiting: Waiting,
    made: Made = lambda: None,
) -> Iterator[Laboratory]:
    """Change the scenario of a restored society and commit it as the first tick of a new run file.

    `changes` says in words what `change` does; the new file keeps it. `made` is as in `founded`.
    """
    before = origin.laboratory
    state = before.runner.snapshot()
    before.close()
    scenario = _changeable(before.scenario, change(before.scenario))
    is_other_minds = scenario.cognition.minds != before.scenario.cognition.minds
    if is_other_minds:
        state = replace(state, parts={name: part for name, part in state.parts.items() if name != "mind"})
    with composed(scenario) as laboratory:
        laboratory.runner.restore(state)
        if is_other_minds:
            laboratory.population.choose_minds()
        with _written(laboratory, path, waiting, made, (origin.run, before.society.world.tick), changes):
            laboratory.runner.begin()
            yield laboratory


def restored(reader: RunReader, at: int | None = None) -> Origin:
    """Return a run's society as it was after a tick (default: its last).

    Whoever asked closes it. Raises RunFileError when these are other rules than the run was made by.
    """
    last = span(reader)[1]
    laboratory = compose(scenario_of(reader))
    try:
        seek(laboratory.runner, reader, last if at is None else at)
    except BaseException:
        laboratory.close()
        raise
    return Origin(laboratory, reader.header.run, last)


def scenario_of(reader: RunReader) -> Scenario:
    """Return a run's scenario. Raises RunFileError when these are other rules than the run was made by."""
    scenario = read_scenario(reader.header.scenario, str(reader.path))
    made_by, here = reader.header.rules.get("rules", "unknown"), rules_version(scenario)
    if made_by != here:
        raise RunFileError(
            f"{reader.path} was made by other rules ({made_by}, here {here}), which would lead elsewhere; "
            f"go on with it in Sociarium {reader.header.program}"
        )
    return scenario


def warm(laboratory: Laboratory) -> None:
    """Lay out everyone's choices once: what a tick compiles first is compiled before the clock runs."""
    society = laboratory.society
    laboratory.runner.observer.lay_out(society.now(1), society.world.living())


def settings(scenario: Scenario) -> RunSettings:
    """Return how a scenario wants its run to be written."""
    record = scenario.record
    return RunSettings(keyframe_every=record.keyframe_every, min_free_bytes=record.min_free_mb * MEGABYTE)


@contextmanager
def closing(writer: RunWriter) -> Iterator[RunWriter]:
    """Close a writer at the end, whatever happens."""
    try:
        yield writer
    finally:
        writer.close()


@contextmanager
def _written(
    laboratory: Laboratory,
    path: Path,
    waiting: Waiting,
    made: Made,
    parent: tuple[str, int] | None = None,
    changes: Sequence[str] = (),
) -> Iterator[RunWriter]:
    """Let a laboratory record into a new run file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFileError(
            f"{path.parent} cannot be made ({error.strerror}); choose another place with --out"
        ) from error
    created = datetime.now().astimezone().isoformat(timespec="seconds")
    head = header(laboratory, created, parent, changes)
    writer = RunWriter.create(path, head, settings(laboratory.scenario), waiting)
    made()
    laboratory.runner.recorder = writer
    try:
        with closing(writer):
            yield writer
    finally:
        if writer.last_tick is None:  # founding failed: a run without a tick is of no use to anybody
            path.unlink(missing_ok=True)


def _changeable(before: Scenario, after: Scenario) -> Scenario:
    """Return the changed scenario of a branch. Raises ScenarioError for what is settled when a run begins."""
    old, new = before.document(), after.document()
    for path in FIXED:
        section, _, name = path.partition(".")
        was, will_be = (document[section].get(name) if name else document[section] for document in (old, new))
        if was != will_be:
            mend = "run the scenario anew with it"
            raise ScenarioError("--set", [Problem(path, None, "is settled when a run begins", mend)])
    return after
