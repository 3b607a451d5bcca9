"""Situations to learn from: what someone perceives, with what the teacher, the reflex mind, thinks of each choice."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.values import CONTINUE, Observation

_MOST = 2000
"""The strongest want that is drawn."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What someone perceives. `seen.feels` are wants here: urgency x weight / 100, so that no weights are needed.

    inertia: the advantage of carrying on, in thousandths of a full utility; natural: met in a run as it was, else
    people were stopped, starved, tired, robbed or endowed at random.
    """

    seen: Observation
    inertia: int
    natural: bool

    def utilities(self) -> list[float]:
        """Return the teacher's utility of each choice without its noise; 1 is a full want met by a full promise."""
        feels = self.seen.feels
        return [
            sum(feels.get(name, 0) * value for name, value in choice.appeal.items()) / 1e6
            + (self.inertia / 1000 if choice.code == CONTINUE else 0.0)
            for choice in self.seen.choices
        ]


def with_other_wants(situation: Situation, chance: random.Random) -> Situation:
    """Return the situation with other wants, some a little and some wholly so: other people, roles and scenarios."""
    spread = chance.choice((0.3, 0.8))

    def other(value: int) -> int:
        return int(value * chance.lognormvariate(0, spread)) if chance.random() < 0.8 else chance.randrange(1300)

    feels = {name: min(_MOST, other(value)) for name, value in situation.seen.feels.items()}
    feels["commitment"] = chance.choice((1000, 1000, 1000, chance.randrange(1500)))
    return replace(situation, seen=replace(situation.seen, feels=feels))


def with_a_speaker(situation: Situation, chance: random.Random) -> Situation:
    """Return the situation with one choice that has words, and up to three others: short, so that lines are learnt."""
    choices = list(situation.seen.choices)
    speaker = chance.choice([choice for choice in choices if choice.speech is not None])
    choices.remove(speaker)
    some = [speaker, *chance.sample(choices, min(len(choices), chance.randrange(1, 4)))]
    return replace(situation, seen=replace(situation.seen, choices=tuple(some)))


def shuffled(situation: Situation, chance: random.Random, most: int) -> Situation:
    """Return the situation with at most so many of its choices, drawn, in another order."""
    choices = list(situation.seen.choices)
    chance.shuffle(choices)
    choices = choices[:most]
    return replace(situation, seen=replace(situation.seen, choices=tuple(choices)))


def is_right(utilities: Sequence[float], chosen: int) -> bool:
    """Whether a choice is the teacher's top choice (or as good to the last digit)."""
    return utilities[chosen] >= max(utilities) - 1e-9


def is_near(utilities: Sequence[float], chosen: int) -> bool:
    """Whether a choice is within a tenth of the range from the worst to the best utility."""
    best, worst = max(utilities), min(utilities)
    return utilities[chosen] >= best - (best - worst) / 10 - 1e-9
