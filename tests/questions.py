"""Questions about the hamlet: a recorded run of it, and a living one that a test ticks itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from app.compose import Laboratory, compose, header, read_scenario
from app.minds import explain
from engine.record.reader import RunReader
from engine.record.rows import RunSettings
from engine.record.writer import RunWriter
from engine.remote.errands import Eyes
from engine.remote.live import Live
from engine.remote.questions import Opened, Questions
from engine.remote.wire import Message, Status
from engine.runner import Runner
from engine.scenario import Scenario
from tests.hamlet import hamlet

T = TypeVar("T")
TICKS = 120


class Standing:
    """Stands in for Live where a test ticks by itself, on its own thread."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    def visit(self, do: Callable[[Runner], T]) -> T:
        return do(self.runner)

    def witness(self, eyes: Eyes, seconds: float) -> None:
        """Nobody waits for a tick here: the test makes them."""

    def status(self) -> Status:
        tick = self.runner.society.world.tick
        return Status("running", tick, TICKS, 0, 0.0, 0.0, 0, 0, 0, 0, 0.0)


def founded(path: Path, scenario: Scenario) -> Laboratory:
    """Return a society whose run file is being written; close `runner.recorder` at the end."""
    laboratory = compose(scenario)
    settings = RunSettings(keyframe_every=scenario.record.keyframe_every, min_free_bytes=0)
    laboratory.runner.recorder = RunWriter.create(path, header(laboratory, "2026-01-01T00:00:00"), settings)
    laboratory.found()
    return laboratory


def record(path: Path, ticks: int = TICKS, watch: Callable[[Laboratory], None] = lambda laboratory: None) -> None:
    """Record the hamlet; `watch` is called before the first tick."""
    laboratory = founded(path, hamlet())
    watch(laboratory)
    for _ in range(ticks):
        laboratory.runner.tick()
    cast(RunWriter, laboratory.runner.recorder).close()


def about_run(path: Path, laboratory: Laboratory | None = None) -> Questions:
    """Return the questions of a recorded run, or of the living `laboratory` that writes it."""
    with RunReader(path) as reader:
        text = reader.header.scenario
    made: list[Laboratory] = []

    def again() -> Laboratory:
        made.append(compose(read_scenario(text, str(path)), replay=True))
        return made[0]

    live = None if laboratory is None else cast(Live, Standing(laboratory.runner))
    return Questions(
        Opened(path, again, live, lambda batch, agent: explain(made[0].scenario, made[0].society)(batch, agent))
    )


def ask(questions: Questions, question: str, **parameters: Any) -> Message:
    """Ask, with parameters as they come off the wire."""
    return questions.answer(question, {name: str(value) for name, value in parameters.items()})
