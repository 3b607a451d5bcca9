"""Kernels that change what people have: gathering, crafting, passing on; and one that looks over it.

Whatever enters or leaves is posted in a ledger int64[rows,G], by the caller or here: nothing appears or vanishes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels import kernel, lean
from engine.society.goods.tables import Crafts, Kinds
from engine.values import Bools, Bytes, Int16s, Int32s, Int64s

FOUNDED, REGROWN, GATHERED, MADE, EATEN, USED, SPOILED = range(7)
"""Rows of the ledger. Gathered goods only pass from the land to people; the others enter or leave."""


Masks = NDArray[np.uint32]
"""A bit for each resource: whether any of it lies in a cell."""


class Standing(NamedTuple):
    """What people have and lack, by agent.

    surplus, lack int64[n]: a bit for each good of which one has more or less than one likes to keep; food int32[n]:
    nutrition in hand, thousandths of a stomach; load int32[n]: weight carried; supplies, materials,
    craft and generosity int16[n]: urgencies.
    """

    surplus: Int64s
    lack: Int64s
    food: Int32s
    load: Int32s
    supplies: Int16s
    materials: Int16s
    craft: Int16s
    generosity: Int16s


@lean
def _best_craft(who: int, crafts: Crafts, stock: Int32s, skill: Int16s, keep: Int32s) -> int:
    """Return how much someone is drawn to make what they have the material for, 0..1000."""
    best = 0
    for recipe in range(crafts.main.size):
        able = True
        for good in range(keep.size):
            if stock[who, good] < crafts.inputs[recipe, good]:
                able = False
                break
        if able:
            main = crafts.main[recipe]
            have = stock[who, main]
            lacking = 400 if have < keep[main] else 400 // (2 + have - keep[main])
            best = max(best, 300 + skill[who, main] * 3 // 10 + lacking)
    return best


@kernel
def look_over(
    kinds: Kinds,
    crafts: Crafts,
    stock: Int32s,
    skill: Int16s,
    role: Bytes,
    alive: Bools,
    traits: Int16s,
    crafting: Bools,
    carry: int,
    provisions: int,
    out: Standing,
) -> None:
    """Fill `out` for everyone.

    traits int16[n,4] are sociable, industrious, curious, trusting; crafting bool[n]: who is at it.
    """
    goods = kinds.value.size
    short, wanted = np.zeros(2, np.int64), np.zeros(2, np.int64)
    for who in range(stock.shape[0]):
        if not alive[who]:
            out.surplus[who] = 0
            out.lack[who] = 0
            continue
        food, load, extra = 0, 0, 0
        short[:], wanted[:] = 0, 0
        surplus, lack = np.int64(0), np.int64(0)
        for good in range(goods):
            have = stock[who, good]
            food += have * kinds.food[good]
            load += have * kinds.weight[good]
        for good in range(goods):
            have, keep = stock[who, good], kinds.keep[role[who], good]
            missing = max(0, keep - have) * kinds.value[good]
            if kinds.resource[good] >= 0:
                short[int(kinds.food[good] > 0)] += missing
                wanted[int(kinds.food[good] > 0)] += keep * kinds.value[good]
            if have < keep:
                lack |= np.int64(1) << good
            elif have > keep and (kinds.food[good] == 0 or 2 * food > provisions):
                surplus |= np.int64(1) << good
                extra += have - keep
        hungry = max(0, 1000 - 1000 * food // provisions)
        bare = 500 * short[1] // wanted[1] if wanted[1] > 0 else 0
        wants = 700 * short[0] // wanted[0] if wanted[0] > 0 else 0
        # Who is at it has the material in hand already, not in stock.
        best = 800 if crafting[who] else _best_craft(who, crafts, stock, skill, kinds.keep[role[who]])
        industry = 750 + traits[who, 1] // 2
        room = load < carry
        out.surplus[who], out.lack[who], out.food[who], out.load[who] = surplus, lack, food, load
        out.supplies[who] = min(1000, max(hungry, bare) * industry // 1000) if room else 0
        out.materials[who] = wants * industry // 1000 if room else 0
        out.craft[who] = min(1000, best * industry // 1000) if room else 0
        out.generosity[who] = min(500, 150 + 50 * extra if extra > 0 else 0) * (400 + traits[who, 3]) // 1000


class Workshop(NamedTuple):
    """What gathering and crafting change: stock int32[n,G], skill int16[n,G], wear int16[n], ledger int64[rows,G]."""

    stock: Int32s
    skill: Int16s
    wear: Int16s
    ledger: Int64s


class Tool(NamedTuple):
    """The good that is a tool (-1 for none), by how many percent it makes work faster, and how many uses it lasts."""

    good: int
    faster: int
    uses: int


@lean
def _ticks(minutes: int, who: int, stock: Int32s, tool: Tool, tick_seconds: int) -> int:
    """Return how many ticks a work of so many minutes takes someone, faster with a tool, at least 1."""
    percent = 100 - tool.faster if tool.good >= 0 and stock[who, tool.good] > 0 else 100
    return max(1, minutes * 60 * percent // (100 * tick_seconds))


@lean
def _use_tool(who: int, tool: Tool, workshop: Workshop) -> bool:
    """Use someone's tool once, if they have one; return whether it broke."""
    if tool.good < 0 or tool.uses == 0 or workshop.stock[who, tool.good] == 0:
        return False
    workshop.wear[who] += 1
    if workshop.wear[who] < tool.uses:
        return False
    workshop.wear[who] = 0
    workshop.stock[who, tool.good] -= 1
    workshop.ledger[5, tool.good] += 1
    return True


