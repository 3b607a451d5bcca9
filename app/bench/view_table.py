"""Measures the people table with 100,000 rows: the panel's own code, and painting what has changed."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication

from app.actions import Actions
from app.design import DARK, Design
from app.panels.people import PeoplePanel
from app.session import Frame
from app.stylesheet import stylesheet
from app.view import View
from engine.remote.wire import About, ColumnEntry, Columns, PlaceEntry, RoleEntry

PEOPLE = 100_000
ROUNDS = 21
FULL = 1_000_000
LEVELS = ("energy", "hunger", "company")
GOODS = ("grain", "berries", "fish", "bread", "wood", "stone", "tools", "furniture")


def measure_people_table(people: int = PEOPLE, rounds: int = ROUNDS) -> dict[str, float]:
    """Return medians in milliseconds: `filter` and `sort` until painted, `refresh` of what is seen with a new frame.

    Makes a QApplication where there is none; any platform of Qt will do.
    """
    application = QApplication.instance() or QApplication(["sociarium"])
    assert isinstance(application, QApplication)
    design = Design(DARK)
    view = View()
    panel = PeoplePanel(view, Actions(design), design)
    panel.setStyleSheet(stylesheet(DARK))
    panel.resize(640, 900)
    panel.show()
    columns = _columns(people)  # all of them in the frame: what the host is asked for comes in the same way
    view.about, view.names = _about(columns), [f"Person {number % 977} {number}" for number in range(people)]
    view.opened.emit()
    view._arrive(Frame(0, columns))
    header = panel.table.horizontalHeader()
    frames = [Frame(n, _later(columns, n)) for n in range(6)]

    def search(n: int) -> None:
        filters = (
            f'role == "merchant" and coins < {400 + n}',
            f"hunger > {20 + n}%",
            f"grain > {1 + n % 7} and hunger > 5%",
        )
        panel.search.setText(filters[n % len(filters)])

    def sort(n: int) -> None:
        header.setSortIndicator(n % len(panel.model.shown), Qt.SortOrder(n // len(panel.model.shown) % 2))

    def refresh(n: int) -> None:
        view.frame = frames[n % len(frames)]
        panel._take()
        panel._look()

    found = {"filter": _median(search, rounds, application)}
    panel.search.clear()
    found["sort"] = _median(sort, rounds, application)
    found["refresh"] = _median(refresh, rounds, None)
    panel.close()
    panel.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return found


def _median(job: Callable[[int], None], rounds: int, application: QApplication | None) -> float:
    """Return the median time of a job, with what is painted after it where there is an application: milliseconds."""
    spent = []
    for n in range(rounds + 2):
        start = perf_counter()
        job(n)
        if application is not None:
            application.processEvents()
        spent.append(perf_counter() - start)
        QCoreApplication.processEvents()
    return median(spent[2:]) * 1000


def _columns(people: int) -> Columns:
    draw = np.random.default_rng(1)
    return {
        "people.alive": draw.random(people) < 0.98,
        "people.role": draw.integers(0, 3, people).astype(np.uint8),
        "people.action": draw.integers(0, 9, people).astype(np.int16),
        "space.place": draw.integers(-1, 40, people).astype(np.int16),
        **{f"drives.{level}": draw.integers(0, FULL, people).astype(np.int32) for level in LEVELS},
        "trade.coins": draw.integers(0, 2000, people).astype(np.int32),
        "goods.stock": draw.integers(0, 12, (people, len(GOODS))).astype(np.int32),
    }


def _later(columns: Columns, ticks: int) -> Columns:
    """Return columns in which every level has moved on."""
    return {**columns, **{f"drives.{level}": (columns[f"drives.{level}"] + 4096 * ticks) % FULL for level in LEVELS}}


def _about(columns: Columns) -> About:
    units = {**{f"drives.{level}": "millionths" for level in LEVELS}, "trade.coins": "coins", "goods.stock": "units"}
    return About(
        name="crowd", title="Crowd", description="", run="", program="", seed=1, scenario="", tick=120, day=720,
        start=0, ticks=0, mode="live", rate=4.0, space="hex", width=1, height=1, edges="wall", substeps=1, live=False,
        first=0, parent=None, changes=(), kinds=(), appeals=(), minds=(), events=(), measures=(),
        actions=("continue", "go", "rest", "eat", "gather", "craft", "talk", "trade", "give"),
        roles=tuple(RoleEntry(name, "#e69f00", "") for name in ("citizen", "merchant", "leader")),
        places=tuple(PlaceEntry(f"house {n}", "house", n, 0, 9, 0) for n in range(40)),
        columns=tuple(
            ColumnEntry(
                name, array.dtype.name, array.shape[1:], units.get(name, ""), "", array.ndim == 1,
                GOODS if array.ndim > 1 else (),
            )
            for name, array in columns.items()
        ),
    )  # fmt: skip
