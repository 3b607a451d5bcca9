"""Where concrete classes meet: a scenario comes in, a runner goes out. Imports no Qt."""

from __future__ import annotations

import functools
import json
import platform
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import version
from pathlib import Path

import numpy as np
import xxhash
from pydantic import BaseModel

from app.ground import lay_ground
from app.minds import STORE, Staff
from cognition.attention import QueueAttention
from engine.actions.act import Actor
from engine.actions.basic import basic_actions
from engine.actions.definition import EventKind
from engine.actions.menu import SALIENCE_RULE
from engine.actions.observe import Observer
from engine.commands import Commands, scheduled
from engine.errors import Problem, ScenarioError, SpaceError
from engine.measures import Measures
from engine.population import Population, namer
from engine.ports import Recorder
from engine.record.header import EventEntry, FrameColumn, RunHeader
from engine.runner import Runner
from engine.scenario import Scenario, check_names, load_scenario, parse_scenario, set_path
from engine.society.discovery import discover
from engine.society.module import Module
from engine.society.society import Society
from engine.values import Thought
from engine.world import World

RULES = 4
"""Raise it whenever the engine (not a module) would take the same state and decisions elsewhere."""

SCENARIO_SUFFIX = ".scenario.yaml"


@functools.cache
def modules() -> Mapping[str, type[Module]]:
    """Return every module that can be switched on, by name."""
    return discover()


def sections() -> dict[str, type[BaseModel]]:
    """Return the settings model of each module: its section of the scenario."""
    return {name: module.Settings for name, module in modules().items()}


def bundled() -> dict[str, Path]:
    """Return the scenarios that come with the program, by name."""
    folder = Path(__file__).parent.parent / "assets" / "scenarios"
    return {path.name.removesuffix(SCENARIO_SUFFIX): path for path in sorted(folder.glob(f"*{SCENARIO_SUFFIX}"))}


def find_scenario(name: str) -> Scenario:
    """Load a bundled scenario by name, or a file. Raises ScenarioError with all that is wrong."""
    known = bundled()
    if name not in known and not Path(name).exists():
        near = get_close_matches(name, known, 1)
        meant = f"did you mean {near[0]}?" if near else f"bundled scenarios: {', '.join(known)}."
        mend = f"{meant} Or give the path of a file"
        raise ScenarioError(name, [Problem("", None, "there is no such file or bundled scenario", mend)])
    return load_scenario(known.get(name, Path(name)), sections())


def read_scenario(text: str, origin: str) -> Scenario:
    """Read a scenario from text, such as the one inside a run file."""
    return parse_scenario(text, origin, sections())


def change(scenario: Scenario, path: str, value: object) -> Scenario:
    """Return the scenario with one field set. Raises ScenarioError with the place and the mend."""
    return set_path(scenario, path, json.dumps(value), sections())


@dataclass(frozen=True)
class Laboratory:
    """A composed society: the runner, what it is made of, and the scenario that it was made from."""

    scenario: Scenario
    runner: Runner
    society: Society
    population: Population
    staff: Staff

    def found(self) -> None:
        """Found the society and commit tick 0."""
        with _named(self.scenario):
            self.population.found()
        self.runner.begin()

    def close(self) -> None:
        """End all that works for its minds."""
        self.staff.close()


