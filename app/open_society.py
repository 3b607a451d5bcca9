"""From a wish to a living or recorded society on a host's desk. It runs on the tick's thread and imports the engine."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import cast

import numpy as np

from app import runs
from app.compiling import Kernels
from app.compose import Laboratory, compose, find_scenario, read_scenario
from app.hosting import Wish
from app.mind_files import known_minds
from app.minds import RULES, explain
from engine.record.reader import RunReader
from engine.record.replay import span
from engine.record.writer import RunWriter
from engine.remote.bounds import room
from engine.remote.live import BY_PERSON, Live
from engine.remote.questions import Opened, Questions
from engine.remote.service import Desk
from engine.remote.wire import Status
from engine.scenario import Scenario
from engine.values import Observations

LIVE = "time.mode=live"
"""What is watched keeps its rate and does not wait for slow minds, unless the wish says otherwise."""
LOOK_BACK = 256
"""Ticks whose commands are known again after a resume."""


def _say(desk: Desk, note: str) -> None:
    """Say on the desk what is going on."""
    if desk.live is not None:
        desk.live.note(note)
    else:
        desk.note = note or "the society is being founded"


def without_blas() -> None:
    """Let numba load without looking for BLAS: no kernel of ours uses it, and looking imports half of SciPy (0.1 s)."""
    if "scipy.linalg" not in sys.modules:
        hidden: dict[str, ModuleType | None] = cast("dict[str, ModuleType | None]", sys.modules)
        hidden["scipy.linalg"] = None
        try:
            import_module("numba.np.arraymath")
        finally:
            del sys.modules["scipy.linalg"]


def open_society(wish: Wish, desk: Desk, ending: threading.Event, made: runs.Made) -> None:
    """Open what is wished for, and let it live until the desk's live end is stopped or `ending` is set.

    `made` is called when a run file was begun. Raises SociariumError when it cannot be opened.
    """
    desk.note = "the society is being founded" if wish.do == "new" else "the run is being read"
    without_blas()
    with Kernels(partial(_say, desk)):
        if wish.do == "read":
            _read(wish, desk, ending)
        else:
            _live(wish, desk, ending, made)


def _live(wish: Wish, desk: Desk, ending: threading.Event, made: runs.Made) -> None:
    """Found, resume or branch off, then tick."""
    live = Live(wish.speed or 0.0, wish.paused)
    with _begun(wish, live, made) as (laboratory, last, known):
        scenario = laboratory.scenario
        past = Past(lambda: scenario)
        scores = explain(scenario, laboratory.society)
        opened = Opened(wish.run, past.compose, live, scores)
        cast(RunWriter, laboratory.runner.recorder).heard = opened.words.note
        live.prepare = laboratory.staff.prepare
        opened.minds = lambda: live.visit(lambda runner: {one["name"]: one for one in laboratory.staff.report()})
        opened.known = lambda: [*RULES[:1], *known_minds()]
        questions = Questions(opened)
        try:
            if wish.speed is None:
                live.set_speed(scenario.time.rate)
            desk.open(questions, live.status, live)
            if ending.is_set():
                live.stop()
            live.run(laboratory.runner, wish.run, last, known, questions.said)
        finally:
            questions.close()


@contextmanager
def _begun(wish: Wish, live: Live, made: runs.Made) -> Iterator[tuple[Laboratory, int, dict[str, int]]]:
    """Give (laboratory, tick to stand at, ids of commands known) with its run file being written."""
    if wish.do == "new":
        ticks = () if wish.ticks is None else (f"time.ticks={wish.ticks}",)
        scenario = runs.changed(find_scenario(wish.scenario), (LIVE, *wish.changes, *ticks))
        with runs.founded(scenario, wish.run, live.waiting(), made) as laboratory:
            yield laboratory, scenario.time.ticks, {}
    elif wish.do == "resume":
        with RunReader(wish.run) as reader:
            origin = runs.restored(reader)
            known = _known(reader)
        planned = origin.laboratory.scenario.time.ticks if wish.ticks is None else wish.ticks
        with runs.resumed(origin.laboratory, wish.run, live.waiting()) as laboratory:
            yield laboratory, planned, known
    else:
        assert wish.source is not None
        with RunReader(wish.source) as reader:
            origin = runs.restored(reader, wish.at)
        end = wish.ticks or max(origin.last, origin.laboratory.scenario.time.ticks)
        with runs.branched(origin, partial(_change, wish), wish.run, wish.changes, live.waiting(), made) as laboratory:
            yield laboratory, end, {}


def _change(wish: Wish, scenario: Scenario) -> Scenario:
    return runs.changed(scenario, (LIVE, *wish.changes))


def _known(reader: RunReader) -> dict[str, int]:
    """Return the ids of the commands that persons gave in the last ticks, with their ticks."""
    first, last = span(reader)
    return {
        command.by.removeprefix(BY_PERSON): record.tick
        for record in reader.records(max(first, last - LOOK_BACK), last)
        for command in record.commands
        if command.by.startswith(BY_PERSON)
    }


def _read(wish: Wish, desk: Desk, ending: threading.Event) -> None:
    """Put a recorded run on the desk, and wait for the end."""
    with RunReader(wish.run) as reader:
        text, (_, last) = reader.header.scenario, span(reader)
        people = int(np.count_nonzero(reader.frame(last).get("people.alive", np.zeros(0, np.bool_))))
    past = Past(lambda: read_scenario(text, str(wish.run)))
    questions = Questions(Opened(wish.run, past.compose, None, past.explain))
    try:
        desk.open(questions, lambda: _recorded(wish, last, people), None)
        ending.wait()
    finally:
        questions.close()


def _recorded(wish: Wish, last: int, people: int) -> Status:
    size, free = room(wish.run)
    return Status("ended", last, last, people, 0.0, 0.0, 0, 0, size, free, 0.0)


class Past:
    """A run's society put together anew, for looking back; `read` gives its scenario."""

    def __init__(self, read: Callable[[], Scenario]) -> None:
        self._read = read
        self._scores: Callable[[Observations, int], Sequence[int] | None] | None = None

    def compose(self) -> Laboratory:
        """Return a fresh laboratory in which nobody lives. Raises SociariumError when this program cannot make it."""
        scenario = self._read()
        laboratory = compose(scenario, replay=True)
        self._scores = explain(scenario, laboratory.society)
        return laboratory

    def explain(self, batch: Observations, agent: int) -> Sequence[int] | None:
        """Return the scores of one person's choices as their mind gave them, or None."""
        return None if self._scores is None else self._scores(batch, agent)
