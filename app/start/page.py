"""The page that the window begins with: bundled scenarios, recent runs, ways to open a file and to set up a new run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.actions import Actions
from app.design import SPACE, Design, dress
from app.frame.notice import Notice
from app.start.recent_runs import RecentRuns
from app.start.scenario_tile import WIDTH, ScenarioTile
from app.start.shelf import scenario_cards

WIDEST, SHARE = 1180, 0.5
"""The page's content is no wider, in logical pixels, or than this share of a very wide window: lines stay readable."""
NARROW = 860
"""Below this width the recent runs lie under the scenarios."""
RECENT_WIDTH = 340


class StartPage(QWidget):
    """Tells what somebody wants opened; the window opens it."""

    scenario_chosen = Signal(str)
    run_chosen = Signal(Path)
    set_up = Signal(str)

    def __init__(self, actions: Actions, design: Design, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.notice = Notice(design)
        self.tiles = [ScenarioTile(card, design) for card in scenario_cards()]
        for tile in self.tiles:
            tile.opened.connect(self.scenario_chosen)
            tile.prepared.connect(self.set_up)
        self.recent = RecentRuns(design)
        self.recent.chosen.connect(self.run_chosen)
        self.recent.runs.rowsInserted.connect(self._count)
        self.recent.runs.modelReset.connect(self._count)
        self._page = QWidget()
        self._page.setObjectName("page")
        self._columns = QHBoxLayout()
        self._columns.setSpacing(SPACE[5])
        self._scenarios_part = self._scenarios()
        self._columns.addWidget(self._scenarios_part, 3)
        self._recent = self._recent_runs()
        self._columns.addWidget(self._recent, 2)
        self._content = QVBoxLayout(self._page)
        self._content.setSpacing(SPACE[5])
        self._head_row = self._head()
        self._content.addLayout(self._head_row)
        self._content.addLayout(self._columns, 1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.notice)
        whole.addWidget(scroll, 1)
        self._per_row = 0
        self._count()

    def _head(self) -> QHBoxLayout:
        title = QLabel(self.tr("Sociarium"))
        dress(title, "display")
        about = QLabel(self.tr("A laboratory for societies. Open one, watch it live, ask anybody why."), wordWrap=True)
        dress(about, "soft")
        words = QVBoxLayout()
        words.setSpacing(SPACE[1])
        words.addWidget(title)
        words.addWidget(about)
        head = QHBoxLayout()
        head.setSpacing(SPACE[2])
        head.addLayout(words, 1)
        for name, look in (("file.new_run", ""), ("file.open", "")):
            head.addWidget(self._button(name, look), alignment=Qt.AlignmentFlag.AlignBottom)
        return head

    def _button(self, name: str, look: str) -> QPushButton:
        """Return a button that does what an action does."""
        action = self._actions[name]
        button = QPushButton(action.text().replace("&", ""))
        button.setToolTip(action.toolTip())
        button.setIcon(action.icon())
        action.changed.connect(lambda: button.setIcon(action.icon()))
        button.clicked.connect(action.trigger)
        if look:
            dress(button, look)
        return button

    def _scenarios(self) -> QWidget:
        title = QLabel(self.tr("Scenarios"))
        dress(title, "large")
        self._grid = QGridLayout()
        self._grid.setSpacing(SPACE[4])
        part = QWidget()
        whole = QVBoxLayout(part)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(SPACE[3])
        whole.addWidget(title)
        whole.addLayout(self._grid)
        whole.addStretch(1)
        return part

    def _recent_runs(self) -> QWidget:
        title = QLabel(self.tr("Recent runs"))
        dress(title, "large")
        self._empty = QLabel(
            self.tr("None yet. Every run is one file, which you can open, go on with and branch from here."),
            wordWrap=True,
        )
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty.setContentsMargins(SPACE[4], SPACE[4], SPACE[4], SPACE[4])
        dress(self._empty, "soft")
        sheet = QFrame()
        sheet.setObjectName("sheet")
        self._list_or_not = QStackedLayout(sheet)
        self._list_or_not.setContentsMargins(SPACE[1], SPACE[1], SPACE[1], SPACE[1])
        self._list_or_not.addWidget(self._empty)
        self._list_or_not.addWidget(self.recent)
        part = QWidget()
        part.setMinimumWidth(RECENT_WIDTH - SPACE[6])
        whole = QVBoxLayout(part)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(SPACE[3])
        whole.addWidget(title)
        whole.addWidget(sheet, 1)
        return part

    def _count(self) -> None:
        self._list_or_not.setCurrentWidget(self.recent if self.recent.runs.rowCount() else self._empty)

    def showEvent(self, event: QShowEvent) -> None:  # Qt's name
        """Look again which runs there are."""
        super().showEvent(event)
        self.recent.runs.refresh()

    def close_down(self) -> None:
        """Stop what goes on in the background."""
        self.recent.runs.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:  # Qt's name
        """Lay out anew: columns side by side where there is room, in the middle of it, lines as wide as one reads."""
        super().resizeEvent(event)
        widest = max(WIDEST, round(SHARE * self.width()))
        beside = max(SPACE[6], (self.width() - widest) // 2)
        room = self.width() - 2 * beside
        narrow = room < NARROW
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        self._columns.setDirection(direction)
        self._recent.setMinimumHeight(RECENT_WIDTH // 2 if narrow else 0)
        column = room if narrow else (room - SPACE[5]) * 3 // 5
        self._arrange(max(1, min(len(self.tiles), (column + SPACE[4]) // (WIDTH + SPACE[4]))))
        spare = 0 if narrow else max(0, self.height() - self._least_height(room, column))
        above = SPACE[6] + spare // 3
        self._content.setContentsMargins(beside, above, beside, SPACE[5] + spare // 3)

    def _least_height(self, room: int, column: int) -> int:
        """Return how high the head and the scenarios are, with the margins around them."""
        scenarios = self._scenarios_part.heightForWidth(column)
        return self._head_row.totalHeightForWidth(room) + scenarios + SPACE[6] + 2 * SPACE[5]

    def _arrange(self, per_row: int) -> None:
        if per_row == self._per_row:
            return
        self._per_row = per_row
        for tile in self.tiles:
            self._grid.removeWidget(tile)
        for place, tile in enumerate(self.tiles):
            self._grid.addWidget(tile, place // per_row, place % per_row)
