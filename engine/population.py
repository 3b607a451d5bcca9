"""Who lives in the society: founding it, and people who come and go later. Every draw is a function of seed and id."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.errors import SocietyError, SpaceError
from engine.rng import Purpose, Rng, purpose
from engine.scenario import Scenario
from engine.society.society import TRAITS, Now, Society
from engine.values import Int32s, Int64s

ROLE, MIND, HOME, TRAIT, SPEED = (purpose(f"people.{name}") for name in ("role", "mind", "home", "trait", "speed"))
GIVEN, FAMILY, WHERE, WHO = (purpose(f"people.{name}") for name in ("given", "family", "where", "who"))

MOST_AT_ONCE = 100_000


def namer(scenario: Scenario) -> Callable[[int], str]:
    """Return the name of each id: given and family name drawn from the scenario's lists."""
    rng, names = Rng(scenario.seed), scenario.population.names
    known: dict[int, str] = {}

    def name(agent: int) -> str:
        if agent not in known:
            who = np.array([agent], np.int32)
            given = names.given[int(rng.below(len(names.given), GIVEN, who, 0)[0])]
            family = names.family[int(rng.below(len(names.family), FAMILY, who, 0)[0])]
            known[agent] = f"{given} {family}"
        return known[agent]

    return name


def names(scenario: Scenario, agents: Int32s) -> list[str]:
    """Return the names of many ids at once, as `namer` gives them."""
    rng, lists = Rng(scenario.seed), scenario.population.names
    given, family = (
        rng.below(len(part), stream, agents, 0) for part, stream in ((lists.given, GIVEN), (lists.family, FAMILY))
    )
    return [f"{lists.given[i]} {lists.family[k]}" for i, k in zip(given.tolist(), family.tolist(), strict=True)]