@lean
def load_of(who: int, stock: Int32s, weight: Int32s) -> int:
    """Return what someone carries, in units of weight."""
    load = 0
    for good in range(weight.size):
        load += stock[who, good] * weight[good]
    return load


@kernel
def work_until(who: Int32s, minutes: int, now: int, stock: Int32s, tool: Tool, tick_seconds: int) -> Int32s:
    """Return when a work of so many minutes that begins now is done, int32[m] in ticks."""
    out = np.empty(who.size, np.int32)
    for i in range(who.size):
        out[i] = now + _ticks(minutes, who[i], stock, tool, tick_seconds)
    return out


@kernel
def judge_gathering(
    who: Int32s, args: Int32s, kinds: Kinds, stock: Int32s, cell: Int32s, start: Int64s, around: Int32s, ground: Int16s,
    carry: int,
) -> Bytes:  # fmt: skip
    """Return 0 where someone can gather `args[:,0]`, 1 where there is none of it around, 3 where the hands are full."""
    out = np.ones(who.size, np.uint8)
    for i in range(who.size):
        good, here = args[i, 0], cell[who[i]]
        if good < 0 or good >= kinds.value.size or kinds.resource[good] < 0 or here < 0:
            continue
        for at in range(start[here], start[here + 1]):
            if ground[around[at], kinds.resource[good]] > 0:
                full = load_of(who[i], stock, kinds.weight) + kinds.weight[good] > carry
                out[i] = 3 if full else 0
                break
    return out


