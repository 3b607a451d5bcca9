"""Keeps people's colours and the legend in step with what `view` shows."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.view import View
from app.viewport.bonds import Bonds
from app.viewport.colours import Colouring, colour_people, title
from app.viewport.legend import Legend
from app.viewport.people import People

MANY = 20_000
"""From so many people on, colours are looked up less often."""
OFTEN, SELDOM, CLOCK = 0.25, 1.0, 0.2
"""Seconds between two looks at the colours, at those of many people, and at the clock."""


class Tints(QObject):
    """Colours people by what is chosen, and tells the legend."""

    changed = Signal()
    """`current` is another one, and people are to be painted."""

    def __init__(self, view: View, legend: Legend, bonds: Bonds, parent: QObject) -> None:
        super().__init__(parent)
        self.view, self.legend, self.bonds = view, legend, bonds
        self.current: Colouring | None = None
        self._looked = self._told = 0.0
        legend.colour_chosen.connect(view.colour_by)
        legend.entry_chosen.connect(self.select_entry)
        view.colour_changed.connect(self.renew)
        view.selection_changed.connect(self._renew_trust)
        bonds.ties_changed.connect(self._renew_trust)

    def open(self) -> None:
        """Another society is on screen."""
        self.current = None
        self.legend.show_time("", "")
        self._name()

    def close(self) -> None:
        """None is."""
        self.current = None

    def of_frame(self, now: float) -> Colouring:
        """Return the colours for the frame on screen: what they were, if that is not long ago."""
        frame = self.view.frame
        assert frame is not None
        count = len(frame.columns["people.alive"])
        pause = SELDOM if count > MANY else OFTEN
        if self.current is None or len(self.current.colours) != count or now - self._looked > pause:
            self._looked = now
            self._look()
        assert self.current is not None
        return self.current

    def renew(self) -> None:
        """Look at the colours now."""
        self._name()
        if self.view.frame is not None and self.view.about is not None and self.current is not None:
            self._look()
            self.changed.emit()

    def _renew_trust(self) -> None:
        if self.view.colour == "trust":
            self.renew()

    def _look(self) -> None:
        about, frame = self.view.about, self.view.frame
        assert about is not None and frame is not None
        self.current = colour_people(about, frame.columns, self.view.colour, self.bonds.trust)
        self.legend.show_entries(self.current.entries)

    def _name(self) -> None:
        about = self.view.about
        if about is not None:
            names = self.view.colours()
            self.legend.show_colours(names, [title(about, name) for name in names], self.view.colour)

    def next_colour(self) -> None:
        """Colour people by the next of what there is."""
        names = self.view.colours()
        self.view.colour_by(names[(names.index(self.view.colour) + 1) % len(names)])

    def select_entry(self, index: int) -> None:
        """Select whom an entry of the legend counts."""
        if self.current is not None:
            self.view.select(np.flatnonzero(self.current.group == index).tolist())

    def tell_time(self, people: People, now: float) -> None:
        """Show the hour and how many people there are."""
        about = self.view.about
        if about is None or (now - self._told < CLOCK and self.legend.clock.text()):
            return
        self._told = now
        day, minute = about.moment(self.view.tick)
        clock = self.tr("Day {day}, {hour:02d}:{minute:02d}").format(day=day, hour=minute // 60, minute=minute % 60)
        self.legend.show_time(clock, self.tr("{count:,} people").format(count=int(people.motion.here.sum())))
