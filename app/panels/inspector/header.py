"""Who somebody is: name, role, what they do and until when, where, and who decides for them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.actions import Actions
from app.design import LARGE, SMALL, SPACE, TITLE, Design, dress
from app.models.minds import short_name
from app.panels.flow import Chip, Flow
from app.panels.inspector.words import Person, capital, clock, doing, span, translate
from app.panels.pieces import Prose
from app.view import View
from engine.remote.wire import About


class ActionButton(QPushButton):
    """A button that is an action: its words, icon, tool tip, and whether it can be pressed."""

    def __init__(self, action: QAction, look: str = "") -> None:
        super().__init__()
        self._action = action
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        if look:
            dress(self, look)
        self._follow()

    def _follow(self) -> None:
        text = self._action.text().replace("&", "")
        self.setText(f" {text}" if not self._action.icon().isNull() else text)
        self.setAccessibleName(text)
        self.setIcon(self._action.icon())
        self.setToolTip(self._action.toolTip())
        self.setEnabled(self._action.isEnabled())


class Header(QWidget):
    """The top of the inspector. `preview` fills it from the frame at once, `show_person` from the host's answer."""

    def __init__(self, view: View, actions: Actions, design: Design) -> None:
        super().__init__()
        self._view = view
        self.name = Prose(design, TITLE, strong=True)
        self._chips = Flow(SPACE[1])
        self.role, self.badge, self.number = (Chip(design) for _ in range(3))
        for chip in (self.role, self.badge, self.number):
            chip.setParent(self._chips)
        self.doing = Prose(design, LARGE)
        self.place = Prose(design, tone="soft", icon="fa6s.location-dot")
        self.home = Prose(design, tone="soft", icon="fa6s.house")
        self.mind = Prose(design, tone="soft", icon="fa6s.brain")
        self.moment = Prose(design, SMALL, tone="soft")
        self._steps = [_tool(actions[name]) for name in ("inspector.previous", "inspector.next", "inspector.copy")]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE[1], SPACE[3], SPACE[1], 0)
        layout.setSpacing(SPACE[1])
        top = QHBoxLayout()
        top.setSpacing(0)
        top.addWidget(self.name, 1)
        for step in self._steps:
            top.addWidget(step, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(top)
        layout.addWidget(self._chips)
        layout.addSpacing(SPACE[1])
        for piece in (self.doing, self.place, self.home, self.mind, self.moment):
            layout.addWidget(piece)
        self._layout = layout
        self._since: int | None = None
        self._mind = ""

    def add_button(self, button: QWidget) -> None:
        """Put a button under all else."""
        self._layout.addSpacing(SPACE[1])
        self._layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def preview(self, agent: int) -> None:
        """Show what the frame itself knows: nothing need be asked for that."""
        view, about, frame = self._view, self._view.about, self._view.frame
        if about is None or frame is None:
            return
        columns = frame.columns
        alive = bool(columns["people.alive"][agent]) if "people.alive" in columns else True
        role = int(columns["people.role"][agent]) if "people.role" in columns else -1
        place = int(columns["space.place"][agent]) if "space.place" in columns else -1
        code = int(columns["people.action"][agent]) if "people.action" in columns else 0
        driven = bool(columns["people.driven"][agent]) if "people.driven" in columns else False
        self._who(
            agent, view.name(agent), about.roles[role].name if 0 <= role < len(about.roles) else "", alive, driven
        )
        self.doing.say("" if not alive else _busy(about, code), "ink")
        where = about.places[place].name if 0 <= place < len(about.places) else translate("Inspector", "in the open")
        self.place.say(capital(where) if alive else "")
        self.home.say("")
        self.mind.say("")
        self.moment.say(self._when(about, frame.tick))
        self._since = None

    def show_person(self, person: Person, left: int | None = None) -> None:
        """Show what the host tells; `left` is when somebody departed, if they have."""
        about = self._view.about
        if about is None:
            return
        alive = bool(person["alive"]) and left is None
        self._who(int(person["agent"]), str(person["name"]), str(person["role"]), alive, bool(person["driven"]))
        if alive:
            self.doing.say(doing(person, about), "ink")
        elif left is None:
            self.doing.say(translate("Inspector", "Not in the society at this time"), "soft")
        else:
            self.doing.say(translate("Inspector", "Left the society on {0}").format(clock(about, left)), "warn")
        place = str(person["place"] or "") or translate("Inspector", "in the open")
        self.place.say(capital(place) if alive or left is not None else "")
        home = str(person["home"] or "")
        self.home.say(translate("Inspector", "lives at {0}").format(home) if home and home != "nowhere" else "")
        self._mind = str(person["mind"] or "")
        self._say_mind(about, int(person["tick"]))
        self.moment.say(self._when(about, int(person["tick"]), left))

    def joined(self, tick: int | None) -> None:
        """Tell since when somebody is there; None when that is not known."""
        self._since = tick
        if self._view.about is not None and self.mind.text:
            self._say_mind(self._view.about, self._view.tick)

    def _say_mind(self, about: About, tick: int) -> None:
        parts = [translate("Inspector", "{0} mind").format(short_name(self._mind))] if self._mind else []
        if self._since is not None and tick >= self._since:
            parts.append(translate("Inspector", "here for {0}").format(span(about, tick - self._since)))
        self.mind.say(", ".join(parts))

    def _when(self, about: About, tick: int, left: int | None = None) -> str:
        if left is not None:
            return translate("Inspector", "As they were last, {0}").format(clock(about, tick))
        if self._view.is_following:
            return ""
        return translate("Inspector", "As it was on {0}, tick {1:,}").format(clock(about, tick), tick)

    def _who(self, agent: int, name: str, role: str, alive: bool, driven: bool) -> None:
        about = self._view.about
        colours = {} if about is None else {entry.name: entry for entry in about.roles}
        self.name.say(name)
        entry = colours.get(role)
        self.role.say(role.replace("_", " "), dot=entry.colour if entry else "", tip=entry.description if entry else "")
        self.number.say(f"#{agent}", tone="soft", tip=translate("Inspector", "Person number {0}").format(agent))
        if not alive:
            self.badge.say(translate("Inspector", "departed"), tone="warn")
        elif driven:
            self.badge.say(
                translate("Inspector", "held: decides nothing"),
                tone="accent",
                tip=translate("Inspector", "A person at the screen decides for them until they are released."),
            )
        shown = [self.role] if role else []
        if not alive or driven:
            shown.append(self.badge)
        self._chips.flow([*shown, self.number])
        self._steps[0].setVisible(len(self._view.selected) > 1)
        self._steps[1].setVisible(len(self._view.selected) > 1)


def _busy(about: About, code: int) -> str:
    name = about.actions[code] if 0 < code < len(about.actions) else ""
    text = name.replace("_", " ") if name else translate("Inspector", "nothing in particular")
    return text[:1].upper() + text[1:]


def _tool(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setAutoRaise(True)
    button.setAccessibleName(action.text().replace("&", ""))
    return button
