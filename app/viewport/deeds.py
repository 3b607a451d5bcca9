"""The viewport's actions: cameras, light, colours and bubbles, registered like all others of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt

from app.actions import Actions

if TYPE_CHECKING:
    from app.viewport.viewport import Viewport


def register(viewport: Viewport, actions: Actions) -> None:
    """Register them; single letters count while the viewport has the focus, so that they can be typed elsewhere."""

    def is_open() -> bool:
        return viewport.is_open

    def has_someone() -> bool:
        return viewport.is_open and bool(viewport.view.selected)

    def is_followed() -> bool:
        return viewport.pilot.is_following

    def is_day() -> bool:
        return viewport.daylight.always_day

    def speaks() -> bool:
        return viewport.talk.shown

    pilot = viewport.pilot
    made = [
        actions.add(f"view.{name}", text, run, f"fa6s.{icon}", shortcut, enabled, checked, about)
        for name, text, run, icon, shortcut, enabled, checked, about in (
            ("overview", _tr("&Overview"), pilot.overview, "map", "Home", is_open, None,
             _tr("See all of the land's villages")),
            ("frame", _tr("&Frame the selection"), pilot.frame, "expand", "F", has_someone, None,
             _tr("Fly to who is selected")),
            ("follow", _tr("F&ollow"), pilot.toggle_follow, "person-walking", "Shift+F", has_someone, is_followed,
             _tr("Keep the selected person in the middle")),
            ("zoom_in", _tr("Zoom &in"), lambda: pilot.zoom(0.7), "magnifying-glass-plus", "+", is_open, None,
             _tr("Go nearer")),
            ("zoom_out", _tr("Zoom o&ut"), lambda: pilot.zoom(1 / 0.7), "magnifying-glass-minus", "-", is_open, None,
             _tr("Go further away")),
            ("turn_left", _tr("Turn &left"), lambda: pilot.turn(1), "rotate-left", "Q", is_open, None,
             _tr("Turn the view to the left")),
            ("turn_right", _tr("Turn &right"), lambda: pilot.turn(-1), "rotate-right", "E", is_open, None,
             _tr("Turn the view to the right")),
            ("always_day", _tr("Always &day"), viewport.toggle_day, "sun", "", is_open, is_day,
             _tr("Show the light of noon at every hour")),
            ("bubbles", _tr("Speech &bubbles"), viewport.toggle_bubbles, "comment", "B", is_open, speaks,
             _tr("Show what people say over their heads")),
            ("next_colour", _tr("&Colour by the next"), viewport.tints.next_colour, "palette", "C", is_open, None,
             _tr("Colour people by the next of what the legend offers")),
        )
    ]  # fmt: skip
    for action in made:
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        viewport.addAction(action)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Viewport", text)
