"""Whatever a language model's children do, the run goes on: a fallback for each answer lost, counted, nothing left."""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from app import runs
from app.compose import Laboratory
from cognition.language.llama.pool import LlamaPool
from cognition.language.model import Answer, Cause, Failure, Request
from cognition.language.wrappers.retry import Retry
from engine.record.space import Waiting
from engine.scenario import Scenario
from engine.values import Source, TickRecord
from tests.erring_mind import FAMILIES
from tests.hamlet import SOAK, changed, hamlet
from tests.judged_runs import all_were_legal, answered_once, counted_alike, decided, replayed, thoughts_of
from tests.resident import children
from tests.scripted_models import NEVER, Clock, Reply, ScriptedModel, sensible

TIMES = 500 if SOAK else 25
"""Of each family of misdeeds, in lockstep and again live: 50 of each, 1,000 by `make soak`."""
MOST_TICKS = 100 * TIMES
PATIENCE, HANG = 1.0, 0.4
SLOW_MACHINE = 60.0
"""Seconds that a tick may take beside waiting for its model, on whatever machine."""
KILLS = 100 if SOAK else 5

pytestmark = pytest.mark.soak
Errs = Callable[..., Path]


@pytest.fixture
def nothing_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """See that no child, thread, file or handle is left of a run."""
    litter = tmp_path / "temporary"
    litter.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(litter))
    threads, own = threading.active_count(), psutil.Process()
    handles = own.num_fds()
    yield
    assert not children()
    assert threading.active_count() == threads
    assert own.num_fds() <= handles
    assert not list(litter.iterdir())


@pytest.fixture
def errs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, nothing_left: None) -> Errs:
    """Let children err in these families, and return the folder in which they count."""

    def make(*families: str) -> Path:
        folder = tmp_path / "misdeeds"
        folder.mkdir()
        child = (sys.executable, "-m", "tests.erring_mind", str(folder), str(TIMES), str(PATIENCE + 0.2), *families)
        monkeypatch.setattr("app.language.CHILD", child)
        monkeypatch.setattr("app.language.LlamaPool", partial(LlamaPool, hang_after=HANG))
        monkeypatch.setattr("app.language.Retry", partial(Retry, first=0.02))
        return folder

    return make


def thoughtful(mode: str, **settings: object) -> Scenario:
    """Return a hamlet of one language model, in which people come and go soon."""
    own = ", ".join(f"{name}: {value}" for name, value in settings.items())
    events = "[{at: 3, do: add_people, people: 20}, {at: 6, do: remove_people, people: 15}]"
    minds = f"[{{mind: ember, settings: {{{own}}}}}]"
    return changed(hamlet(), cognition__minds=minds, time__ticks=str(MOST_TICKS), time__mode=mode, events=events)


def done(folder: Path) -> dict[str, int]:
    """Return how many misdeeds there were, by family."""
    return {name: path.stat().st_size for name in FAMILIES if (path := folder / name).exists()}


def has_erred(folder: Path) -> bool:
    return len(done(folder)) == len(FAMILIES) and min(done(folder).values()) >= TIMES


def lived(laboratory: Laboratory, is_over: Callable[[TickRecord], bool], pause: float = 0.0) -> list[TickRecord]:
    """Run until it is over, and see that no tick waits longer than the model's patience."""
    records: list[TickRecord] = []
    while not records or not is_over(records[-1]):
        assert len(records) < MOST_TICKS, "it is never over"
        begun = time.monotonic()
        records.append(laboratory.runner.tick())
        assert time.monotonic() - begun < PATIENCE + SLOW_MACHINE
        time.sleep(pause)
    return records


def is_all_by_mind(record: TickRecord) -> bool:
    return record.decisions.size > 5 and bool((record.decisions.source == Source.MIND).all())


