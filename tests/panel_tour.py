"""Leads a window with a society through all that its panels can show, for tests that look at each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QScrollArea

if TYPE_CHECKING:
    from app.window import Window

Wait = Callable[[Callable[[], bool]], object]
"""Lets the window live until something is so."""
SOON = 350
"""Milliseconds in which a panel has painted what it knows."""


def tour(window: Window, until: Wait, linger: Callable[[int], object]) -> Iterator[str]:
    """Yield the name of one state of the panels after the other, when it is on screen."""
    panels: dict[str, Any] = dict(window.panels)
    window.docks.reset()
    yield from _inspector(window, panels["inspector"], until, linger)
    for name in ("people", "events", "measures", "minds"):
        show(window, name)
        linger(SOON)
        yield name
    for text in ("hunger > 30", 'role == "nobody"'):
        show(window, "people")
        panels["people"].search.setText(text)
        linger(2 * SOON + 200)
        yield f"people filtered by {text}"
    panels["people"].search.clear()
    window.registry.run("help.shortcuts")
    linger(SOON)
    yield "help"
    window.registry.run("help.about")
    linger(SOON)
    yield "about"
    window.docks.docks["help"].hide()
    window.view.show_tick(max(0, window.view.last_tick - 3))
    linger(SOON)
    yield "the past"
    window.notice.tell("The engine ended. " * 8, "details\n" * 5, [("Resume", int), ("Start page", int)])
    linger(SOON)
    yield "a notice"
    window.notice.hide()
    window.view.follow()
    linger(SOON)


def show(window: Window, name: str) -> None:
    """Bring a dock into sight."""
    window.docks.docks[name].show()
    window.docks.docks[name].raise_()


def _inspector(window: Window, panel: Any, until: Wait, linger: Callable[[int], object]) -> Iterator[str]:
    """Show nobody, some people, and one from head to foot, with the menu of what they can do."""
    show(window, "inspector")
    living = np.flatnonzero(window.view.alive()).tolist()
    for agents in ([], living[:5]):
        window.view.select(agents)
        linger(2 * SOON)
        yield f"inspector of {len(agents)}"
    told: list[int] = []
    panel.explained.connect(told.append)
    window.view.select(living[3:4])
    until(lambda: living[3] in told)
    linger(SOON)
    bar = next(area for area in panel.findChildren(QScrollArea) if area.isVisible()).verticalScrollBar()
    while True:
        yield f"inspector of one, from {bar.value()} on"
        if bar.value() == bar.maximum():
            break
        bar.setValue(bar.value() + bar.pageStep())
        linger(SOON)
    bar.setValue(0)
    window.registry.run("inspector.drive")
    linger(4 * SOON)
    yield "the menu of choices"
    window.registry.run("inspector.drive")
    linger(SOON)
