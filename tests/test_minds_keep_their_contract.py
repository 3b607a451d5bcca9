from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cognition.minds.framing import pack, pack_decisions, unpack, unpack_decisions
from cognition.minds.mixed import MixedMind
from cognition.minds.recorded import RecordedMind
from cognition.minds.reflex import ReflexMind
from cognition.minds.script import Entry, ScriptMind
from engine.ports import Mind
from engine.rng import Rng
from engine.values import Decisions, Observations
from tests.contract.mind_contract import APPEALS, CHECKS, PEOPLE, ROLES, TICKS, People, Subject, Village, decide

WEIGHTS = np.random.default_rng(4).integers(-50, 250, (ROLES, len(APPEALS))).astype(np.int32)
ENTRIES = [Entry(tick, agent, 1 + agent % 8, (agent, 3)) for tick in TICKS[::2] for agent in range(0, PEOPLE, 3)]


class SlowMind:
    """A reflex that thinks for a tick before it answers, as a language model would."""

    def __init__(self, seed: int) -> None:
        self.reflex = reflex(seed)
        self.thinking = Decisions.none()
        self.ready = Decisions.none()

    def ask(self, batch: Observations) -> None:
        self.ready = Decisions.join((self.ready, self.thinking))
        self.reflex.ask(batch)
        self.thinking = self.reflex.answers(True)

    def answers(self, wait: bool) -> Decisions:
        ready, self.ready = self.ready, Decisions.none()
        if wait:
            ready, self.thinking = Decisions.join((ready, self.thinking)), Decisions.none()
        return ready

    def snapshot(self) -> bytes:
        return pack("slow", {"ready": pack_decisions(self.ready), "thinking": pack_decisions(self.thinking)})

    def restore(self, data: bytes) -> None:
        parts = unpack("slow", data)
        self.ready = unpack_decisions("slow", parts["ready"])
        self.thinking = unpack_decisions("slow", parts["thinking"])


class DyingMind(ReflexMind):
    """A reflex that raises at every second tick."""

    def ask(self, batch: Observations) -> None:
        if batch.tick % 2:
            raise RuntimeError("out of memory")
        super().ask(batch)


def reflex(seed: int) -> ReflexMind:
    return ReflexMind(WEIGHTS, 400, 100, Rng(seed))


def recorded(seed: int) -> RecordedMind:
    landed = dict(zip(TICKS, decide(reflex(seed)), strict=True))
    return RecordedMind(lambda tick: landed.get(tick, Decisions.none()))


def mixed(*makes: Callable[[int], Mind]) -> Callable[[int], Mind]:
    people = People()
    people.mind[:] = np.arange(PEOPLE) % len(makes)
    return lambda seed: MixedMind([make(seed) for make in makes], people, fallback=reflex(seed), actions=9)


SUBJECTS = (
    Subject("reflex", reflex),
    Subject("recorded", recorded),
    Subject("script", lambda seed: ScriptMind(ENTRIES), legal=False, seeded=False),
    Subject("script and reflex", lambda seed: ScriptMind(ENTRIES, reflex(seed)), legal=False),
    Subject("slow", SlowMind),
    Subject("mixed", mixed(reflex, lambda seed: reflex(seed + 9), recorded)),
    Subject("mixed with a slow one", mixed(reflex, SlowMind)),
    Subject("mixed with a dying one", mixed(reflex, lambda seed: DyingMind(WEIGHTS, 400, 100, Rng(seed)))),
)


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_mind_keeps(check: Callable[[Subject], None], subject: Subject) -> None:
    check(subject)


def test_the_village_is_worth_asking() -> None:
    batch = Village().batch(1)
    counts = np.diff(batch.choices.start)
    assert counts.min() == 0 and counts.max() > 8
    assert (batch.choices.action == 0).any()
