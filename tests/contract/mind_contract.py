"""The contract of a Mind, to be run against any implementation.

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_my_mind(check): check(Subject("mine", make=lambda seed: MyMind(seed)))

`make(seed)` returns a fresh mind for the people of a `Village`, which stands in for the engine: all that they perceive
is a pure function of tick and agent. At every tick of `TICKS` the village asks `asked(tick)`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import MindError
from engine.ports import Mind
from engine.rng import Rng, purpose
from engine.values import CONTINUE, Bytes, Choices, Decisions, Int16s, Int32s, Observation, Observations

Scalar = TypeVar("Scalar", bound=np.generic)

PEOPLE = 40
ROLES = 3
APPEALS = ("food", "rest", "company", "effort", "curiosity")
ACTIONS = 9
TICKS = tuple(range(1, 7))
NOBODY = np.zeros(0, np.int32)


@dataclass(frozen=True)
class Subject:
    """A mind under test. legal: it only takes choices that it was offered; seeded: another seed decides otherwise."""

    name: str
    make: Callable[[int], Mind]
    legal: bool = True
    seeded: bool = True


class People:
    """The World's columns as attention and minds read them, for `count` people who live, idle, and were never asked."""

    def __init__(self, count: int = PEOPLE) -> None:
        self.alive = np.ones(count, np.bool_)
        self.driven = np.zeros(count, np.bool_)
        self.role = (np.arange(count) % ROLES).astype(np.uint8)
        self.mind = np.zeros(count, np.uint8)
        self.action = np.zeros(count, np.int16)
        self.until = np.zeros(count, np.int32)
        self.asked = np.full(count, -1, np.int32)
        self.stirred = np.full(count, -1, np.int32)
        self.thinking = np.full(count, -1, np.int32)


class Village:
    """Observations for a few people. Some have one choice, some a dozen; a seventh of them has none at a tick."""

    def __init__(self) -> None:
        self.laid_out = 0
        self._rng = Rng(20)

    def asked(self, tick: int) -> Int32s:
        """Return who is asked at a tick: two thirds of the people in TICKS, nobody outside."""
        if tick not in TICKS:
            return NOBODY
        return np.array([agent for agent in range(PEOPLE) if (agent + tick) % 3], np.int32)

    def batch(self, tick: int, agents: Int32s | None = None) -> Observations:
        """Return the observations of these agents (or of `asked(tick)`); nothing in them can be written to."""
        who = self.asked(tick) if agents is None else agents
        return Observations(
            tick, sealed(who.copy()), sealed(np.zeros(who.size, np.uint8)), APPEALS,
            lambda rows: self._lay_out(tick, rows), _nothing_to_say,
        )  # fmt: skip

    def _lay_out(self, tick: int, agents: Int32s) -> tuple[Bytes, Int16s, Choices]:
        self.laid_out += 1
        kinds = len(APPEALS)
        words = self._rng.words(purpose("village"), agents, tick, 2 + kinds).astype(np.int64)
        counts = np.where(words[:, 0] % 7 == 0, 0, 1 + words[:, 1] % 12)
        start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        owner = np.repeat(agents, counts).astype(np.int32)
        slot = np.arange(owner.size) - np.repeat(start[:-1], counts)
        drawn = np.array(
            [self._rng.words(purpose(f"village.{s}"), owner[i : i + 1], tick, 8)[0] for i, s in enumerate(slot)],
            np.int64,
        ).reshape(-1, 8)
        action = np.where(slot == 0, CONTINUE, 1 + drawn[:, 0] % (ACTIONS - 1)).astype(np.int16)
        args = np.where(action[:, None] == CONTINUE, 0, drawn[:, 1:5] % 50).astype(np.int32)
        appeal = (drawn[:, 3 : 3 + kinds] % 1001).astype(np.int16)
        urgency = (words[:, 2:] % 1001).astype(np.int16)
        choices = Choices(start, sealed(action), sealed(args), sealed(appeal), np.zeros(owner.size, np.int32))
        return sealed((agents % ROLES).astype(np.uint8)), sealed(urgency), choices


