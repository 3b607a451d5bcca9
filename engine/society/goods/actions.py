"""The actions of goods: gather, craft, eat, give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from engine.actions.definition import Action, Ends, Parameter
from engine.actions.menu import Menu
from engine.rng import purpose
from engine.society.goods.kernels import (
    EATEN,
    begin_crafts,
    break_off_crafts,
    end_crafts,
    hand_over,
    judge_crafting,
    judge_gathering,
    meet,
    reap,
    work_until,
)
from engine.society.goods.offer_kernels import offer_craft, offer_eat, offer_gather, offer_give
from engine.society.society import Now, Society
from engine.values import Bools, Bytes, Int32s, Outcome

if TYPE_CHECKING:
    from engine.society.goods import Goods

GIFT = purpose("goods.gift")

NOT_HERE = "they are not at one's side"
ASLEEP = "they are asleep"
LADEN = "their hands are full"


class GoodsAction(Action):
    """An action on the stock of goods; works on the module's own columns."""

    def __init__(self, goods: Goods) -> None:
        self.goods = goods

    def bind(self, society: Society) -> None:
        """Take the codes of the reasons: `codes[i + 1]` is that of `reasons[i]`, `codes[0]` is 0."""
        super().bind(society)
        self.codes: Bytes = np.array((0, *self.reason_codes), np.uint8)

    def reason(self, index: Bytes) -> Bytes:
        """Return the code of the reason with each index, counted from 1; 0 stays 0. uint8[m]."""
        codes: Bytes = self.codes[index]
        return codes

    def busy_with(self, who: Int32s) -> Int32s:
        """Return the first argument of those who are at this already, -1 for the others, int32[m]."""
        people = self.society.people
        return np.where(people.action[who] == self.code, people.args[who, 0], -1).astype(np.int32)


class Gather(GoodsAction):
    """Take what grows around one, the nearest first."""

    name = "gather"
    text = "gather {good}"
    about = "Take goods from the land around where one stands."
    parameters = (Parameter("good", "good"),)
    lasting = True
    reasons: ClassVar[tuple[str, ...]] = (
        "there is none of it here",
        "someone else took the last of it",
        "one's hands are full",
    )

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer every good that lies within reach."""
        goods, society, settings = self.goods, self.society, self.goods.settings
        offer_gather(
            self.code, menu.who, self.busy_with(menu.who), goods.kinds, goods.standing(now), goods.own.stock,
            society.people.role, settings.carry, settings.provisions, goods.growth.good, goods.reach,
            society.bodies.cell, goods.around.start, goods.around.items, goods.own.lies, goods.promises,
            *menu.columns,
        )  # fmt: skip

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Refuse where there is none of it, or no room in one's hands."""
        goods = self.goods
        end = judge_gathering(
            who, args, goods.kinds, goods.own.stock, self.society.bodies.cell, goods.around.start, goods.around.items,
            goods.own.ground, goods.settings.carry,
        )  # fmt: skip
        return self.reason(end)

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Set to work; faster with a tool."""
        goods = self.goods
        seconds = self.society.scenario.time.tick
        return Ends.started(
            work_until(who, goods.settings.gather_minutes, now.tick, goods.own.stock, goods.tool, seconds)
        )

    def finish(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Take what is still there, in the order given."""
        goods, settings = self.goods, self.goods.settings
        units, reason, broke = reap(
            who, args, goods.kinds, self.society.bodies.cell, goods.around.start, goods.around.items, goods.own.ground,
            goods.own.lies, settings.carry, settings.gather_most, settings.gather_skill, goods.tool, goods.workshop,
        )  # fmt: skip
        some = units > 0
        now.log.emit("gathered", who[some], args[some, 0], units[some])
        now.log.emit("broke", who[broke], goods.tool.good)
        return Ends.where(self.reason(reason))

    def promise(self, now: Now, who: Int32s, args: Int32s) -> Mapping[str, ArrayLike]:
        """Promise what finishing it brings."""
        food = self.goods.kinds.food[args[:, 0]] > 0
        return {"supplies": np.where(food, 700, 0), "materials": np.where(food, 0, 700)}

    def says(self, agent: int, args: Sequence[int]) -> str:
        """Say what one has of it."""
        goods, good = self.goods, args[0]
        have = int(goods.own.stock[agent, good])
        keep = int(goods.kinds.keep[self.society.people.role[agent], good])
        return f"gather {goods.words.good(good)}, of which you have {goods.words.having(have, keep)}"


