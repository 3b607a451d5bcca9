"""Measures on screen are those of the run file, and so are the pictures and tables that one takes along."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtGui import QImage

from engine.record.reader import RunReader

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.panels.measures import MeasuresPanel
    from app.window import Window

CHOSEN = ("drives.energy", "goods.in_hands", "ties.count")
"""A distribution, named numbers, and one number."""


@pytest.fixture
def panel(recorded: Window, qtbot: QtBot) -> MeasuresPanel:
    from app.panels.measures import MeasuresPanel

    made = recorded.panels["measures"]
    recorded.docks.docks["measures"].show()
    recorded.docks.docks["measures"].raise_()
    assert isinstance(made, MeasuresPanel)
    made.choose(CHOSEN)
    qtbot.waitUntil(lambda: bool(made.ticks) and set(made.values) == set(CHOSEN), timeout=20_000)
    return made


def test_what_is_plotted_is_what_was_measured(panel: MeasuresPanel, hamlet_run: Path, qtbot: QtBot) -> None:
    assert panel._plots is not None
    plots = panel._plots.plots
    assert tuple(plots) == CHOSEN
    with RunReader(hamlet_run) as reader:
        for name in CHOSEN:
            ticks, values = reader.measures(name)
            assert panel.ticks == ticks.tolist() and panel.values[name] == values
        ties, in_hands = reader.measures("ties.count")[1], reader.measures("goods.in_hands")[1]
        energy = reader.measures("drives.energy")[1]
    qtbot.waitUntil(lambda: plots["ties.count"].ticks.size == len(panel.ticks))
    xs, ys = plots["ties.count"]._lines[0].getData()
    assert xs.tolist() == panel.ticks and ys.tolist() == ties
    lines = [line.getData()[1].tolist() for line in plots["goods.in_hands"]._lines]
    assert lines == np.array(in_hands).T.tolist() and len(lines) == len(plots["goods.in_hands"].entry.labels)
    strip = plots["drives.energy"]._strip
    assert strip is not None and np.allclose(strip.image, np.array(energy))


def test_tables_and_pictures_are_whole(panel: MeasuresPanel, hamlet_run: Path, tmp_path: Path, qtbot: QtBot) -> None:
    panel.export(tmp_path / "measures.csv")
    qtbot.waitUntil(lambda: (tmp_path / "measures.csv").exists())
    with (tmp_path / "measures.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with RunReader(hamlet_run) as reader:
        goods = reader.header.words["goods.in_hands"]
        for name, column, number in (("ties.count", "ties.count", None), ("goods.in_hands", goods[1], 1)):
            ticks, values = reader.measures(name)
            column = column if number is None else f"goods.in_hands[{column}]"
            assert [int(row["tick"]) for row in rows] == ticks.tolist()
            assert [float(row[column]) for row in rows] == [
                value if number is None else np.array(value)[number] for value in values
            ]
    panel.export(tmp_path / "measures.png")
    qtbot.waitUntil(lambda: (tmp_path / "measures.png").exists(), timeout=30_000)
    image = QImage(str(tmp_path / "measures.png"))
    colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    assert image.width() > 200 and len(colours) > 10
    panel.export(tmp_path / "measures.svg")
    qtbot.waitUntil(lambda: str(tmp_path / "measures.svg") in panel.notice.text(), timeout=30_000)
    from PySide6.QtSvg import QSvgRenderer

    assert QSvgRenderer(str(tmp_path / "measures.svg")).isValid()
    assert "path" in (tmp_path / "measures.svg").read_text()
    assert panel.notice.isVisible()


def test_a_disk_that_refuses_is_told_kindly(panel: MeasuresPanel, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "file").write_text("")
    for kind in ("png", "svg", "csv"):
        where = tmp_path / "file" / f"measures.{kind}"
        panel.notice.setText("")
        panel.export(where)
        qtbot.waitUntil(lambda: bool(panel.notice.text()), timeout=30_000)
        assert str(where) in panel.notice.text() and "Choose another folder" in panel.notice.text()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_choice_is_kept(panel: MeasuresPanel, recorded: Window) -> None:
    assert recorded.preferences.measures == list(CHOSEN)


def test_nothing_chosen_says_so(panel: MeasuresPanel) -> None:
    panel.choose([])
    assert "No measure" in panel._say.text() and panel._say.isVisible()


def test_a_living_society_adds_to_the_plots(window: Window, qtbot: QtBot) -> None:
    from app.panels.measures import MeasuresPanel

    made = window.panels["measures"]
    window.docks.docks["measures"].show()
    window.docks.docks["measures"].raise_()
    assert isinstance(made, MeasuresPanel) and window.view.session is not None
    made.choose(["ties.count"])
    window.view.session.set_speed(0)
    qtbot.waitUntil(lambda: len(made.ticks) >= 3, timeout=60_000)
    assert made.ticks == list(range(made.ticks[0], made.ticks[-1] + 1, 20)), "every 20 ticks, none twice"
    assert len(made.values["ties.count"]) == len(made.ticks) and None not in made.values["ties.count"]


def test_what_is_called_off_is_not_written(
    panel: MeasuresPanel, recorded: Window, tmp_path: Path, qtbot: QtBot
) -> None:
    for kind in ("csv", "png"):
        panel.export(tmp_path / f"measures.{kind}")
        (errand,) = recorded.errands.under_way
        assert f"measures.{kind}" in errand.title
        errand.cancel()
    panel.export(tmp_path / "other.csv")
    recorded.close_society()
    assert not recorded.errands.under_way
    panel.notice.setText("")
    qtbot.wait(400)
    assert not list(tmp_path.glob("*.csv")) and not list(tmp_path.glob("*.png")) and not panel.notice.text()
