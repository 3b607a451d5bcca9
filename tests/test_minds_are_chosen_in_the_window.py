"""The minds panel tells who decides for whom and how models do; another mind is chosen while the society lives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app import opening
from app.home import home
from app.mind_files import known_minds
from app.models.minds import MindRow, Rates, rows, short_name
from app.start.shelf import run_files
from engine.record.reader import RunReader
from tests.tiny_models import write_model
from tests.windows import PATIENCE, wait_for_people

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.panels.minds import MindsPanel
    from app.window import Window

LEFT = Qt.MouseButton.LeftButton
LONG = "time.ticks=100000"
"""So that a slow machine has time to think."""


def minds(window: Window, qtbot: QtBot) -> MindsPanel:
    """Return the panel, when it has been told of the minds."""
    from app.panels.minds import MindsPanel

    panel = window.docks.panel("minds")
    window.docks.docks["minds"].show()
    window.docks.docks["minds"].raise_()
    assert isinstance(panel, MindsPanel)
    qtbot.waitUntil(lambda: bool(panel.rows), timeout=PATIENCE)
    return panel


def apply(window: Window, qtbot: QtBot, mind: str, role: str = "everyone", share: int = 100) -> str:
    """Choose a mind in the form as a user does, and return what is said of it."""
    choice = minds(window, qtbot).choice
    choice.mind.line.selectAll()
    QTest.keyClicks(choice.mind.line, mind)
    choice.role.setCurrentIndex(choice.role.findText(role))
    choice.share.setValue(share)
    QTest.mouseClick(choice.apply_button, LEFT)
    assert choice.is_waiting and not choice.apply_button.isEnabled()
    qtbot.waitUntil(lambda: not choice.is_waiting, timeout=PATIENCE)
    return choice.feedback.text


def served(panel: MindsPanel) -> dict[str, int]:
    return {row.name: row.people or 0 for row in panel.rows if row.people}


def test_another_mind_is_chosen_while_the_society_lives(window: Window, qtbot: QtBot) -> None:
    panel = minds(window, qtbot)
    assert panel.summary.text == "No language model is at work: everybody decides by rules."
    assert served(panel) == {"reflex": int(window.view.alive().sum())} and not panel.cards
    offered = [panel.choice.mind.itemText(number) for number in range(panel.choice.mind.count())]
    assert offered == ["reflex", *known_minds()] and "ember" in offered
    said = apply(window, qtbot, "ember", share=50)
    assert said.startswith("ember decides for 50 % of the people from tick ")
    qtbot.waitUntil(lambda: "ember" in panel.cards and panel.cards["ember"].row.decisions > 0, timeout=PATIENCE)
    qtbot.waitUntil(lambda: bool(panel.cards["ember"].row.decisions_per_s), timeout=PATIENCE)
    qtbot.waitUntil(lambda: panel.cards["ember"].row.cached_tokens > 0, timeout=PATIENCE)
    row = panel.cards["ember"].row
    assert row.what == "llama Q4_0" and row.prompt_tokens > row.cached_tokens and not row.fault
    assert 0 < served(panel)["ember"] < served(panel)["reflex"] + served(panel)["ember"]
    figures = {one.caption: one.figure for one in panel.cards["ember"].figures.figures}
    assert set(figures) == {"decisions/s", "tokens/s", "waiting", "decisions", "from cache", "fallbacks"}
    leaders = apply(window, qtbot, "ember", "leader")
    assert leaders.startswith("ember decides for all of role leader from tick ")
    window.close_society()
    (run,) = run_files()
    with RunReader(run) as reader:
        assert reader.last_tick is not None
        found = [command for _, commands in reader.commands(0, reader.last_tick) for command in commands]
    assert [command.what for command in found if command.do == "mind"] == [
        {"mind": "ember", "role": None, "share": 0.5},
        {"mind": "ember", "role": "leader", "share": 1.0},
    ]


def test_a_hired_mind_is_named_where_people_are_told_of(window: Window, qtbot: QtBot) -> None:
    from tests.test_the_inspector_tells_why import look_at

    assert apply(window, qtbot, "ember").startswith("ember decides for everyone")
    panel = look_at(window, qtbot, 3)
    qtbot.waitUntil(lambda: panel.person is not None and panel.person["mind"] == "ember", timeout=PATIENCE)
    assert panel.header.mind.text.startswith("ember mind")


def test_the_table_of_people_reads_and_filters_by_a_hired_mind(window: Window, qtbot: QtBot) -> None:
    from app.panels.people import PeoplePanel

    people = window.docks.panel("people")
    assert isinstance(people, PeoplePanel)
    field = people.fields.find("mind")
    assert field is not None
    people.columns.toggle(field)
    apply(window, qtbot, "ember", share=50)
    qtbot.waitUntil(lambda: "ember" in (people.fields.find("mind") or field).words, timeout=PATIENCE)
    people.search.setText("mind == ember")

    assert [one.name for one in people.columns.shown()][-1] == "people.mind"
    last = len(people.columns.shown()) - 1

    def words() -> set[str]:
        return {people.model.data(people.model.index(row, last)) for row in range(people.model.rowCount())}

    qtbot.waitUntil(lambda: words() == {"ember"}, timeout=PATIENCE)
    assert people.model.rowCount() < int(window.view.alive().sum())


def test_a_broken_model_costs_one_line(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    whole = write_model(tmp_path / "whole.gguf").read_bytes()
    panel = minds(window, qtbot)
    before = served(panel)
    for number, content in enumerate((b"", b"GGUF", b"no model", whole[:-1000], whole[:5000], b"\0" * 4000)):
        broken = tmp_path / f"broken {number}.gguf"
        broken.write_bytes(content)
        panel.choice.mind.name(str(broken))
        QTest.mouseClick(panel.choice.apply_button, LEFT)
        qtbot.waitUntil(lambda: not panel.choice.is_waiting, timeout=PATIENCE)
        said = panel.choice.feedback
        assert f"{broken}" in said.text and "\n" not in said.text and said.tone == "warn", said.text
    assert "nobody.gguf" in apply(window, qtbot, str(tmp_path / "nobody.gguf"))
    assert "did you mean ember?" in apply(window, qtbot, "embr")
    tick = window.view.last_tick
    qtbot.waitUntil(lambda: window.view.last_tick > tick + 3, timeout=PATIENCE)
    qtbot.waitUntil(lambda: set(served(panel)) == set(before) == {"reflex"}, timeout=PATIENCE)
    assert apply(window, qtbot, str(tmp_path / "whole.gguf"), share=20).startswith("whole decides for 20 %")


def test_while_time_stands_it_waits_for_the_next_tick(window: Window, qtbot: QtBot) -> None:
    choice = minds(window, qtbot).choice
    session = window.view.session
    assert session is not None
    session.pause()
    qtbot.waitUntil(lambda: window.view.status is not None and window.view.status.state == "paused", timeout=PATIENCE)
    choice.mind.name("reflex")
    QTest.mouseClick(choice.apply_button, LEFT)
    assert choice.hint.text == "Time stands; it decides from the next tick on."
    qtbot.wait(300)
    assert choice.is_waiting, choice.feedback.text
    session.step()
    qtbot.waitUntil(lambda: not choice.is_waiting, timeout=PATIENCE)
    assert choice.feedback.text.startswith("reflex decides for everyone") and not choice.hint.isVisible()


def test_a_recorded_run_tells_what_models_took(start_window: Window, qtbot: QtBot, hamlet_file: Path) -> None:
    wish = json.dumps([{"mind": "ember", "settings": {"most_decisions": 20}}])
    run = home() / "runs" / "thought.sociarium"
    start_window.open(opening.new_society(str(hamlet_file), [f"cognition.minds={wish}", LONG], speed=16.0, run=run))
    wait_for_people(start_window, qtbot)
    panel = minds(start_window, qtbot)
    qtbot.waitUntil(lambda: "ember" in panel.cards and panel.cards["ember"].row.failed > 3, timeout=PATIENCE)
    assert panel.cards["ember"].failed.text.startswith("The reflex decided instead: budget used up (")
    status = start_window.view.status
    assert status is not None and status.fallbacks > 3
    start_window.close_society()
    start_window.open_run(run)
    wait_for_people(start_window, qtbot)
    panel = minds(start_window, qtbot)
    qtbot.waitUntil(lambda: "ember" in panel.cards, timeout=PATIENCE)
    row = panel.cards["ember"].row
    with RunReader(run) as reader:
        usage = reader.thinking.usage()
    assert row.decisions == sum(one.thoughts for one in usage)
    assert row.fallbacks == {"budget": sum(one.thoughts for one in usage if one.source.is_fallback)}
    assert row.generated_tokens == sum(one.generated_tokens for one in usage) and row.milliseconds > 0
    choice = panel.choice
    assert "recorded run" in choice.reason.text and choice.branch is not None and choice.branch.isEnabled()
    for part in (choice.mind, choice.role, choice.share, choice.apply_button, choice.file_button):
        assert not part.isEnabled()
    start_window.view.show_tick(0)
    qtbot.waitUntil(lambda: sum(served(panel).values()) == int(start_window.view.alive().sum()), timeout=PATIENCE)


def test_a_new_run_begins_with_the_mind_that_was_chosen(
    start_window: Window, qtbot: QtBot, hamlet_file: Path, tmp_path: Path
) -> None:
    page = start_window.new_run_page
    start_window.show_new_run(str(hamlet_file))
    assert page.mind.mind == "reflex"
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF but not really")
    page.mind.name(str(broken))
    QTest.mouseClick(page.start_button, LEFT)
    qtbot.waitUntil(lambda: bool(page.problems), timeout=PATIENCE)
    assert start_window.pages.currentWidget() is page and not run_files()
    assert str(broken) in page.problems and "\n" not in page.problems
    page.mind.name("ember")
    QTest.mouseClick(page.start_button, LEFT)
    wait_for_people(start_window, qtbot)
    panel = minds(start_window, qtbot)
    qtbot.waitUntil(lambda: "ember" in panel.cards, timeout=PATIENCE)
    assert set(served(panel)) == {"ember"}
    assert [entry for entry in start_window.view.about.minds] == ["ember", "reflex"] if start_window.view.about else 0


def test_the_form_begins_with_the_minds_of_the_scenario(start_window: Window, tmp_path: Path) -> None:
    from tests.hamlet import HAMLET

    page = start_window.new_run_page
    for minds_of_it, said in (
        ("[{mind: ember}]", "ember"),
        ("[{mind: ember, share: 0.5}, {mind: reflex}]", "as in the scenario (ember, reflex)"),
    ):
        path = tmp_path / "own.scenario.yaml"
        path.write_text(f"{HAMLET}cognition: {{minds: {minds_of_it}}}\n")
        start_window.show_new_run(str(path))
        assert page.mind.mind == said
        offered = [page.mind.itemText(number) for number in range(page.mind.count())]
        assert offered[0] == said and "reflex" in offered and len(set(offered)) == len(offered)


@pytest.mark.parametrize(
    ("mind", "name"),
    [
        ("ember", "ember"), ("/a/b/large 7b.gguf", "large 7b"), ("C:\\minds\\x.gguf", "x"),
        ("https://example.org:8000/v1", "example.org:8000"), ("http://", "http://"),
    ],
)  # fmt: skip
def test_minds_have_short_names(mind: str, name: str) -> None:
    assert short_name(mind) == name


def report(decisions: int, tokens: int) -> dict[str, object]:
    return {
        "architecture": "llama", "quantisation": "", "decisions": decisions, "prompt_tokens": tokens + 7,
        "cached_tokens": 7, "generated_tokens": 0, "fallbacks": {"mind_died": 2, "budget": 0}, "restarts": 1,
        "fault": "it died", "cost": 0.5, "currency": "EUR",
    }  # fmt: skip


def test_rates_are_differences_of_the_last_seconds() -> None:
    rates = Rates()
    assert rates.of("ember") == (None, None)
    for second in range(20):
        rates.note(100.0 + second, {"ember": report(10 * max(0, second - 10), 1000 * second)})
    decided, read = rates.of("ember")
    assert decided == pytest.approx(10) and read == pytest.approx(1000)
    told = {"names": ["ember", "reflex", "ember"], "people": [3, 4, 5], "thinking": [1, 0, 1], "usage": []}
    thinker, reflex = rows({**told, "minds": {"ember": report(90, 0)}}, rates, True)
    assert (thinker.people, thinker.thinking, thinker.failed, thinker.fallbacks) == (8, 2, 2, {"mind died": 2})
    assert reflex == MindRow("reflex", 4)
    rates.note(3.0, {"ember": report(0, 0)})  # another engine: its counts begin anew
    assert rates.of("ember") == (None, None)
