"""Songs: people long to sing, and do so where someone hears them. Copy the folder into `engine/society/` to try it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.actions.definition import Action, Ends
from engine.actions.menu import Menu
from engine.scenario.fields import whole
from engine.society.module import Appeal, EventKind, Measure, Module, Settings
from engine.society.society import Now
from engine.values import Bytes, Int32s
from engine.world import Column


class SongsSettings(Settings):
    """How people sing."""

    minutes: Annotated[int, whole("How long a song lasts", "simulated minutes", 1, 60)] = 6
    longing: Annotated[int, whole("Longing to sing gained", "thousandths a day", 0, 100_000)] = 4000


class Sing(Action):
    """Sing to those at one's side."""

    name = "sing"
    text = "sing a song"
    about = "Sing to those at one's side."
    lasting = True
    reasons: ClassVar[tuple[str, ...]] = ("nobody is there to hear it",)

    def __init__(self, songs: Songs) -> None:
        self.songs = songs

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer it to everyone who has someone at their side."""
        heard = np.flatnonzero(np.diff(self.society.contacts(now, menu.who).start))
        menu.add(self.code, heard, (), {"song": 600, "company": 100})

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Refuse those who are alone."""
        listeners = np.diff(self.society.space.contacts(who, 1).start)
        return np.where(listeners > 0, 0, self.because(0)).astype(np.uint8)

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Begin the song."""
        until = now.tick + self.society.ticks(self.songs.settings.minutes)
        return Ends.started(np.full(who.size, until, np.int32))

    def finish(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """End it; `Songs.settle` reads the event."""
        now.log.emit("sang", who)
        return Ends.done(who.size)

    def promise(self, now: Now, who: Int32s, args: Int32s) -> Mapping[str, ArrayLike]:
        """Promise the rest of the song."""
        return {"song": 600, "company": 100}


class Songs(Module):
    """Who longs to sing, and who sang how often."""

    name = "songs"
    about = "People long to sing, and sing where someone hears them."
    Settings = SongsSettings
    appeals = (Appeal("song", "singing"),)
    events = (EventKind("sang", "{agent} sang a song", (), "Someone finished a song."),)

    def columns(self) -> tuple[Column, ...]:
        """Return each person's longing and number of songs."""
        return (
            Column("longing", np.int32, unit="millionths", about="how much the person longs to sing"),
            Column("sung", np.int32, unit="songs", about="how many songs the person has sung"),
        )

    def actions(self) -> tuple[Action, ...]:
        """Return `sing`."""
        return (Sing(self),)

    def feel(self, now: Now, who: Int32s, feel: Callable[[str, NDArray[Any]], None]) -> None:
        """Feel the longing."""
        feel("song", self.own.longing[who] // 1000)

    def settle(self, now: Now) -> None:
        """Let the longing grow, and be gone in those who sang."""
        gain = self.society.per_tick(1000 * self.settings.longing)
        self.own.longing[:] = np.minimum(1_000_000, self.own.longing + gain)
        singers, _ = now.log.of("sang")
        self.own.longing[singers] = 0
        self.own.sung[singers] += 1

    def measures(self) -> tuple[Measure, ...]:
        """Return the number of songs so far."""
        return (Measure("sung", "songs", "Songs since the beginning.", lambda: float(self.own.sung.sum(dtype=int))),)
