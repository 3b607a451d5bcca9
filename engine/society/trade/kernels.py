"""Kernels of trade: what a deal is worth to each side, laying out deals, striking them, going prices.

The worth of units to a person falls with what they have: `desire(have, keep)` in thousandths of the good's value. A
deal is good for both when the seller's worth of the last unit given is at most the price, and the price at most the
buyer's worth of the last unit taken. Everyone judges by their own character, so whoever proposes cannot know for sure.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.actions.menu import put
from engine.kernels import kernel, lean
from engine.rng import draw
from engine.society.goods.kernels import Standing, load_of
from engine.society.goods.offer_kernels import lot, promise
from engine.society.goods.tables import Kinds
from engine.values import Bools, Bytes, Int16s, Int32s, Int64s

MOST_LOOKED_AT = 6
"""Of more people at one's side, this many are looked at, beginning with a drawn one."""

STRUCK, NO_GOODS, NO_COINS, TOO_DEAR, LADEN, SETTLED = range(6)
"""How a proposal ended."""


class Books(NamedTuple):
    """Coins by agent, all that each ever earned and spent, and goods bought and sold, all changed by `strike`.

    coins int32[n]; earned, spent int64[n]; sold, bought int64[G]; price int64[G] in thousandths of a coin; recent
    int32[24].
    """

    coins: Int32s
    earned: Int64s
    spent: Int64s
    sold: Int64s
    bought: Int64s
    price: Int64s
    recent: Int32s


class Terms(NamedTuple):
    """low, high in percent of the going price; carry in units of weight; memory in units sold; hour 0..23."""

    low: int
    high: int
    carry: int
    memory: int
    hour: int


class Wants(NamedTuple):
    """Columns of the appeals that a deal promises, -1 for those that nobody feels."""

    trade: int
    food: int
    supplies: int
    materials: int


