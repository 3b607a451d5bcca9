"""Mouse and keys on the 3D picture: orbit, pan, zoom, point, click, box. It moves the camera and tells of the rest."""

from __future__ import annotations

import math
from typing import TypeAlias

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.viewport.camera import Camera

CLICK = 4
"""Logical pixels that the pointer may move in a click."""
TURN = math.radians(0.28)
"""How far a pixel of a drag orbits."""
WHEEL = 0.84
"""The distance left after a notch of the wheel."""
PAN_A_SECOND = 0.8
"""What a held key pans in a second, in distances of the camera."""

Key: TypeAlias = Qt.Key
Button: TypeAlias = Qt.MouseButton
Modifier: TypeAlias = Qt.KeyboardModifier

PANS = {
    Key.Key_Left: (-1, 0), Key.Key_A: (-1, 0), Key.Key_Right: (1, 0), Key.Key_D: (1, 0),
    Key.Key_Up: (0, 1), Key.Key_W: (0, 1), Key.Key_Down: (0, -1), Key.Key_S: (0, -1),
}  # fmt: skip
"""Keys that pan while they are held: right, forward."""


class Hand(QObject):
    """Filters the surface's events. A left drag orbits, with Shift it draws a box; a right or middle drag pans."""

    clicked = Signal(QPointF, bool)
    """Where, and whether Ctrl was held."""
    double_clicked = Signal(QPointF)
    pointed = Signal(object)
    """Where the pointer is (QPointF), None when it left."""
    box_drawn = Signal(object)
    """The box so far (QRect), None when it is let go."""
    boxed = Signal(QRect, bool)
    """A finished box, and whether Ctrl was held."""
    moved = Signal()
    """The camera was moved, or will be while a key is held."""
    panned = Signal()
    """The camera was moved away from what it looked at."""

    def __init__(self, surface: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self.surface = surface
        self.camera: Camera | None = None
        self.now = 0.0
        self._pressed: Button | None = None
        self._start, self._last = QPointF(), QPointF()
        self._drags = self._boxes = False
        self._held: set[int] = set()
        surface.installEventFilter(self)
        surface.setMouseTracking(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take mouse, wheel and keys; VisPy, which would look for visuals under the pointer, never sees them."""
        kind = event.type()
        if isinstance(event, QMouseEvent):
            self._mouse(kind, event)
            return True
        if isinstance(event, QWheelEvent):
            self._wheel(event)
            return True
        if kind == QEvent.Type.Leave:
            self.pointed.emit(None)
        elif kind == QEvent.Type.FocusOut:
            self._held.clear()
        elif isinstance(event, QKeyEvent):
            return self._key(kind, event)
        return False

    @property
    def is_panning(self) -> bool:
        """Whether a key is held that pans."""
        return bool(self._held)

    def step(self, seconds: float) -> None:
        """Pan by the keys that are held."""
        if self._held and self.camera is not None:
            right = sum(PANS[Key(key)][0] for key in self._held)
            forward = sum(PANS[Key(key)][1] for key in self._held)
            way = PAN_A_SECOND * seconds * self.camera.pose.distance
            self.camera.pan(right * way, forward * way)
            self.panned.emit()

    # ------------------------------------------------------------------ mouse

    def _mouse(self, kind: QEvent.Type, event: QMouseEvent) -> None:
        at = event.position()
        if kind == QEvent.Type.MouseButtonPress:
            self.surface.setFocus(Qt.FocusReason.MouseFocusReason)
            if self._pressed is None:
                self._pressed, self._start, self._last, self._drags = event.button(), at, at, False
        elif kind == QEvent.Type.MouseButtonDblClick:
            if event.button() == Button.LeftButton:
                self._pressed = None
                self.double_clicked.emit(at)
        elif kind == QEvent.Type.MouseMove:
            self.pointed.emit(at)
            if self._pressed is not None:
                self._drag(at, event.modifiers())
        elif kind == QEvent.Type.MouseButtonRelease and event.button() == self._pressed:
            button, self._pressed = self._pressed, None
            with_control = bool(event.modifiers() & Modifier.ControlModifier)
            if self._boxes:
                self._boxes = False
                self.box_drawn.emit(None)
                self.boxed.emit(_box(self._start, at), with_control)
            elif not self._drags and button == Button.LeftButton:
                self.clicked.emit(at, with_control)

    def _drag(self, at: QPointF, modifiers: Modifier) -> None:
        if not self._drags:
            if (at - self._start).manhattanLength() < CLICK:
                return
            self._drags = True
            self._boxes = self._pressed == Button.LeftButton and bool(modifiers & Modifier.ShiftModifier)
        if self._boxes:
            self.box_drawn.emit(_box(self._start, at))
        elif self.camera is not None:
            step = at - self._last
            if self._pressed == Button.LeftButton:
                self.camera.orbit(-step.x() * TURN, step.y() * TURN)
            else:
                self._pan(self._last, at)
                self.panned.emit()
            self.moved.emit()
        self._last = at

    def _pan(self, before: QPointF, after: QPointF) -> None:
        """Pan so that the ground stays under the pointer; over the sky by the same measure as in the middle."""
        assert self.camera is not None
        high = max(self.surface.height(), 1)
        start, end = self.ground_at(before), self.ground_at(after)
        if start is not None and end is not None:
            across, along = start[0] - end[0], start[1] - end[1]
            most = self.camera.pose.distance
            if math.hypot(across, along) < most:
                sine, cosine = math.sin(self.camera.pose.azimuth), math.cos(self.camera.pose.azimuth)
                self.camera.pan(cosine * across + sine * along, -sine * across + cosine * along)
                return
        measure = 0.73 * self.camera.pose.distance / high
        step = after - before
        self.camera.pan(-step.x() * measure, step.y() * measure / max(math.sin(self.camera.pose.elevation), 0.3))

    def _wheel(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches and self.camera is not None:
            self.camera.zoom(WHEEL**notches, self.now, self.ground_at(event.position()))
            self.moved.emit()

    def ground_at(self, at: QPointF | QPoint) -> tuple[float, float, float] | None:
        """Return the point of the ground under a point of the surface, None for the sky."""
        if self.camera is None:
            return None
        wide, high = max(self.surface.width(), 1), max(self.surface.height(), 1)
        return self.camera.ground_under(2 * at.x() / wide - 1, 1 - 2 * at.y() / high, wide / high)

    # ------------------------------------------------------------------ keys

    def _key(self, kind: QEvent.Type, event: QKeyEvent) -> bool:
        key = event.key()
        is_pan = key in PANS and not event.modifiers() & (Modifier.ControlModifier | Modifier.AltModifier)
        if not is_pan:
            return False
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()
        elif kind == QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._held.add(key)
            self.moved.emit()
        elif kind == QEvent.Type.KeyRelease and not event.isAutoRepeat():
            self._held.discard(key)
        return True


def _box(one: QPointF, other: QPointF) -> QRect:
    return QRect(one.toPoint(), other.toPoint()).normalized()
