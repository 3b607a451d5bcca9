"""The window onto the land: a 3D picture of the shown tick, with a legend, bubbles, a camera, and a hand on it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from time import perf_counter

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.actions import Actions
from app.design import SPACE, Design
from app.session import Line
from app.view import View
from app.viewport import deeds
from app.viewport.bonds import Bonds
from app.viewport.bubbles import Box
from app.viewport.camera import FIELD_OF_VIEW, Camera
from app.viewport.daylight import Daylight
from app.viewport.focus_ring import FocusRing
from app.viewport.ground import Floats
from app.viewport.hand import Hand
from app.viewport.legend import Legend
from app.viewport.marks import Marks
from app.viewport.overlay import Overlay
from app.viewport.people import People
from app.viewport.picking import HEIGHT, project
from app.viewport.pilot import Pilot
from app.viewport.pointer import Pointer
from app.viewport.quality import LIGHT, choose, renderer
from app.viewport.scene import Scene
from app.viewport.surface import surface_for
from app.viewport.talk import Talk
from app.viewport.tints import Tints

EVERY, SELDOM = 16, 110
"""Milliseconds between pictures while something moves, and while people only stand and breathe."""
LINGER, LINGER_LIGHT = 0.3, 0.1
"""Seconds for which pictures go on after something happened; less where a picture takes long."""


class Viewport(QWidget):
    """The 3D picture of what `view` shows. Made once for each window; societies come and go in it."""

    drew = Signal()
    """A picture was drawn."""

    def __init__(
        self, view: View, actions: Actions, design: Design, quality: str = "auto", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.view, self.design = view, design
        self.quality = choose(renderer(), quality)
        self.surface = surface_for(renderer(), self.quality, self, self._after_drawing)
        self.overlay = Overlay(design, self)
        self.legend = Legend(design, self)
        self.hand = Hand(self.surface.widget, self)
        FocusRing(self.surface.widget, design)
        self.talk = Talk(view, design, self.overlay)
        self.bonds = Bonds(view, self)
        self.tints = Tints(view, self.legend, self.bonds, self)
        self.pilot = Pilot(view, self.surface.widget, self)
        self.pointer = Pointer(view, self.hand, self.pilot, self)
        self.daylight = Daylight()
        self.scene: Scene | None = None
        self.people: People | None = None
        self.marks: Marks | None = None
        self.frame_times: deque[float] = deque(maxlen=600)
        """Seconds between pictures that followed each other, the newest last."""
        self.pictures = 0
        self._stepped = self._drawn = 0.0
        self._light: tuple[float, float, float] = (-1.0, 0.0, 0.0)
        self._seen: object = None
        self._is_stale = False
        self.matrix: Floats = np.eye(4, dtype=np.float32)
        """The world to the picture, for rows; see `picking.project`."""
        self._is_urgent = False
        self._calm_at, self._frame_at, self._time = 0.0, -1e9, 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._advance)
        self.setMinimumSize(240, 180)
        self.setFocusProxy(self.surface.widget)
        self.surface.widget.setAccessibleName(self.tr("The land and its people in 3D"))
        self.setAccessibleName(self.tr("The land and its people in 3D"))
        self.legend.hide()
        self._actions = actions
        self._connect()
        deeds.register(self, actions)
        if view.about is not None:
            self._open()

    def _connect(self) -> None:
        view, hand = self.view, self.hand
        view.opened.connect(self._open)
        view.closed.connect(self._close)
        view.frame_shown.connect(self._take_frame)
        view.said.connect(self._hear)
        view.selection_changed.connect(self._select)
        view.hover_changed.connect(self._hover)
        view.wanted.connect(self.pilot.fly_to)
        view.named.connect(self._stir)
        view.status_changed.connect(self._go_on)
        hand.box_drawn.connect(self.overlay.show_box)
        hand.moved.connect(self._stir)
        hand.panned.connect(self.pilot.unfollow)
        self.pointer.stirred.connect(self._stir)
        self.pilot.stirred.connect(self._stir)
        self.pilot.following_changed.connect(self._actions.refresh)
        self.tints.changed.connect(self._recolour)
        self.legend.resized.connect(self._stir)
        self.bonds.trail_changed.connect(self._show_bonds)
        self.bonds.ties_changed.connect(self._show_bonds)

    # ------------------------------------------------------------------ a society comes, its frames, it goes

    @property
    def is_open(self) -> bool:
        """Whether a society is on screen."""
        return self.scene is not None

    def _open(self) -> None:
        about = self.view.about
        assert about is not None
        self._close()
        self.surface.make_current()
        self.scene = Scene(about, self.view.land, self.surface.root, self.quality)
        ground = self.scene.ground
        self.people = People(self.scene, about, self.quality)
        self.marks = Marks(self.scene, self.people)
        across, along = 0.5 * ground.size[0], 0.5 * ground.size[1]
        camera = Camera((-across, -along, across, along), ground.height_at)
        self.hand.camera = camera
        self.pilot.take(self.people, camera)
        camera.put(self.pilot.home())
        self.daylight.reset()
        self._light, self._seen = (-1.0, 0.0, 0.0), None
        self.tints.open()
        self.legend.show()
        self._place_parts()
        self._take_frame()
        self._stir()
        self._actions.refresh()

    def _close(self) -> None:
        self.talk.clear()
        self.bonds.forget()
        self.legend.hide()
        if self.scene is not None:
            self.surface.make_current()
            self.scene.dispose()
            self.surface.free()
        self.scene, self.people, self.marks, self.hand.camera = None, None, None, None
        self.tints.close()
        self.pilot.drop()
        self.pointer.drop()
        self._timer.stop()
        self.surface.clear()
        self._actions.refresh()

    def _take_frame(self) -> None:
        """Let everybody set out for where the new frame has them."""
        frame, people, scene = self.view.frame, self.people, self.scene
        if not self.isVisible():
            self._is_stale = True
            return
        if frame is None or people is None or scene is None:
            return
        now = perf_counter()
        scene.country.take(frame.columns)
        people.take(frame.tick, frame.columns, self.tints.of_frame(now).colours, now)
        self._is_stale, self._frame_at = False, now
        self.pointer.is_stale = True
        if self.marks is not None and len(self.marks.selected) != len(self.view.selected):
            self._select()
        self.bonds.time_passed()
        self._stir()
        if not self.view.is_following:  # who scrubs waits for this picture
            self._is_urgent = self.surface.is_busy
            self._advance()

    def _recolour(self) -> None:
        if self.people is not None and self.tints.current is not None and self.isVisible():
            self.people.paint(self.tints.current.colours)
            self._stir()

    def _hear(self, lines: Sequence[Line]) -> None:
        self.talk.hear(lines)
        self._stir()

    # ------------------------------------------------------------------ pictures

    def _stir(self) -> None:
        """Something happened: draw pictures for a while."""
        self._calm_at = perf_counter() + (LINGER_LIGHT if self.quality is LIGHT else LINGER)
        self._wake()

    def update_soon(self) -> None:
        """Draw pictures for a moment, even if nothing happens."""
        self._stir()

    def _go_on(self) -> None:
        if self._goes_on() and not self._timer.isActive():
            self._wake()

    def _wake(self) -> None:
        runs = self._timer.isActive() and self._timer.interval() == EVERY
        if self.scene is not None and self.isVisible() and not runs:
            self._timer.start(EVERY)

    def _advance(self) -> None:
        """Make everything ready for the next picture, and ask for it."""
        scene, people, marks, camera = self.scene, self.people, self.marks, self.pilot.camera
        if self.view.about is None or scene is None or people is None or marks is None or camera is None:
            self._timer.stop()
            return
        now = perf_counter()
        if self.surface.is_busy:
            return
        seconds = min(now - self._stepped, 0.1)
        self._stepped = self.hand.now = now
        self._time += seconds
        scene.set_time(self._time)
        self.hand.step(seconds)
        self.pilot.step(now)
        self._look(scene, camera)
        blend = people.step(now, camera.eye())
        marks.move(blend)
        if scene.roofs.look(camera.eye(), people.feet(blend, self.pilot.sought())):
            self.pointer.is_stale = True
        dawns = self._shine(scene, camera, people.motion.tick_at(now), seconds)
        self.pointer.look(people, self.matrix, self.pixels, blend, now)
        if now - self._frame_at < 1.5 and self._goes_on():
            self.talk.said.pass_time(seconds)
        self.talk.lay_out(people, self.matrix, self.pixels, camera.pose.distance, blend, self._taken())
        self.tints.tell_time(people, now)
        self.surface.update()
        moves = blend < 1 or dawns or camera.flies or self.hand.is_panning or now < self._calm_at
        self._pace(moves)

    def _pace(self, moves: bool) -> None:
        """Draw often while something moves, seldom while people only breathe, and not while time stands."""
        if moves:
            wanted = EVERY
        elif self._goes_on():
            wanted = SELDOM
        else:
            self._timer.stop()
            return
        if self._timer.interval() != wanted:
            self._timer.start(wanted)

    def _goes_on(self) -> bool:
        view = self.view
        if view.playing:
            return True
        return view.is_following and view.is_live and view.status is not None and view.status.state == "running"

    def _look(self, scene: Scene, camera: Camera) -> None:
        seen = (camera.pose, self.surface.widget.width(), self.surface.widget.height())
        if seen != self._seen:
            self._seen = seen
            self.pointer.is_stale = True
            self.matrix = camera.matrix(self._aspect())
            scene.set_matrix(self.matrix)

    def _shine(self, scene: Scene, camera: Camera, tick: float, seconds: float) -> bool:
        assert self.view.about is not None
        dawns = self.daylight.step(self.view.about, tick, seconds)
        wanted = (self.daylight.hour, camera.pose.distance, camera.elevation())
        before = self._light
        if (
            abs(wanted[0] - before[0]) > 0.01
            or abs(wanted[1] - before[1]) > 0.002 * wanted[1]
            or abs(wanted[2] - before[2]) > 0.05
        ):
            self._light = wanted
            scene.set_light(*wanted, math.degrees(FIELD_OF_VIEW))
        return dawns

    def _after_drawing(self) -> None:
        now = perf_counter()
        if now - self._drawn < 1:
            self.frame_times.append(now - self._drawn)
        self._drawn = now
        self.pictures += 1
        self.drew.emit()
        if self._is_urgent:
            self._is_urgent = False
            QTimer.singleShot(0, self, self._advance)

    @property
    def pixels(self) -> float:
        """How many logical pixels a world unit is at depth 1."""
        return 0.5 * self.surface.widget.height() / math.tan(FIELD_OF_VIEW / 2)

    @property
    def frames_per_s(self) -> float:
        """Pictures a second, of the last second in which pictures followed each other; 0 when the last is long ago."""
        if perf_counter() - self._drawn > 1:
            return 0.0
        total, count = 0.0, 0
        for seconds in reversed(self.frame_times):
            total, count = total + seconds, count + 1
            if total >= 1:
                break
        return count / total if total else 0.0

    def use_quality(self, wish: str) -> None:
        """Draw by another tier: its name, or "auto"."""
        quality = choose(renderer(), wish)
        if quality is not self.quality:
            self.quality = quality
            if self.is_open:
                self._open()

    def toggle_day(self) -> None:
        """Hold the light at noon, or let it follow the hour."""
        self.daylight.always_day = not self.daylight.always_day
        self._stir()

    def toggle_bubbles(self) -> None:
        """Show or hide what people say."""
        self.talk.shown = not self.talk.shown
        self._stir()

    # ------------------------------------------------------------------ who is meant

    def _select(self) -> None:
        """Mark who is selected, and ask about the first."""
        if self.marks is not None:
            self.marks.select(self.view.selected)
        self.bonds.about(self.view.chosen)
        self._actions.refresh()
        self.surface.hold()
        self._stir()

    def _hover(self) -> None:
        if self.marks is not None and self.people is not None:
            self.marks.hovered = self.view.hovered
            self.people.light_up(self.view.hovered)
            self._stir()

    def _show_bonds(self) -> None:
        self.talk.tied = frozenset(tie.agent for tie in self.bonds.strongest())
        if self.marks is not None and self.people is not None:
            blend = self.people.motion.blend(perf_counter())
            self.marks.show_trail(self.bonds.trail, blend)
            self.marks.show_ties(self.bonds.strongest(), blend)
            self._stir()

    # ------------------------------------------------------------------ its parts

    def _aspect(self) -> float:
        return max(self.surface.widget.width(), 1) / max(self.surface.widget.height(), 1)

    def _taken(self) -> list[Box]:
        legend = self.legend.geometry()
        shown = self.legend.isVisible()
        return [(legend.x(), legend.y(), legend.width(), legend.height())] if shown else []

    def _place_parts(self) -> None:
        self.surface.widget.setGeometry(self.rect())
        self.overlay.setGeometry(self.rect())
        self.legend.move(SPACE[3], SPACE[3])
        self.overlay.raise_()
        self.legend.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the picture all of the room."""
        self._place_parts()
        self._stir()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        if self._is_stale:
            self._take_frame()
        self._stir()

    def hideEvent(self, event: QHideEvent) -> None:
        """Do nothing while nobody looks."""
        self._timer.stop()

    def screen_position(self, agent: int) -> QPoint | None:
        """Return where a person's middle is seen, in the viewport's pixels; None when not to be seen."""
        if self.people is None or not 0 <= agent < self.people.count or self.people.shown_sizes()[agent] <= 0:
            return None
        middle = self.people.feet(self.people.motion.blend(perf_counter()), np.array([agent]))
        middle[:, 2] += 0.5 * HEIGHT
        screen, depth = project(self.matrix, middle, self.width(), self.height())
        at = QPointF(*screen[0]).toPoint()
        return at if depth[0] > 0 and self.rect().contains(at) else None

    def grab_image(self) -> QImage:
        """Return a picture of all of the viewport, as it looks now: the land, bubbles, the legend."""
        return self.grab().toImage()
