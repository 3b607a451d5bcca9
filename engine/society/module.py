"""What a module is: one slow system of the society, in a folder of its own, found by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from engine.actions.definition import Action, EventKind, Parameter
from engine.scenario.fields import Section
from engine.values import Bools, Int16s, Int32s
from engine.world import Column

if TYPE_CHECKING:
    from engine.society.society import Now, Society

__all__ = ["Appeal", "EventKind", "Measure", "Module", "Parameter", "Settings", "Topic", "clipped"]


class Settings(Section):
    """The base of every module's section of the scenario."""


@dataclass(frozen=True, slots=True)
class Appeal:
    """Something that a choice can promise and an agent can long for, on a scale of 0..1000."""

    name: str
    about: str
    weight: int = 100
    """How much the reflex mind cares unless the scenario says otherwise."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that is computed every few ticks into the run file: one number, or a list (a distribution)."""

    name: str
    unit: str
    about: str
    take: Callable[[], float | list[float]]
    labels: tuple[str, ...] = ()
    """What the numbers of a list stand for, where they have names; without them a list is a distribution."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that people can talk about.

    `subjects(now, who, partner)` returns int32[m]: what each would say to the partner (a good, a fact), or -1;
    `kind` says how the subject reads, `text` what is said of it ("the price of {subject}"); `appeals` what such talk
    promises. `legal(now, who, partner, subject)` returns bool[m]: whether each could say just that (None: any subject).
    """

    name: str
    text: str
    kind: str
    subjects: Callable[[Now, Int32s, Int32s], Int32s]
    appeals: Mapping[str, int]
    legal: Callable[[Now, Int32s, Int32s, Int32s], Bools] | None = None


class Module:
    """Subclass it, in `engine/society/NAME/__init__.py` or under the entry point group `sociarium.modules`.

    A module keeps all of its state in its columns: it writes `self.own`, and reads anyone's through `self.see(owner)`.
    """

    name: ClassVar[str]
    about: ClassVar[str] = ""
    version: ClassVar[int] = 1
    """Raise it whenever the same state and decisions would lead elsewhere."""
    needs: ClassVar[tuple[str, ...]] = ()
    Settings: ClassVar[type[BaseModel]] = Settings
    appeals: ClassVar[tuple[Appeal, ...]] = ()
    events: ClassVar[tuple[EventKind, ...]] = ()

    def __init__(self, settings: Any, society: Society) -> None:
        self.settings = settings
        self.society = society
        society.world.declare(self.name, self.columns())
        self.own: Any = society.world.own(self.name)

    def columns(self) -> tuple[Column, ...]:
        """Return the module's columns (called once, when it is made; `settings` is set)."""
        return ()

    def actions(self) -> tuple[Action, ...]:
        """Return the module's actions, made anew."""
        return ()

    def topics(self) -> tuple[Topic, ...]:
        """Return what this module gives people to talk about."""
        return ()

    def measures(self) -> tuple[Measure, ...]:
        """Return the module's measures."""
        return ()

    def namers(self) -> Mapping[str, Callable[[int], str]]:
        """Return how the module's own kinds of number read: kind -> number -> words."""
        return {}

    def see(self, owner: str) -> Any:
        """Return another owner's columns, read-only, as attributes."""
        return self.society.world.see(owner)

    def bind(self) -> None:
        """Work out what follows from settings and other modules, once all are made; `needs` are bound before it.

        Called again when the settings change in the middle of a run.
        """

    def found(self) -> None:
        """Set up cells and places at tick 0, before anyone is born."""

    def born(self, agents: Int32s, tick: int) -> None:
        """Fill this module's columns for new people."""

    def left(self, agents: Int32s, now: Now) -> None:
        """Clean up after people who leave the world (their rows stay readable)."""

    def feel(self, now: Now, who: Int32s, feel: Callable[[str, NDArray[Any]], None]) -> None:
        """Say how much each of `who` feels the module's appeals now: `feel(appeal, int[m] of 0..1000)`."""

    def attract(self, now: Now, attract: Callable[[str, NDArray[Any]], None]) -> None:
        """Say what each place promises now: `attract(appeal, int[places] of 0..1000)`; the greatest counts."""

    def settle(self, now: Now) -> None:
        """Make the module's slow step: read the tick's events, write own columns."""

    def command(self, now: Now, do: str, what: Mapping[str, object]) -> bool:
        """Apply a command that is this module's (True), or leave it to others (False)."""
        return False


def clipped(values: NDArray[Any]) -> Int16s:
    """Return values as int16 of 0..1000."""
    out: Int16s = np.clip(values, 0, 1000).astype(np.int16)
    return out
