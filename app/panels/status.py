"""The status line: how the run goes, in one quiet row whose words never jump."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.actions import Actions
from app.design import SMALL, SPACE, Design, dress
from app.models.moments import moment
from app.view import View
from engine.remote.wire import Status

EVERY = 500
"""Milliseconds between two looks at frames a second, and at rates: digits that flicker tell nothing."""
LINE = 19
"""The height, in logical pixels."""
DOT = 8
NOTE = 520
"""What is kept free for a note, in logical pixels."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a field says: its caption, its figure, a tone of the theme, and a sentence for the tool tip."""

    caption: str
    figure: str
    tone: str = "ink"
    about: str = ""


class Field(QWidget):
    """A figure with its caption. It is as wide as its widest figure so far, and never narrower than a sample."""

    def __init__(self, design: Design, sample: str, caption_first: bool = False) -> None:
        super().__init__()
        self._design, self._sample, self._first = design, sample, caption_first
        self.part = Part("", "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        design.changed.connect(self._resize)

    def say(self, part: Part) -> None:
        """Say something else."""
        if part != self.part:
            captioned = part.caption != self.part.caption
            self.part = part
            self.setToolTip(part.about)
            self.setAccessibleName(f"{part.caption} {part.figure}" if self._first else f"{part.figure} {part.caption}")
            if captioned or len(part.figure) > len(self._sample):
                self._sample = max(self._sample, part.figure, key=len)
                self._resize()
            self.update()

    def _resize(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()

    def _font(self) -> QFont:
        font = self._design.font(SMALL)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def sizeHint(self) -> QSize:
        """Return the width of the sample and the caption."""
        metrics = QFontMetrics(self._font())
        caption = metrics.horizontalAdvance(self.part.caption) + SPACE[1] if self.part.caption else 0
        return QSize(metrics.horizontalAdvance(self._sample) + caption + 2, metrics.height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the figure against its caption."""
        theme = self._design.theme
        painter = QPainter(self)
        painter.setFont(self._font())
        wide = painter.fontMetrics().horizontalAdvance(self.part.caption)
        rect, middle = self.rect(), Qt.AlignmentFlag.AlignVCenter
        quiet, strong = QColor(theme.soft), QColor(getattr(theme, self.part.tone))
        if self._first:
            painter.setPen(quiet)
            painter.drawText(rect, middle | Qt.AlignmentFlag.AlignLeft, self.part.caption)
            painter.setPen(strong)
            inner = rect.adjusted(wide + SPACE[1] if wide else 0, 0, 0, 0)
            painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, self.part.figure)
        else:
            painter.setPen(quiet if self.part.tone == "ink" else strong)
            painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, self.part.caption)
            painter.setPen(strong)
            inner = rect.adjusted(0, 0, -wide - SPACE[1] if wide else 0, 0)
            painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, self.part.figure)
        painter.end()


class State(QWidget):
    """A dot and a word: running, paused, ended, waiting for disk, preparing."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        self._design = design
        self.words, self.tone = "", "soft"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.states = {
            "preparing": (self.tr("Preparing"), "soft"),
            "running": (self.tr("Running"), "good"),
            "paused": (self.tr("Paused"), "accent"),
            "ended": (self.tr("Ended"), "soft"),
            "waiting": (self.tr("Waiting for disk"), "warn"),
            "recorded": (self.tr("Recorded"), "soft"),
            "": (self.tr("Nothing open"), "soft"),
        }
        design.changed.connect(self._resize)
        self._resize()

    def say(self, state: str, about: str = "") -> None:
        """Show another state."""
        self.words, self.tone = self.states.get(state, (state.capitalize(), "soft"))
        self.setAccessibleName(self.words)
        self.setToolTip(about)
        self.update()

    def _resize(self) -> None:
        metrics = QFontMetrics(self._design.font(SMALL, True))
        widest = max(metrics.horizontalAdvance(words) for words, _ in self.states.values())
        self.setFixedSize(DOT + SPACE[2] + widest + 2, metrics.height() + 2)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dot and the word."""
        theme = self._design.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(theme, self.tone)))
        painter.drawEllipse(0, (self.height() - DOT) // 2, DOT, DOT)
        painter.setFont(self._design.font(SMALL, True))
        painter.setPen(QColor(theme.warn if self.tone == "warn" else theme.ink))
        painter.drawText(self.rect().adjusted(DOT + SPACE[2], 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.words)
        painter.end()


class StatusLine(QWidget):
    """One row over the whole width. What matters less goes first where there is little room."""

    def __init__(self, view: View, actions: Actions, design: Design) -> None:
        super().__init__()
        self._view, self._design = view, design
        self._frames: Callable[[], float] = lambda: 0.0
        self.setAccessibleName(self.tr("Status"))
        self.state = State(design)
        self.fields = {
            "tick": Field(design, "00,000 of 00,000", caption_first=True),
            "moment": Field(design, moment_sample()),
            "people": Field(design, "00,000"),
            "ticks": Field(design, "0,000.0"),
            "frames": Field(design, "000"),
            "decisions": Field(design, "00,000"),
            "waiting": Field(design, "0,000"),
            "fallbacks": Field(design, "000"),
            "disk": Field(design, "000.0 MB"),
            "free": Field(design, "000.0 GB"),
        }
        self.note = QLabel()
        dress(self.note, "small")
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._sentence = ""
        layout = QHBoxLayout(self)
        layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        layout.setContentsMargins(SPACE[3], 0, SPACE[3], 0)
        layout.setSpacing(SPACE[4])
        layout.addWidget(self.state)
        for name in ("tick", "moment", "people"):
            layout.addWidget(self.fields[name])
        layout.addWidget(self.note, 1)
        for name in list(self.fields)[3:]:
            layout.addWidget(self.fields[name])
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self._say_rates)
        for signal in (view.opened, view.closed, view.status_changed, view.frame_shown, view.following_changed):
            signal.connect(self._say)
        design.changed.connect(self._fit)
        self._say()

    def set_frames_per_s(self, frames_per_s: Callable[[], float]) -> None:
        """Tell it whom to ask for the frames a second of the viewport."""
        self._frames = frames_per_s

    def sizeHint(self) -> QSize:
        """Return one low row."""
        return QSize(600, self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return the state and its height: all else gives way."""
        least = SPACE[3] * 2 + self.state.width() + self.fields["moment"].sizeHint().width() + SPACE[4] * 2
        return QSize(least, max(LINE, self.state.height() + SPACE[1]))

    # ------------------------------------------------------------------ what it says

    def _say(self) -> None:
        if not self.isVisible():
            return
        view, status = self._view, self._view.status
        self._say_state()
        if view.about is None or status is None:
            self._fit()
            return
        last, tick, people = view.last_tick, view.tick, int(view.alive().sum())
        figure = f"{tick:,}" if tick >= last else self.tr("{0} of {1}").format(f"{tick:,}", f"{last:,}")
        self.fields["tick"].say(Part(self.tr("tick"), figure, about=self.tr("The tick on screen")))
        self.fields["moment"].say(Part("", moment(view.about, tick), about=self.tr("Day and hour in the society")))
        self.fields["people"].say(
            Part(self.tr("people"), f"{people:,}", about=self.tr("People who live there at the tick on screen"))
        )
        self._say_troubles(status)
        if not self._timer.isActive():
            self._say_rates()
            self._timer.start()

    def _say_state(self) -> None:
        view, status = self._view, self._view.status
        if view.about is None:
            state = "" if view.session is None else "preparing"
        elif not view.is_live:
            state = "recorded"
        else:
            state = status.state if status is not None else "preparing"
        note = status.note if status is not None else ""
        self.state.say(state, note)
        if note != self._sentence:
            self._sentence = note
            self.note.setToolTip(note)
            self.note.setAccessibleName(note)
            self._elide()

    def _say_troubles(self, status: Status) -> None:
        waiting, fallbacks = status.waiting, status.fallbacks
        about = self.tr("People whose mind has not answered yet")
        self.fields["waiting"].say(Part(self.tr("waiting"), f"{waiting:,}", about=about))
        about = self.tr("Decisions that a reflex took because a mind failed")
        tone = "warn" if fallbacks else "ink"
        self.fields["fallbacks"].say(Part(self.tr("fallbacks"), f"{fallbacks:,}", tone, about))
        about = self.tr("The size of the run file")
        self.fields["disk"].say(Part(self.tr("on disk"), size(status.disk), about=about))
        tone = "warn" if status.state == "waiting" else "ink"
        self.fields["free"].say(Part(self.tr("free"), size(status.free), tone, self.tr("What is left on the disk")))

    def _say_rates(self) -> None:
        status = self._view.status
        if status is None or not self.isVisible():
            self._timer.stop()
            return
        live = self._view.is_live
        self.fields["ticks"].say(
            Part(self.tr("ticks/s"), f"{status.ticks_per_s if live else 0:,.1f}", about=self.tr("Ticks a second"))
        )
        about = self.tr("Pictures a second of the 3D view")
        self.fields["frames"].say(Part(self.tr("frames/s"), f"{self._frames():,.0f}", about=about))
        about = self.tr("Decisions a second, of all minds together")
        figure = f"{status.decisions_per_s if live else 0:,.0f}"
        self.fields["decisions"].say(Part(self.tr("decisions/s"), figure, about=about))
        self._fit()

    # ------------------------------------------------------------------ room

    def _fit(self) -> None:
        """Show as many fields as there is room for, the more telling ones first."""
        there = self._view.about is not None and self._view.status is not None
        status = self._view.status
        order = ["moment", "tick", "people", "ticks", "frames", "decisions", "disk", "free", "fallbacks", "waiting"]
        if not self._view.is_live:
            order = [name for name in order if name not in ("ticks", "decisions", "waiting", "fallbacks", "free")]
        elif status is not None and status.fallbacks:  # trouble does not give way
            order.insert(1, order.pop(order.index("fallbacks")))
        if status is not None and status.state == "waiting":
            order.insert(1, order.pop(order.index("free")))
        note = min(NOTE, self.note.fontMetrics().horizontalAdvance(self._sentence) + SPACE[4]) if self._sentence else 0
        room = self.width() - SPACE[3] * 2 - self.state.width() - SPACE[4] - note
        shown = set()
        for name in order:
            room -= self.fields[name].sizeHint().width() + SPACE[4]
            if room < 0:
                break
            shown.add(name)
        for name, field in self.fields.items():
            field.setVisible(there and name in shown)
        self._elide()

    def _elide(self) -> None:
        metrics = self.note.fontMetrics()
        self.note.setText(
            metrics.elidedText(self._sentence, Qt.TextElideMode.ElideRight, max(0, self.note.width() - 2))
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let fields come and go."""
        super().resizeEvent(event)
        self._fit()
        QTimer.singleShot(0, self, self._elide)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self._say()


def moment_sample() -> str:
    """Return the widest usual moment."""
    return "Day 000, 00:00"


def size(count: int) -> str:
    """Return a number of bytes as people say it: "5.9 MB"."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit in ("B", "kB") else f"{amount:,.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} TB"
