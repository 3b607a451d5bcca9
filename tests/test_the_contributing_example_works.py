"""The module of docs/example runs when its folder lies among the modules, as CONTRIBUTING.md says."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import engine.society
from app.compose import Laboratory, compose, modules, read_scenario, sections
from app.headless import run
from engine.actions.basic import basic_actions
from engine.actions.definition import Action
from engine.ports import Mind, Space
from engine.record.reader import RunReader
from engine.society.module import Module
from engine.values import Outcome
from tests.hamlet import HAMLET, founded, hashes

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "docs" / "example"
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SINGING = HAMLET.replace("calls: {}", "calls: {}, songs: {minutes: 4}").replace("every: 20", "every: 40")


@pytest.fixture(autouse=True)
def among_the_modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(engine.society, "__path__", [*engine.society.__path__, str(EXAMPLE)])
    modules.cache_clear()
    yield
    modules.cache_clear()
    sys.modules.pop("engine.society.songs", None)
    if hasattr(engine.society, "songs"):
        del engine.society.songs


@pytest.fixture
def hamlet() -> Laboratory:
    return founded(read_scenario(SINGING, "singing hamlet"))


def test_it_is_found_by_its_name_with_its_section_of_the_scenario(hamlet: Laboratory) -> None:
    assert "songs" in modules() and "minutes" in sections()["songs"].model_fields
    assert hamlet.society.module("songs").settings.minutes == 4
    assert "song" in [appeal.name for appeal in hamlet.society.appeals]


def test_people_sing_and_are_done_with_longing(hamlet: Laboratory) -> None:
    society, sung = hamlet.society, 0
    kind = society.log.code("sang")
    for _ in range(90):
        events = hamlet.runner.tick().events
        singers = events.agent[events.kind == kind]
        sung += singers.size
        assert (society.world["songs.longing"][singers] == 0).all()
    assert sung > 20
    assert society.world["songs.sung"].sum() == sung
    assert hamlet.runner.measures.all["songs.sung"].take() == sung
    assert society.sentence(kind, 0, [0] * 4) == f"{society.name(0)} sang a song"


def test_who_is_alone_is_refused_with_the_reason(hamlet: Laboratory) -> None:
    society = hamlet.society
    sing = society.action("sing")
    assert sing is not None
    for _ in range(30):
        hamlet.runner.tick()
    everyone = society.world.living()
    listeners = np.diff(society.space.contacts(everyone, 1).start)
    refused = sing.check(society.now(31), everyone, np.zeros((everyone.size, 4), np.int32))
    assert (listeners == 0).any() and (listeners > 0).any()
    assert ((refused > 0) == (listeners == 0)).all()
    assert society.reasons[int(refused.max())] == "nobody is there to hear it"


def test_it_keeps_the_promise_of_equal_hashes_and_replays_from_the_file(hamlet: Laboratory, tmp_path: Path) -> None:
    scenario = read_scenario(SINGING.replace("ticks: 120", "ticks: 50"), "singing hamlet")
    path = tmp_path / "songs.sociarium"
    run(scenario, path, quiet=True)
    with RunReader(path) as reader:
        assert [reader.state_hash(tick).hex() for tick in range(1, 51)] == hashes(hamlet, 50)
        assert reader.tally().decisions["sing"][Outcome.STARTED.name.lower()] > 0
        assert {name: len(value) for name, value in reader.snapshot_before(0).columns.items()}["songs.sung"] == 60


def test_without_it_in_the_scenario_nobody_sings() -> None:
    assert compose(read_scenario(HAMLET, "hamlet")).society.action("sing") is None


def test_the_page_names_files_and_methods_that_are_there() -> None:
    files = re.findall(r"`((?:app|cognition|docs|engine|tests)/[^`\s]*)`", PAGE)
    assert str(EXAMPLE.relative_to(ROOT)) + "/songs/__init__.py" in files
    for file in files:
        assert "NAME" in file or (ROOT / file).exists(), f"CONTRIBUTING.md names {file}, which is not there"
    owners = {"Action": Action, "Module": Module, "Space": Space, "Mind": Mind}
    for owner, name in re.findall(r"`(\w+)\.(\w+)`", PAGE):
        if owner in owners:
            assert hasattr(owners[owner], name), f"CONTRIBUTING.md names {owner}.{name}, which is not there"
    assert "`basic_actions()`" in PAGE and basic_actions()
