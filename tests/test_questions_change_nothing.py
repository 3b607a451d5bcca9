"""A society that is questioned at every tick is, bit by bit, the one that nobody asked anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from engine.record.writer import RunWriter
from engine.remote.questions import Questions
from engine.values import Command
from tests.hamlet import founded as unwatched
from tests.hamlet import hamlet, hashes
from tests.questions import about_run, ask, founded

TICKS = 70


def test_questions_at_every_tick_change_no_hash(tmp_path: Path) -> None:
    path = tmp_path / "run.sociarium"
    laboratory = founded(path, hamlet())
    questions = about_run(path, laboratory)
    seen = []
    for tick in range(1, TICKS + 1):
        record = laboratory.runner.tick()
        seen.append(record.state_hash.hex())
        lines = questions.said(record, laboratory.society)
        assert all(line[0] == tick and line[2] for line in lines)
        agent = tick * 7 % 60
        choices = ask(questions, "choices", agent=agent).head
        assert choices["tick"] == tick and (choices["choices"] or not laboratory.society.world.alive[agent])
        person = ask(questions, "person", agent=agent).head
        assert person["tick"] == tick and person["name"] == laboratory.society.name(agent)
        assert ask(questions, "frame").head["tick"] == tick
        ask(questions, "ties", agent=agent)
        ask(questions, "columns", names="goods.stock,ties.trust")
        if tick % 10 == 0:
            for question in ("about", "status", "names", "tally", "density", "measures"):
                ask(questions, question)
            for question in ("levels", "trail", "decisions", "events"):
                ask(questions, question, agent=agent)
            ask(questions, "person", agent=agent, tick=tick // 2)
    questions.close()
    cast(RunWriter, laboratory.runner.recorder).close()
    assert seen == hashes(unwatched(hamlet()), TICKS)


def _choices(questions: Questions) -> None:
    for agent in range(0, 60, 5):
        ask(questions, "choices", agent=agent)


@pytest.mark.parametrize("question", [lambda questions: None, _choices], ids=["nothing", "choices"])
def test_what_was_worked_out_for_a_question_is_not_used_by_the_tick(
    tmp_path: Path, question: Callable[[Questions], None]
) -> None:
    """What a place promises is worked out once a tick; between a question and the tick most people are removed."""
    path = tmp_path / "run.sociarium"
    laboratory = founded(path, hamlet())
    questions = about_run(path, laboratory)
    hashes(laboratory, 30)
    question(questions)
    laboratory.runner.commands.queue.append(Command("remove_people", {"people": 110, "role": None}))
    seen = hashes(laboratory, 6)
    questions.close()
    cast(RunWriter, laboratory.runner.recorder).close()
    other = unwatched(hamlet())
    hashes(other, 30)
    other.runner.commands.queue.append(Command("remove_people", {"people": 110, "role": None}))
    assert seen == hashes(other, 6)


def test_what_is_told_of_now_is_what_the_file_tells_later(tmp_path: Path) -> None:
    path = tmp_path / "run.sociarium"
    laboratory = founded(path, hamlet())
    live = about_run(path, laboratory)
    told = {}
    for tick in range(1, 41):
        laboratory.runner.tick()
        if tick % 8 == 0:
            told[tick] = {
                "person": ask(live, "person", agent=5).head,
                "ties": ask(live, "ties", agent=5).head,
                "events": ask(live, "events", first=tick).head["rows"],
            }
    live.close()
    cast(RunWriter, laboratory.runner.recorder).close()
    later = about_run(path)
    for tick, then in told.items():
        assert ask(later, "person", agent=5, tick=tick).head == then["person"]
        assert ask(later, "ties", agent=5, tick=tick).head == then["ties"]
        assert ask(later, "events", first=tick, last=tick).head["rows"] == then["events"]
    later.close()
