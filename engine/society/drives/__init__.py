"""Drives: energy, hunger and company, which fall and rise by the day, and the rest that restores energy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from engine.actions.definition import Action
from engine.kernels import kernel
from engine.rng import purpose
from engine.scenario.fields import whole
from engine.society.drives.rest import Rest
from engine.society.module import Appeal, EventKind, Fact, Measure, Module, Settings, in_words
from engine.society.society import Now
from engine.values import Bools, Int16s, Int32s, Int64s
from engine.world import Column

FULL = 1_000_000
"""A drive at its fullest; columns hold millionths."""
UNIT = FULL // 1000
FOUNDING = purpose("drives.founding")
CROWD = 12
"""People in a place who make it promise all the company that a place can."""


class DrivesSettings(Settings):
    """How fast people tire, get hungry and grow lonely."""

    tiring: Annotated[int, whole("Energy lost awake", "thousandths of full energy a day", 0, 10_000)] = 1100
    rest_home: Annotated[int, whole("Energy won resting at home", "thousandths of full energy a day", 0, 20_000)] = 3600
    rest_away: Annotated[int, whole("Energy won resting elsewhere", "thousandths of full energy a day", 0, 20_000)] = (
        2000
    )
    hunger: Annotated[int, whole("Hunger gained", "thousandths of full hunger a day", 0, 10_000)] = 1500
    loneliness: Annotated[int, whole("Company lost alone", "thousandths of full company a day", 0, 10_000)] = 1000
    talk: Annotated[int, whole("Company won by one talk, for both", "thousandths of full company", 0, 1000)] = 160
    night_from: Annotated[int, whole("When night begins", "hour of the day", 0, 23)] = 21
    night_to: Annotated[int, whole("When night ends", "hour of the day", 0, 23)] = 6


COMMON = 250
"""The company that an empty common place promises."""

NIGHT = 350
"""How much the night itself calls for rest."""


@kernel
def _settle(
    alive: Bools,
    resting: Bools,
    at_home: Bools,
    energy: Int32s,
    hunger: Int32s,
    company: Int32s,
    tiring: int,
    home: int,
    away: int,
    hungrier: int,
    lonelier: int,
) -> None:
    for i in range(alive.size):
        if not alive[i]:
            continue
        if resting[i]:
            energy[i] = min(FULL, energy[i] + (home if at_home[i] else away))
            hunger[i] = min(FULL, hunger[i] + hungrier // 2)
        else:
            energy[i] = max(0, energy[i] - tiring)
            hunger[i] = min(FULL, hunger[i] + hungrier)
            company[i] = max(0, company[i] - lonelier)


@kernel
def _feel(
    who: Int32s, energy: Int32s, hunger: Int32s, company: Int32s, sociable: Int16s, night: bool
) -> tuple[Int16s, Int16s, Int16s, Int16s]:
    """Urgencies grow with the square of the lack: a little hunger is nothing, a great one is everything."""
    food = np.empty(who.size, np.int16)
    rest = np.empty(who.size, np.int16)
    friends = np.empty(who.size, np.int16)
    effort = np.empty(who.size, np.int16)
    for row in range(who.size):
        i = who[row]
        hungry, tired, lonely = hunger[i] // UNIT, 1000 - energy[i] // UNIT, 1000 - company[i] // UNIT
        food[row] = hungry * hungry // 1000
        rest[row] = min(1000, tired * tired // 1000 + (NIGHT + tired // 2 if night else 0))
        friends[row] = lonely * lonely // 1000 * (500 + sociable[row]) // 1000
        effort[row] = 300 + tired // 2
    return food, rest, friends, effort


class Drives(Module):
    """What moves people: hunger, tiredness, loneliness."""

    name = "drives"
    about = "Energy, hunger and company by day and night; resting."
    Settings = DrivesSettings
    appeals = (
        Appeal("food", "being fed", 170),
        Appeal("rest", "being rested", 130),
        Appeal("company", "being among people", 90),
    )
    events = (EventKind("rested", "{agent} rested", (), "Someone finished resting."),)

    def columns(self) -> tuple[Column, ...]:
        """Return energy, hunger and company, in millionths."""
        return (
            Column("energy", np.int32, fill=FULL, frame=True, shift=12, unit="millionths", about="how rested"),
            Column("hunger", np.int32, frame=True, shift=12, unit="millionths", about="how hungry"),
            Column("company", np.int32, fill=FULL, frame=True, shift=12, unit="millionths", about="how befriended"),
        )

    def actions(self) -> tuple[Action, ...]:
        """Return `rest`."""
        self._rest = Rest()
        return (self._rest,)

    def bind(self) -> None:
        """Find the places where one rests and where one meets."""
        places = self.society.places
        self._restful = np.zeros(len(places), np.int16)
        self._restful[places.of_kind("house")] = 900
        self._common = np.zeros(len(places), np.bool_)
        self._common[places.of_kind("square", "market", "hall", "well")] = True

    def born(self, agents: Int32s, tick: int) -> None:
        """Start between content and in want, each differently."""
        words = self.society.rng.words(FOUNDING, agents, 0, 3).astype(np.int64)
        self.own.energy[agents] = FULL - words[:, 0] % (FULL // 3)
        self.own.hunger[agents] = words[:, 1] % (FULL // 2)
        self.own.company[agents] = FULL - words[:, 2] % (FULL // 2)

    def is_night(self, now: Now) -> bool:
        """Whether it is night."""
        hour, begin, end = now.minute // 60, self.settings.night_from, self.settings.night_to
        return bool(begin <= hour or hour < end if begin > end else begin <= hour < end)

    def feel(self, now: Now, who: Int32s, feel: Callable[[str, NDArray[Any]], None]) -> None:
        """Feel food, rest, company and effort."""
        own = self.own
        sociable = self.society.trait("sociable", who)
        columns = _feel(who, own.energy, own.hunger, own.company, sociable, self.is_night(now))
        for appeal, values in zip(("food", "rest", "company", "effort"), columns, strict=True):
            feel(appeal, values)

    def attract(self, now: Now, attract: Callable[[str, NDArray[Any]], None]) -> None:
        """Houses promise rest; a place promises company by how many are there."""
        society = self.society
        attract("rest", self._restful)
        inside = society.bodies.place[society.people.alive]
        there: Int64s = np.bincount(inside[inside >= 0], minlength=len(society.places))
        room = np.maximum(society.places.capacity - there, 0) * 1000 // society.places.capacity
        lively = COMMON + 450 * np.minimum(there, CROWD) // CROWD
        attract("company", np.where(self._common, lively * room // 1000, 0))

    def settle(self, now: Now) -> None:
        """Let a tick of time pass, feed those who ate, and cheer those who talked."""
        society, own, settings = self.society, self.own, self.settings
        people = society.people
        resting = people.action == self._rest.code if self._rest.code > 0 else np.zeros(people.alive.size, np.bool_)
        at_home = (society.bodies.place == people.home) & (people.home >= 0)
        rates = (settings.tiring, settings.rest_home, settings.rest_away, settings.hunger, settings.loneliness)
        _settle(
            people.alive, resting, at_home, own.energy, own.hunger, own.company,
            *(society.per_tick(rate * UNIT) for rate in rates),
        )  # fmt: skip
        eaters, meals = now.log.of("ate")
        np.subtract.at(own.hunger, eaters, meals[:, 1] * UNIT)
        own.hunger[eaters] = np.maximum(own.hunger[eaters], 0)
        talkers, talks = now.log.of("talked")
        both = np.concatenate((talkers, talks[:, 0]))
        np.add.at(own.company, both, settings.talk * UNIT)
        own.company[both] = np.minimum(own.company[both], FULL)

    def facts(self, agent: int) -> tuple[Fact, ...]:
        """Say how rested, hungry and lonely someone is."""
        own = self.own
        energy, hunger, company = (int(column[agent]) // UNIT for column in (own.energy, own.hunger, own.company))
        return (
            Fact("energy", "level", energy, in_words(energy, ("exhausted", "tired", "awake", "well rested"))),
            Fact("hunger", "lack", hunger, in_words(hunger, ("well fed", "a little hungry", "hungry", "starving"))),
            Fact(
                "company", "level", company, in_words(company, ("lonely", "a little lonely", "content", "befriended"))
            ),
        )

    def measures(self) -> tuple[Measure, ...]:
        """Return the spread of energy and hunger, and the mean of company."""
        return (
            Measure(
                "energy", "share of people by tenth of full energy", "How rested people are.", self._spread("energy")
            ),
            Measure(
                "hunger", "share of people by tenth of full hunger", "How hungry people are.", self._spread("hunger")
            ),
            Measure("company", "thousandths", "Mean company of the living.", self._mean_company),
        )

    def _spread(self, column: str) -> Callable[[], list[float]]:
        def take() -> list[float]:
            values = getattr(self.own, column)[self.society.people.alive]
            counts = np.bincount(np.minimum(values // (FULL // 10), 9), minlength=10)
            return [round(float(count) / max(1, values.size), 6) for count in counts]

        return take

    def _mean_company(self) -> float:
        values = self.own.company[self.society.people.alive]
        return float(values.mean(dtype=np.float64) / UNIT) if values.size else 0.0
