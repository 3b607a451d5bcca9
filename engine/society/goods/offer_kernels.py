"""Kernels that lay out the choices of goods: gather, craft, eat and give."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.actions.menu import put
from engine.kernels import kernel, lean
from engine.rng import draw
from engine.society.goods.kernels import Masks, Standing
from engine.society.goods.tables import Crafts, Kinds
from engine.values import Bools, Bytes, Int16s, Int32s, Int64s

FED = 700
"""What eating anything promises; how filling it is comes on top."""


class Promises(NamedTuple):
    """Columns of the appeals, -1 for those that nobody feels in this society."""

    food: int
    supplies: int
    materials: int
    craft: int
    generosity: int


@lean
def promise(appeal: Int16s, column: int, much: int) -> None:
    """Set an appeal, at most 1000, if there is such a column."""
    if column >= 0:
        appeal[column] = min(1000, much)


@lean
def gather_worth(have: int, keep: int, fill: int, provided: int, provisions: int) -> int:
    """Return how much gathering a good promises of supplies, by what one has of it and of food in general."""
    much = 220 if have <= 3 * keep + 3 else 60
    if have < keep:
        much = max(much, 300 + 650 * (keep - have) // keep)
    hungry = max(0, provisions - provided)
    if fill > 0 and hungry > 0:
        much = max(much, 300 + 700 * hungry // provisions * min(250, fill) // 250)
    return much


@lean
def craft_worth(have: int, keep: int) -> int:
    """Return how much making a good promises of craft, by what one has of it."""
    return 950 if have < keep else 500 + 300 // (1 + have - keep)


@kernel
def offer_gather(
    code: int,
    who: Int32s,
    busy: Int32s,
    kinds: Kinds,
    standing: Standing,
    stock: Int32s,
    role: Bytes,
    carry: int,
    provisions: int,
    raw: Int32s,
    reach: Masks,
    cell: Int32s,
    start: Int64s,
    around: Int32s,
    lies: Masks,
    columns: Promises,
    urgency: Int16s,
    count: Int32s,
    action: Int16s,
    args: Int32s,
    appeals: Int16s,
    salience: Int32s,
) -> None:
    """Offer each good that lies around one.

    raw int32[R]: the good of each resource; reach uint32[cells]: a bit for each that can grow around a
    cell; lies uint32[cells]: a bit for each that lies in a cell.
    busy int32[m] is what one is gathering already: that is not offered again, `continue` stands for it.
    """
    appeal = np.zeros(urgency.shape[1], np.int16)
    for row in range(who.size):
        agent = who[row]
        here = cell[agent]
        if here < 0 or reach[here] == 0:
            continue
        there = np.uint32(0)
        for at in range(start[here], start[here + 1]):
            there |= lies[around[at]]
            if there == reach[here]:
                break
        for resource in range(raw.size):
            good = raw[resource]
            room = standing.load[agent] + kinds.weight[good] <= carry
            if good == busy[row] or not room or not (there >> np.uint32(resource)) & np.uint32(1):
                continue
            have, keep = stock[agent, good], kinds.keep[role[agent], good]
            much = gather_worth(have, keep, kinds.food[good], standing.food[agent], provisions)
            promise(appeal, columns.supplies, much if kinds.food[good] > 0 else 0)
            promise(appeal, columns.materials, 0 if kinds.food[good] > 0 else much)
            promise(appeal, columns.food, min(300, kinds.food[good]) if standing.food[agent] < 300 else 0)
            put(row, code, good, 0, 0, 0, appeal, urgency, count, action, args, appeals, salience)


@kernel
def offer_craft(
    code: int,
    who: Int32s,
    busy: Int32s,
    kinds: Kinds,
    crafts: Crafts,
    stock: Int32s,
    role: Bytes,
    place: Int16s,
    columns: Promises,
    urgency: Int16s,
    count: Int32s,
    action: Int16s,
    args: Int32s,
    appeals: Int16s,
    salience: Int32s,
) -> None:
    """Offer each recipe that can be made where one is, from what one has."""
    appeal = np.zeros(urgency.shape[1], np.int16)
    for row in range(who.size):
        agent = who[row]
        here = place[agent]
        if here < 0:
            continue
        for recipe in range(crafts.main.size):
            if recipe == busy[row] or not crafts.works[recipe, here]:
                continue
            able = True
            for good in range(kinds.value.size):
                able = able and stock[agent, good] >= crafts.inputs[recipe, good]
            if not able:
                continue
            main = crafts.main[recipe]
            have, keep = stock[agent, main], kinds.keep[role[agent], main]
            promise(appeal, columns.craft, craft_worth(have, keep))
            promise(appeal, columns.supplies, 300 if have < keep and kinds.food[main] > 0 else 0)
            put(row, code, recipe, 0, 0, 0, appeal, urgency, count, action, args, appeals, salience)


@kernel
def offer_eat(
    code: int,
    who: Int32s,
    busy: Int32s,
    kinds: Kinds,
    stock: Int32s,
    columns: Promises,
    urgency: Int16s,
    count: Int32s,
    action: Int16s,
    args: Int32s,
    appeals: Int16s,
    salience: Int32s,
) -> None:
    """Offer whoever feels like eating the food that fills most, and that of which one has most."""
    appeal = np.zeros(urgency.shape[1], np.int16)
    for row in range(who.size):
        if columns.food >= 0 and urgency[row, columns.food] < 50:
            continue
        agent = who[row]
        best, common = -1, -1
        for good in range(kinds.food.size):
            if kinds.food[good] > 0 and stock[agent, good] > 0 and good != busy[row]:
                if best < 0 or kinds.food[good] > kinds.food[best]:
                    best = good
                if common < 0 or stock[agent, good] > stock[agent, common]:
                    common = good
        if best >= 0:
            promise(appeal, columns.food, FED + kinds.food[best])
            put(row, code, best, 0, 0, 0, appeal, urgency, count, action, args, appeals, salience)
        if common >= 0 and common != best:
            promise(appeal, columns.food, FED + kinds.food[common])
            put(row, code, common, 0, 0, 0, appeal, urgency, count, action, args, appeals, salience)


@lean
def lot(most: int) -> int:
    """Return the largest of the quantities 4, 2 and 1 that is not above `most`, or 0."""
    if most >= 4:
        return 4
    if most >= 2:
        return 2
    return 1 if most >= 1 else 0


@kernel
def offer_give(
    code: int,
    who: Int32s,
    start: Int64s,
    beside: Int32s,
    kinds: Kinds,
    standing: Standing,
    stock: Int32s,
    role: Bytes,
    home: Int16s,
    asleep: Bools,
    carry: int,
    seed: np.uint64,
    stream: np.uint64,
    tick: int,
    columns: Promises,
    urgency: Int16s,
    count: Int32s,
    action: Int16s,
    args: Int32s,
    appeals: Int16s,
    salience: Int32s,
) -> None:
    """Offer the best gift to someone at one's side: what they lack and one has to spare; one's household comes first.

    Of equals the first counts, looking round from a drawn neighbour, so that low ids are not favoured.
    """
    appeal = np.zeros(urgency.shape[1], np.int16)
    for row in range(who.size):
        agent, size = who[row], start[row + 1] - start[row]
        spare = standing.surplus[agent]
        if spare == 0 or size == 0 or (columns.generosity >= 0 and urgency[row, columns.generosity] == 0):
            continue
        turn = np.int64(draw(seed, stream, agent, tick, 0) % np.uint64(size))
        best, chosen, kind, units = 0, -1, 0, 0
        for look in range(min(size, 6)):
            partner = beside[start[row] + (turn + look) % size]
            kin = home[agent] >= 0 and home[agent] == home[partner]
            fits = spare & standing.lack[partner]
            if fits == 0 or asleep[partner]:
                continue
            for good in range(kinds.value.size):
                if not (fits >> good) & 1:
                    continue
                missing = kinds.keep[role[partner], good] - stock[partner, good]
                room = carry - standing.load[partner]
                some = min(min(missing, stock[agent, good] - kinds.keep[role[agent], good]), 4)
                if kinds.weight[good] > 0:
                    some = min(some, room // kinds.weight[good])
                need = missing * kinds.value[good] * (3 if kinds.food[good] > 0 and standing.food[partner] < 300 else 1)
                need *= 2 if kin else 1
                if some > 0 and need > best:
                    best, chosen, kind, units = need, partner, good, lot(some)
        if chosen >= 0:
            promise(appeal, columns.generosity, 500 + 20 * best)
            put(row, code, chosen, kind, units, 0, appeal, urgency, count, action, args, appeals, salience)
