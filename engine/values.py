"""Frozen values that pass through the ports: batches of columns, and the few single values drawn from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Int8s = NDArray[np.int8]
Int16s = NDArray[np.int16]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Float32s = NDArray[np.float32]

ARGUMENTS = 4
"""Integer arguments that an action, a decision or an event can carry."""

CONTINUE = 0
"""The action code of carrying on with what one is doing."""


class Outcome(IntEnum):
    """How a decision or an activity ended."""

    DONE = 0
    REFUSED = 1
    STARTED = 2
    INTERRUPTED = 3


class Source(IntEnum):
    """Where a decision came from: a mind, a command of a person, or a fallback with its cause."""

    MIND = 0
    PERSON = 1
    FALLBACK_TIMEOUT = 2
    FALLBACK_MIND_DIED = 3
    FALLBACK_NONSENSE = 4
    FALLBACK_BUDGET = 5

    @property
    def is_fallback(self) -> bool:
        """Whether the mind failed and a reflex decided in its place."""
        return self >= Source.FALLBACK_TIMEOUT


class Asked(IntEnum):
    """Why the attention policy asked an agent."""

    FREE = 0
    EVENT = 1
    WAITED = 2
    EVERY_TICK = 3


@dataclass(frozen=True, slots=True)
class Csr:
    """Ragged rows: row i holds `items[start[i]:start[i+1]]` (start int64[rows+1])."""

    start: Int64s
    items: Int32s

    def row(self, i: int) -> Int32s:
        """Return the items of row i."""
        return self.items[self.start[i] : self.start[i + 1]]


@dataclass(frozen=True, slots=True)
class Choices:
    """Legal choices of m asked agents as CSR: those of row i are `start[i]:start[i+1]`.

    start int64[m+1]; action int16[c]; args int32[c,4]; appeal int16[c,K], -1000..1000; salience int32[c].
    """

    start: Int64s
    action: Int16s
    args: Int32s
    appeal: Int16s
    salience: Int32s


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions as columns: agent int32[d], action int16[d], args int32[d,4], asked_at int32[d], source uint8[d]."""

    agent: Int32s
    action: Int16s
    args: Int32s
    asked_at: Int32s
    source: Bytes

    @staticmethod
    def none() -> Decisions:
        """Return the empty batch."""
        zero = np.zeros(0, np.int32)
        return Decisions(zero, np.zeros(0, np.int16), np.zeros((0, ARGUMENTS), np.int32), zero, np.zeros(0, np.uint8))

    @staticmethod
    def of(agent: Int32s, action: Int16s, args: Int32s, tick: int, source: Source = Source.MIND) -> Decisions:
        """Return decisions that were all asked at one tick and come from one source."""
        size = agent.size
        return Decisions(agent, action, args, np.full(size, tick, np.int32), np.full(size, source, np.uint8))

    @staticmethod
    def join(parts: Sequence[Decisions]) -> Decisions:
        """Return the batches one after the other; the empty ones cost nothing."""
        parts = [part for part in parts if part.size]
        if not parts:
            return Decisions.none()
        if len(parts) == 1:
            return parts[0]
        return Decisions(
            np.concatenate([part.agent for part in parts]),
            np.concatenate([part.action for part in parts]),
            np.concatenate([part.args for part in parts]),
            np.concatenate([part.asked_at for part in parts]),
            np.concatenate([part.source for part in parts]),
        )

    def take(self, rows: Bools | Int64s) -> Decisions:
        """Return the chosen rows."""
        return Decisions(self.agent[rows], self.action[rows], self.args[rows], self.asked_at[rows], self.source[rows])

    @property
    def size(self) -> int:
        """The number of decisions."""
        return int(self.agent.size)


@dataclass(frozen=True)
class Observations:
    """What m asked agents perceive at a tick. Choices are laid out only when a mind looks at them.

    agent int32[m]; cause uint8[m] (Asked); role uint8[m]; urgency int16[m,K] of 0..1000 (how much each appeal is felt).
    """

    tick: int
    agent: Int32s
    cause: Bytes
    appeals: tuple[str, ...]
    _lay_out: Callable[[Int32s], tuple[Bytes, Int16s, Choices]] = field(repr=False)
    _describe: Callable[[Int32s, Int16s, Choices], tuple[Observation, ...]] = field(repr=False)

    @cached_property
    def _laid_out(self) -> tuple[Bytes, Int16s, Choices]:
        return self._lay_out(self.agent)

    @property
    def role(self) -> Bytes:
        """The role of each asked agent, uint8[m]."""
        return self._laid_out[0]

    @property
    def urgency(self) -> Int16s:
        """How much each asked agent feels each appeal now, int16[m,K] of 0..1000."""
        return self._laid_out[1]

    @property
    def choices(self) -> Choices:
        """The legal choices of each asked agent."""
        return self._laid_out[2]

    def take(self, rows: Bools | Int64s) -> Observations:
        """Return the chosen rows as a batch of its own (laid out anew when looked at)."""
        return Observations(self.tick, self.agent[rows], self.cause[rows], self.appeals, self._lay_out, self._describe)

    def views(self) -> tuple[Observation, ...]:
        """Return the observations in words, row by row; built only for a language model or the inspector."""
        return self._describe(self.agent, self.urgency, self.choices)

    def view(self, agent: int) -> Observation:
        """Return the observation of one agent of the batch in words."""
        return self.take(self.agent == agent).views()[0]

    @property
    def size(self) -> int:
        """The number of asked agents."""
        return int(self.agent.size)


