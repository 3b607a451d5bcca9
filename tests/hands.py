"""The hands of somebody at the screen: they move X's pointer and press its keys, from outside of the program.

The X server sends what they do to whatever window is there, so that a test which clicks with them goes the whole way of
a user: grabs, focus, popups, what lies in front. Ask for the fixture `hands` (tests/windows.py).
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QWidget

LEFT, MIDDLE, RIGHT, WHEEL_UP, WHEEL_DOWN = 1, 2, 3, 4, 5
STEPS = 6
"""Places at which a drag is seen on its way."""
STILL = 0.15
"""Seconds for which a thing must have been in its place: nobody clicks sooner on what has just moved."""
BETWEEN_CLICKS = 450
"""Milliseconds after which two clicks are not a double click (Qt's limit is 400)."""


def not_here() -> NoReturn:
    """Skip a test for want of xdotool or an X screen; not where all must be there."""
    refuse = pytest.fail if os.environ.get("CI") else pytest.skip
    refuse("real clicks and keys need X and xdotool; Debian: apt-get install xvfb xdotool")


class Hands:
    """Clicks and types by xdotool, on the screen that `surroundings` name (None: this process's own).

    `let_pass` is called with a condition and must return when it holds, letting events be handled meanwhile.
    """

    def __init__(
        self, let_pass: Callable[[Callable[[], bool]], None], surroundings: Mapping[str, str] | None = None
    ) -> None:
        self._let_pass, self._surroundings = let_pass, surroundings

    def do(self, *words: object) -> str:
        """Let xdotool do something, and return what it says."""
        command = ["xdotool", *map(str, words)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self._surroundings
        )
        try:
            self._let_pass(lambda: process.poll() is not None)
        finally:
            process.kill()
            said = process.communicate()[0].strip()
        assert process.returncode == 0, f"{' '.join(command)}: {said}"
        return said

    def press(self, *keys: str) -> None:
        """Press keys one after the other: "space", "ctrl+q", "F5"."""
        self.do("key", "--clearmodifiers", *keys)

    def focus(self, name: str) -> None:
        """Give the keyboard to the window of this name, as a window manager would, when it comes."""
        self.do("search", "--sync", "--onlyvisible", "--name", name, "windowfocus", "--sync")

    def type(self, text: str) -> None:
        """Type a text where the keyboard is."""
        self.do("type", "--delay", 2, text)

    # ------------------------------------------------------------------ on widgets of this process

    def point(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Move the pointer to a point of a widget (its middle), which must be in sight there."""
        self.do("mousemove", *self._place(widget, at))

    def click(
        self, widget: QWidget, at: QPoint | None = None, button: int = LEFT, keys: Sequence[str] = (), times: int = 1
    ) -> None:
        """Click on a point of a widget (its middle), with keys held."""
        click = ("click", "--repeat", times, "--delay", 40, button)
        self.do("mousemove", *self._place(widget, at), *_held(keys, click))

    def drag(self, widget: QWidget, start: QPoint, *way: QPoint, button: int = LEFT, keys: Sequence[str] = ()) -> None:
        """Press on a point of a widget, move along a way, and let go at its end."""
        words: list[object] = ["mousedown", button]
        corners = [
            self._place(widget, start),
            *((widget.mapToGlobal(at).x(), widget.mapToGlobal(at).y()) for at in way),
        ]
        for (x, y), (to_x, to_y) in pairwise(corners):
            for step in range(1, STEPS + 1):
                words += ["mousemove", x + (to_x - x) * step // STEPS, y + (to_y - y) * step // STEPS, "sleep", 0.01]
        words += ["mouseup", button]
        self.do("mousemove", *corners[0], *_held(keys, words))

    def wheel(self, widget: QWidget, at: QPoint, notches: int) -> None:
        """Turn the wheel over a point of a widget: away from oneself above 0."""
        button = WHEEL_UP if notches > 0 else WHEEL_DOWN
        self.do("mousemove", *self._place(widget, at), "click", "--repeat", abs(notches), "--delay", 10, button)

    def _place(self, widget: QWidget, at: QPoint | None) -> tuple[int, int]:
        """Wait until a point of a widget is in sight, with nothing over it, and still; return where on the screen."""
        from PySide6.QtWidgets import QApplication

        seen, since = (0, 0), time.monotonic()

        def is_still() -> bool:
            nonlocal seen, since
            place = widget.mapToGlobal(widget.rect().center() if at is None else at)
            hit = QApplication.widgetAt(place)
            is_hit = hit is not None and (hit is widget or widget.isAncestorOf(hit))
            if not is_hit or (place.x(), place.y()) != seen:
                seen, since = (place.x(), place.y()), time.monotonic()
            return time.monotonic() - since > STILL

        self._let_pass(is_still)
        return seen


def _held(keys: Sequence[str], words: Sequence[object]) -> list[object]:
    """Return words for xdotool that are done while keys are held."""
    down = [word for key in keys for word in ("keydown", key)]
    up = [word for key in keys for word in ("keyup", key)]
    return [*down, *words, *up]
