"""What a module is: one slow system of the society, in a folder of its own, found by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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

__all__ = [
    "Appeal", "EventKind", "Fact", "Link", "Measure", "Module", "Parameter", "Settings", "Topic", "clipped", "in_words",
]  # fmt: skip


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
    `lines(speaker, subject)` returns what a speaker may say aloud, whole sentences in the first person; any of them
    fits (None: nothing is heard).
    """

    name: str
    text: str
    kind: str
    subjects: Callable[[Now, Int32s, Int32s], Int32s]
    appeals: Mapping[str, int]
    legal: Callable[[Now, Int32s, Int32s, Int32s], Bools] | None = None
    lines: Callable[[int, int], Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a module has to say of a person.

    `kind` is "level" (0..1000, high is good), "lack" (0..1000, high is bad), "amount" (`words` is the unit) or "text"
    (`words`); `words` of a level or a lack say how it stands. `agent` is another person whom it is about, or -1.
    """

    label: str
    kind: str
    value: int = 0
    words: str = ""
    agent: int = -1


@dataclass(frozen=True, slots=True)
class Link:
    """What another person is to somebody: trust -1000..1000, familiarity 0..1000, and the relation in words."""

    agent: int
    trust: int
    familiarity: int
    relation: str


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
    fleeting: ClassVar[tuple[str, ...]] = ()
    """Kinds of number that the module names and that read as nothing some time later; see `remember`."""

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

    def facts(self, agent: int) -> tuple[Fact, ...]:
        """Say what there is to say of a person now, in the order in which it is best read. Must change nothing."""
        return ()

    def links(self, agent: int) -> tuple[Link, ...]:
        """Return the people to whom someone is linked now, in any order. Must change nothing."""
        return ()

    def remember(self) -> None:
        """Note how numbers read now that will not read so for ever; views call it between ticks. Not state."""


def in_words(value: int, words: Sequence[str]) -> str:
    """Return the word for a value of 0..1000 out of words for equal parts of it, lowest first."""
    return words[min(max(value, 0) * len(words) // 1001, len(words) - 1)]


def clipped(values: NDArray[Any]) -> Int16s:
    """Return values as int16 of 0..1000."""
    out: Int16s = np.clip(values, 0, 1000).astype(np.int16)
    return out
