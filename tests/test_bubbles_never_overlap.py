"""Speech bubbles overlap neither each other nor the legend, and no word of them is cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.design import DARK, Design
from app.session import Line
from app.viewport.bubbles import Box, Said, Speaker, lay_out
from app.viewport.overlay import REACH, WIDEST, Overlay, Words

SURFACE = (1280.0, 720.0)
LEGEND: Box = (12.0, 12.0, 210.0, 160.0)

speakers = st.lists(
    st.tuples(
        st.floats(0, SURFACE[0]), st.floats(0, SURFACE[1]), st.floats(60, 290), st.floats(26, 220), st.floats(0, 9999)
    ),
    max_size=16,
)


def overlap(one: Box, other: Box) -> bool:
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    along = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return across > 0 and along > 0


@settings(max_examples=300, deadline=None)
@given(speakers, st.integers(0, 7), st.integers(-1, 6))
def test_wherever_people_speak(found: list[tuple[float, ...]], most: int, before: int) -> None:
    said = [Speaker(index, (x, y), (wide, high), weight) for index, (x, y, wide, high, weight) in enumerate(found)]
    placed, spots, dots = lay_out(said, SURFACE, [LEGEND], most, {one.agent: before for one in said})
    boxes = [one.box for one in placed]
    for index, box in enumerate(boxes):
        assert not overlap(box, LEGEND)
        assert not any(overlap(box, other) for other in boxes[:index])
        assert box[0] >= 0 and box[1] >= 0 and box[0] + box[2] <= SURFACE[0] and box[1] + box[3] <= SURFACE[1]
    assert len(placed) <= most and len(placed) + len(dots) == len(said)
    assert set(spots) == {one.agent for one in placed}


def test_the_most_important_speaks_first() -> None:
    crowd = [Speaker(agent, (100.0 + 27 * agent, 400.0), (200.0, 60.0), float(agent)) for agent in range(40)]
    placed, _, dots = lay_out(crowd, SURFACE, [], 3, {})
    assert placed[0].agent == 39
    assert len(placed) == 3 and len(dots) == 37


def test_a_line_lasts_by_its_length_and_only_while_time_goes() -> None:
    said = Said()
    said.hear([Line(1, 1, "Yes."), Line(1, 2, "A much longer sentence takes a while longer to read. " * 2)])
    assert not said.pass_time(0.0)
    said.pass_time(2.8)
    assert list(said.lines) == [2]
    said.pass_time(6.0)
    assert not said.lines


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        "Two sacks of barley for a new hoe. Shall we say noon, at the well?",
        "Have you heard? " * 14,
        "Donaudampfschifffahrtsgesellschaftskapitaensmuetzenabzeichenverordnungsparagraph",
        "",
    ],
)
def test_no_word_is_cut(qtbot: QtBot, text: str) -> None:
    paper = QWidget()
    qtbot.addWidget(paper)
    overlay = Overlay(Design(DARK), paper)
    words = Words("Maria-Magdalena Oberhuber", "Craftsperson", "#b5651d", text)
    wide, high = overlay.size_of(words)
    assert wide <= max(WIDEST, 300) + 30
    picture = overlay.picture_of(words)
    assert picture.width() == int(wide + 2 * REACH) and picture.height() == int(high + 2 * REACH)
    image = picture.toImage().convertToFormat(picture.toImage().Format.Format_ARGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    dark = (pixels[..., :3].astype(int).sum(-1) < 230) & (pixels[..., 3] > 200)
    inner = dark[REACH + 3 : -REACH - 3, REACH + 3 : -REACH - 3]
    rows, columns = np.flatnonzero(inner.any(1)), np.flatnonzero(inner.any(0))
    assert rows[0] >= 3 and columns[0] >= 4
    assert inner.shape[0] - rows[-1] >= 3 and inner.shape[1] - columns[-1] >= 4, "ink at the edge is a word cut off"
    if len(text) > 60:
        assert high > 60, "long text wraps"