class Craft(GoodsAction):
    """Make goods from others, where there is a place for it."""

    name = "craft"
    text = "make {recipe}"
    about = "Make goods from others at a workshop or another place that serves."
    parameters = (Parameter("recipe", "recipe"),)
    lasting = True
    promises = MappingProxyType({"craft": 950, "supplies": 300})
    reasons: ClassVar[tuple[str, ...]] = ("it cannot be made here", "the material is lacking")

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer every recipe that can be made here from what one has."""
        goods, society = self.goods, self.society
        offer_craft(
            self.code, menu.who, self.busy_with(menu.who), goods.kinds, goods.crafts, goods.own.stock,
            society.people.role, society.bodies.place, goods.promises, *menu.columns,
        )  # fmt: skip

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Refuse where it cannot be made, or not from what one has."""
        goods = self.goods
        return self.reason(judge_crafting(who, args, goods.crafts, self.society.bodies.place, goods.own.stock))

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Take the material in hand and set to work."""
        goods, seconds = self.goods, self.society.scenario.time.tick
        return Ends.started(begin_crafts(who, args, goods.crafts, now.tick, goods.tool, seconds, goods.workshop))

    def finish(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Take what was made."""
        goods = self.goods
        units, broke = end_crafts(who, args, goods.crafts, goods.tool, goods.workshop)
        now.log.emit("crafted", who, args[:, 0], units)
        now.log.emit("broke", who[broke], goods.tool.good)
        return Ends.done(who.size)

    def stop(self, now: Now, who: Int32s, args: Int32s) -> None:
        """Put the material back."""
        break_off_crafts(who, args, self.goods.crafts, self.goods.workshop)

    def says(self, agent: int, args: Sequence[int]) -> str:
        """Say from what, and what one has of it."""
        goods, recipe = self.goods, args[0]
        main = int(goods.crafts.main[recipe])
        have = int(goods.own.stock[agent, main])
        keep = int(goods.kinds.keep[self.society.people.role[agent], main])
        needed = " and ".join(goods.words.good(int(good)) for good in np.flatnonzero(goods.crafts.inputs[recipe]))
        return f"make {goods.words.recipe(recipe)} from {needed}; you have {goods.words.having(have, keep)}"


class Eat(GoodsAction):
    """Eat one unit of food."""

    name = "eat"
    text = "eat {good}"
    about = "Eat one unit of food that one has."
    parameters = (Parameter("good", "good"),)
    lasting = True
    promises = MappingProxyType({"food": 1000})
    reasons: ClassVar[tuple[str, ...]] = ("that is no food", "there is none left")

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer each food that one has."""
        goods = self.goods
        offer_eat(
            self.code, menu.who, self.busy_with(menu.who), goods.kinds, goods.own.stock, goods.promises, *menu.columns
        )

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Refuse what is no food or not there."""
        goods = self.goods
        known = (args[:, 0] >= 0) & (args[:, 0] < len(goods.goods))
        good = np.where(known, args[:, 0], 0)
        eatable = known & (goods.kinds.food[good] > 0)
        there = goods.own.stock[who, good] > 0
        return np.where(eatable, np.where(there, 0, self.because(1)), self.because(0)).astype(np.uint8)

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Take the food in hand."""
        own, good = self.goods.own, args[:, 0]
        own.stock[who, good] -= 1
        np.add.at(own.ledger[EATEN], good, 1)
        until = now.tick + self.society.ticks(self.goods.settings.eat_minutes)
        return Ends.started(np.full(who.size, until, np.int32))

    def finish(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Be fed."""
        good = args[:, 0]
        now.log.emit("ate", who, good, self.goods.kinds.food[good])
        return Ends.done(who.size)

    def stop(self, now: Now, who: Int32s, args: Int32s) -> None:
        """Put the food back."""
        own, good = self.goods.own, args[:, 0]
        own.stock[who, good] += 1
        np.subtract.at(own.ledger[EATEN], good, 1)

    def says(self, agent: int, args: Sequence[int]) -> str:
        """Say how filling it is and what one has of it."""
        goods, good = self.goods, args[0]
        food, have = int(goods.kinds.food[good]), int(goods.own.stock[agent, good])
        filling = "filling" if food >= 250 else "a bite" if food >= 100 else "hardly a bite"
        left = "your last" if have <= 1 else "of which you have plenty" if have >= 4 else "of which you have some"
        return f"eat {goods.words.good(good)}, {filling}, {left}"


