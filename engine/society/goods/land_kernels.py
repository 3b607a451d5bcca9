"""Kernels of time passing: the land regrows, goods spoil, and places are surveyed for what lies around them."""

from __future__ import annotations

import numpy as np

from engine.kernels import kernel
from engine.rng import draw
from engine.society.goods.kernels import Masks
from engine.society.goods.tables import Growth, Kinds
from engine.values import Bools, Bytes, Int16s, Int32s, Int64s

TURNS = 64
"""The land grows a 64th at a time: each cell has its turn every 64 ticks and then gains 64 ticks' worth."""

RICH = 20
"""The value of what lies in a cell, in coins, from which on land promises all that land can."""

FAIR_LAND = 550
"""What the richest land promises: less than gathering there does, or people would rather walk on than set to work."""

MILLION = np.int64(1_000_000)


@kernel
def regrow(
    growth: Growth,
    terrain: Bytes,
    ground: Int16s,
    lies: Masks,
    first: int,
    last: int,
    tick: int,
    day: int,
    grown: Int64s,
) -> None:
    """Let cells first..last-1 gain what grew in the last TURNS ticks up to `tick`; `day` is its length in ticks.

    Growth up to a tick is floor((rate * tick + phase) / span), where the phase differs by cell: so the differences add
    up exactly, whatever the rate, and neighbouring cells do not gain at once. Adds to grown int64[R].
    """
    span = MILLION * day
    before = max(0, tick - 64)
    for cell in range(first, last):
        for resource in range(growth.good.size):
            room = growth.most[resource, terrain[cell]] - ground[cell, resource]
            if room > 0:
                mixed = (np.int64(cell) * 40503 + np.int64(resource) * 9973 + 12345) & 0xFFFF
                phase = mixed * (span >> 16)
                rate = growth.rate[resource]
                gain = (rate * tick + phase) // span - (rate * before + phase) // span
                if gain > 0:
                    gain = min(gain, np.int64(room))
                    ground[cell, resource] += gain
                    grown[resource] += gain
                    lies[cell] |= np.uint32(1) << np.uint32(resource)


@kernel
def spoil(
    seed: np.uint64, stream: np.uint64, tick: int, day: int, lasts: Int32s, alive: Bools, stock: Int32s, ledger: Int64s
) -> None:
    """Take from everyone whose turn of the day it is what spoils or wears out in a day; fractions by chance."""
    for who in range(tick % day, stock.shape[0], day):
        if not alive[who]:
            continue
        for good in range(lasts.size):
            if lasts[good] > 0 and stock[who, good] > 0:
                chance = draw(seed, stream, who, tick, good) % np.uint64(lasts[good])
                lost = stock[who, good] // lasts[good]
                if np.int64(chance) < stock[who, good] % lasts[good]:
                    lost += 1
                stock[who, good] -= lost
                ledger[6, good] += lost


@kernel
def survey(
    places: Int32s, start: Int64s, cells: Int32s, growth: Growth, kinds: Kinds, ground: Int16s, out: Int16s
) -> None:
    """Write how rich the land around places is: out int16[places,3]: supplies and materials by their value, and food.

    The cells around place p are `cells[start[p]:start[p+1]]`.
    """
    for i in range(places.size):
        place = places[i]
        size = start[place + 1] - start[place]
        supplies, materials, fill = np.int64(0), np.int64(0), np.int64(0)
        for at in range(start[place], start[place + 1]):
            for resource in range(growth.good.size):
                lies = ground[cells[at], resource]
                good = growth.good[resource]
                if kinds.food[good] > 0:
                    supplies += lies * kinds.value[good]
                    fill += lies * kinds.food[good]
                else:
                    materials += lies * kinds.value[good]
        out[place, 0] = min(np.int64(FAIR_LAND), supplies * FAIR_LAND // (RICH * size))
        out[place, 1] = min(np.int64(FAIR_LAND), materials * FAIR_LAND // (RICH * size))
        out[place, 2] = min(np.int64(150), fill // (2 * size))
