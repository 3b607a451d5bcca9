"""What an action is: defined once, from which choices, checks, effects and sentences all come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.values import Bools, Bytes, Int16s, Int32s, Outcome, Speech

if TYPE_CHECKING:
    from engine.actions.menu import Menu
    from engine.society.society import Now, Society

FOREVER = np.int32(2**31 - 1)
"""`until` of an activity that ends by `ended` and not by the clock."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument of an action or a value of an event: its name, and its kind, which says how the number reads.

    Kinds: agent, place, number, coins, action, reason, and those that modules name (good, topic, fact, ...).
    """

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event: its name, how it reads ("{agent} ate {good}"), and up to four values by name and kind."""

    name: str
    text: str
    fields: tuple[Parameter, ...] = ()
    about: str = ""
    reads: Callable[[Society, int, Sequence[int]], str] | None = None
    """How one event reads (society, agent, values), where `text` alone cannot say it."""
    spoken: Callable[[Society, int, Sequence[int], int], str] | None = None
    """What its agent says aloud (society, agent, values, draw); `draw` chooses among phrasings; "" for silence."""


class Ends(NamedTuple):
    """How m starts or finishes went: outcome uint8[m], reason uint8[m] (0 none), until int32[m] (STARTED only)."""

    outcome: Bytes
    reason: Bytes
    until: Int32s

    @staticmethod
    def done(size: int) -> Ends:
        """All done."""
        return Ends(np.zeros(size, np.uint8), np.zeros(size, np.uint8), np.zeros(size, np.int32))

    @staticmethod
    def started(until: Int32s) -> Ends:
        """All started, each until its tick."""
        size = until.size
        return Ends(np.full(size, int(Outcome.STARTED), np.uint8), np.zeros(size, np.uint8), until)

    @staticmethod
    def where(reason: Bytes, ok: Outcome = Outcome.DONE, until: Int32s | None = None) -> Ends:
        """Refused where there is a reason, else `ok`."""
        outcome = np.full(reason.size, int(ok), np.uint8)
        outcome[reason > 0] = int(Outcome.REFUSED)
        return Ends(outcome, reason, np.zeros(reason.size, np.int32) if until is None else until)


class Action:
    """One thing that an agent can do. Subclass it; the society gives `code` and `reason_codes` when it is bound.

    All methods take batches: `who` int32[m] in an order drawn anew each tick (who comes first wins a conflict), `args`
    int32[m,4]. A lasting action is STARTED, holds the agent until `until` or `ended`, and then is `finish`ed.
    """

    name: ClassVar[str]
    text: ClassVar[str]
    """How it reads as a choice: "go to {place}"; braces hold parameter names."""
    about: ClassVar[str] = ""
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    lasting: ClassVar[bool] = False
    commitment: ClassVar[int] = 600
    """How much a person wants to finish what was begun, 0..1000: the appeal `commitment` of carrying on."""
    by: ClassVar[frozenset[str]] = frozenset({"agent", "person"})
    promises: ClassVar[Mapping[str, int]] = MappingProxyType({})
    """What carrying on with it promises: appeal -> 0..1000. Without it any other choice would break it off."""
    reasons: ClassVar[tuple[str, ...]] = ()
    """Why it can be refused, each a clause that reads after "because"."""
    events: ClassVar[tuple[EventKind, ...]] = ()
    """Kinds of event of a basic action; a module's actions use the module's."""

    code: int = -1
    reason_codes: Sequence[int] = ()

    def bind(self, society: Society) -> None:
        """Take what the action needs of the society, once, before the first tick. Override and call super."""
        self.society = society

    def offer(self, now: Now, menu: Menu) -> None:
        """Lay out this action's legal choices for the agents of the menu."""
        raise NotImplementedError

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Return a reason code for each (uint8, 0 = legal): the validator of every decision, whoever made it."""
        raise NotImplementedError

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Begin (or do at once) what was checked; settle conflicts in the order given."""
        raise NotImplementedError

    def ended(self, now: Now, who: Int32s, args: Int32s) -> Bools:
        """Whether a lasting activity is over before its time (reached its goal, or cannot go on)."""
        return np.zeros(who.size, np.bool_)

    def finish(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Apply the effects of a lasting activity whose time is up or goal is reached."""
        return Ends.done(who.size)

    def promise(self, now: Now, who: Int32s, args: Int32s) -> Mapping[str, ArrayLike] | Int16s:
        """Return what carrying on with a lasting activity promises now: by appeal int[m] or a number; or int16[m,K].

        It is what the choice `continue` offers. Override it where `promises`, which always holds, is not enough.
        """
        return {}

    def stop(self, now: Now, who: Int32s, args: Int32s) -> None:
        """Clean up after an activity that is broken off."""

    def says(self, agent: int, args: Sequence[int]) -> str:
        """Return the choice as words, with the facts that it turns on. Built for models, people and logs only."""
        return self.recalls(args)

    def recalls(self, args: Sequence[int]) -> str:
        """Return the choice in words that hold at any time, without what turns on the moment; for histories."""
        words = {
            parameter.name: self.society.words(parameter.kind, args[i]) for i, parameter in enumerate(self.parameters)
        }
        return self.text.format(**words)

    def speech(self, agent: int, args: Sequence[int]) -> Speech | None:
        """Return what is said aloud with this choice, where words go with it (talk, calls, posts); else None."""
        return None

    def because(self, index: int) -> np.uint8:
        """Return the code of `reasons[index]`."""
        return np.uint8(self.reason_codes[index])
