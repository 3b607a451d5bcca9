"""docs/events.md names every event, action, appeal, topic, measure and frame column, and is as the program says.

After a change of one of them, with this file's name:
    SOCIARIUM_WRITE_DOCS=1 .venv/bin/python -m pytest tests/FILE
"""

from __future__ import annotations

import os
import string
from pathlib import Path

import numpy as np
import pytest

from app.compose import compose, find_scenario, modules
from engine.society.reference import society_reference
from engine.society.society import Society

REFERENCE = Path(__file__).parents[1] / "docs" / "events.md"


@pytest.fixture(scope="module")
def society() -> Society:
    """The city's, with every module that there is."""
    laboratory = compose(find_scenario("city"))
    laboratory.found()
    assert set(laboratory.society.modules) == set(modules()), "the city leaves a module out"
    return laboratory.society


def test_the_reference_is_current(society: Society) -> None:
    reference = society_reference(society)
    if os.environ.get("SOCIARIUM_WRITE_DOCS"):
        REFERENCE.write_text(reference, encoding="utf-8")
    assert REFERENCE.read_text(encoding="utf-8") == reference, "see the top of this file for how to write it anew"


def test_every_event_says_when_it_happens_and_how_it_reads(society: Society) -> None:
    page = REFERENCE.read_text(encoding="utf-8")
    for code, kind in enumerate(society.log.kinds):
        assert f"| `{kind.name}` | {society.log.owner(kind.name)} |" in page
        assert kind.about and kind.text in page
        names = {name for _, name, _, _ in string.Formatter().parse(kind.text) if name is not None}
        assert names <= {"agent", *(field.name for field in kind.fields)}, kind.name
        for field in kind.fields:
            assert field.name in page
        sentence = society.sentence(code, 0, [0] * 4)
        assert sentence and "{" not in sentence, kind.name


def test_every_action_says_what_it_is_and_why_it_is_refused(society: Society) -> None:
    page = REFERENCE.read_text(encoding="utf-8")
    for action in society.actions:
        assert f"| `{action.name}` |" in page
        assert action.about and action.about in page
        assert all(reason in page for reason in action.reasons)
        choice = action.says(0, [0] * 4)
        assert choice and "{" not in choice, action.name


def test_every_appeal_topic_measure_and_frame_column_says_what_it_is(society: Society) -> None:
    page = REFERENCE.read_text(encoding="utf-8")
    for appeal in society.appeals:
        assert appeal.about and f"| `{appeal.name}` |" in page
    for topic in society.topics:
        assert f"| `{topic.name}` |" in page
    for name, module in society.modules.items():
        assert module.about
        for measure in module.measures():
            assert measure.unit and measure.about
            assert f"| `{name}.{measure.name}` | {measure.unit} | {measure.about} |" in page
    for full, column in society.world.columns():
        assert column.about, f"{full} does not say what it is"
        assert not column.frame or f"| `{full}` | {column.per}, {np.dtype(column.dtype).name} |" in page