@pytest.mark.parametrize("mode", ["lockstep", "live"])
def test_children_err_in_every_way_and_the_run_goes_on(
    errs: Errs, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, path = errs(*FAMILIES), tmp_path / "run.sociarium"
    pause = 0.0 if mode == "lockstep" else 0.02
    with runs.founded(thoughtful(mode, timeout=PATIENCE, children=6), path, Waiting()) as laboratory:
        records = lived(laboratory, lambda _: has_erred(folder), pause)
        records += lived(laboratory, is_all_by_mind, pause)
        waiting = answered_once(records)
        fallen = counted_alike(laboratory, records, path)
        (report,) = laboratory.staff.report()
        people = laboratory.society.people
        thinking = {a for a in range(people.alive.size) if people.alive[a] and people.thinking[a] >= 0}
        assert {agent for agent in waiting if people.alive[agent]} == thinking
        assert mode == "live" or not waiting
    assert fallen[Source.FALLBACK_TIMEOUT] and fallen[Source.FALLBACK_NONSENSE]
    assert report["restarts"] > 2 * TIMES
    assert replayed(path, monkeypatch) == len(records)
    assert sum(all_were_legal(path).values()) == decided(records).size
    assert {entry.name for entry in tmp_path.iterdir()} == {"misdeeds", "run.sociarium", "temporary"}


def test_children_that_only_die_leave_everyone_to_fall_back(
    errs: Errs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errs("always crashes")
    path = tmp_path / "run.sociarium"
    with runs.founded(thoughtful("lockstep", children=2), path, Waiting()) as laboratory:
        records = [laboratory.runner.tick() for _ in range(3)]
        assert not answered_once(records)
        fallen = counted_alike(laboratory, records, path)
        (report,) = laboratory.staff.report()
        chosen = [thought for thought in thoughts_of(path) if thought.source is Source.MIND]
    assert set(fallen) == {Source.FALLBACK_MIND_DIED} and report["restarts"] >= 3
    assert fallen.total() > 60 and not chosen
    assert "crashed" in report["fault"]
    assert replayed(path, monkeypatch) == 3


def unwilling(request: Request, times: int) -> Reply:
    """Never answer some, answer some late, fail some, and be sensible with the others."""
    good = sensible(request)
    match request.seed % 5:
        case 0:
            return Reply(good.answer, NEVER)
        case 1:
            return Reply(good.answer, request.seed % 31)
        case 2:
            failure = Failure(Cause.DIED, "it died")
            return Reply(Answer(request.number, failure=failure), request.seed % 7)
    return good


def test_no_lockstep_tick_lasts_longer_than_the_patience_with_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a clock that moves only while the model is waited for."""
    clock, path = Clock(), tmp_path / "run.sociarium"
    monkeypatch.setattr("app.language.LlamaPool", lambda *_, **__: ScriptedModel(unwilling, clock))
    monkeypatch.setattr("app.language.time", SimpleNamespace(monotonic=clock, sleep=clock.sleep))
    with runs.founded(thoughtful("lockstep", timeout=20), path, Waiting()) as laboratory:
        records, longest = [], 0.0
        for _ in range(12):
            begun = clock.now
            records.append(laboratory.runner.tick())
            longest = max(longest, clock.now - begun)
        assert not answered_once(records)
        fallen = counted_alike(laboratory, records, path)
    assert longest == pytest.approx(20)
    assert set(fallen) == {Source.FALLBACK_TIMEOUT, Source.FALLBACK_MIND_DIED}
    assert replayed(path, monkeypatch) == 12


def struck(chance: random.Random, after: float) -> threading.Timer:
    """Kill a child of this process (or stop it for good) after some seconds."""

    def strike() -> None:
        family = children()
        if family:
            how = signal.SIGSTOP if chance.random() < 0.25 else signal.SIGKILL
            os.kill(chance.choice(family).pid, how)

    timer = threading.Timer(after, strike)
    timer.start()
    return timer


def test_ember_is_killed_and_stopped_at_any_moment_and_the_run_goes_on(
    nothing_left: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.language.LlamaPool", partial(LlamaPool, hang_after=4.0))
    path, chance = tmp_path / "run.sociarium", random.Random()
    with runs.founded(thoughtful("lockstep", children=2), path, Waiting()) as laboratory:
        records, usual = [laboratory.runner.tick()], 0.5
        for _ in range(KILLS):
            timer = struck(chance, chance.uniform(0, usual))
            begun = time.monotonic()
            records.append(laboratory.runner.tick())
            usual = min(0.5 * (usual + time.monotonic() - begun), 1.0)
            timer.join()
        records += [laboratory.runner.tick() for _ in range(2)]
        assert not answered_once(records)
        counted_alike(laboratory, records, path)
        (report,) = laboratory.staff.report()
    assert KILLS / 3 < report["restarts"] <= KILLS
    assert Counter(decided(records).source.tolist())[Source.MIND] > len(records) * 5
    assert replayed(path, monkeypatch) == len(records)
    assert sum(all_were_legal(path).values()) == decided(records).size
