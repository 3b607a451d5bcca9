"""What a person needs and is like: levels with their course over the last day, goods, character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from app.design import BODY, SMALL, SPACE, Design
from app.panels.flow import Chip, Flow
from app.panels.inspector.words import FULL, Fact, Person, amount, capital, of_kind, title, tone, translate
from app.panels.pieces import BAR, NARROW, Fold, Link, Prose, Wrapped, ink, paint_bar, paint_course, track
from app.view import View

COURSE = 0.34
"""The share of the width that the course over time takes."""
DRIVES = "drives"
MILLIONTHS = "millionths"
"""The unit of a level's column in frames."""
TALL = 18
"""The height of the course, in logical pixels."""


class Meter(QWidget):
    """A level or a lack: what it is, how it reads, a bar, and its course. High is bad where `kind` is "lack"."""

    def __init__(self, design: Design, thin: bool = False) -> None:
        super().__init__()
        self._design, self._thin = design, thin
        self._label = Wrapped(design, SMALL if thin else BODY)
        self._words = Wrapped(design, SMALL if thin else BODY)
        self.value, self.kind = 0.0, "level"
        self.course: tuple[float | None, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        design.changed.connect(self.updateGeometry)
        design.changed.connect(self.update)

    @property
    def label(self) -> str:
        """What it is a level of."""
        return self._label.text

    @property
    def words(self) -> str:
        """How it reads."""
        return self._words.text

    def show_level(self, label: str, kind: str, value: float, words: str) -> None:
        """Show another level of 0..1000."""
        if (label, kind, value, words) == (self.label, self.kind, self.value, self.words):
            return
        self._label.text, self._words.text, self.kind, self.value = label, words, kind, value
        number = translate("Inspector", "{0}: {1:,} of 1,000").format(label, round(value))
        high = translate("Inspector", "High is bad.") if kind == "lack" else ""
        self.setAccessibleName(f"{label}: {words}" if words else number)
        self.setToolTip("\n".join(part for part in (number, capital(words), high) if part))
        self.updateGeometry()
        self.update()

    def show_course(self, values: Sequence[float | None]) -> None:
        """Show how it went, values of 0..1000 evenly over the last day."""
        self.course = tuple(None if value is None else value / FULL for value in values)
        self.update()

    def _stacked(self, width: int) -> bool:
        return self._label.natural() + self._words.natural() + SPACE[2] > width

    def hasHeightForWidth(self) -> bool:
        """The words go on a line of their own where there is no room."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width."""
        words = self._words.height(width) if self._stacked(width) else 0
        return self._label.height(width) + words + (BAR + SPACE[1] if self._thin else TALL)

    def sizeHint(self) -> QSize:
        """Ask for little width, and for the height that the width at hand takes."""
        return QSize(NARROW, self.heightForWidth(max(NARROW, self.width())))

    def minimumSizeHint(self) -> QSize:
        """Return the least."""
        return QSize(NARROW, BAR)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint words, bar and course."""
        painter = QPainter(self)
        theme, width = self._design.theme, self.width()
        y = self._label.height(width)
        self._label.paint(painter, 0, 0, width, ink(theme, "soft" if self._thin else "ink"))
        if self._stacked(width):
            self._words.paint(painter, 0, y, width, ink(theme, "soft"))
            y += self._words.height(width)
        else:
            natural = self._words.natural()
            self._words.paint(painter, width - natural + 1, 0, natural, ink(theme, "soft"))
        colour = ink(theme, "accent" if self.kind == "trait" else tone(self.kind, self.value))
        tall = BAR if self._thin else TALL
        long = width if self._thin or not self.course else width * (1 - COURSE) - SPACE[3]
        bar = QRectF(0, y + (SPACE[1] if self._thin else (tall - BAR) / 2), long, BAR - 2 if self._thin else BAR)
        paint_bar(painter, bar, self.value / FULL, colour, track(theme))
        if self.course and not self._thin:
            box = QRectF(width * (1 - COURSE), y + 2, width * COURSE - 4, tall - 4)
            painter.fillRect(QRectF(box.x(), box.bottom() + 1, box.width() + 3, 1), track(theme))
            paint_course(painter, box, self.course, colour)
        painter.end()


class Meters(QWidget):
    """Meters under each other, or thin ones two in a row."""

    def __init__(self, design: Design, thin: bool = False) -> None:
        super().__init__()
        self._design, self._thin = design, thin
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE[4])
        self._grid.setVerticalSpacing(SPACE[1] if not thin else SPACE[2])
        self._meters: list[Meter] = []
        self._shown = 0

    def show_levels(self, levels: Sequence[tuple[str, str, float, str]]) -> None:
        """Show (label, kind, value, words) each."""
        columns = 2 if self._thin else 1
        while len(self._meters) < len(levels):
            meter = Meter(self._design, self._thin)
            self._grid.addWidget(meter, len(self._meters) // columns, len(self._meters) % columns)
            self._meters.append(meter)
        for meter, level in zip(self._meters, levels, strict=False):
            meter.show_level(*level)
            meter.show()
        for meter in self._meters[len(levels) :]:
            meter.hide()
        self._shown = len(levels)
        self.setVisible(bool(levels))

    @property
    def meters(self) -> list[Meter]:
        """Those that are shown."""
        return self._meters[: self._shown]


def is_need(fact: Fact) -> bool:
    """Whether a level is of the drives, which move people; others (a skill, wear) stand with belongings."""
    return bool(fact["module"] == DRIVES)


class Needs(Fold):
    """Levels and lacks, with their course over the last day."""

    def __init__(self, design: Design) -> None:
        super().__init__(design, translate("Inspector", "Needs"))
        self.meters = Meters(design)
        self.add(self.meters)

    def show_person(self, person: Person) -> None:
        """Show somebody's levels."""
        levels = [
            (capital(f["label"]), f["kind"], f["value"], f["words"])
            for f in of_kind(person, "level", "lack")
            if is_need(f)
        ]
        self.meters.show_levels(levels)
        self.heading.note(translate("Inspector", "last 24 hours") if levels else "")
        self.setVisible(bool(levels))

    def preview(self, view: View, agent: int, kinds: Mapping[str, str]) -> None:
        """Show what the frame knows, before the host has put it into words; `kinds` tells levels from lacks."""
        about, frame = view.about, view.frame
        self.clear_courses()
        levels: list[tuple[str, str, float, str]] = []
        if about is not None and frame is not None:
            for column in about.columns:
                label = title(column.name)
                if column.unit == MILLIONTHS and column.name in frame.columns and label in kinds:
                    levels.append((label, kinds[label], float(frame.columns[column.name][agent]) / FULL, ""))
        self.meters.show_levels(levels)
        self.setVisible(bool(levels))

    def show_levels(self, levels: Mapping[str, Sequence[float | None]]) -> None:
        """Show courses by name."""
        known = {title(name).casefold(): values for name, values in levels.items()}
        for meter in self.meters.meters:
            meter.show_course(known.get(meter.label.casefold(), ()))

    def clear_courses(self) -> None:
        """Forget the courses: they are somebody else's."""
        for meter in self.meters.meters:
            meter.show_course(())


class Belongings(Fold):
    """Goods and coins as chips, and what else the modules have to say."""

    def __init__(self, design: Design, view: View) -> None:
        super().__init__(design, translate("Inspector", "Has and knows"))
        self._design, self._view = design, view
        self._flow = Flow(SPACE[2])
        self._chips: list[Chip] = []
        self._lines: list[_Line] = []
        self.add(self._flow)
        self.meters = Meters(design, thin=True)
        self.add(self.meters)

    def show_person(self, person: Person) -> None:
        """Show what somebody has."""
        amounts, texts = of_kind(person, "amount"), of_kind(person, "text")
        while len(self._chips) < len(amounts):
            chip = Chip(self._design)
            chip.setParent(self._flow)
            self._chips.append(chip)
        for chip, fact in zip(self._chips, amounts, strict=False):
            chip.say(amount(fact), tip=capital(amount(fact)))
        self._flow.flow(self._chips[: len(amounts)])
        levels = [fact for fact in of_kind(person, "level", "lack") if not is_need(fact)]
        self.meters.show_levels(
            [(capital(f["label"]), "trait" if f["kind"] == "level" else "lack", f["value"], f["words"]) for f in levels]
        )
        while len(self._lines) < len(texts):
            line = _Line(self._design, self._view)
            self.add(line)
            self._lines.append(line)
        for line, fact in zip(self._lines, texts, strict=False):
            line.show_fact(fact)
        for line in self._lines[len(texts) :]:
            line.hide()
        self.setVisible(bool(amounts or texts or levels))


class _Line(QWidget):
    """A fact in words: what it is about, and how it reads; a link where it is about somebody."""

    def __init__(self, design: Design, view: View) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._label, self._words, self._link = Prose(design, SMALL, tone="soft"), Prose(design), Link(design)
        for piece in (self._label, self._words):
            layout.addWidget(piece)
        layout.addWidget(self._link, 0, Qt.AlignmentFlag.AlignLeft)
        self._link.clicked.connect(lambda: view.want(self._link.key))

    def show_fact(self, fact: Fact) -> None:
        """Show another one."""
        self._label.say(capital(fact["label"]))
        about = fact.get("agent")
        if isinstance(about, int) and about >= 0:
            self._words.say("")
            self._link.say(str(fact["words"]), about)
        else:
            self._words.say(capital(str(fact["words"])))
            self._link.hide()
        self.show()


class Character(Fold):
    """Traits as small bars."""

    def __init__(self, design: Design) -> None:
        super().__init__(design, translate("Inspector", "Character"))
        self.meters = Meters(design, thin=True)
        self.add(self.meters)

    def show_person(self, person: Person) -> None:
        """Show somebody's traits."""
        traits = person.get("traits") or {}
        self.meters.show_levels(
            [(title(name), "trait", float(value), f"{value / 10:.0f} %") for name, value in traits.items()]
        )
        self.setVisible(bool(traits))
