"""Who the pointer means: under it, clicked, in a box."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRect, Qt, Signal

from app.view import NOBODY, View
from app.viewport.ground import Floats
from app.viewport.hand import Hand
from app.viewport.people import People
from app.viewport.picking import pick, within
from app.viewport.pilot import Pilot

MANY = 20_000
LOOK_AGAIN = 0.15
"""Seconds after which is looked again who is under the pointer, where there are many."""


class Pointer(QObject):
    """Turns what the hand does into hover and selection. `look` is called for each picture."""

    stirred = Signal()

    def __init__(self, view: View, hand: Hand, pilot: Pilot, parent: QObject) -> None:
        super().__init__(parent)
        self.view, self.hand, self.pilot = view, hand, pilot
        self.is_stale = False
        self._at: QPointF | None = None
        self._looked = 0.0
        self._sight: tuple[People, Floats, float, float] | None = None
        hand.pointed.connect(self._point)
        hand.clicked.connect(self._click)
        hand.double_clicked.connect(self._fly_and_follow)
        hand.boxed.connect(self._box)

    def look(self, people: People, matrix: Floats, pixels: float, blend: float, now: float) -> None:
        """Take how people are seen in this picture, and tell who is under the pointer."""
        self._sight = (people, matrix, pixels, blend)
        moves = self.is_stale or blend < 1
        if self._at is None or not moves or (people.count > MANY and now - self._looked < LOOK_AGAIN):
            return
        self.is_stale, self._looked = False, now
        self._tell(self.at(self._at))

    def drop(self) -> None:
        """Forget the society."""
        self._sight = None

    def at(self, point: QPointF) -> int:
        """Return who is seen at a point of the surface, NOBODY for none."""
        if self._sight is None:
            return NOBODY
        people, matrix, pixels, blend = self._sight
        return pick((point.x(), point.y()), people.feet(blend), people.shown_sizes(), matrix, self._surface(), pixels)

    def _surface(self) -> tuple[float, float]:
        return float(self.hand.surface.width()), float(self.hand.surface.height())

    def _tell(self, agent: int) -> None:
        self.view.hover(agent)
        shape = Qt.CursorShape.ArrowCursor if agent == NOBODY else Qt.CursorShape.PointingHandCursor
        if self.hand.surface.cursor().shape() != shape:
            self.hand.surface.setCursor(shape)

    def _point(self, at: QPointF | None) -> None:
        self._at, self.is_stale = at, True
        if at is None:
            self._tell(NOBODY)
        self.stirred.emit()

    def _click(self, at: QPointF, with_control: bool) -> None:
        agent = self.at(at)
        chosen = self.view.selected
        if not with_control:
            self.view.select([] if agent == NOBODY else [agent])
        elif agent in chosen:
            self.view.select([other for other in chosen if other != agent])
        elif agent != NOBODY:
            self.view.select([*chosen, agent])

    def _fly_and_follow(self, at: QPointF) -> None:
        agent = self.at(at)
        if agent != NOBODY:
            self.view.select([agent])
            self.pilot.follow(agent)

    def _box(self, box: QRect, with_control: bool) -> None:
        if self._sight is None:
            return
        people, matrix, _, blend = self._sight
        edges = (float(box.left()), float(box.top()), float(box.right()), float(box.bottom()))
        found = within(edges, people.feet(blend), people.shown_sizes(), matrix, self._surface()).tolist()
        self.view.select([*self.view.selected, *found] if with_control else found)