@kernel
def reap(
    who: Int32s, args: Int32s, kinds: Kinds, cell: Int32s, start: Int64s, around: Int32s, ground: Int16s,
    lies: Masks, carry: int, most: int, gain: int, tool: Tool, workshop: Workshop,
) -> tuple[Int32s, Bytes, Bools]:  # fmt: skip
    """Let people take `args[:,0]` from the cells around them, the nearest first, in the order given.

    Returns the units each took int32[m]; 0, or 2 where others took the last of it, or 3 where the hands are full,
    uint8[m]; and whose tool broke, bool[m].
    """
    units, out, broke = np.zeros(who.size, np.int32), np.zeros(who.size, np.uint8), np.zeros(who.size, np.bool_)
    for i in range(who.size):
        agent, good = who[i], args[i, 0]
        here, grown = cell[agent], kinds.resource[good]
        wish = 1 + workshop.skill[agent, good] * (most - 1) // 1000
        if kinds.weight[good] > 0:
            wish = min(wish, (carry - load_of(agent, workshop.stock, kinds.weight)) // kinds.weight[good])
        for at in range(start[here], start[here + 1]):
            if units[i] >= wish or here < 0:
                break
            part = min(wish - units[i], ground[around[at], grown])
            ground[around[at], grown] -= part
            units[i] += part
            if ground[around[at], grown] == 0:
                lies[around[at]] &= ~(np.uint32(1) << np.uint32(grown))
        if units[i] > 0:
            workshop.stock[agent, good] += units[i]
            workshop.ledger[2, good] += units[i]
            workshop.skill[agent, good] = min(1000, workshop.skill[agent, good] + gain)
            broke[i] = _use_tool(agent, tool, workshop)
        else:
            out[i] = 3 if wish <= 0 else 2
    return units, out, broke


@kernel
def judge_crafting(who: Int32s, args: Int32s, crafts: Crafts, place: Int16s, stock: Int32s) -> Bytes:
    """Return 0 where someone can make the recipe `args[:,0]`, 1 where it is not made here, 2 where material lacks."""
    out = np.ones(who.size, np.uint8)
    for i in range(who.size):
        recipe, here = args[i, 0], place[who[i]]
        if recipe < 0 or recipe >= crafts.main.size or here < 0 or not crafts.works[recipe, here]:
            continue
        out[i] = 0
        for good in range(stock.shape[1]):
            if stock[who[i], good] < crafts.inputs[recipe, good]:
                out[i] = 2
    return out


@kernel
def begin_crafts(
    who: Int32s, args: Int32s, crafts: Crafts, now: int, tool: Tool, tick_seconds: int, workshop: Workshop
) -> Int32s:
    """Take the material in hand; return when each will be done, int32[m] in ticks: up to 40 percent sooner by skill."""
    until = np.empty(who.size, np.int32)
    for i in range(who.size):
        agent, recipe = who[i], args[i, 0]
        skill = workshop.skill[agent, crafts.main[recipe]]
        minutes = crafts.minutes[recipe] * (2500 - skill) // 2500
        until[i] = now + _ticks(minutes, agent, workshop.stock, tool, tick_seconds)
        for good in range(crafts.inputs.shape[1]):
            workshop.stock[agent, good] -= crafts.inputs[recipe, good]
            workshop.ledger[5, good] += crafts.inputs[recipe, good]
    return until


@kernel
def break_off_crafts(who: Int32s, args: Int32s, crafts: Crafts, workshop: Workshop) -> None:
    """Put the material back."""
    for i in range(who.size):
        for good in range(crafts.inputs.shape[1]):
            workshop.stock[who[i], good] += crafts.inputs[args[i, 0], good]
            workshop.ledger[5, good] -= crafts.inputs[args[i, 0], good]


@kernel
def end_crafts(who: Int32s, args: Int32s, crafts: Crafts, tool: Tool, workshop: Workshop) -> tuple[Int32s, Bools]:
    """Take what was made, and learn; return the units int32[m] and whose tool broke bool[m]."""
    units, broke = np.zeros(who.size, np.int32), np.zeros(who.size, np.bool_)
    for i in range(who.size):
        agent, recipe = who[i], args[i, 0]
        for good in range(crafts.output.shape[1]):
            workshop.stock[agent, good] += crafts.output[recipe, good]
            workshop.ledger[3, good] += crafts.output[recipe, good]
            units[i] += crafts.output[recipe, good]
        main = crafts.main[recipe]
        workshop.skill[agent, main] = min(1000, workshop.skill[agent, main] + crafts.gain[recipe])
        broke[i] = _use_tool(agent, tool, workshop)
    return units, broke


@kernel
def hand_over(
    giver: Int32s, taker: Int32s, good: Int32s, quantity: Int32s, weight: Int32s, stock: Int32s, carry: int
) -> Bytes:
    """Pass goods on in the order given; return 0 done, 1 not enough left, 2 no room.

    With carry < 0 everyone has room.
    """
    out = np.zeros(giver.size, np.uint8)
    for i in range(giver.size):
        kind, units = good[i], quantity[i]
        burden = units * weight[kind]
        if stock[giver[i], kind] < units:
            out[i] = 1
        elif carry >= 0 and load_of(taker[i], stock, weight) + burden > carry:
            out[i] = 2
        else:
            stock[giver[i], kind] -= units
            stock[taker[i], kind] += units
    return out


@kernel
def meet(who: Int32s, args: Int32s, alive: Bools, cell: Int32s, mine: Int32s, theirs: Int32s) -> Bools:
    """Return whether `args[:,0]` lives and is someone else, bool[m]; write both cells into mine, theirs int32[m]."""
    out = np.zeros(who.size, np.bool_)
    for i in range(who.size):
        partner = args[i, 0]
        mine[i] = theirs[i] = max(0, cell[who[i]])
        known = 0 <= partner < alive.size and partner != who[i] and alive[partner]
        if known and cell[partner] >= 0 and cell[who[i]] >= 0:
            out[i] = True
            theirs[i] = cell[partner]
    return out


@kernel
def most_needed(who: Int32s, role: Bytes, keep: Int32s, value: Int32s, stock: Int32s) -> Int32s:
    """Return the good that each lacks most by value, int32[m], or -1."""
    out = np.full(who.size, -1, np.int32)
    for i in range(who.size):
        most = 0
        for good in range(value.size):
            lacking = (keep[role[who[i]], good] - stock[who[i], good]) * value[good]
            if lacking > most:
                most, out[i] = lacking, good
    return out
