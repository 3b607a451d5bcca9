"""Which docks there are. Panels are imported when they are made: a start page needs none of them."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.actions import Actions
from app.design import Design
from app.errands import Errands
from app.frame.docks import LEFT, RIGHT, Place
from app.frame.help_panel import HelpPanel
from app.frame.window_actions import tr
from app.preferences import Preferences
from app.view import View


def places(view: View, actions: Actions, design: Design, liked: Preferences, errands: Errands) -> list[Place]:
    """Return the docks in the order in which they lie behind each other."""

    def people() -> QWidget:
        from app.panels.people import PeoplePanel

        return PeoplePanel(view, actions, design, liked.columns)

    def inspector() -> QWidget:
        from app.panels.inspector import InspectorPanel

        return InspectorPanel(view, actions, design)

    def events() -> QWidget:
        from app.panels.events import EventsPanel

        return EventsPanel(view, actions, design)

    def measures() -> QWidget:
        from app.panels.measures import MeasuresPanel

        panel = MeasuresPanel(view, actions, design, errands)
        if liked.measures:
            panel.choose(liked.measures)
        panel.choice_changed.connect(lambda: setattr(liked, "measures", list(panel.choice)))
        return panel

    def minds() -> QWidget:
        from app.panels.minds import MindsPanel

        return MindsPanel(view, actions, design)

    return [
        Place("people", tr("People"), LEFT, people),
        Place("inspector", tr("Inspector"), RIGHT, inspector),
        Place("minds", tr("Minds"), RIGHT, minds),
        Place("help", tr("Help"), RIGHT, lambda: HelpPanel(actions, design), shown=False),
        Place("events", tr("Events"), LEFT, events, is_lower=True),
        Place("measures", tr("Measures"), LEFT, measures, is_lower=True),
    ]
