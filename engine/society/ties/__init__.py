"""Ties: whom people know and whom they trust, by what happens between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.errors import SocietyError
from engine.rng import purpose
from engine.society.module import Appeal, Fact, Link, Measure, Module, Topic, clipped
from engine.society.society import TRAITS, Now
from engine.society.ties.gossip import knows_of, pass_on, third_persons
from engine.society.ties.graph import census, clustering
from engine.society.ties.settings import TiesSettings
from engine.society.ties.table import SLOTS, fade, forget, house, look_up, touch
from engine.values import Bools, Int16s, Int32s
from engine.world import Column

ACQUAINTANCE, GOSSIP = purpose("ties.acquaintance"), purpose("ties.gossip")
TRUSTING = TRAITS.index("trusting")
DAY = 1440
"""Minutes in a day, and so groups of people by the minute at which theirs fade."""

PLAINLY = {
    "whom you distrust deeply": "deeply distrusted",
    "whom you distrust": "distrusted",
    "of your household": "household",
    "your good friend": "good friend",
    "your friend": "friend",
    "an acquaintance": "acquaintance",
    "whom you hardly know": "hardly known",
    "a stranger": "stranger",
}
"""What `relation` says, as it reads in a list of whom somebody knows."""


class Ties(Module):
    """Trust and familiarity between people, in bounded memory."""

    name = "ties"
    about = "Trust and familiarity, by what happens between two people; both fade."
    Settings: ClassVar[type[TiesSettings]] = TiesSettings
    appeals = (Appeal("trust", "dealing with someone whom one trusts", 15),)
    settings: TiesSettings

    def columns(self) -> tuple[Column, ...]:
        """Return the table of ties and the clock of its decay."""
        return (
            Column("partner", np.int32, shape=(SLOTS,), fill=-1, about="with whom the tie is, -1 for no tie"),
            Column("trust", np.int16, shape=(SLOTS,), unit="-1000..1000", about="how far the partner is trusted"),
            Column("familiarity", np.int16, shape=(SLOTS,), unit="0..1000", about="how well the partner is known"),
            Column("faded", np.int64, per="world", unit="minute", about="up to when ties have faded"),
        )

    def topics(self) -> tuple[Topic, ...]:
        """People talk about third persons."""
        return (Topic("person", "{subject}", "agent", self._subjects, {"company": 100}, self._legal, self._on_someone),)

    def measures(self) -> tuple[Measure, ...]:
        """Return mean trust, ties and clustering."""
        return (
            Measure("count", "ties a person", "Mean number of people whom one knows.", self._count),
            Measure("trust", "-1000..1000", "Mean trust in people whom one knows.", self._mean_trust),
            Measure("clustering", "0..1", "Mean clustering coefficient (Watts, Strogatz 1998).", self._clustering),
        )

    def bind(self) -> None:
        """Find the kinds of event that change ties, and who the other is in each."""
        kinds = {kind.name: kind for kind in self.society.log.kinds}
        self._effects = []
        for name, effect in self.settings.effects.items():
            if name not in kinds:
                continue
            fields = [k for k, field in enumerate(kinds[name].fields) if field.kind == "agent"]
            if not fields:
                raise SocietyError(f"modules.ties.effects names {name}, an event of one person; take it out")
            self._effects.append((name, fields[0], effect))
        names = [topic.name for topic in self.society.topics]
        self._person = names.index("person") if "person" in names else -1

    def found(self) -> None:
        """Start the clock."""
        self.own.faded[0] = self._minute(self.society.now(0))

    def born(self, agents: Int32s, tick: int) -> None:
        """Let people of one home know and trust each other, and everyone a few more."""
        home = self.society.people.home
        fresh = np.zeros(home.size, np.bool_)
        fresh[agents] = True
        touched = np.zeros(len(self.society.places) + 1, np.bool_)
        touched[home[agents]] = True
        touched[-1] = False
        residents = np.flatnonzero(self.society.world.alive & touched[home]).astype(np.int32)
        residents = residents[np.argsort(home[residents], kind="stable")]
        settings = self.settings
        house(
            *self._table, residents, home, fresh,
            settings.household_circle, settings.household_trust, settings.household_familiarity,
        )  # fmt: skip
        living = self.society.world.living()
        for k in range(settings.acquaintances):
            others = living[self.society.rng.below(living.size, ACQUAINTANCE, agents, k)]
            trust, familiarity = settings.acquaintance_trust, settings.acquaintance_familiarity
            touch(*self._table, agents, others, trust, trust, familiarity, self.society.people.traits, TRUSTING)

    def left(self, agents: Int32s, now: Now) -> None:
        """Forget those who are gone."""
        gone = np.zeros(self.society.world.count, np.bool_)
        gone[agents] = True
        forget(*self._table, gone)

    def feel(self, now: Now, who: Int32s, feel: Callable[[str, NDArray[Any]], None]) -> None:
        """Who trusts few people cares more whom it deals with."""
        feel("trust", clipped(1000 - self.society.trait("trusting", who).astype(np.int32)))

    def settle(self, now: Now) -> None:
        """Let the tick's events work on ties, and ties fade."""
        traits = self.society.people.traits
        for name, field, effect in self._effects:
            doers, values = now.log.of(name)
            if doers.size:
                others = np.ascontiguousarray(values[:, field])
                touch(*self._table, doers, others, effect.doer, effect.other, effect.familiarity, traits, TRUSTING)
        if self._person >= 0:
            self._gossip(now)
        self._fade(now)

    def _gossip(self, now: Now) -> None:
        speakers, values = now.log.of("talked")
        about = np.flatnonzero(values[:, 1] == self._person)
        if about.size:
            told = values[about]
            settings = self.settings
            pass_on(
                *self._table, speakers[about], np.ascontiguousarray(told[:, 0]), np.ascontiguousarray(told[:, 2]),
                settings.gossip_share, settings.gossip_familiarity,
            )  # fmt: skip

    def _fade(self, now: Now) -> None:
        """Take a day's decay off everyone whose minute of the day came since last time, however long a tick is."""
        minute = self._minute(now)
        for due in range(int(self.own.faded[0]) + 1, minute + 1):
            if due % DAY < self.society.world.count:
                fade(*self._table, due % DAY, DAY, self.settings.trust_decay, self.settings.familiarity_decay)
        self.own.faded[0] = minute

    @staticmethod
    def _minute(now: Now) -> int:
        return now.day * DAY + now.minute

    @property
    def _table(self) -> tuple[Int32s, Int16s, Int16s]:
        return self.own.partner, self.own.trust, self.own.familiarity

    @property
    def table(self) -> tuple[Int32s, Int16s, Int16s]:
        """Partner, trust and familiarity, read-only, for kernels that call `engine.society.ties.table.find`."""
        seen = self.see(self.name)
        return seen.partner, seen.trust, seen.familiarity

    def trust(self, who: Int32s, other: Int32s) -> Int16s:
        """Return how far each trusts the other, int16[m] of -1000..1000; strangers 0."""
        return look_up(self.own.partner, self.own.trust, who, other)

    def familiarity(self, who: Int32s, other: Int32s) -> Int16s:
        """Return how well each knows the other, int16[m] of 0..1000; strangers 0."""
        return look_up(self.own.partner, self.own.familiarity, who, other)

    def relation(self, who: int, other: int) -> str:
        """Return what one person is to another in words: "your good friend", "a stranger", "someone you distrust"."""
        own, people = self.own, self.society.people
        partners, trust, known = own.partner[who].tolist(), 0, 0
        if other >= 0 and other in partners:
            slot = partners.index(other)
            trust, known = int(own.trust[who, slot]), int(own.familiarity[who, slot])
        if trust <= -150:
            return "whom you distrust deeply" if trust <= -500 else "whom you distrust"
        if people.home[who] >= 0 and people.home[who] == people.home[other]:
            return "of your household"
        if known >= 500 and trust >= 400:
            return "your good friend"
        if known >= 250 and trust >= 100:
            return "your friend"
        if known >= self.settings.tie_from:
            return "an acquaintance"
        return "whom you hardly know" if known > 0 else "a stranger"

    def links(self, agent: int) -> tuple[Link, ...]:
        """Return everyone alive whom someone knows."""
        partner, trust, familiarity = self._table
        slots = np.flatnonzero(partner[agent] >= 0)
        return tuple(
            Link(other, int(trust[agent, k]), int(familiarity[agent, k]), PLAINLY[self.relation(agent, other)])
            for k, other in zip(slots.tolist(), partner[agent, slots].tolist(), strict=True)
            if self.society.world.alive[other]
        )

    def facts(self, agent: int) -> tuple[Fact, ...]:
        """Say how many people someone knows."""
        known = np.count_nonzero(
            (self.own.partner[agent] >= 0) & (self.own.familiarity[agent] >= self.settings.tie_from)
        )
        return (Fact("knows", "amount", int(known), "person" if known == 1 else "people"),)

    def _on_someone(self, speaker: int, other: int) -> tuple[str, ...]:
        pair = np.array([speaker], np.int32), np.array([other], np.int32)
        name, trust = self.society.name(other), int(self.trust(*pair)[0])
        if trust <= -100:
            return f"I would not trust {name}.", f"Keep an eye on {name}.", f"{name} has let me down before."
        if trust >= 300:
            return f"You can rely on {name}.", f"{name} is a good soul.", f"I am glad to know {name}."
        return f"How is {name} doing?", f"Have you seen {name} lately?", f"Do you know {name}?", f"I ran into {name}."

    def _subjects(self, now: Now, who: Int32s, partner: Int32s) -> Int32s:
        return third_persons(
            self.own.partner, self.own.familiarity, who, partner, self.settings.tie_from,
            self.society.rng.seed, np.uint64(GOSSIP), now.tick,
        )  # fmt: skip

    def _legal(self, now: Now, who: Int32s, partner: Int32s, subject: Int32s) -> Bools:
        return knows_of(self.own.partner, who, partner, subject)

    def _census(self) -> tuple[int, int, int]:
        ties, trust, people = census(*self._table, self.society.world.alive, self.settings.tie_from)
        return int(ties), int(trust), int(people)

    def _count(self) -> float:
        ties, _, people = self._census()
        return ties / people if people else 0.0

    def _mean_trust(self) -> float:
        ties, trust, _ = self._census()
        return trust / ties if ties else 0.0

    def _clustering(self) -> float:
        living = self.society.world.living()
        some = living[:: max(1, -(-living.size // self.settings.sample))]
        partner, _, familiarity = self._table
        return clustering(partner, familiarity, self.society.world.alive, some, self.settings.tie_from)
