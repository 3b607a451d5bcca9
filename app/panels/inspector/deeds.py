"""What one can do in the inspector, registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.actions import Actions
from app.view import View

if TYPE_CHECKING:
    from app.panels.inspector.panel import InspectorPanel


def register(panel: InspectorPanel, view: View, actions: Actions) -> None:
    """Register what one can do with the person in the inspector."""
    add, several = actions.add, lambda: len(view.selected) > 1
    add("inspector.copy", panel.tr("Copy as text"), panel.copy, "fa6s.copy", "Ctrl+Shift+C", panel.has_person,
        about=panel.tr("Copy all that the inspector shows of this person"))  # fmt: skip
    add("inspector.drive", panel.tr("Drive this person"), panel.toggle_drive, "fa6s.gamepad", "Ctrl+D",
        panel.has_person, checked=lambda: panel.drive.is_open,
        about=panel.tr("Choose for this person what they do next"))  # fmt: skip
    add("inspector.release", panel.tr("Release"), lambda: panel.drive.let_go(), "fa6s.hand", "Ctrl+Shift+D",
        panel.can_release, about=panel.tr("Let this person decide for themselves again"))  # fmt: skip
    add("inspector.previous", panel.tr("Previous of the selected"), lambda: panel.rotate(-1), "fa6s.angle-left",
        "Ctrl+[", several, about=panel.tr("Show the one before of those who are selected"))  # fmt: skip
    add("inspector.next", panel.tr("Next of the selected"), lambda: panel.rotate(1), "fa6s.angle-right",
        "Ctrl+]", several, about=panel.tr("Show the next of those who are selected"))  # fmt: skip
