"""What must hold between the sections of a scenario, and between it and what the program knows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.scenario.describe import nearest
from engine.scenario.document import Scenario
from engine.scenario.findings import Finding
from engine.scenario.place_and_time import LAST_TICK, TerrainSection
from engine.scenario.schedule import AddPeople, Announce, ChangeMind, Drive, Open, RemovePeople, Send, Shut
from engine.scenario.space import HexSection, PlaneSection

MOST_TO_A_SQUARE_METRE = 3
"""Denser crowds do not move."""

MOST_CENTIMETRES = 100
"""How far somebody of the usual pace may come in a substep: half of what others are seen at, less haste and stature."""


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names that modules, actions and minds bring; None leaves that sort unchecked."""

    appeals: frozenset[str] | None = None
    actions: frozenset[str] | None = None
    minds: frozenset[str] | None = None
    goods: frozenset[str] | None = None
    traits: frozenset[str] | None = None


Check = Callable[[Scenario], Iterator[Finding]]


def cross_findings(scenario: Scenario, sound: frozenset[str]) -> Iterator[Finding]:
    """Return what does not hold between sections, looking only at those that are sound by themselves."""
    for needs, check in _CHECKS:
        if needs <= sound:
            yield from check(scenario)


def _population_roles(scenario: Scenario) -> Iterator[Finding]:
    for role in scenario.population.roles:
        if role not in scenario.roles:
            yield Finding(("population", "roles", role), "is no role of `roles`", nearest(role, scenario.roles))


def _mind_roles(scenario: Scenario) -> Iterator[Finding]:
    shares = dict.fromkeys(scenario.roles, 0.0)
    for index, mind in enumerate(scenario.cognition.minds):
        place = ("cognition", "minds", index)
        for position, role in enumerate(mind.roles):
            if role not in scenario.roles:
                yield Finding((*place, "roles", position), f"`{role}` is no role", nearest(role, scenario.roles))
        for role in mind.roles or scenario.roles:
            shares[role] = shares.get(role, 0.0) + mind.share
        over = [role for role in mind.roles or scenario.roles if shares[role] > 1 + 1e-6]
        if over:
            yield Finding(
                (*place, "share"),
                f"brings the minds of `{over[0]}` to {shares[over[0]]:g} of its people",
                "lower the shares so that they add up to 1 or less for each role",
            )


def _places(scenario: Scenario) -> Iterator[Finding]:
    names: set[str] = set()
    for index, place in enumerate(scenario.places):
        at = ("places", index)
        if place.kind not in scenario.place_kinds:
            mend = f"{nearest(place.kind, scenario.place_kinds)}; or add it to `place_kinds`"
            yield Finding((*at, "kind"), f"`{place.kind}` is no kind of place", mend)
        if place.name in names:
            yield Finding((*at, "name"), f"`{place.name}` is there twice", "give each place its own name")
        names.add(place.name)


def _places_on_map(scenario: Scenario) -> Iterator[Finding]:
    space, on_hexes = scenario.space, isinstance(scenario.space, HexSection)
    for index, place in enumerate(scenario.places):
        east, north = place.at
        if east >= space.width or north >= space.height:
            units = ("hexes", "a column", "a row") if on_hexes else ("metres", "east", "north")
            yield Finding(
                ("places", index, "at"),
                f"lies outside the map of {space.width} x {space.height} {units[0]}",
                f"write {units[1]} 0 to {space.width - 1} and {units[2]} 0 to {space.height - 1}",
            )


def _people_fit(scenario: Scenario) -> Iterator[Finding]:
    space = scenario.space
    if isinstance(space, HexSection):
        room, mend = space.width * space.height * space.capacity, "`space.width`, `space.height` or `space.capacity`"
    else:
        room, mend = space.width * space.height * MOST_TO_A_SQUARE_METRE, "`space.width` or `space.height`"
    if scenario.population.count > room:
        yield Finding(
            ("population", "count"),
            f"is {scenario.population.count}, but the map holds {room} people at most",
            f"lower it, or raise {mend}",
        )


