"""Trade: coins against goods between two people, booked twice, and the going prices that come of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.actions.definition import Action, Parameter
from engine.rng import purpose
from engine.society.goods import Goods
from engine.society.module import Appeal, EventKind, Fact, Measure, Module, Topic
from engine.society.society import Now, Society
from engine.society.trade.actions import Trade as TradeAction
from engine.society.trade.kernels import Books, Terms, Wants, feel_trade
from engine.society.trade.settings import TradeSettings
from engine.values import Bools, Int32s, Int64s
from engine.world import Column

START = purpose("trade.start")
BUSTLE = 10
"""People in a market who make it promise all that a market can."""

_OTHER = Parameter("buyer", "agent")
_DEAL = (Parameter("good", "good"), Parameter("quantity", "number"), Parameter("price", "coins"))


def _sells(society: Society, agent: int, values: Sequence[int], draw: int) -> str:
    good, price = society.words("good", values[1]), society.words("coins", values[3])
    said = (
        f"{good[:1].upper()}{good[1:]} for {price}. Deal!",
        f"That makes {price}, thank you.",
        "A pleasure to do business with you.",
    )
    return said[draw % len(said)]


def _haggles(society: Society, agent: int, values: Sequence[int], draw: int) -> str:
    price = society.words("coins", values[3])
    said = (f"Not for {price}? A pity.", f"{price[:1].upper()}{price[1:]}, no? Then another time.")
    return said[draw % len(said)]


class Trade(Module):
    """Coins are founded and only change hands: of every trade one account is credited and another debited."""

    name = "trade"
    about = "Coins, deals between two people, going prices."
    needs = ("goods",)
    Settings: ClassVar[type[TradeSettings]] = TradeSettings
    appeals = (Appeal("trade", "selling what one has too much of, and buying what one lacks", 90),)
    events = (
        EventKind(
            "traded",
            "{agent} sold {buyer} {quantity} {good} for {price}",
            (_OTHER, *_DEAL),
            "A deal.",
            spoken=_sells,
        ),
        EventKind(
            "trade_refused",
            "{partner} refused {agent}'s price of {price} for {good}",
            (Parameter("partner", "agent"), *_DEAL),
            "A proposal was refused for its price; quantity is below 0 where the proposer wanted to buy.",
            spoken=_haggles,
        ),
    )
    settings: TradeSettings

    def columns(self) -> tuple[Column, ...]:
        """Return the coins, the accounts, the going prices, and the deals by hour of the day."""
        goods = (len(self.society.module("goods").goods),)
        return (
            Column("coins", np.int32, frame=True, unit="coins", about="what the person has"),
            Column("founded", np.int64, unit="coins", about="what the person began with"),
            Column("earned", np.int64, unit="coins", about="all that the person ever earned"),
            Column("spent", np.int64, unit="coins", about="all that the person ever spent"),
            Column("sold", np.int64, "world", goods, unit="units", about="posted to sellers' accounts, by good"),
            Column("bought", np.int64, "world", goods, unit="units", about="posted to buyers' accounts, by good"),
            Column("price", np.int64, "world", goods, unit="thousandths of a coin", about="the going price, by good"),
            Column("recent", np.int32, "world", (24,), unit="deals", about="deals in each hour of the last day"),
            Column("hour", np.int32, "world", unit="hour", about="the hour since the first that was counted last"),
        )

    def actions(self) -> tuple[Action, ...]:
        """Return `trade`."""
        return (TradeAction(self),)

    def topics(self) -> tuple[Topic, ...]:
        """People talk about prices."""
        return (
            Topic(
                "price",
                "the price of {subject}",
                "good",
                self._dearest,
                {"company": 100, "trade": 100},
                self._a_good,
                self._on_prices,
            ),
        )

    def measures(self) -> tuple[Measure, ...]:
        """Return the Gini coefficient of coins, deals a day, and going prices."""
        goods = self.society.module("goods").goods
        return (
            Measure("gini", "0..1", "Gini coefficient of the coins of the living.", self._gini),
            Measure("deals", "deals a day", "Deals in the last 24 hours.", self._deals),
            Measure("price", "coins a unit", "Going prices, by good.", self._prices, goods),
        )

    def bind(self) -> None:
        """Take the goods, what people have of them, and the columns of appeals."""
        self.goods: Goods = self.society.module("goods")
        self._seen = self.see("goods")
        index = {appeal.name: k for k, appeal in enumerate(self.society.appeals)}
        self.wants = Wants(*(index.get(appeal, -1) for appeal in Wants._fields))
        self._markets = self.society.places.of_kind(*self.settings.markets)

    @property
    def stock(self) -> Int32s:
        """What everyone has, int32[n,G], read-only."""
        stock: Int32s = self._seen.stock
        return stock

    @property
    def books(self) -> Books:
        """The accounts that a deal changes."""
        own = self.own
        return Books(own.coins, own.earned, own.spent, own.sold, own.bought, own.price, own.recent)

    def terms(self, now: Now) -> Terms:
        """Return the bounds of deals at this moment."""
        settings = self.settings
        return Terms(settings.low, settings.high, self.goods.settings.carry, settings.memory, now.minute // 60)

    def found(self) -> None:
        """Begin with goods at their value."""
        self.own.price[:] = self.goods.value.astype(np.int64) * 1000
        self.own.hour[0] = self._hour(self.society.now(0))

    def born(self, agents: Int32s, tick: int) -> None:
        """Give new people their coins."""
        low, high = self.settings.start
        coins = low + self.society.rng.below(high - low + 1, START, agents, tick)
        self.own.coins[agents] = coins
        self.own.founded[agents] = coins

    def feel(self, now: Now, who: Int32s, feel: Callable[[str, NDArray[Any]], None]) -> None:
        """Feel like trading, by what one has too much of and what one lacks and can pay."""
        standing, role = self.goods.standing(now), self.society.people.role
        feel("trade", feel_trade(who, self.goods.kinds, standing, self.stock, role, self.own.coins, self.own.price))

    def attract(self, now: Now, attract: Callable[[str, NDArray[Any]], None]) -> None:
        """Markets promise trade while they are open, the more the more people are there."""
        society, settings = self.society, self.settings
        much = np.zeros(len(society.places), np.int64)
        if settings.opens <= now.minute // 60 < settings.closes:
            inside = society.bodies.place[society.people.alive]
            there = np.bincount(inside[inside >= 0], minlength=much.size)[self._markets]
            much[self._markets] = 200 + 300 * np.minimum(there, BUSTLE) // BUSTLE
        attract("trade", much)

    def settle(self, now: Now) -> None:
        """Forget the deals of a day ago."""
        hour = self._hour(now)
        for passed in range(max(int(self.own.hour[0]) + 1, hour - 23), hour + 1):
            self.own.recent[passed % 24] = 0
        self.own.hour[0] = hour

    @staticmethod
    def _hour(now: Now) -> int:
        return now.day * 24 + now.minute // 60

    def level(self, good: int, units: int, price: int) -> str:
        """Return how a price stands to the going one: "low", "fair" or "high"."""
        going = int(self.own.price[good]) * units
        if price * 100_000 < going * (100 + self.settings.low) // 2:
            return "low"
        return "high" if price * 100_000 > going * (100 + self.settings.high) // 2 else "fair"

    def _dearest(self, now: Now, who: Int32s, partner: Int32s) -> Int32s:
        """Return the good whose going price has moved furthest from its value, -1 while none has."""
        moved = np.abs(self.own.price * 1000 // self.goods.value - 1_000_000)
        good = int(moved.argmax()) if moved.size and moved.max() >= 50_000 else -1
        return np.full(who.size, good, np.int32)

    def _a_good(self, now: Now, who: Int32s, partner: Int32s, subject: Int32s) -> Bools:
        return (subject >= 0) & (subject < len(self.goods.goods))

    def _on_prices(self, speaker: int, good: int) -> tuple[str, ...]:
        word, going = self.goods.words.good(good), int(self.own.price[good])
        coins = self.society.words("coins", max(1, (going + 500) // 1000))
        trend = (
            f"The price of {word} has gone up again."
            if going > int(self.goods.value[good]) * 1000
            else f"You get {word} for next to nothing these days."
        )
        return (
            trend,
            f"{coins[:1].upper()}{coins[1:]} for {word}, can you believe it?",
            f"I keep an eye on the price of {word}.",
        )

    def facts(self, agent: int) -> tuple[Fact, ...]:
        """Say what is in someone's purse, and what came in and went out."""
        own = self.own
        columns = (("coins", own.coins), ("earned", own.earned), ("spent", own.spent))
        return tuple(Fact(label, "amount", int(column[agent]), "coins") for label, column in columns)

    def _gini(self) -> float:
        """Return the Gini coefficient, sum of (2 i - n - 1) x_i over n times the total, x ascending (Sen 1973)."""
        coins: Int64s = np.sort(self.own.coins[self.society.world.alive]).astype(np.int64)
        total = int(coins.sum())
        ranks = 2 * np.arange(1, coins.size + 1, dtype=np.int64) - coins.size - 1
        return int((ranks * coins).sum()) / (coins.size * total) if total else 0.0

    def _deals(self) -> float:
        return float(self.own.recent.sum())

    def _prices(self) -> list[float]:
        return [round(float(price) / 1000, 3) for price in self.own.price]
