"""The action of trade: a proposal to someone at one's side, which they take or refuse at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.actions.definition import Action, Ends, Parameter
from engine.actions.menu import Menu
from engine.rng import purpose
from engine.society.goods.actions import ASLEEP, LADEN, NOT_HERE, acquaintance, at_side
from engine.society.society import Now, Society
from engine.society.trade.kernels import STRUCK, TOO_DEAR, judge_deals, offer_trade, strike
from engine.values import Bytes, Int32s

if TYPE_CHECKING:
    from engine.society.trade import Trade as TradeModule

LOOK_ROUND = purpose("trade.look")
REASONS = np.array([0, 5, 6, 7, 8, 10], np.uint8)
"""Which reason stands for each way in which `strike` ends, counted from 1."""

DEAREST = 1_000_000
"""The highest price that anyone may name, in coins."""


class Trade(Action):
    """Sell to, or buy from, someone at one's side. A negative quantity buys."""

    name = "trade"
    text = "trade {quantity} {good} with {partner} for {price}"
    about = "Sell goods to someone at one's side for coins, or (quantity below 0) buy; the price is the total."
    parameters = (
        Parameter("partner", "agent"),
        Parameter("good", "good"),
        Parameter("quantity", "number"),
        Parameter("price", "coins"),
    )
    reasons: ClassVar[tuple[str, ...]] = (
        NOT_HERE,
        "such a deal cannot be made",
        "there is not so much to sell",
        "there are not enough coins",
        "it was sold to someone else",
        "the coins were spent already",
        "the price was refused",
        LADEN,
        ASLEEP,
        "they dealt with someone else first",
    )

    def __init__(self, trade: TradeModule) -> None:
        self.trade = trade

    def bind(self, society: Society) -> None:
        """Take the codes of the reasons: `codes[i + 1]` is that of `reasons[i]`, `codes[0]` is 0."""
        super().bind(society)
        self.codes: Bytes = np.array((0, *self.reason_codes), np.uint8)

    def offer(self, now: Now, menu: Menu) -> None:
        """Offer each agent its best sale and its best purchase, at up to two prices each."""
        trade, society = self.trade, self.society
        goods, beside = trade.goods, society.contacts(now, menu.who)
        offer_trade(
            self.code, menu.who, beside.start, beside.items, goods.kinds, goods.standing(now), trade.stock,
            society.people.role, goods.asleep(), trade.own.coins, trade.own.price, trade.terms(now), society.rng.seed,
            np.uint64(LOOK_ROUND), now.tick, trade.wants, *menu.columns,
        )  # fmt: skip

    def check(self, now: Now, who: Int32s, args: Int32s) -> Bytes:
        """Refuse who is not there or asleep, deals out of bounds, and what seller or buyer does not have."""
        trade, there = self.trade, at_side(self.society, who, args)
        asleep = trade.goods.asleep()
        why: Bytes = self.codes[judge_deals(who, args, there, asleep, trade.stock, trade.own.coins, DEAREST)]
        return why

    def start(self, now: Now, who: Int32s, args: Int32s) -> Ends:
        """Let the partner decide; in the order given, so that later proposals see what earlier ones left."""
        trade, people = self.trade, self.society.people
        goods = trade.goods
        stock = trade.stock.copy()
        end = strike(who, args, goods.kinds, stock, people.role, people.traits, trade.terms(now), trade.books)
        struck = end == STRUCK
        partner, good, units = args[:, 0], args[:, 1], np.abs(args[:, 2])
        seller, buyer = np.where(args[:, 2] > 0, (who, partner), (partner, who)).astype(np.int32)
        if struck.any():
            goods.transfer(seller[struck], buyer[struck], good[struck], units[struck])
        now.log.emit("traded", seller[struck], buyer[struck], good[struck], units[struck], args[struck, 3])
        dear = end == TOO_DEAR
        now.log.emit("trade_refused", who[dear], partner[dear], good[dear], args[dear, 2], args[dear, 3])
        return Ends.where(self.codes[REASONS[end]])

    def says(self, agent: int, args: Sequence[int]) -> str:
        """Say what, for how much, to whom, and who has too much or too little of it."""
        partner, good, quantity, price = args[:4]
        trade, goods = self.trade, self.trade.goods
        roles = self.society.people.role
        amount, coins = goods.words.amount(good, abs(quantity)), self.society.words("coins", price)
        person = acquaintance(self.society, agent, partner)
        level = trade.level(good, abs(quantity), price)
        if quantity > 0:
            have, keep = int(trade.stock[partner, good]), int(goods.kinds.keep[roles[partner], good])
            return f"sell {amount} for {coins}, a {level} price, to {person}, who has {goods.words.having(have, keep)}"
        have, keep = int(trade.stock[agent, good]), int(goods.kinds.keep[roles[agent], good])
        mine = goods.words.having(have, keep)
        return f"buy {amount}, of which you have {mine}, for {coins}, a {level} price, from {person}"