def _steps_are_short(scenario: Scenario) -> Iterator[Finding]:
    """Find substeps of a plane in which the quickest could pass somebody unseen."""
    space, fastest = scenario.space, max(role.speed for role in scenario.roles.values())
    if isinstance(space, PlaneSection):
        least = -(-scenario.time.tick * fastest // MOST_CENTIMETRES)
        if space.substeps < least:
            yield Finding(
                ("space", "substeps"),
                f"is {space.substeps}: in {scenario.time.tick / space.substeps:.2g} s people at {fastest} cm/s could "
                "pass each other unseen",
                f"write {least} or more, or make `time.tick` shorter",
            )


def _land_is_of_its_space(scenario: Scenario) -> Iterator[Finding]:
    if isinstance(scenario.space, HexSection) and scenario.town is not None:
        yield Finding(("town",), "is for a plane, but the space is one of hexes", "write `space: {kind: plane}`")
    if isinstance(scenario.space, PlaneSection):
        if scenario.terrain != TerrainSection():
            yield Finding(("terrain",), "is for hexes, but the space is a plane", "use `town`, or delete it")
        if scenario.town is not None and scenario.space.edges == "torus":
            yield Finding(("space", "edges"), "is torus, but a town has edges", "write `bounded`")
        if scenario.town is None and not scenario.places:
            mend = "add one with its `at`, or a `town`"
            yield Finding(("places",), "is empty: people on a plane need a place to begin at", mend)


def _flocks_fly_over_open_planes(scenario: Scenario) -> Iterator[Finding]:
    space = scenario.space
    if not isinstance(space, PlaneSection) or space.locomotion != "flocking":
        return
    for path, kept in (
        (("town",), scenario.town is not None),
        (("space", "buildings"), bool(space.buildings)),
        (("space", "walls"), bool(space.walls)),
    ):
        if kept:
            mend = "delete it, or write `locomotion: social-force`"
            yield Finding(path, "stands in the way of a flock, which flies over open planes", mend)
    least = 3.003 * space.flock.vision
    if space.edges == "torus" and min(space.width, space.height) < least:
        mend = f"make both sides {math.ceil(least)} m or longer, or `flock.vision` shorter"
        yield Finding(("space", "edges"), "is a torus on which a flock would see somebody twice", mend)


def _resources(scenario: Scenario) -> Iterator[Finding]:
    goods: set[str] = set()
    for index, resource in enumerate(scenario.resources):
        if resource.good in goods:
            mend = "write one entry for each good, with all its terrain in `on`"
            yield Finding(("resources", index, "good"), f"`{resource.good}` is there twice", mend)
        goods.add(resource.good)


def _event_times(scenario: Scenario) -> Iterator[Finding]:
    for index, event in enumerate(scenario.events):
        tick = scenario.time.tick_of(event.at)
        if tick < 0:
            mend = f"the run begins on day 1 at {scenario.time.start}; write a later moment"
            yield Finding(("events", index, "at"), f"`{event.at}` lies before the run", mend)
        elif tick > LAST_TICK:
            yield Finding(("events", index, "at"), f"`{event.at}` is tick {tick}", f"write a tick up to {LAST_TICK}")


OF_A_ROLE = AddPeople | RemovePeople | Announce | ChangeMind | Send
"""Events that can be about the people of one role."""


def _event_roles(scenario: Scenario) -> Iterator[Finding]:
    for index, event in enumerate(scenario.events):
        if isinstance(event, OF_A_ROLE) and event.role not in (None, *scenario.roles):
            mend = nearest(str(event.role), scenario.roles)
            yield Finding(("events", index, "role"), f"`{event.role}` is no role", mend)


def _event_agents(scenario: Scenario) -> Iterator[Finding]:
    arriving = sum(event.people for event in scenario.events if isinstance(event, AddPeople))
    people = scenario.population.count + arriving
    for index, event in enumerate(scenario.events):
        if isinstance(event, Drive) and event.agent >= people:
            yield Finding(
                ("events", index, "agent"),
                f"is {event.agent}, but there are only {people} people",
                f"write 0 to {people - 1}",
            )


def _event_doors(scenario: Scenario) -> Iterator[Finding]:
    """Find doors that are not there; what buildings a town has is known only when it is made."""
    for index, event in enumerate(scenario.events):
        if not isinstance(event, Shut | Open):
            continue
        at = ("events", index)
        if isinstance(scenario.space, HexSection):
            yield Finding((*at, "do"), "is about a door, but the space is one of hexes", "write `space: {kind: plane}`")
            continue
        doors = {building.name: len(building.doors) for building in scenario.space.buildings}
        if event.building not in doors:
            if scenario.town is None:
                yield Finding((*at, "building"), f"`{event.building}` is no building", nearest(event.building, doors))
        elif event.door is not None and event.door >= doors[event.building]:
            what = f"is {event.door}, but {event.building} has no such door"
            yield Finding((*at, "door"), what, f"write 0 to {doors[event.building] - 1}")


_CHECKS: tuple[tuple[frozenset[str], Check], ...] = (
    (frozenset({"population", "roles"}), _population_roles),
    (frozenset({"cognition", "roles"}), _mind_roles),
    (frozenset({"places", "place_kinds"}), _places),
    (frozenset({"places", "space"}), _places_on_map),
    (frozenset({"population", "space"}), _people_fit),
    (frozenset({"roles", "space", "time"}), _steps_are_short),
    (frozenset({"places", "space", "terrain", "town"}), _land_is_of_its_space),
    (frozenset({"space", "town"}), _flocks_fly_over_open_planes),
    (frozenset({"resources"}), _resources),
    (frozenset({"events", "time"}), _event_times),
    (frozenset({"events", "roles"}), _event_roles),
    (frozenset({"events", "population"}), _event_agents),
    (frozenset({"events", "space", "town"}), _event_doors),
)


def name_findings(scenario: Scenario, known: KnownNames, sound: frozenset[str]) -> Iterator[Finding]:
    """Return the names in the sound sections that the program does not know."""
    for section, location, name, sort, names in _names(scenario, known):
        if names is not None and section in sound and name not in names:
            yield Finding(location, f"`{name}` is no {sort}", nearest(name, sorted(names)))


NameUse = tuple[str, tuple[str | int, ...], str, str, frozenset[str] | None]


def _names(scenario: Scenario, known: KnownNames) -> Iterator[NameUse]:
    for role, section in scenario.roles.items():
        for appeal in section.weights:
            yield "roles", ("roles", role, "weights", appeal), appeal, "appeal", known.appeals
        for index, action in enumerate(section.may):
            yield "roles", ("roles", role, "may", index), action, "action", known.actions
    for appeal in scenario.cognition.reflex.weights:
        yield "cognition", ("cognition", "reflex", "weights", appeal), appeal, "appeal", known.appeals
    for index, mind in enumerate(scenario.cognition.minds):
        yield "cognition", ("cognition", "minds", index, "mind"), mind.mind, "mind", known.minds
    for index, action in enumerate(scenario.actions.off):
        yield "actions", ("actions", "off", index), action, "action", known.actions
    for index, event in enumerate(scenario.events):
        if isinstance(event, Drive):
            yield "events", ("events", index, "action"), event.action, "action", known.actions
    for index, resource in enumerate(scenario.resources):
        yield "resources", ("resources", index, "good"), resource.good, "good", known.goods
    for trait in scenario.population.traits:
        yield "population", ("population", "traits", trait), trait, "trait", known.traits
