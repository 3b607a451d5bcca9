"""Goods: what people carry, what grows on the land, how one becomes the other, and tools and skill in doing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.actions.definition import Action, Parameter
from engine.errors import SocietyError
from engine.rng import purpose
from engine.society.goods.actions import Craft, Eat, Gather, Give
from engine.society.goods.kernels import (
    FOUNDED,
    REGROWN,
    Masks,
    Standing,
    Tool,
    Workshop,
    hand_over,
    look_over,
    most_needed,
)
from engine.society.goods.land_kernels import TURNS, regrow, spoil, survey
from engine.society.goods.offer_kernels import Promises
from engine.society.goods.settings import GoodsSettings
from engine.society.goods.tables import TERRAIN, crafts_of, growth_of, kinds_of
from engine.society.goods.words import GoodsWords
from engine.society.module import Appeal, EventKind, Fact, Measure, Module, Topic, in_words
from engine.society.society import Now, Society
from engine.values import Bools, Csr, Int32s, Int64s
from engine.world import Column

START, SKILL, SPOIL = purpose("goods.start"), purpose("goods.skill"), purpose("goods.spoil")
LEDGER = ("founded", "regrown", "gathered", "made", "eaten", "used", "spoiled")
SURVEYS = 16
"""Every place is surveyed once in so many ticks."""

BEST = 3
"""In how many crafts a person's skill is told of."""


def _gives(society: Society, agent: int, values: Sequence[int], draw: int) -> str:
    good = society.words("good", values[1])
    said = (f"Here, take some {good}.", f"You need {good} more than I do.", f"Have some {good}, my friend.")
    return said[draw % len(said)]


_GOOD, _UNITS, _OTHER = Parameter("good", "good"), Parameter("quantity", "number"), Parameter("partner", "agent")


