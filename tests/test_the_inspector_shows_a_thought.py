"""A thought of a language model is shown whole in the inspector, as the run file has it, recorded and living."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from app import opening, runs
from app.home import home
from engine.record.reader import RunReader
from engine.record.space import Waiting
from engine.remote.wire import Message
from engine.values import Source, Thought
from tests.hamlet import changed, hamlet
from tests.misbehaving_endpoints import drip, serving
from tests.test_the_inspector_tells_why import inspector, look_at
from tests.windows import PATIENCE, wait_for_people

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.panels.inspector import InspectorPanel
    from app.panels.inspector.thought import Thought as ThoughtFold
    from app.window import Window

TICKS = 12
MINDS = [{"mind": "ember", "share": 0.7, "settings": {"most_decisions": 90}}]
"""Most people think; after 90 decisions the budget is spent, and the reflex decides in ember's place."""


@pytest.fixture(scope="module")
def thought_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the hamlet in which ember thought until its budget was spent."""
    path = tmp_path_factory.mktemp("thoughts") / "thoughts.sociarium"
    scenario = changed(hamlet(), cognition__minds=json.dumps(MINDS), time__mode="lockstep", time__ticks=str(TICKS))
    with runs.founded(scenario, path, Waiting()) as laboratory:
        for _ in range(TICKS):
            laboratory.runner.tick()
    return path


@pytest.fixture
def thoughts(thought_run: Path) -> list[Thought]:
    with RunReader(thought_run) as reader:
        return [one for tick in range(1, TICKS + 1) for one in reader.thoughts(tick)]


@pytest.fixture
def thoughtful(start_window: Window, thought_run: Path, qtbot: QtBot) -> Window:
    start_window.open_run(thought_run)
    wait_for_people(start_window, qtbot)
    return start_window


def show_at(window: Window, qtbot: QtBot, agent: int, tick: int) -> InspectorPanel:
    """Show somebody at a tick."""
    is_shown = window.view.selected == (agent,)
    panel = inspector(window) if is_shown else look_at(window, qtbot, agent)
    window.view.show_tick(tick)
    qtbot.waitUntil(lambda: window.view.tick == tick, timeout=PATIENCE)
    return panel


def wait_for(fold: ThoughtFold, thought: Thought, qtbot: QtBot) -> None:
    def is_there() -> bool:
        shown = fold.thought
        return shown is not None and (shown["agent"], shown["landed"]) == (thought.agent, thought.landed)

    qtbot.waitUntil(is_there, timeout=PATIENCE)


def test_it_is_shown_as_the_file_has_it(thoughtful: Window, thoughts: list[Thought], qtbot: QtBot) -> None:
    thought = next(one for one in thoughts if one.words and one.chosen >= 0)
    panel = show_at(thoughtful, qtbot, thought.agent, thought.landed)
    fold = panel.thought
    wait_for(fold, thought, qtbot)
    chance = thought.choices[thought.chosen].probability
    assert chance is not None
    assert fold.summary.text.startswith("ember chose to ")
    assert f"with {100 * chance:.0f} %, in " in fold.summary.text
    assert f"; {thought.prompt_tokens:,} tokens, {thought.cached_tokens:,} from the cache" in fold.summary.text
    assert fold.words.text == f"“{thought.words}”" and fold.failure.text == "" and fold.pending.text == ""
    rows = fold.rows.entries
    assert len(rows) == len(thought.choices)
    for number, (row, choice) in enumerate(zip(rows, thought.choices, strict=True)):
        assert choice.probability is not None
        assert [gauge.share for gauge in row.gauges] == [pytest.approx(choice.probability)]
        assert row.strong == (number == thought.chosen) and bool(row.icon) == row.strong
        assert row.note in (f"{100 * choice.probability:.0f} %", "< 1 %")
    qtbot.waitUntil(lambda: panel.options.isHidden(), timeout=PATIENCE)  # one list of choices is enough
    # What the choices promised is behind a click; it is asked for apart from the thought, and may come after it.
    qtbot.waitUntil(lambda: any(row.more for row in fold.rows.entries), timeout=PATIENCE)


def test_what_was_sent_is_behind_one_click(thoughtful: Window, thoughts: list[Thought], qtbot: QtBot) -> None:
    thought = next(one for one in thoughts if one.cached_tokens and one.chosen >= 0)
    fold = show_at(thoughtful, qtbot, thought.agent, thought.landed).thought
    wait_for(fold, thought, qtbot)
    assert not fold.sent.content.isVisible() and not fold.sent.prompt.blocks
    fold.sent.heading.click()
    blocks = fold.sent.prompt.blocks
    assert len(blocks) == len(thought.parts) and all(block.isVisible() for block in blocks)
    for block, part in zip(blocks, thought.parts, strict=True):
        assert block.accessibleName().startswith(part.text.strip())
    assert "cached" in blocks[0].accessibleName() and "cached" not in blocks[-1].accessibleName()
    fold.sent.copy.click()
    assert QGuiApplication.clipboard().text() == "".join(part.text for part in thought.parts if not part.dropped)


def test_a_fallback_is_told_in_plain_words(thoughtful: Window, thoughts: list[Thought], qtbot: QtBot) -> None:
    thought = next(one for one in thoughts if one.source is Source.FALLBACK_BUDGET)
    fold = show_at(thoughtful, qtbot, thought.agent, thought.landed).thought
    wait_for(fold, thought, qtbot)
    assert fold.failure.text == "The budget of ember is used up, so the reflex decided."
    assert fold.why.text.casefold() == thought.why.casefold() and fold.words.text == ""


def test_of_the_past_the_last_thought_until_then_is_shown(
    thoughtful: Window, thoughts: list[Thought], qtbot: QtBot
) -> None:
    landed: dict[int, list[Thought]] = {}
    for one in thoughts:
        landed.setdefault(one.agent, []).append(one)
    mine = next(found for found in landed.values() if len(found) > 1)
    for thought in (mine[1], mine[0]):
        fold = show_at(thoughtful, qtbot, thought.agent, thought.landed).thought
        wait_for(fold, thought, qtbot)
    if mine[0].landed > 1:
        thoughtful.view.show_tick(mine[0].landed - 1)
        qtbot.waitUntil(lambda: fold.thought is None, timeout=PATIENCE)


def test_people_of_the_reflex_have_none(thoughtful: Window, thoughts: list[Thought], qtbot: QtBot) -> None:
    thinkers = {one.agent for one in thoughts}
    agent = next(agent for agent in range(60) if agent not in thinkers)
    panel = look_at(thoughtful, qtbot, agent)
    qtbot.wait(300)
    assert panel.person is not None and panel.person["mind"] == "reflex"
    assert panel.thought.isHidden() and panel.thought.thought is None
    assert panel.options.isVisible() and all(row.gauges for row in panel.options.rows.entries)


def test_a_living_thought_gives_way_to_the_next(start_window: Window, qtbot: QtBot, hamlet_file: Path) -> None:
    minds = [f"cognition.minds={json.dumps([{'mind': 'ember'}])}", "time.ticks=100000"]
    start_window.open(opening.new_society(str(hamlet_file), minds, speed=8.0, run=home() / "runs" / "live.sociarium"))
    wait_for_people(start_window, qtbot)
    panel = look_at(start_window, qtbot, 3)
    qtbot.waitUntil(lambda: panel.thought.thought is not None, timeout=PATIENCE)
    first = panel.thought.thought
    assert first is not None and first["agent"] == 3 and panel.thought.isVisible()

    def is_next() -> bool:
        shown = panel.thought.thought
        return shown is not None and shown["landed"] > first["landed"]

    qtbot.waitUntil(is_next, timeout=PATIENCE)


def somebody_in_thought(window: Window, qtbot: QtBot) -> int:
    """Return whom an answer of their mind was asked for last."""
    told: list[Message] = []
    window.view.ask("columns", told.append, names="people.thinking")
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    since = told[0].columns["people.thinking"]
    assert since.max() >= 0
    return int(since.argmax())


def test_who_is_being_thought_about_is_told(start_window: Window, qtbot: QtBot, hamlet_file: Path) -> None:
    with serving(drip) as server:  # it lets everybody wait
        minds = [f"cognition.minds={json.dumps([{'mind': server.url}])}"]
        run = home() / "runs" / "waits.sociarium"
        start_window.open(opening.new_society(str(hamlet_file), minds, speed=8.0, run=run))
        wait_for_people(start_window, qtbot)
        qtbot.waitUntil(lambda: bool(start_window.view.status and start_window.view.status.waiting), timeout=PATIENCE)
        panel = look_at(start_window, qtbot, somebody_in_thought(start_window, qtbot))
        qtbot.waitUntil(lambda: "has been thinking about it since" in panel.thought.pending.text, timeout=PATIENCE)
        assert panel.why.decision.text.startswith("Has been making up their mind since")
        start_window.close_society()