class Give(GoodsAction):
    """Give goods to someone at one's side."""

    name = "give"
    text = "give {partner} {quantity} {good}"
    about = "Give goods to someone at one's side who lacks them."
    parameters = (Parameter("partner", "agent"), Parameter("good", "good"), Parameter("quantity", "number"))
    reasons: ClassVar[tuple[str, ...]] = (NOT_HERE, "there is not so much to give", LADEN, ASLEEP)

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer the most needed gift to someone at one's side."""
        goods, society = self.goods, self.society
        beside = society.contacts(now, menu.who)
        offer_give(
            self.code, menu.who, beside.start, beside.items, goods.kinds, goods.standing(now), goods.own.stock,
            society.people.role, society.people.home, goods.asleep(), goods.settings.carry, society.rng.seed,
            np.uint64(GIFT), now.tick, goods.promises, *menu.columns,
        )  # fmt: skip

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Refuse who is not there or asleep, and what is not there."""
        goods, partner = self.goods, args[:, 0]
        there = at_side(self.society, who, args)
        known = (args[:, 1] >= 0) & (args[:, 1] < len(goods.goods)) & (args[:, 2] >= 1)
        covered = known & (goods.own.stock[who, np.where(known, args[:, 1], 0)] >= args[:, 2])
        asleep = goods.asleep()[np.where(there, partner, 0)]
        why = np.where(covered, np.where(asleep, self.because(3), 0), self.because(1))
        return np.where(there, why, self.because(0)).astype(np.uint8)

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Hand it over, in the order given."""
        goods = self.goods
        partner, good, quantity = (np.ascontiguousarray(args[:, k]) for k in range(3))
        index = hand_over(who, partner, good, quantity, goods.kinds.weight, goods.own.stock, goods.settings.carry)
        given = index == 0
        now.log.emit("gave", who[given], partner[given], good[given], quantity[given])
        return Ends.where(np.array([0, self.because(1), self.because(2)], np.uint8)[index], Outcome.DONE)

    def says(self, agent: int, args: Sequence[int]) -> str:
        """Say who gets it, what they are to one, and what they have of it."""
        goods, (partner, good, quantity) = self.goods, args[:3]
        have = int(goods.own.stock[partner, good])
        keep = int(goods.kinds.keep[self.society.people.role[partner], good])
        person = acquaintance(self.society, agent, partner)
        return f"give {goods.words.amount(good, quantity)} to {person}, who has {goods.words.having(have, keep)}"


def at_side(society: Society, who: Int32s, args: Int32s) -> Bools:
    """Return whether each partner `args[:,0]` lives, is someone else, and stands within one cell, bool[m]."""
    mine, theirs = np.empty(who.size, np.int32), np.empty(who.size, np.int32)
    there = meet(who, args, society.world.alive, society.bodies.cell, mine, theirs)
    there &= society.space.distance(mine, theirs) <= 1
    return there


def acquaintance(society: Society, agent: int, other: int) -> str:
    """Return a person's name with what they are to the agent, as far as ties are kept: "Mira, your friend"."""
    name = society.name(other)
    return f"{name}, {society.module('ties').relation(agent, other)}" if society.has("ties") else name