@dataclass(frozen=True, slots=True)
class Speech:
    """What an agent says aloud with a choice: what it does with its words, and names and goods for the slots in it.

    lead: "say to {you}, a stranger, about the price of {it}"; slots: what each of its braces stands for.
    """

    lead: str
    slots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One legal choice in words and in numbers; `code` is its action's, `speech` what is said with it, if anything."""

    action: str
    code: int
    args: tuple[int, ...]
    text: str
    appeal: Mapping[str, int]
    speech: Speech | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What one agent perceives: who it is, what it feels, what it sees, what just happened, what it could do.

    character: its marked traits ("sociable", "not curious"); feels: urgency by appeal, 0..1000.
    """

    agent: int
    name: str
    role: str
    character: tuple[str, ...]
    tick: int
    hour: str
    place: str
    doing: str
    happened: str
    feels: Mapping[str, int]
    near: tuple[str, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Events:
    """A tick's events as columns: kind int16[e], agent int32[e], values int32[e,4] (meaning by kind)."""

    kind: Int16s
    agent: Int32s
    values: Int32s

    @property
    def size(self) -> int:
        """The number of events."""
        return int(self.kind.size)


@dataclass(frozen=True, slots=True)
class Command:
    """What a view, a person or the schedule asks of the World; applied at a tick and recorded. `what` is JSON data."""

    do: str
    what: Mapping[str, object]
    by: str = "system"


@dataclass(frozen=True, slots=True)
class TickRecord:
    """All that a tick leaves behind; the Recorder commits it in one transaction.

    outcome and reason uint8[d] stand beside the decisions; frame maps column names to arrays (a copy is not made: write
    before returning); measures maps a name to a number or a list; snapshot, every few ticks, holds every column.
    """

    tick: int
    commands: tuple[Command, ...]
    asked: Int32s
    cause: Bytes
    decisions: Decisions
    outcome: Bytes
    reason: Bytes
    events: Events
    frame: Mapping[str, NDArray[np.generic]]
    measures: Mapping[str, float | list[float]]
    state_hash: bytes
    snapshot: Snapshot | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole state after a tick: columns by full name ("drives.hunger"), and opaque bytes of minds and attention."""

    tick: int
    count: int
    columns: Mapping[str, NDArray[np.generic]]
    parts: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class ThoughtPart:
    """A piece of a prompt as it was sent. share: 0 the same for everyone, 1 for a role, 2 for a person, 3 the moment's.

    is_frame: it belongs to the model's chat template; option: number of the choice that it lists, or -1; tokens: how
    many it had (0 where unknown); dropped: it did not fit and was not sent.
    """

    text: str
    share: int = 3
    is_frame: bool = False
    option: int = -1
    tokens: int = 0
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class ThoughtChoice:
    """One choice as it was shown to a language model; probability is None where the model could not tell."""

    action: int
    args: tuple[int, ...]
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Thought:
    """What was asked of a language model for one agent, and what came back; the Recorder keeps it.

    tick: of asking; landed: tick whose decision it became; choices in the order shown; chosen: index of one, or -1;
    words: the spoken line, and `words_lead` what stood before it; thinking: what was written before the choice;
    tokens: of the whole prompt, of it from the cache, and written. Where a model failed, `source` is the fallback's
    cause and `why` one line. A run file keeps probabilities to 3 digits and milliseconds to a tenth.
    """

    agent: int
    tick: int
    landed: int
    model: str
    parts: tuple[ThoughtPart, ...]
    choices: tuple[ThoughtChoice, ...] = ()
    chosen: int = -1
    words: str = ""
    words_lead: str = ""
    thinking: str = ""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    generated_tokens: int = 0
    milliseconds: float = 0.0
    source: Source = Source.MIND
    why: str = ""

    @property
    def sent(self) -> str:
        """The prompt as it was sent: the texts of all parts that were not dropped."""
        return "".join(part.text for part in self.parts if not part.dropped)