class Goods(Module):
    """Stock of people and land, exact to the unit.

    People and land have what was founded, regrew and was made, less what was eaten, used and spoiled.
    """

    name = "goods"
    about = "Goods that grow, are gathered, crafted, eaten, given, and spoil; tools and skill."
    Settings: ClassVar[type[GoodsSettings]] = GoodsSettings
    appeals = (
        Appeal("supplies", "having food enough about one", 150),
        Appeal("materials", "having what things are made from"),
        Appeal("craft", "making something", 80),
        Appeal("generosity", "giving to who has less"),
    )
    events = (
        EventKind(
            "gathered", "{agent} gathered {quantity} {good}", (_GOOD, _UNITS), "Someone took goods from the land."
        ),
        EventKind("crafted", "{agent} made {recipe}", (Parameter("recipe", "recipe"), _UNITS), "Someone made goods."),
        EventKind(
            "ate",
            "{agent} ate {good}",
            (_GOOD, Parameter("nutrition", "number")),
            "Someone ate; nutrition is in 1/1000.",
        ),
        EventKind(
            "gave",
            "{agent} gave {partner} {quantity} {good}",
            (_OTHER, _GOOD, _UNITS),
            "Someone gave goods away.",
            spoken=_gives,
        ),
        EventKind("broke", "{agent}'s {good} broke", (_GOOD,), "A tool was used up."),
    )
    settings: GoodsSettings

    def __init__(self, settings: Any, society: Society) -> None:
        self.goods = tuple(settings.kinds)
        self.kinds = kinds_of(settings, society.scenario)
        self.growth = growth_of(settings, society.scenario)
        places = society.places
        self.crafts = crafts_of(settings, [places.kinds[kind] for kind in places.kind])
        tool = settings.tool
        self.tool = Tool(self.goods.index(tool.good) if tool.good in self.goods else -1, tool.faster, tool.uses)
        self.words = GoodsWords(settings)
        self._standing: tuple[int, Standing] | None = None
        super().__init__(settings, society)

    def columns(self) -> tuple[Column, ...]:
        """Return what people have and can, what lies on the land, and the ledger."""
        goods = (len(self.goods),)
        return (
            Column("stock", np.int32, shape=goods, unit="units", about="what the person has, by good", kind="good"),
            Column(
                "skill",
                np.int16,
                shape=goods,
                unit="0..1000",
                about="skill in gathering or making each good",
                kind="good",
            ),
            Column("wear", np.int16, unit="uses", about="how often the tool in hand has been used"),
            Column(
                "ground", np.int16, "cell", (self.growth.good.size,), unit="units", about="what lies there, by resource"
            ),
            Column("lies", np.uint32, "cell", about="a bit for each resource of which any lies there"),
            Column(
                "riches",
                np.int16,
                "place",
                (3,),
                unit="0..1000",
                about="what the land bears: supplies, materials, food",
            ),
            Column(
                "ledger", np.int64, "world", (len(LEDGER), *goods), unit="units", about="by good: " + ", ".join(LEDGER)
            ),
        )

    def actions(self) -> tuple[Action, ...]:
        """Return gather, craft, eat and give."""
        self._craft = Craft(self)
        return Gather(self), self._craft, Eat(self), Give(self)

    def namers(self) -> Mapping[str, Callable[[int], str]]:
        """Return how goods and recipes read."""
        return {"good": self.words.good, "recipe": self.words.recipe}

    def topics(self) -> tuple[Topic, ...]:
        """People say what they lack."""
        appeals = {"company": 120, "supplies": 80}
        return (Topic("need", "the need for {subject}", "good", self._needed, appeals, lines=self._asks_for),)

    def measures(self) -> tuple[Measure, ...]:
        """Return units in people's hands and on the land, and skill."""
        land = tuple(self.goods[good] for good in self.growth.good)
        return (
            Measure("in_hands", "units", "What the living have, by good.", self._in_hands, self.goods),
            Measure("on_land", "units", "What lies on the land, by resource.", self._on_land, land),
            Measure("skill", "0..1000", "Mean of everyone's best skill.", self._mean_skill),
        )

    def bind(self) -> None:
        """Look up the land: its kinds, who borders whom, what is around each place."""
        society = self.society
        self.terrain = np.ascontiguousarray(society.land.kind, np.uint8)
        if self.terrain.size != self.own.ground.shape[0] or int(self.terrain.max(initial=0)) >= len(TERRAIN):
            raise SocietyError(f"the land has {self.terrain.size} cells or kinds unknown to goods; use {TERRAIN}")
        every = np.arange(self.terrain.size, dtype=np.int32)
        self.around = society.space.neighbourhood(every, self.settings.reach)
        bears = _masks((self.growth.most > 0).T)[self.terrain]
        self.reach: Masks = np.bitwise_or.reduceat(bears[self.around.items], self.around.start[:-1])
        recipes = self.crafts.works[:, : len(society.places)].sum(axis=0)
        self._work = np.where(recipes > 0, np.minimum(500, 200 + 100 * recipes), 0).astype(np.int16)
        self._near = _around_places(society, self.settings.reach)
        index = {appeal.name: k for k, appeal in enumerate(society.appeals)}
        self.promises = Promises(*(index.get(appeal, -1) for appeal in Promises._fields))

    def found(self) -> None:
        """Let the land bear what it bears at the start."""
        self.own.ground[:] = self.growth.start[:, self.terrain].T
        self.own.lies[:] = _masks(self.own.ground > 0)
        self.own.ledger[FOUNDED, self.growth.good] += self.own.ground.sum(axis=0, dtype=np.int64)
        self._survey(np.arange(len(self.society.places), dtype=np.int32))

    def born(self, agents: Int32s, tick: int) -> None:
        """Give new people what the scenario says, and some skill."""
        rng, own = self.society.rng, self.own
        shares = rng.words(START, agents, tick, len(self.goods)).astype(np.int64)
        for name, (low, high) in self.settings.start.items():
            good = self.goods.index(name)
            own.stock[agents, good] = low + (shares[:, good] * (high - low + 1) >> 32)
        own.ledger[FOUNDED] += own.stock[agents].sum(axis=0, dtype=np.int64)
        talent = rng.words(SKILL, agents, tick, len(self.goods)).astype(np.int64)
        own.skill[agents] = talent * (self.settings.start_skill + 1) >> 32
        self._standing = None

    def standing(self, now: Now) -> Standing:
        """Return what everyone has and lacks, as it was when people last felt in this tick."""
        if self._standing is None or self._standing[0] != now.tick or self._standing[1].load.size != self.own.wear.size:
            self._look_over(now)
        assert self._standing is not None
        return self._standing[1]

    def _look_over(self, now: Now) -> None:
        count, people, settings = self.own.wear.size, self.society.people, self.settings
        wide, middle = np.zeros((2, count), np.int64), np.zeros((2, count), np.int32)
        narrow = np.zeros((4, count), np.int16)
        out = Standing(wide[0], wide[1], middle[0], middle[1], narrow[0], narrow[1], narrow[2], narrow[3])
        look_over(
            self.kinds, self.crafts, self.own.stock, self.own.skill, people.role, people.alive, people.traits,
            people.action == self._craft.code, settings.carry, settings.provisions, out,
        )  # fmt: skip
        self._standing = (now.tick, out)

    def feel(self, now: Now, who: Int32s, feel: Callable[[str, NDArray[Any]], None]) -> None:
        """Feel supplies, materials, craft and generosity, from what one has, lacks and can make."""
        self._look_over(now)
        standing = self.standing(now)
        feel("supplies", standing.supplies[who])
        feel("materials", standing.materials[who])
        feel("craft", standing.craft[who])
        feel("generosity", standing.generosity[who])

    def attract(self, now: Now, attract: Callable[[str, NDArray[Any]], None]) -> None:
        """Places promise what the land around them bears, and a place to work."""
        attract("supplies", self.own.riches[:, 0])
        attract("materials", self.own.riches[:, 1])
        attract("food", self.own.riches[:, 2])
        attract("craft", self._work)

    def settle(self, now: Now) -> None:
        """Let a part of the land regrow, some goods spoil, and survey a part of the places."""
        own, cells, day = self.own, self.terrain.size, self.society.scenario.time.day
        turn = now.tick % TURNS
        grown = np.zeros(self.growth.good.size, np.int64)
        first, last = cells * turn // TURNS, cells * (turn + 1) // TURNS
        regrow(self.growth, self.terrain, own.ground, own.lies, first, last, now.tick, day, grown)
        own.ledger[REGROWN, self.growth.good] += grown
        spoil(
            self.society.rng.seed, np.uint64(SPOIL), now.tick, day, self.kinds.lasts, self.society.world.alive,
            own.stock, own.ledger,
        )  # fmt: skip
        self._survey(np.arange(now.tick % SURVEYS, len(self.society.places), SURVEYS, dtype=np.int32))

    def _survey(self, places: Int32s) -> None:
        own, near = self.own, self._near
        survey(places, near.start, near.items, self.growth, self.kinds, own.ground, own.riches)

    def transfer(self, giver: Int32s, taker: Int32s, good: Int32s, quantity: Int32s) -> None:
        """Pass goods on in the order given, each int32[m].

        Raises SocietyError, and passes nothing on, when something is not covered.
        """
        wrong = (quantity < 0) | (good < 0) | (good >= len(self.goods)) | (giver == taker)
        stock = self.own.stock.copy()
        refused = wrong if wrong.any() else hand_over(giver, taker, good, quantity, self.kinds.weight, stock, -1) > 0
        if refused.any():
            row = int(np.flatnonzero(refused)[0])
            raise SocietyError(
                f"person {giver[row]} cannot pass {quantity[row]} of good {good[row]} on to person {taker[row]}; "
                "check what is there first"
            )
        self.own.stock[...] = stock

    @property
    def workshop(self) -> Workshop:
        """The columns that gathering and crafting change."""
        return Workshop(self.own.stock, self.own.skill, self.own.wear, self.own.ledger)

    def asleep(self) -> Bools:
        """Return who rests, bool[n]: they neither take nor trade."""
        rest = self.society.action("rest")
        people = self.society.people
        return people.action == rest.code if rest is not None else np.zeros(people.action.size, np.bool_)

    @property
    def nutrition(self) -> Int32s:
        """How far a unit of each good fills a stomach, int32[G] in thousandths."""
        return self.kinds.food

    @property
    def value(self) -> Int32s:
        """What a unit of each good is worth to begin with, int32[G] in coins."""
        return self.kinds.value

    def food_units(self, who: Int32s) -> Int64s:
        """Return how many units of food each has, int64[m]."""
        units: Int64s = self.own.stock[who][:, self.kinds.food > 0].sum(axis=1, dtype=np.int64)
        return units

    def _needed(self, now: Now, who: Int32s, partner: Int32s) -> Int32s:
        """Return the good that each lacks most by value, or -1."""
        return most_needed(who, self.society.people.role, self.kinds.keep, self.kinds.value, self.own.stock)

    def _asks_for(self, speaker: int, good: int) -> tuple[str, ...]:
        word = self.words.good(good)
        return (
            f"I am short of {word}.",
            f"Do you know where I could get some {word}?",
            f"I could do with some {word}.",
            f"You would not have any {word} to spare, would you?",
            f"If only I had more {word}.",
        )

    def facts(self, agent: int) -> tuple[Fact, ...]:
        """Say what someone has, how far the tool in hand is worn, and what the person is good at."""
        own = self.own
        held = [(good, int(own.stock[agent, good])) for good in range(len(self.goods))]
        found = [Fact(self.words.good(good), "amount", units) for good, units in held if units]
        tool, uses = self.tool.good, self.tool.uses
        if tool >= 0 and uses and own.stock[agent, tool]:
            worn = int(own.wear[agent])
            found.append(Fact("wear of the tool", "lack", worn * 1000 // uses, f"{worn} of {uses} uses"))
        skill = own.skill[agent]
        for good in sorted(range(len(self.goods)), key=lambda good: (-int(skill[good]), good))[:BEST]:
            level = int(skill[good])
            if level:
                words = in_words(level, ("a beginner", "practised", "skilled", "a master"))
                found.append(Fact(f"skill: {self.words.good(good)}", "level", level, words))
        return tuple(found)

    def _in_hands(self) -> list[float]:
        return [float(units) for units in self.own.stock[self.society.world.alive].sum(axis=0, dtype=np.int64)]

    def _on_land(self) -> list[float]:
        return [float(units) for units in self.own.ground.sum(axis=0, dtype=np.int64)]

    def _mean_skill(self) -> float:
        best = self.own.skill[self.society.world.alive].max(axis=1, initial=0)
        return int(best.sum(dtype=np.int64)) / max(1, int(best.size))


def _masks(there: Bools) -> Masks:
    """Return a bit for each column, uint32[rows], of bool[rows, columns]."""
    masks: Masks = (there * (np.uint32(1) << np.arange(there.shape[1], dtype=np.uint32))).sum(axis=1, dtype=np.uint32)
    return masks


def _around_places(society: Society, reach: int) -> Csr:
    """Return the cells in and around each place, as far as its people could gather."""
    places, space = society.places, society.space
    rows = [
        space.neighbourhood(places.cell[i : i + 1], int(places.radius[i]) + reach).items for i in range(len(places))
    ]
    start = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([row.size for row in rows], out=start[1:])
    return Csr(start, np.concatenate(rows) if rows else np.zeros(0, np.int32))
