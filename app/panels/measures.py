"""The measures panel: figures of the society over time, chosen from a list, to zoom into and to take along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.actions import Actions
from app.design import ICON, SPACE, Design, dress
from app.errands import Errands
from app.panels.choice_menu import ChoiceMenu, Option, plain
from app.panels.measure_exports import DRAWING, PICTURE, TABLE, MeasureExports
from app.session import Request
from app.view import View
from engine.remote.wire import MeasureEntry, Message

if TYPE_CHECKING:
    from app.panels.measure_plots import MeasurePlots

POINTS = 1000
"""Points of a line; a longer run is thinned evenly by the host."""
EVERY = 300
"""Milliseconds between two drawings of lines that grow, and of playheads."""
USUAL = 3
"""Measures that are chosen until somebody says otherwise: the first one of each of so many modules."""


class MeasuresPanel(QWidget):
    """Plots with their list and buttons. `choice` is worth remembering; `choose` takes it back."""

    choice_changed = Signal()

    def __init__(self, view: View, actions: Actions, design: Design, errands: Errands) -> None:
        super().__init__()
        self._view, self._design = view, design
        self.exports = MeasureExports(view, errands, self._tell, self)
        self._plots: MeasurePlots | None = None
        self._asking: Request | None = None
        self._stale = True
        self._failure = ""
        self._wish: frozenset[str] = frozenset()
        """What to plot of the next society, where it has that."""
        self.ticks: list[int] = []
        self.values: dict[str, list[Any]] = {}
        self.setAccessibleName(self.tr("Measures"))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.menu = ChoiceMenu(self.tr("Measures"), self.tr("{0} of {1} measures").format)
        self.notice = QLabel(wordWrap=True)
        self.notice.hide()
        self._say = QLabel(wordWrap=True)
        self._area = QScrollArea()
        self._pages = QStackedLayout()
        self._register(actions)
        self._lay_out(actions)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self._draw)
        view.opened.connect(self._open)
        view.closed.connect(self._close)
        view.measured.connect(self._measured)
        view.frame_shown.connect(self._draw_soon)
        self.menu.chosen_changed.connect(self._rebuild)
        self.menu.chosen_changed.connect(self.choice_changed)
        design.changed.connect(self._rebuild)
        self._speak()
        if view.about is not None:
            self._open()

    # ------------------------------------------------------------------ parts

    def _register(self, actions: Actions) -> None:
        def plotted() -> bool:
            return bool(self.ticks) and self._plots is not None

        for kind, words, icon in (
            (PICTURE, self.tr("Save plots as a picture (PNG) …"), "mdi6.image-outline"),
            (DRAWING, self.tr("Save plots as a drawing (SVG) …"), "mdi6.vector-curve"),
            (TABLE, self.tr("Save measures as a table (CSV) …"), "mdi6.table-arrow-down"),
        ):
            ask = partial(self.exports.ask_where, kind, self.export)
            actions.add(f"measures.export_{kind}", words, ask, icon, enabled=plotted)
        actions.add(
            "measures.reset", self.tr("Show all the time in plots"), self.reset, "mdi6.arrow-expand-horizontal",
            enabled=plotted, about=self.tr("Undo zooming and panning"),
        )  # fmt: skip
        self._refresh: Callable[[], None] = actions.refresh

    def _lay_out(self, actions: Actions) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(SPACE[2], SPACE[2], SPACE[2], SPACE[2])
        row.setSpacing(SPACE[1])
        row.addWidget(self.menu)
        row.addStretch()
        for name in ("reset", f"export_{PICTURE}", f"export_{DRAWING}", f"export_{TABLE}"):
            button = QToolButton()
            button.setDefaultAction(actions[f"measures.{name}"])
            button.setIconSize(QSize(ICON, ICON))
            button.setAccessibleName(actions[f"measures.{name}"].text())
            row.addWidget(button)
        self._say.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._say.setContentsMargins(SPACE[5], SPACE[5], SPACE[5], SPACE[5])
        dress(self._say, "soft")
        self.notice.setContentsMargins(SPACE[3], SPACE[1], SPACE[3], SPACE[2])
        self.notice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._pages.addWidget(self._say)
        self._pages.addWidget(self._area)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addLayout(self._pages, 1)
        layout.addWidget(self.notice)

    def sizeHint(self) -> QSize:
        """Ask for room for two plots."""
        return QSize(480, 320)

    # ------------------------------------------------------------------ what is plotted

    @property
    def choice(self) -> tuple[str, ...]:
        """The names of the chosen measures."""
        return self.menu.chosen

    def choose(self, names: Iterable[str]) -> None:
        """Plot these measures, of this society or of the next one that has any of them."""
        self._wish = frozenset(names)
        if self._view.about is not None:
            self.menu.choose(self._wish)

    @property
    def entries(self) -> Mapping[str, MeasureEntry]:
        """The measures that the society has, by name."""
        return {} if self._view.about is None else {entry.name: entry for entry in self._view.about.measures}

    def _open(self) -> None:
        assert self._view.about is not None
        firsts = {entry.name.partition(".")[0]: entry.name for entry in reversed(self._view.about.measures)}
        usual = set(list(firsts.values())[::-1][:USUAL])
        self.menu.offer(
            [
                Option(
                    entry.name,
                    self.tr("{0}: {1}").format(plain(entry.name.partition(".")[0]), _own_words(entry.name)),
                    f"{entry.about} ({entry.unit})",
                    entry.name in usual,
                )
                for entry in self._view.about.measures
            ]
        )
        if self._wish & set(self.entries):
            self.menu.choose(self._wish)
        self._wish = frozenset()
        self._forget()
        self._rebuild()

    def _close(self) -> None:
        self._forget()
        self._rebuild()

    def _forget(self) -> None:
        self._timer.stop()
        if self._asking is not None:
            self._asking.cancel()
        self._asking, self._failure, self._stale = None, "", True
        self.ticks, self.values = [], {}
        self.notice.hide()

    def _rebuild(self) -> None:
        """Make the plots anew: another choice, another theme, another society."""
        self._stale = True
        if not self.isVisible():
            return
        self._stale = False
        about = self._view.about
        if about is not None and self.choice:
            from app.panels.measure_plots import MeasurePlots  # a third of a second to import

            if self._plots is None:
                self._plots = MeasurePlots(self._view, self._design, self._refresh)
                self._plots.setAccessibleName(self.tr("Plots of measures over time"))
                self._area.setWidget(self._plots)
            self._plots.make([self.entries[name] for name in self.choice])
            self._ask()
        self._speak()

    def _ask(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._failure = ""
        self._asking = self._view.ask(
            "measures", self._answer, self._not_answered, names=",".join(self.choice), points=POINTS
        )

    def _answer(self, message: Message) -> None:
        self._asking = None
        ticks, values = [int(tick) for tick in message.head["ticks"]], message.head["values"]
        last = ticks[-1] if ticks else -1
        later = [at for at, tick in enumerate(self.ticks) if tick > last]  # measured while the question was under way
        self.values = {
            name: [*values.get(name, ()), *(self.values.get(name, [None] * len(self.ticks))[at] for at in later)]
            for name in self.choice
        }
        self.ticks = [*ticks, *(self.ticks[at] for at in later)]
        self._draw()
        self._refresh()
        self._speak()

    def _not_answered(self, sentence: str) -> None:
        self._asking, self._failure = None, sentence
        self._speak()

    def _measured(self, tick: int, values: Mapping[str, Any]) -> None:
        if self._stale or (self.ticks and tick <= self.ticks[-1]):
            return
        if not self.isVisible():
            self._stale = True
            return
        began = not self.ticks
        self.ticks.append(tick)
        for name in self.choice:
            self.values.setdefault(name, [None] * (len(self.ticks) - 1)).append(values.get(name))
        if len(self.ticks) > 2 * POINTS and self._asking is None:
            self._ask()
        if began:
            self._refresh()
            self._speak()
        self._draw_soon()

    def _draw_soon(self) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def _draw(self) -> None:
        if self._plots is None or not self.isVisible():
            return
        ticks = np.array(self.ticks, np.float64)
        for name, plot in self._plots.plots.items():
            series = self.values.get(name, [])
            if (
                ticks.size
                and len(series) == ticks.size
                and (plot.ticks.size != ticks.size or plot.ticks[-1] != ticks[-1])
            ):
                plot.show(ticks, series)
            else:
                plot.read()

    def _speak(self) -> None:
        """Say in words why there are no plots."""
        if self._view.about is None:
            sentence = self.tr("What is measured in the society is plotted here.")
        elif not self._view.about.measures:
            sentence = self.tr("This society measures nothing; turn on modules in its scenario.")
        elif not self.choice:
            sentence = self.tr("No measure is chosen. Choose some from the list above.")
        elif self._failure:
            sentence = self._failure
        elif not self.ticks:
            sentence = self.tr("Nothing has been measured yet; the scenario says how often that is done.")
        else:
            sentence = ""
        self._say.setText(sentence)
        self._pages.setCurrentIndex(0 if sentence else 1)

    def reset(self) -> None:
        """Show all the time again."""
        if self._plots is not None:
            self._plots.reset()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        if self._stale:
            self._rebuild()

    # ------------------------------------------------------------------ taking it along

    def export(self, path: Path) -> None:
        """Save to a file; its ending says how. The notice tells what came of it."""
        if self._plots is None or self._view.about is None:
            return
        if path.suffix.lower() == f".{TABLE}":
            self.exports.save_table(path, self.choice)
        else:
            self._draw()
            self.exports.save_scene(path, self._plots.scene(), self._design.theme.panel)

    def _tell(self, sentence: str, look: str) -> None:
        dress(self.notice, look)
        self.notice.setText(sentence)
        self.notice.setAccessibleName(sentence)
        self.notice.show()


def _own_words(name: str) -> str:
    return name.partition(".")[2].replace("_", " ")
