"""A run that this program would take elsewhere, or cannot put together at all, can be looked at: all but the why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.compose import compose, header
from engine.record.header import RunHeader
from engine.record.rows import RunSettings
from engine.record.writer import RunWriter
from engine.remote.wire import About, pack, unpack
from tests.hamlet import hamlet
from tests.questions import about_run, ask

TICKS = 40


def _other_seed(head: RunHeader) -> RunHeader:
    """Return the header of a run whose society goes another way here."""
    return replace(head, scenario=head.scenario.replace("seed: 11", "seed: 12", 1))


def _unknown_kind(head: RunHeader) -> RunHeader:
    """Return the header of a run in which something happened that there is not here."""
    kinds = tuple(replace(kind, name="sang") if kind.name == "met" else kind for kind in head.events)
    return replace(head, events=kinds)


def _unreadable(head: RunHeader) -> RunHeader:
    """Return the header of a run whose scenario is of a later program."""
    return replace(head, scenario=head.scenario.replace("sociarium: 1", "sociarium: 7", 1), program="9.1")


def _record(path: Path, change: Callable[[RunHeader], RunHeader]) -> None:
    laboratory = compose(hamlet())
    head = change(header(laboratory, "2026-01-01T00:00:00"))
    with RunWriter.create(path, head, RunSettings(min_free_bytes=0)) as writer:
        laboratory.runner.recorder = writer
        laboratory.found()
        for _ in range(TICKS):
            laboratory.runner.tick()


@pytest.mark.parametrize("change", [_other_seed, _unknown_kind, _unreadable])
def test_all_but_the_why_is_told(tmp_path: Path, change: Callable[[RunHeader], RunHeader]) -> None:
    path = tmp_path / "run.sociarium"
    _record(path, change)
    questions = about_run(path)
    message = unpack(pack(ask(questions, "about")))
    about = About.from_head({name: value for name, value in message.head.items() if name != "kind"})
    assert about.name == "hamlet" and not about.live and about.width * about.height == len(message.columns["kind"])
    assert ask(questions, "frame", tick=30).columns["space.cell"].max() < about.width * about.height
    person = ask(questions, "person", agent=7, tick=30).head
    assert person["alive"] and person["tick"] == 30 and person["choices"] == [] and person["decision"] is None
    assert person["unknown"].startswith("Why people chose as they did is not known, because")
    assert person["unknown"].endswith(".") and "\n" not in person["unknown"]
    rows = ask(questions, "events", limit=2000).head["rows"]
    assert rows and all(row["text"] and "{" not in row["text"] for row in rows)
    assert ask(questions, "decisions", agent=7).head["rows"]
    assert sum(ask(questions, "density").head["events"]) == sum(ask(questions, "tally").head["events"].values())
    assert ask(questions, "measures").head["ticks"] == [0, 20, 40]
    minds = ask(questions, "minds").head
    assert set(minds["names"]) == {"reflex"} and (minds["people"], minds["thinking"], minds["usage"]) == ([], [], [])
    assert len(ask(questions, "names").head["names"]) == 130
    assert ask(questions, "trail", agent=7).columns["cell"].size
    ask(questions, "levels", agent=7)
    questions.close()
