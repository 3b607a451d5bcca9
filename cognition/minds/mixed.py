"""The mixed mind: each person's own mind decides, and where a mind fails a fallback does, counted by cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cognition.minds.framing import (
    MEND,
    pack,
    pack_counts,
    pack_decisions,
    pack_ints,
    part,
    unpack,
    unpack_counts,
    unpack_decisions,
    unpack_ints,
)
from engine.errors import MindError
from engine.ports import Mind, PeopleColumns
from engine.values import ARGUMENTS, CONTINUE, Bytes, Decisions, Int32s, Int64s, Observations, Source

_KIND = "mixed"
_PART = "part"
_WORD, _TICK = np.int64(32), np.int64(0xFFFFFFFF)
_PERSON, _LAST_SOURCE = np.uint8(Source.PERSON), np.uint8(max(Source))
_DTYPES = (np.dtype(np.int32), np.dtype(np.int16), np.dtype(np.int32), np.dtype(np.int32), np.dtype(np.uint8))


class MixedMind:
    """Splits a batch by the `mind` column of the people in it and joins the answers in ascending order of agents.

    minds: by the numbers of that column; people: the World's columns; fallback: a mind that answers at once, such as
    the reflex; actions: how many action codes there are, None if any may come. Every mind is asked at every tick, with
    an empty batch too; minds and fallback are objects of their own, and so is whatever they hand people on to.

    A mind that raises, leaves out someone whose answer is due, answers twice or with what is no decision costs these
    people a decision by the fallback. `fallbacks` counts these (and those that a mind reports itself) by cause,
    `faults` holds the last fault of each mind in words. What nobody asked for is dropped and counted in `dropped`.
    Raises MindError when a mind stands in two places, or when a person has a mind that there is not.
    """

    def __init__(
        self, minds: Sequence[Mind], people: PeopleColumns, fallback: Mind, actions: int | None = None
    ) -> None:
        if len({id(mind) for mind in (*minds, fallback)}) != len(minds) + 1:
            raise MindError("a mind stands twice in a mixture, its answers would mix; make one object for each place")
        self._parts = [_Part(mind, actions) for mind in minds]
        self._people = people
        self._fallback = fallback
        self._batch: Observations | None = None
        self._ready: list[Decisions] = []
        self.fallbacks: dict[Source, int] = {source: 0 for source in Source if source.is_fallback}
        self.faults: dict[int, str] = {}
        self._resumed = False

    def add(self, mind: Mind, actions: int | None = None) -> None:
        """Take in one more mind, with the next number."""
        self._parts.append(_Part(mind, actions))

    def ask(self, batch: Observations) -> None:
        """Ask each mind about its own people; for those of a mind that raises the fallback decides at once."""
        self._batch = batch
        if self._resumed:
            self._resumed = False
            self._take_up(batch.tick)
        mind = self._people.mind[batch.agent]
        if mind.size and int(mind.max()) >= len(self._parts):
            raise MindError(
                f"tick {batch.tick}: a person has mind {int(mind.max())} of {len(self._parts)}; check `cognition.minds`"
            )
        for number, own in enumerate(self._parts):
            rows = np.flatnonzero(mind == number)
            try:
                own.ask(batch if rows.size == batch.size else batch.take(rows))
            except Exception as error:
                self._note(number, error)
                agents = batch.agent[rows]
                self._decide(agents, np.full(rows.size, batch.tick, np.int32), Source.FALLBACK_MIND_DIED)

    def _take_up(self, tick: int) -> None:
        """After a restore: what is in flight is what the World says, whatever has landed since the snapshot."""
        people = self._people
        due = np.flatnonzero(people.alive & (people.thinking >= 0) & (people.thinking < tick))
        for number, own in enumerate(self._parts):
            mine = due[people.mind[due] == number]
            own.pending = (mine.astype(np.int64) << _WORD) | people.thinking[mine]

    def answers(self, wait: bool) -> Decisions:
        """Return the decisions that are ready, with `wait` all that were asked for, in ascending order of agents."""
        for number, own in enumerate(self._parts):
            cause = Source.FALLBACK_NONSENSE
            try:
                decisions, odd = own.answers(wait)
                if odd.size:
                    self.faults[number] = f"{odd.size} answers were missing, doubled or no decisions"
            except Exception as error:
                self._note(number, error)
                cause = Source.FALLBACK_MIND_DIED
                decisions, odd = Decisions.none(), own.give_up()
            self._count(decisions.source)
            self._ready.append(decisions)
            self._decide((odd >> _WORD).astype(np.int32), (odd & _TICK).astype(np.int32), cause)
        ready, self._ready = [decisions for decisions in self._ready if decisions.size], []
        if len(ready) < 2:
            return Decisions.join(ready)
        joined = Decisions.join(ready)
        return joined.take(np.argsort(joined.agent, kind="stable"))

    def _decide(self, agents: Int32s, asked_at: Int32s, cause: Source) -> None:
        """Let the fallback decide, on what these people perceive now; without a batch to go by they carry on."""
        size = agents.size
        if size == 0:
            return
        action, args = np.full(size, CONTINUE, np.int16), np.zeros((size, ARGUMENTS), np.int32)
        if self._batch is not None:
            who, place = np.unique(agents, return_inverse=True)
            self._fallback.ask(replace(self._batch, agent=who, cause=np.zeros(who.size, np.uint8)))
            made = self._fallback.answers(True)
            made = made.take(np.argsort(made.agent, kind="stable"))
            action, args = made.action[place], made.args[place]
        self._ready.append(Decisions(agents, action, args, asked_at, np.full(size, cause, np.uint8)))
        self.fallbacks[cause] += size

    @property
    def dropped(self) -> int:
        """How many answers came that nobody had asked for."""
        return sum(own.dropped for own in self._parts)

    def _count(self, source: Bytes) -> None:
        if source.size and source.max():
            for cause in self.fallbacks:
                self.fallbacks[cause] += int(np.count_nonzero(source == cause))

    def _note(self, number: int, error: Exception) -> None:
        self.faults[number] = f"{type(error).__name__}: {str(error)[:200]}"

    def snapshot(self) -> bytes:
        """Return the snapshots of all parts, what is in flight, and the counts."""
        parts = {
            "ready": pack_decisions(Decisions.join(self._ready)),
            "counts": pack_counts({source.name: count for source, count in self.fallbacks.items()}),
        }
        for number, own in enumerate(self._parts):
            parts[f"mind {number}"] = own.snapshot()
        return pack(_KIND, parts)

    def restore(self, data: bytes) -> None:
        """Go on from a snapshot. Raises MindError when it is damaged or of another mixture."""
        parts = unpack(_KIND, data)
        ready = unpack_decisions(_KIND, part(_KIND, parts, "ready"))
        counts = unpack_counts(_KIND, part(_KIND, parts, "counts"))
        if len(parts) != 2 + len(self._parts) or set(counts) != {source.name for source in self.fallbacks}:
            raise MindError(f"the snapshot is of {len(parts) - 2} minds, here there are {len(self._parts)}; {MEND}")
        for number, own in enumerate(self._parts):
            own.restore(part(_KIND, parts, f"mind {number}"))
        self.fallbacks = {source: counts[source.name] for source in self.fallbacks}
        self._batch = None
        self._resumed = True
        self._ready = [ready] if ready.size else []


class _Part:
    """One mind, what it was asked and has not answered, and the check of what it answers.

    `pending` holds a key for each: agent * 2^32 + tick of the asking, int64.
    """

    def __init__(self, mind: Mind, actions: int | None) -> None:
        self.mind = mind
        self.actions = 2**15 if actions is None else actions
        self.pending = np.zeros(0, np.int64)
        self.dropped = 0

    def ask(self, batch: Observations) -> None:
        """Ask, and note who is asked. Raises what the mind raises."""
        self.mind.ask(batch)
        if batch.size:
            asked = (batch.agent.astype(np.int64) << _WORD) | batch.tick
            self.pending = np.concatenate((self.pending, asked)) if self.pending.size else asked

    def answers(self, wait: bool) -> tuple[Decisions, Int64s]:
        """Return the sound answers, and the keys of those for whom someone else must decide."""
        decisions = self.mind.answers(wait)
        if not _is_well_made(decisions):
            return Decisions.none(), self.give_up()
        keys = (decisions.agent.astype(np.int64) << _WORD) | decisions.asked_at
        sound = (decisions.action >= 0) & (decisions.action < self.actions) & (decisions.source <= _LAST_SOURCE)
        sound &= decisions.source != _PERSON
        if sound.all() and np.array_equal(keys, self.pending):
            self.pending = np.zeros(0, np.int64)
            return decisions, self.pending
        asked = np.isin(keys, self.pending)
        self.dropped += int(np.count_nonzero(~asked))
        unique, first, times = np.unique(keys[asked], return_index=True, return_counts=True)
        rows = np.flatnonzero(asked)[first]
        good = (times == 1) & sound[rows]
        odd = unique[~good]
        self.pending = np.setdiff1d(self.pending, unique)
        if wait:
            odd = np.sort(np.concatenate((odd, self.give_up())))
        return decisions.take(rows[good]), odd

    def give_up(self) -> Int64s:
        """Return the keys of all that is pending, and wait for none of it any more."""
        pending, self.pending = self.pending, np.zeros(0, np.int64)
        return pending

    def snapshot(self) -> bytes:
        """Return the mind's own snapshot and what is pending; a mind that cannot give one starts anew on restore."""
        pending = np.stack((self.pending >> _WORD, self.pending & _TICK)).astype(np.int32)
        parts = {"pending": pack_ints(pending), "dropped": pack_counts({"dropped": self.dropped})}
        try:
            parts["mind"] = self.mind.snapshot()
        except Exception:
            parts["pending"] = b""
        return pack(_PART, parts)

    def restore(self, data: bytes) -> None:
        """Go on from a snapshot. Raises MindError when it is damaged."""
        parts = unpack(_PART, data)
        pending: Int32s = unpack_ints(_PART, part(_PART, parts, "pending"))
        if pending.size % 2:
            raise MindError(f"the snapshot of a part of the mixed mind is cut off; {MEND}")
        try:
            if "mind" in parts:
                self.mind.restore(parts["mind"])
        except MindError:
            raise
        except Exception as error:
            raise MindError(f"a mind cannot go on from its snapshot ({str(error)[:200]}); {MEND}") from error
        agents, ticks = pending.reshape(2, -1).astype(np.int64)
        self.pending = (agents << _WORD) | ticks
        self.dropped = unpack_counts(_PART, part(_PART, parts, "dropped")).get("dropped", 0)


def _is_well_made(decisions: Decisions) -> bool:
    """Whether it is a batch of decisions at all: five columns of the same length and of the right types."""
    size = len(decisions.agent)
    columns: tuple[NDArray[np.generic], ...] = (
        decisions.agent, decisions.action, decisions.args, decisions.asked_at, decisions.source,
    )  # fmt: skip
    shapes = ((size,), (size,), (size, ARGUMENTS), (size,), (size,))
    return all(
        column.shape == shape and column.dtype == dtype
        for column, shape, dtype in zip(columns, shapes, _DTYPES, strict=True)
    )
