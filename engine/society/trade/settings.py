"""The trade section of a scenario."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import model_validator

from engine.scenario.fields import Section, Slug, listed, refuse, whole

Coins = Annotated[int, whole("Coins", "coins", 0, 1_000_000)]


class TradeSettings(Section):
    """Trade: coins, and how prices are found."""

    start: Annotated[tuple[Coins, Coins], listed("[least, most] that a person begins with", "coins", 2, 2)] = (10, 40)
    low: Annotated[int, whole("A low price, beside the going one", "percent", 1, 100)] = 75
    high: Annotated[int, whole("A high price, beside the going one", "percent", 100, 1000)] = 125
    memory: Annotated[int, whole("Over how many units sold the going price is a moving mean", "units", 1, 10_000)] = 64
    markets: Annotated[tuple[Slug, ...], listed("Kinds of places that draw people who want to trade", "kinds", 16)] = (
        "market",
    )
    opens: Annotated[int, whole("When markets begin to draw people", "hour of the day", 0, 23)] = 7
    closes: Annotated[int, whole("When markets stop drawing people", "hour of the day", 1, 24)] = 20

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start[0] > self.start[1]:
            raise refuse("start", f"is {list(self.start)}", f"write {[self.start[1], self.start[0]]}", "start")
        if self.opens >= self.closes:
            raise refuse("hours", f"is {self.closes}, not after `opens`", f"write {self.opens + 1} to 24", "closes")
        return self
