"""The page on which a new run is set up: who, how long, how fast, into which file, and what it will cost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.amounts import DAY, duration
from app.design import SPACE, Design, dress
from app.frame.mind_box import MindBox, ask_for_model
from app.home import RUN_SUFFIX, home, new_run
from app.mind_files import known_minds
from app.start.recent_runs import size_words
from app.start.shelf import ScenarioCard, disk_of, scenario_card, scenario_cards, seconds_of
from engine.errors import SociariumError

SPEEDS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 0.0)
"""Ticks a second to choose from; 0 is as fast as it goes."""
REFLEX = "reflex"
"""The mind without a model, which decides where a scenario names none."""
MOST_PEOPLE = 200_000
MOST_TICKS = 10_000_000
WIDTH = 720
FIELD = 260
LABEL = 110


@dataclass(frozen=True, slots=True)
class NewRun:
    """What was set up: a scenario, the fields that are changed in it (PATH=VALUE), ticks a second, the run file."""

    scenario: str
    changes: tuple[str, ...]
    speed: float
    run: Path


class NewRunPage(QWidget):
    """A form. `started` carries a NewRun; `left` says that nobody wants one after all."""

    started = Signal(object)
    left = Signal()

    def __init__(self, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[ScenarioCard] = []
        self._design = design
        self._make_fields()
        self._problems = QLabel(wordWrap=True)
        self._problems.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._box = QFrame()
        self._box.setObjectName("problems")
        inside = QVBoxLayout(self._box)
        inside.setContentsMargins(SPACE[3], SPACE[2], SPACE[3], SPACE[2])
        inside.addWidget(self._problems)
        self._box.hide()
        self._cost = QLabel(wordWrap=True)
        dress(self._cost, "soft")
        self._lay_out()
        self.choose("")

    def _make_fields(self) -> None:
        self.scenario = QComboBox()
        self.scenario.setMinimumWidth(FIELD)
        self.scenario.setAccessibleName(self.tr("Scenario"))
        self.scenario.currentIndexChanged.connect(self._take)
        self.seed = QLineEdit()
        self.seed.setAccessibleName(self.tr("Seed"))
        self.seed.setValidator(QRegularExpressionValidator(QRegularExpression(r"\d{1,18}"), self.seed))
        self.seed.setToolTip(self.tr("Where all chance comes from: the same seed gives the same run"))
        self.people = self._whole(self.tr("People"), MOST_PEOPLE)
        self.ticks = self._whole(self.tr("Ticks"), MOST_TICKS)
        self.mind = MindBox()
        self.mind_file = QPushButton(self.tr("File …"))
        self.mind_file.setToolTip(self.tr("Choose a GGUF model on this machine"))
        self.mind_file.clicked.connect(lambda: ask_for_model(self, self.mind.name))
        self.speed = QComboBox()
        self.speed.setAccessibleName(self.tr("Speed"))
        for speed in SPEEDS:
            text = self.tr("{n:g} ticks a second").format(n=speed) if speed else self.tr("as fast as it goes")
            self.speed.addItem(text, speed)
        self.live = QRadioButton(self.tr("Live"))
        self.live.setToolTip(self.tr("The world keeps its pace; a slow mind's answer lands when it is ready"))
        self.lockstep = QRadioButton(self.tr("Lockstep"))
        self.lockstep.setToolTip(self.tr("Every tick waits for all answers, as experiments want it"))
        self._modes = QButtonGroup(self)
        self._modes.addButton(self.live)
        self._modes.addButton(self.lockstep)
        self.live.setChecked(True)
        self.file = QLineEdit()
        self.file.setAccessibleName(self.tr("Name of the run file"))
        self.file.setValidator(QRegularExpressionValidator(QRegularExpression(r"[^/\\\0]{1,120}"), self.file))
        self.people.valueChanged.connect(self._reckon)
        self.ticks.valueChanged.connect(self._reckon)
        self.speed.currentIndexChanged.connect(self._reckon)
        self.mind.editTextChanged.connect(self._reckon)
        self.seed.textEdited.connect(self._rename)

    def _whole(self, name: str, most: int) -> QSpinBox:
        field = QSpinBox()
        field.setRange(1, most)
        field.setGroupSeparatorShown(True)
        field.lineEdit().setTextMargins(SPACE[1], 0, 0, 0)
        field.lineEdit().setAccessibleName(name)
        field.setAccessibleName(name)
        return field

    def _lay_out(self) -> None:
        title = QLabel(self.tr("New run"))
        dress(title, "title")
        self._about = QLabel(wordWrap=True)
        dress(self._about, "soft")
        modes = QHBoxLayout()
        modes.setSpacing(SPACE[4])
        modes.addWidget(self.live)
        modes.addWidget(self.lockstep)
        modes.addStretch()
        minds = QWidget()
        across = QHBoxLayout(minds)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(SPACE[2])
        across.addWidget(self.mind, 1)
        across.addWidget(self.mind_file)
        form = QFormLayout()
        form.setHorizontalSpacing(SPACE[4])
        form.setVerticalSpacing(SPACE[3])
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for text, field, shown in (
            (self.tr("&Scenario"), self.scenario, self.scenario), (self.tr("S&eed"), self.seed, self.seed),
            (self.tr("&People"), self.people, self.people), (self.tr("&Ticks"), self.ticks, self.ticks),
            (self.tr("&Mind"), self.mind, minds), (self.tr("Spee&d"), self.speed, self.speed),
        ):  # fmt: skip
            label = self._label(text)
            label.setBuddy(field)
            form.addRow(label, shown)
        form.addRow(self._label(self.tr("Pace")), modes)
        form.addRow(self._label(self.tr("Run file")), self.file)
        form.addRow(self._label(self.tr("Cost")), self._cost)
        self.start_button = QPushButton(self.tr("Start"))
        dress(self.start_button, "primary")
        self.start_button.clicked.connect(self._start)
        self.back_button = QPushButton(self.tr("Back"))
        self.back_button.clicked.connect(self.left)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE[2])
        buttons.addStretch()
        buttons.addWidget(self.back_button)
        buttons.addWidget(self.start_button)
        sheet = QFrame()
        sheet.setObjectName("sheet")
        sheet.setMaximumWidth(WIDTH)
        inner = QVBoxLayout(sheet)
        inner.setContentsMargins(SPACE[5], SPACE[5], SPACE[5], SPACE[5])
        inner.setSpacing(SPACE[4])
        inner.addWidget(title)
        inner.addWidget(self._about)
        inner.addWidget(self._box)
        inner.addLayout(form)
        inner.addLayout(buttons)
        page = QWidget()
        page.setObjectName("page")
        whole = QHBoxLayout(page)
        whole.setContentsMargins(SPACE[5], SPACE[5], SPACE[5], SPACE[5])
        whole.addStretch(1)
        whole.addWidget(sheet, 20, Qt.AlignmentFlag.AlignTop)
        whole.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)

    def _label(self, text: str) -> QLabel:
        label = QLabel(text)
        label.setMinimumWidth(LABEL)
        dress(label, "soft")
        return label

    def choose(self, what: str) -> None:
        """Begin with a scenario, by bundled name or path; "" for the first. Raises ScenarioError for none of these."""
        cards = scenario_cards()
        if what and what not in [card.what for card in cards]:
            cards.append(scenario_card(what))
        self._cards = cards
        self.scenario.blockSignals(True)
        self.scenario.clear()
        for card in cards:
            self.scenario.addItem(card.title, card.what)
        place = next((place for place, card in enumerate(cards) if card.what == what), 0)
        self.scenario.setCurrentIndex(place)
        self.scenario.blockSignals(False)
        self.complain(())
        self._take()

    def complain(self, problems: Sequence[str]) -> None:
        """Say what the host found wrong, all of it."""
        self._problems.setText("\n".join(problems))
        self._box.setVisible(bool(problems))

    @property
    def problems(self) -> str:
        """What is complained of, "" for nothing."""
        return self._problems.text() if self._box.isVisibleTo(self) else ""

    @property
    def _card(self) -> ScenarioCard | None:
        place = self.scenario.currentIndex()
        return self._cards[place] if 0 <= place < len(self._cards) else None

    def _take(self) -> None:
        """Fill the form with the chosen scenario's own values."""
        card = self._card
        if card is None:
            return
        self._about.setText(card.description)
        self._about.setVisible(bool(card.description))
        self.seed.setText(str(card.seed))
        self.people.setValue(card.people)
        self.ticks.setValue(card.ticks)
        self.speed.setCurrentIndex(min(range(len(SPEEDS) - 1), key=lambda place: abs(SPEEDS[place] - card.rate)))
        self.mind.offer(
            [self._own_mind(card), *(name for name in (REFLEX, *known_minds()) if name != self._own_mind(card))]
        )
        self.mind.setEditText(self._own_mind(card))
        self._rename()
        self._reckon()

    def _own_mind(self, card: ScenarioCard) -> str:
        """Return what the form says of the minds that a scenario itself names."""
        if len(card.minds) > 1:
            return self.tr("as in the scenario ({minds})").format(minds=", ".join(dict.fromkeys(card.minds)))
        return card.minds[0] if card.minds else REFLEX

    def _rename(self) -> None:
        if self._card is not None:
            path = new_run(self._card.name, int(self.seed.text() or 0), datetime.now())
            self.file.setText(path.name.removesuffix(RUN_SUFFIX))

    def _reckon(self) -> None:
        """Say what it will cost."""
        card = self._card
        if card is None:
            return
        people, ticks, speed = self.people.value(), self.ticks.value(), float(self.speed.currentData() or 0)
        disk = disk_of(people, ticks)
        there = home()
        while not there.exists():
            there = there.parent
        free = shutil.disk_usage(there).free
        told = self.tr("About {disk} of disk ({free} are free) and {time}, for {lasts} of simulated time. An estimate.")
        self._cost.setText(
            told.format(
                disk=size_words(disk),
                free=size_words(free),
                time=self._time(seconds_of(people, ticks, speed)),
                lasts=duration(DAY * ticks / card.day),
            )
            + ("" if self.mind.mind == REFLEX else self.tr(" What a model takes comes on top."))
        )
        dress(self._cost, "bad" if disk > free else "soft")

    def _time(self, seconds: float) -> str:
        if seconds < 90:
            return self.tr("{n:.0f} seconds").format(n=seconds)
        if seconds < 5400:
            return self.tr("{n:.0f} minutes").format(n=seconds / 60)
        return self.tr("{n:.1f} hours").format(n=seconds / 3600)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter start the run from any field, or do what the button with the keyboard does."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        focused = self.focusWidget()
        (focused if isinstance(focused, QPushButton) else self.start_button).click()

    def _start(self) -> None:
        """Tell what was set up, once it can be."""
        card = self._card
        name = self.file.text().strip().removesuffix(RUN_SUFFIX)
        if card is None or not name or not self.seed.text():
            self.complain([self.tr("A run needs a seed and a name for its file; fill in both.")])
            return
        run = home() / "runs" / f"{name}{RUN_SUFFIX}"
        if run.exists():
            self.complain([self.tr("{run}: exists already; choose another name.").format(run=run.name)])
            return
        wanted = {
            "seed": (int(self.seed.text()), card.seed),
            "population.count": (self.people.value(), card.people),
            "time.ticks": (self.ticks.value(), card.ticks),
        }
        changes = [f"{path}={value}" for path, (value, was) in wanted.items() if value != was]
        changes.append(f'time.mode="{"live" if self.live.isChecked() else "lockstep"}"')
        mind = self.mind.mind
        if not mind:
            self.complain([self.tr("Somebody has to decide; choose a mind, such as reflex.")])
            return
        if mind != self._own_mind(card):
            changes.append(f"cognition.minds={json.dumps([{'mind': mind}], ensure_ascii=False)}")
        try:
            self.started.emit(NewRun(card.what, tuple(changes), float(self.speed.currentData()), run))
        except SociariumError as error:
            self.complain(str(error).splitlines())