def sealed(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return the array, read-only."""
    array.flags.writeable = False
    return array


def _nothing_to_say(agents: Int32s, urgency: Int16s, choices: Choices) -> tuple[Observation, ...]:
    raise LookupError(f"the village has no words for {agents.size} people")


def decide(mind: Mind, ticks: Sequence[int] = TICKS) -> list[Decisions]:
    """Return what the mind decides in lockstep at these ticks, each tick ordered by agent."""
    village = Village()
    found = []
    for tick in ticks:
        mind.ask(village.batch(tick))
        found.append(ordered(mind.answers(True)))
    return found


def ordered(decisions: Decisions) -> Decisions:
    """Return decisions ordered by agent and tick of asking."""
    return decisions.take(np.lexsort((decisions.asked_at, decisions.agent)))


def rows(decisions: Decisions) -> list[tuple[object, ...]]:
    """Return decisions as tuples, to compare and to read in a failure."""
    columns = (decisions.agent, decisions.action, decisions.asked_at, decisions.source)
    fields = zip(*(column.tolist() for column in columns), strict=True)
    return [(*row, *args) for row, args in zip(fields, decisions.args.tolist(), strict=True)]


def same(one: Sequence[Decisions], other: Sequence[Decisions]) -> None:
    """Assert that both decided the same, tick by tick."""
    assert [rows(decisions) for decisions in one] == [rows(decisions) for decisions in other]


def each_asked_person_is_answered_once(subject: Subject) -> None:
    for tick, decisions in zip(TICKS, decide(subject.make(1)), strict=True):
        assert decisions.agent.tolist() == Village().asked(tick).tolist()


def answers_are_columns_of_the_right_types(subject: Subject) -> None:
    for decisions in decide(subject.make(1)):
        columns: tuple[NDArray[np.generic], ...] = (
            decisions.agent, decisions.action, decisions.args, decisions.asked_at, decisions.source,
        )  # fmt: skip
        size = decisions.size
        assert [column.dtype.name for column in columns] == ["int32", "int16", "int32", "int32", "uint8"]
        assert [column.shape for column in columns] == [(size,), (size,), (size, 4), (size,), (size,)]


def answers_are_legal(subject: Subject) -> None:
    if not subject.legal:
        return
    for tick, decisions in zip(TICKS, decide(subject.make(1)), strict=True):
        batch = Village().batch(tick)
        for row, agent in enumerate(batch.agent.tolist()):
            span = slice(int(batch.choices.start[row]), int(batch.choices.start[row + 1]))
            actions, args = batch.choices.action[span].tolist(), batch.choices.args[span].tolist()
            offered = [(action, *given) for action, given in zip(actions, args, strict=True)]
            taken = decisions.agent == agent
            chosen = (int(decisions.action[taken][0]), *decisions.args[taken][0].tolist())
            assert chosen in (offered or [(CONTINUE, 0, 0, 0, 0)])


def answers_carry_the_tick_of_their_asking(subject: Subject) -> None:
    for tick, decisions in zip(TICKS, decide(subject.make(1)), strict=True):
        assert set(decisions.asked_at.tolist()) == {tick}


def waiting_leaves_nothing_behind(subject: Subject) -> None:
    mind, village = subject.make(1), Village()
    for tick in TICKS:
        mind.ask(village.batch(tick))
        mind.answers(True)
        assert mind.answers(False).size == 0
        assert mind.answers(True).size == 0


def nobody_asked_is_nobody_answered(subject: Subject) -> None:
    mind, village = subject.make(1), Village()
    assert mind.answers(True).size == 0
    mind.ask(village.batch(TICKS[-1] + 1))
    assert mind.answers(True).size == 0
    mind.ask(village.batch(TICKS[-1] + 2))
    assert mind.answers(False).size == 0


def answers_that_may_come_late_come_once(subject: Subject) -> None:
    mind, village, found = subject.make(1), Village(), []
    for tick in TICKS:
        mind.ask(village.batch(tick))
        if tick % 2:
            found.append(mind.answers(False))
    found.append(mind.answers(True))
    late = Decisions.join(found)
    answered = zip(late.asked_at.tolist(), late.agent.tolist(), strict=True)
    assert sorted(answered) == [(tick, agent) for tick in TICKS for agent in village.asked(tick).tolist()]


def the_order_of_rows_decides_nothing(subject: Subject) -> None:
    mind, village, found = subject.make(1), Village(), []
    for tick in TICKS:
        order = np.random.default_rng(tick).permutation(village.asked(tick))
        mind.ask(village.batch(tick, order))
        found.append(ordered(mind.answers(True)))
    same(found, decide(subject.make(1)))


def the_same_seed_decides_the_same(subject: Subject) -> None:
    same(decide(subject.make(1)), decide(subject.make(1)))


def another_seed_decides_otherwise(subject: Subject) -> None:
    if subject.seeded:
        one = [row for decisions in decide(subject.make(1)) for row in rows(decisions)]
        assert one != [row for decisions in decide(subject.make(2)) for row in rows(decisions)]


def answers_are_the_askers_to_keep(subject: Subject) -> None:
    mind, village, kept, copied = subject.make(1), Village(), [], []
    for tick in TICKS:
        mind.ask(village.batch(tick))
        decisions = mind.answers(True)
        kept.append(decisions)
        copied.append(rows(decisions))
    assert [rows(decisions) for decisions in kept] == copied


def a_snapshot_changes_nothing(subject: Subject) -> None:
    mind, village, found = subject.make(1), Village(), []
    for tick in TICKS:
        mind.snapshot()
        mind.ask(village.batch(tick))
        assert mind.snapshot() == mind.snapshot()
        found.append(ordered(mind.answers(True)))
    same(found, decide(subject.make(1)))


def a_restored_mind_goes_on_as_the_unbroken_one(subject: Subject) -> None:
    unbroken = decide(subject.make(1))
    for place in range(len(TICKS)):
        before, after = subject.make(1), subject.make(1)
        first = decide(before, TICKS[:place])
        after.restore(before.snapshot())
        assert after.snapshot() == before.snapshot()
        same([*first, *decide(after, TICKS[place:])], unbroken)


def a_restored_mind_answers_what_was_in_flight(subject: Subject) -> None:
    unbroken = decide(subject.make(1))
    for place, tick in enumerate(TICKS):
        before, after = subject.make(1), subject.make(1)
        decide(before, TICKS[:place])
        before.ask(Village().batch(tick))
        after.restore(before.snapshot())
        answered = ordered(after.answers(True))
        same([answered, *decide(after, TICKS[place + 1 :])], unbroken[place:])


def what_is_no_snapshot_of_its_is_refused(subject: Subject) -> None:
    mind = subject.make(1)
    decide(mind, TICKS[:2])
    mind.ask(Village().batch(TICKS[2]))
    sound = mind.snapshot()
    flipped = bytearray(sound)
    flipped[len(sound) // 2] ^= 1
    garbage = [b"", b"\0", b"nonsense", bytes(64), b"{}", b"\x80\x04N.", bytes(flipped), sound + b"\0", b"x" + sound]
    garbage += [sound[:length] for length in range(0, len(sound), max(1, len(sound) // 20))]
    for data in garbage:
        with pytest.raises(MindError):
            subject.make(1).restore(data)


CHECKS: tuple[Callable[[Subject], None], ...] = (
    each_asked_person_is_answered_once,
    answers_are_columns_of_the_right_types,
    answers_are_legal,
    answers_carry_the_tick_of_their_asking,
    waiting_leaves_nothing_behind,
    nobody_asked_is_nobody_answered,
    answers_that_may_come_late_come_once,
    the_order_of_rows_decides_nothing,
    the_same_seed_decides_the_same,
    another_seed_decides_otherwise,
    answers_are_the_askers_to_keep,
    a_snapshot_changes_nothing,
    a_restored_mind_goes_on_as_the_unbroken_one,
    a_restored_mind_answers_what_was_in_flight,
    what_is_no_snapshot_of_its_is_refused,
)