def compose(scenario: Scenario, recorder: Recorder | None = None, replay: bool = False) -> Laboratory:
    """Put a society together; nobody lives in it before `found` or a restore.

    With `replay` the scenario's minds are not made: a run file decides. Raises SociariumError for what does not fit.
    """
    with _named(scenario):
        ground = lay_ground(scenario)
    world = World(ground.cells, len(ground.places), capacity=scenario.population.count + 64)
    society = Society(scenario, world, ground.places, namer(scenario))
    with _named(scenario):
        space, society.land = ground.settle(world, society.rng)
    society.assemble(basic_actions(), modules(), scenario.modules)
    society.bind(space)
    _check(scenario, society)
    actor, population = Actor(society), Population(society)
    observer = Observer(society, scenario.cognition.offers)
    staff = Staff(scenario, society, replay, lambda thoughts: _keep(runner, staff, thoughts))
    runner = Runner(
        society=society,
        actor=actor,
        observer=observer,
        commands=Commands(society, population, actor, scheduled(scenario), change),
        attention=QueueAttention(
            scenario.cognition.attention.every,
            scenario.cognition.budget.decisions_per_tick,
            scenario.cognition.attention.everyone,
            society.rng,
            staff.deliberates,
            lambda: None if runner.wait else staff.room(),
        ),
        mind=staff.mind,
        measures=Measures(society, scenario.measures.every),
        recorder=recorder,
        checkpoint_every=scenario.record.checkpoint_every,
        wait=scenario.time.mode == "lockstep",
        aside=staff,
    )
    if not replay:
        runner.commands.prepare, runner.commands.hire = staff.prepare, staff.hire
    return Laboratory(scenario, runner, society, population, staff)


@contextmanager
def _named(scenario: Scenario) -> Iterator[None]:
    """Let what the space says of a scenario's land name the scenario."""
    try:
        yield
    except SpaceError as error:
        raise SpaceError(f"{scenario.origin.name}: {error}") from error


def _keep(runner: Runner, staff: Staff, thoughts: Sequence[Thought]) -> None:
    """Let the run file keep what language models thought and have used, where one is written."""
    if runner.recorder is not None:
        runner.recorder.note(thoughts)
        staff.keep(runner.recorder.store(STORE))


def _check(scenario: Scenario, society: Society) -> None:
    problems = check_names(
        scenario,
        appeals=[appeal.name for appeal in society.appeals],
        actions=[action.name for action in society.actions] + list(scenario.actions.off),
    )
    if problems:
        raise ScenarioError(scenario.origin.name, problems)


def rules_version(scenario: Scenario) -> str:
    """Return what must be equal for two programs to take the same state and decisions to the same next state."""
    parts = ",".join(f"{name}={modules()[name].version}" for name in sorted(scenario.modules))
    return f"{RULES}-{xxhash.xxh3_64_hexdigest(parts.encode())[:8]}"


def header(
    laboratory: Laboratory, created: str, parent: tuple[str, int] | None = None, changes: Sequence[str] = ()
) -> RunHeader:
    """Return what a run file says of itself."""
    society, scenario = laboratory.society, laboratory.scenario
    return RunHeader(
        run=uuid.uuid4().hex,
        name=scenario.name,
        scenario=scenario.to_yaml(),
        seed=scenario.seed,
        program=version("sociarium"),
        created=created,
        space=scenario.space.backend,
        rules={
            "rules": rules_version(scenario),
            "salience": SALIENCE_RULE,
            **{name: str(module.version) for name, module in society.modules.items()},
        },
        platform={
            "python": platform.python_version(),
            "system": platform.system(),
            "machine": platform.machine(),
            "numpy": np.__version__,
            "numba": version("numba"),
        },
        actions=tuple(action.name for action in society.actions),
        reasons=tuple(society.reasons),
        appeals=tuple(appeal.name for appeal in society.appeals),
        minds=tuple(mind.mind for mind in scenario.cognition.minds),
        events=tuple(_event_entry(kind, society) for kind in society.log.kinds),
        frame=tuple(
            FrameColumn(full, np.dtype(column.dtype).name, column.shape, column.shift, column.per)
            for full, column in society.world.columns()
            if column.frame
        ),
        words={
            **{kind: society.vocabulary(kind) for kind in society.numbered_kinds},
            **{name: measure.labels for name, measure in laboratory.runner.measures.all.items() if measure.labels},
        },
        parent=parent,
        changes=tuple(changes),
    )


def _event_entry(kind: EventKind, society: Society) -> EventEntry:
    fields = tuple((field.name, field.kind) for field in kind.fields)
    return EventEntry(kind.name, society.log.owner(kind.name), kind.text, fields)