class Population:
    """Founds the society and lets people in and out."""

    def __init__(self, society: Society) -> None:
        self.society = society
        self.scenario = society.scenario
        self.rng = society.rng

    def found(self) -> Int32s:
        """Put the scenario's people into the world at tick 0; returns their ids."""
        for module in self.society.modules.values():
            module.found()
        counts = list(self.scenario.role_counts.values())
        agents = self.society.world.add(self.scenario.population.count)
        roles = np.repeat(np.arange(len(counts), dtype=np.uint8), counts)
        roles = roles[self.rng.order(ROLE, agents, 0)]
        self._settle_in(agents, roles, None, 0)
        return agents

    def add(self, now: Now, people: int, role: str | None, place: str | None) -> Int32s:
        """Let people join, with a role (drawn by the scenario's shares if None), at a place or at home.

        Raises SocietyError for a number, role or place that will not do, and SpaceError where there is no room.
        """
        if not 1 <= people <= MOST_AT_ONCE:
            raise SocietyError(f"{people:,} people cannot arrive at once; choose 1 to {MOST_AT_ONCE:,}")
        if role is not None and self.society.role(role) < 0:
            raise SocietyError(f"there is no role {role!r}; known: {', '.join(self.society.roles)}")
        at = self._place(place)
        agents = self.society.world.add(people)
        if role is not None:
            roles = np.full(people, self.society.role(role), np.uint8)
        else:
            shares = np.cumsum(list(self.scenario.role_counts.values()))
            roles = np.searchsorted(shares, self._below(int(shares[-1]), ROLE, agents), side="right").astype(np.uint8)
        try:
            self._settle_in(agents, roles, at, now.tick)
        except SpaceError:
            self.society.world.take_back(agents)
            self.society.space.rebuild()
            raise
        now.log.emit("joined", agents)
        return agents

    def remove(self, now: Now, people: int, role: str | None) -> Int32s:
        """Choose who leaves, at random among the living of a role; the runner lets them go. Returns their ids."""
        living = self.society.world.living()
        if role is not None:
            living = living[self.society.people.role[living] == self.society.role(role)]
        return np.sort(living[self.rng.order(WHO, living, now.tick)[:people]])

    def choose_minds(self) -> None:
        """Give everyone the mind that the scenario says, as at the beginning; nobody is being thought about."""
        people, living = self.society.people, self.society.world.living()
        people.mind[living] = self._minds(living, people.role[living])
        people.thinking[:] = -1

    def let_go(self, now: Now, agents: Int32s) -> None:
        """Take people out of the world."""
        for module in self.society.modules.values():
            module.left(agents, now)
        self.society.space.leave(agents)
        self.society.world.remove(agents)
        now.log.emit("departed", agents)

    def _below(self, bound: int, stream: Purpose, agents: Int32s) -> Int64s:
        return self.rng.below(bound, stream, agents, 0)

    def _place(self, name: str | None) -> int | None:
        if name is None:
            return None
        found = self.society.places.find(name)
        kinds = self.society.places.of_kind(name)
        if found < 0 and kinds.size == 0:
            raise SocietyError(f"there is no place or kind of place {name!r}; name one that the map has")
        return found if found >= 0 else int(kinds[0])

    def _settle_in(
        self, agents: Int32s, roles: np.ndarray[tuple[int], np.dtype[np.uint8]], at: int | None, tick: int
    ) -> None:
        people, society = self.society.people, self.society
        people.role[agents] = roles
        people.mind[agents] = self._minds(agents, roles)
        people.home[agents] = self._homes(agents)
        for k, name in enumerate(TRAITS):
            people.traits[agents, k] = self._trait(name, k, agents)
        pace = 85 + self._below(31, SPEED, agents)
        speeds = np.array([role.speed for role in self.scenario.roles.values()], np.int64)
        society.space.set_speed(agents, (speeds[roles] * pace // 100).astype(np.int32))
        home = people.home[agents]
        cells = society.places.cell[home] if len(society.places) else np.zeros(agents.size, np.int32)
        if at is not None:
            cells = np.full(agents.size, society.places.cell[at], np.int32)
        society.space.enter(agents, np.where(home >= 0, cells, society.places.cell[0]).astype(np.int32))
        for module in society.modules.values():
            module.born(agents, tick)

    def _homes(self, agents: Int32s) -> Int64s:
        """Return a house for each; families fill houses by the room in them, in an order drawn from the seed."""
        houses = self.society.places.of_kind("house")
        if houses.size == 0:
            return np.full(agents.size, -1, np.int64)
        first = self._below(houses.size, HOME, agents[:1] * 0)[0]
        seats = _seats(np.roll(houses[self.rng.order(HOME, houses, 0)], -first), self.society.places.capacity)
        return seats[agents % seats.size]

    def _minds(self, agents: Int32s, roles: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> Int64s:
        """Return the index of each one's mind: the first that serves the role and wins its share; else the last + 1."""
        minds = self.scenario.cognition.minds
        out = np.full(agents.size, len(minds), np.int64)
        for i, mind in enumerate(minds):
            wanted = [self.society.role(role) for role in mind.roles] or list(range(len(self.society.roles)))
            drawn = self.rng.words(MIND, agents, i)[:, 0] < round(mind.share * 2**32)
            out[(out == len(minds)) & np.isin(roles, wanted) & drawn] = i
        return out

    def _trait(self, name: str, k: int, agents: Int32s) -> Int64s:
        spread = self.scenario.population.traits.get(name)
        if spread is None:
            return np.full(agents.size, 500, np.int64)
        width = spread.high - spread.low + 1
        words = self.rng.words(TRAIT, agents, k, 2).astype(np.int64)
        if spread.distribution == "uniform":
            return np.asarray(spread.low + (words[:, 0] * width >> 32), np.int64)
        side = (words[:, 0] * width >> 32) + spread.low < spread.middle
        lower, upper = spread.middle - spread.low, spread.high - spread.middle
        # The minimum of two uniform draws falls off linearly from its origin: a triangle's side (Devroye 1986, IX.1).
        step = np.minimum(words[:, 0] * 2**16 & 0xFFFFFFFF, words[:, 1])
        below, above = -(step * (lower + 1) >> 32), step * (upper + 1) >> 32
        return np.asarray(spread.middle + np.where(side, below, above), np.int64)


def _seats(houses: Int32s, capacity: Int32s) -> Int64s:
    """Return a house for each seat in them, int64[seats]: the first so many are spread as all are.

    The k-th seat of a house comes at (k + 1/2) / its capacity (Sainte-Lague's method); ties in the order of `houses`.
    """
    room = np.maximum(capacity[houses], 1).astype(np.int64)
    house = np.repeat(np.arange(houses.size), room)
    number = np.arange(house.size) - np.repeat(np.cumsum(room) - room, room)
    turn = (2 * number + 1) * 2**32 // (2 * room[house])
    return np.asarray(houses[house[np.argsort(turn, kind="stable")]], np.int64)
