"""The actions on time: pause, step, speed, live end. They mean a live society's clock, else the play of the past."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.actions import Actions
from app.view import View

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Ticks a second to step through; past the last one a live society goes as fast as it can."""


class Clock(QObject):
    """Registers run.pause, run.step, run.faster, run.slower and run.follow, and does what they say."""

    def __init__(self, view: View, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._actions = view, actions
        actions.add(
            "run.pause",
            self.tr("&Pause"),
            self.pause,
            "mdi6.pause",
            "Space",
            self._open,
            about=self.tr("Let time stand"),
        )
        actions.add(
            "run.step", self.tr("&Step"), self.step, "mdi6.skip-next", ".", self._steps,
            about=self.tr("Advance by one tick"),
        )  # fmt: skip
        actions.add(
            "run.slower", self.tr("S&lower"), self.slower, "mdi6.rewind", "[", self._open,
            about=self.tr("Halve the speed"),
        )  # fmt: skip
        actions.add(
            "run.faster", self.tr("&Faster"), self.faster, "mdi6.fast-forward", "]", self._open,
            about=self.tr("Double the speed"),
        )  # fmt: skip
        actions.add(
            "run.follow", self.tr("&Live end"), self.follow, "mdi6.page-last", "Ctrl+End",
            lambda: self._open() and not view.is_following,
            about=self.tr("Go to the newest tick and stay there"),
        )  # fmt: skip
        for signal in (view.opened, view.closed, view.status_changed, view.following_changed, view.lost):
            signal.connect(self._name)

    @property
    def on_clock(self) -> bool:
        """Whether time itself is meant: the society is live and its live end is on screen."""
        return self._view.is_live and self._view.is_following

    @property
    def goes(self) -> bool:
        """Whether something moves now."""
        if self.on_clock:
            status = self._view.status
            return status is not None and status.state not in ("paused", "ended")
        return self._view.playing != 0

    def _open(self) -> bool:
        return self._view.about is not None

    def _steps(self) -> bool:
        return self._open() and (self._view.is_live or self._view.tick < self._view.last_tick)

    def pause(self) -> None:
        """Stop what moves, or let it go on."""
        view = self._view
        if self.on_clock and view.session is not None:
            (view.session.pause if self.goes else view.session.go)()
        else:
            view.play(0 if view.playing else view.play_speed)

    def step(self) -> None:
        """Advance by a tick."""
        view = self._view
        if self.on_clock and view.session is not None:
            view.session.step(1)
        else:
            view.play(0)
            view.show_tick(view.tick + 1)

    def faster(self) -> None:
        """Double the speed."""
        self._change(1)

    def slower(self) -> None:
        """Halve the speed."""
        self._change(-1)

    def _change(self, way: int) -> None:
        view = self._view
        status = view.status
        if self.on_clock and view.session is not None and status is not None:
            view.session.set_speed(other_speed(status.speed, way, endless=True))
            return
        view.play_speed = other_speed(abs(view.playing) or view.play_speed, way, endless=False)
        if view.playing:
            view.play(view.play_speed if view.playing > 0 else -view.play_speed)

    def follow(self) -> None:
        """Go to the newest tick."""
        self._view.follow()

    def _name(self) -> None:
        """Let the first action read what it would do."""
        action = self._actions["run.pause"]
        texts = (
            (self.tr("&Pause"), self.tr("Go &on")) if self.on_clock else (self.tr("Sto&p playing"), self.tr("&Play"))
        )
        text = texts[0] if self.goes else texts[1]
        if action.text() != text:
            action.setText(text)
            action.setToolTip(f"{text.replace('&', '')} ({action.shortcut().toString()})")
            self._actions.dress("run.pause", "mdi6.pause" if self.goes else "mdi6.play")
        self._actions.refresh()


def other_speed(speed: float, way: int, endless: bool) -> float:
    """Return the next speed, faster (1) or slower (-1); 0 is as fast as it goes and lies past the last one."""
    if speed == 0:
        return SPEEDS[-1] if way < 0 else 0.0
    if way > 0:
        higher = [other for other in SPEEDS if other > speed * 1.001]
        return higher[0] if higher else 0.0 if endless else SPEEDS[-1]
    lower = [other for other in SPEEDS if other < speed * 0.999]
    return lower[-1] if lower else SPEEDS[0]