@lean
def desire(have: int, keep: int) -> np.int64:
    """Return what one more unit is worth to someone who has `have` and likes to keep `keep`, in thousandths."""
    if have < keep:
        return np.int64(1000 + 500 * (keep - have) // keep)
    return np.int64(1000 * (keep + 1) // (have + 2))


@lean
def least_for_seller(have: int, keep: int, value: int, units: int) -> np.int64:
    """Return the least price at which someone parts with units, in thousandths of a coin."""
    return desire(have - units, keep) * value * units


@lean
def most_for_buyer(have: int, keep: int, value: int, units: int) -> np.int64:
    """Return the greatest price at which someone takes units, in thousandths of a coin."""
    return desire(have + units - 1, keep) * value * units


@lean
def asking(price: np.int64, units: int, percent: int) -> np.int64:
    """Return the price in coins of units at a percentage of the going price, rounded outwards, at least 1."""
    exact = price * units * percent
    whole = 100_000
    if percent > 100:
        exact += whole - 1
    elif percent == 100:
        exact += whole // 2
    return max(np.int64(1), exact // whole)


@kernel
def judge_deals(
    who: Int32s, args: Int32s, there: Bools, asleep: Bools, stock: Int32s, coins: Int32s, dearest: int
) -> Bytes:
    """Return 0 where a proposal can be made, else which reason (counted from 1) stands against it, uint8[m].

    there bool[m]: whether the partner is at one's side. Looks at what each has, not at what the partner wants.
    """
    out = np.zeros(who.size, np.uint8)
    for i in range(who.size):
        partner, good, units, price = args[i, 0], args[i, 1], abs(args[i, 2]), args[i, 3]
        if not there[i]:
            out[i] = 1
        elif good < 0 or good >= stock.shape[1] or lot(units) != units or units == 0 or price < 1 or price > dearest:
            out[i] = 2
        elif asleep[partner]:
            out[i] = 9
        else:
            seller, buyer = (who[i], partner) if args[i, 2] > 0 else (partner, who[i])
            if stock[seller, good] < units:
                out[i] = 3
            elif coins[buyer] < price:
                out[i] = 4
    return out


@kernel
def strike(
    who: Int32s,
    args: Int32s,
    kinds: Kinds,
    stock: Int32s,
    role: Bytes,
    traits: Int16s,
    terms: Terms,
    books: Books,
) -> Bytes:
    """Settle proposals in the order given; return how each ended, uint8[m].

    args int32[m,4]: partner, good, units (sold if positive, bought if negative), price in coins. stock int32[n,G] is
    a working copy that runs along, so later deals see earlier ones; coins and ledger are posted in `books`: to the
    seller's and to the buyer's account, in coins and in goods.
    """
    out = np.zeros(who.size, np.uint8)
    dealt = np.zeros(role.size, np.bool_)
    for i in range(who.size):
        partner, good, units, price = args[i, 0], args[i, 1], abs(args[i, 2]), args[i, 3]
        seller, buyer = (who[i], partner) if args[i, 2] > 0 else (partner, who[i])
        value = kinds.value[good]
        # A trusting person is content with a twentieth less than a cool head, a distrustful one wants as much more.
        leaning = np.int64(1050 - traits[partner, 3] // 10)
        if partner == seller:
            wanted = least_for_seller(stock[seller, good], kinds.keep[role[seller], good], value, units)
            content = np.int64(price) * 1_000_000 >= wanted * leaning
        else:
            wanted = most_for_buyer(stock[buyer, good], kinds.keep[role[buyer], good], value, units)
            content = np.int64(price) * 1000 * leaning <= wanted * 1000
        burden = units * kinds.weight[good]
        if stock[seller, good] < units:
            out[i] = 1
        elif books.coins[buyer] < price:
            out[i] = 2
        elif load_of(buyer, stock, kinds.weight) + burden > terms.carry:
            out[i] = 4
        elif not content:
            out[i] = 5 if dealt[partner] else 3
        else:
            dealt[seller] = dealt[buyer] = True
            stock[seller, good] -= units
            stock[buyer, good] += units
            books.coins[seller] += price
            books.coins[buyer] -= price
            books.earned[seller] += price
            books.spent[buyer] += price
            books.sold[good] += units
            books.bought[good] += units
            paid = np.int64(price) * 1000 // units
            weight = min(units, terms.memory)
            books.price[good] += (paid - books.price[good]) * weight // terms.memory
            books.recent[terms.hour] += 1
    return out


@kernel
def feel_trade(
    who: Int32s, kinds: Kinds, standing: Standing, stock: Int32s, role: Bytes, coins: Int32s, price: Int64s
) -> Int16s:
    """Return the urgency of trading, int16[m] of 0..1000: what one has to sell, lacks and can pay."""
    out = np.zeros(who.size, np.int16)
    for row in range(who.size):
        agent = who[row]
        spare, lacking = np.int64(0), np.int64(0)
        if standing.surplus[agent] | standing.lack[agent] == 0:
            continue
        for good in range(kinds.value.size):
            more = stock[agent, good] - kinds.keep[role[agent], good]
            if (standing.surplus[agent] >> good) & 1:
                spare += more * price[good]
            elif (standing.lack[agent] >> good) & 1 and coins[agent] * 1000 >= price[good]:
                lacking -= more * price[good]
        lacking = min(lacking, np.int64(coins[agent]) * 1000)
        out[row] = min(np.int64(1000), (min(spare, np.int64(30_000)) + min(lacking, np.int64(30_000))) // 60 * 16 // 10)
    return out


@lean
def _room(kinds: Kinds, load: int, good: int, carry: int) -> int:
    return (carry - load) // kinds.weight[good] if kinds.weight[good] > 0 else 4


@lean
def _propose(
    row: int, code: int, agent: int, partner: int, good: int, selling: bool, kinds: Kinds, standing: Standing,
    stock: Int32s, role: Bytes, coins: Int32s, price: Int64s, terms: Terms, wants: Wants, appeal: Int16s,
    urgency: Int16s, count: Int32s, action: Int16s, args: Int32s, appeals: Int16s, salience: Int32s,
) -> None:  # fmt: skip
    """Offer a deal with one partner in one good, at the one or two prices that seem acceptable and pay best."""
    seller, buyer = (agent, partner) if selling else (partner, agent)
    has, keeps = stock[seller, good], kinds.keep[role[seller], good]
    gets, likes = stock[buyer, good], kinds.keep[role[buyer], good]
    units = lot(min(min(has - keeps, likes - gets), _room(kinds, standing.load[buyer], good, terms.carry)))
    while units > 1 and asking(price[good], units, 100) > coins[buyer]:
        units //= 2
    if units < 1:
        return
    least = least_for_seller(has, keeps, kinds.value[good], units)
    most = most_for_buyer(gets, likes, kinds.value[good], units)
    offered = 0
    asked = np.int64(0)
    for step in range(3):
        percent = (terms.high, 100, terms.low)[step] if selling else (terms.low, 100, terms.high)[step]
        coin = asking(price[good], units, percent)
        if coin == asked or coin > coins[buyer] or offered == 2:
            continue
        if coin * 1000 < least or coin * 1000 > most:
            continue
        gain = (coin * 1000 - least) * 1000 // (coin * 1000) if selling else (most - coin * 1000) * 1000 // most
        asked = coin
        offered += 1
        promise(appeal, wants.trade, int(350 + gain * 65 // 100))
        promise(appeal, wants.supplies, 0 if selling or kinds.food[good] == 0 else 450)
        promise(appeal, wants.materials, 0 if selling or kinds.food[good] > 0 else 450)
        promise(appeal, wants.food, 0 if selling else min(400, kinds.food[good] * units // 2))
        signed = units if selling else -units
        put(row, code, partner, good, signed, int(coin), appeal, urgency, count, action, args, appeals, salience)


@kernel
def offer_trade(
    code: int, who: Int32s, start: Int64s, beside: Int32s, kinds: Kinds, standing: Standing, stock: Int32s, role: Bytes,
    asleep: Bools, coins: Int32s, price: Int64s, terms: Terms, seed: np.uint64, stream: np.uint64, tick: int,
    wants: Wants, urgency: Int16s, count: Int32s, action: Int16s, args: Int32s, appeals: Int16s, salience: Int32s,
) -> None:  # fmt: skip
    """Offer each agent its best sale and its best purchase among the people at its side, each at up to two prices.

    The best is that where the difference of the two desires is worth most; of equals the first, looking round from a
    drawn neighbour, so that low ids are not favoured.
    """
    appeal = np.zeros(urgency.shape[1], np.int16)
    for row in range(who.size):
        agent, size = who[row], start[row + 1] - start[row]
        if size == 0 or standing.surplus[agent] | standing.lack[agent] == 0:
            continue
        turn = np.int64(draw(seed, stream, agent, tick, 0) % np.uint64(size))
        best_sale, best_purchase = np.int64(0), np.int64(0)
        buyer, sold, seller, bought = -1, 0, -1, 0
        for look in range(min(size, MOST_LOOKED_AT)):
            partner = beside[start[row] + (turn + look) % size]
            sales = standing.surplus[agent] & standing.lack[partner]
            purchases = standing.lack[agent] & standing.surplus[partner]
            if sales | purchases == 0 or asleep[partner]:
                continue
            for good in range(kinds.value.size):
                if not ((sales | purchases) >> good) & 1:
                    continue
                mine, mine_kept = stock[agent, good], kinds.keep[role[agent], good]
                theirs, theirs_kept = stock[partner, good], kinds.keep[role[partner], good]
                tension = (desire(mine, mine_kept) - desire(theirs, theirs_kept)) * kinds.value[good]
                if (sales >> good) & 1 and -tension > best_sale and coins[partner] > 0:
                    best_sale, buyer, sold = -tension, partner, good
                if (purchases >> good) & 1 and tension > best_purchase and coins[agent] > 0:
                    best_purchase, seller, bought = tension, partner, good
        if buyer >= 0:
            _propose(
                row, code, agent, buyer, sold, True, kinds, standing, stock, role, coins, price, terms, wants,
                appeal, urgency, count, action, args, appeals, salience,
            )  # fmt: skip
        if seller >= 0:
            _propose(
                row, code, agent, seller, bought, False, kinds, standing, stock, role, coins, price, terms, wants,
                appeal, urgency, count, action, args, appeals, salience,
            )  # fmt: skip
