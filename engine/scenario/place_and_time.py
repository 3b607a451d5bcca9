"""The sections for time, terrain, resources and places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, field_validator, model_validator

from engine.scenario.fields import LARGEST_WHOLE, Section, Slug, about, listed, number, refuse, switch, text, whole

MINUTES_A_DAY = 1440
LAST_TICK = 100_000_000
"""No run is longer than this many ticks."""

TerrainKind = Literal["meadow", "forest", "water", "rock", "field", "path"]

MOMENT_PATTERN = r"^day ([1-9][0-9]{0,5}) ([01][0-9]|2[0-3]):([0-5][0-9])$"
_MOMENT = re.compile(MOMENT_PATTERN)
_CLOCK_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _moment(value: object) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LAST_TICK:
        return value
    if isinstance(value, str) and _MOMENT.match(value):
        return value
    raise refuse("moment", "is not a moment", f"write a tick (0 to {LAST_TICK}) or a text such as `day 2 09:00`")


Moment = Annotated[
    int | str,
    PlainValidator(_moment),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": LAST_TICK},
                {"type": "string", "pattern": MOMENT_PATTERN},
            ]
        }
    ),
]
"""A tick, or a text such as `day 2 09:00`; the first day is day 1."""


def _ticks_in_day(data: Mapping[str, Any]) -> int:
    return max(2, 86_400 // int(data["tick"]))


class TimeSection(Section):
    """How time runs."""

    tick: Annotated[int, whole("Simulated time that one tick takes", "simulated seconds", 1, 3600)] = 120
    day: Annotated[int, whole("Length of a day; left out, as many ticks as fill 24 hours", "ticks", 2, 86_400)] = Field(
        default_factory=_ticks_in_day
    )
    start: Annotated[str, text("Time of day at tick 0, as HH:MM on a 24-hour clock", 5, 5, _CLOCK_PATTERN)] = "06:00"
    ticks: Annotated[int, whole("How long a run is unless it is told otherwise", "ticks", 1, LAST_TICK)] = 7200
    mode: Annotated[
        Literal["lockstep", "live"],
        about("Whether a tick waits for its answers (lockstep) or the world keeps its pace", "one of these words"),
    ] = "lockstep"
    rate: Annotated[float, number("Speed of a live world", "ticks a second", 0.1, 1000.0)] = 4.0

    def tick_of(self, moment: int | str) -> int:
        """Return the first tick at or after a moment; negative if the moment lies before tick 0.

        A day has 24 hours of the same length, whatever number of ticks it has. ValueError: not a moment.
        """
        if isinstance(moment, int):
            return moment
        found = _MOMENT.match(moment)
        if found is None:
            raise ValueError(f"{moment!r} is not a moment such as 'day 2 09:00'")
        day, hour, minute = (int(part) for part in found.groups())
        minutes = (day - 1) * MINUTES_A_DAY + hour * 60 + minute - self.start_minute
        return -((-minutes * self.day) // MINUTES_A_DAY)

    @property
    def start_minute(self) -> int:
        """The minute of the day at tick 0, 0..1439."""
        return int(self.start[:2]) * 60 + int(self.start[3:])

    def moment_of(self, tick: int) -> tuple[int, int]:
        """Return (day, minute of the day) of a tick: the first day is 1, minutes are 0..1439."""
        minutes = self.start_minute + tick * MINUTES_A_DAY // self.day
        return minutes // MINUTES_A_DAY + 1, minutes % MINUTES_A_DAY


class CostSection(Section):
    """What it costs to cross one hex, by kind; a path is 10. 0 means that nobody can walk there."""

    meadow: Annotated[int, whole("Cost of a meadow", "tenths of a path step, 0 impassable", 0, 250)] = 13
    forest: Annotated[int, whole("Cost of a forest", "tenths of a path step, 0 impassable", 0, 250)] = 22
    water: Annotated[int, whole("Cost of water", "tenths of a path step, 0 impassable", 0, 250)] = 0
    rock: Annotated[int, whole("Cost of rock", "tenths of a path step, 0 impassable", 0, 250)] = 0
    field: Annotated[int, whole("Cost of a field", "tenths of a path step, 0 impassable", 0, 250)] = 15
    path: Annotated[int, whole("Cost of a path", "tenths of a path step, 0 impassable", 1, 250)] = 10


class LandscapeSettings(Section):
    """What the generated landscape is to have. What does not fit on a small map is left out."""

    villages: Annotated[int, whole("Villages, each around a square with market, well and hall", "villages", 1, 64)] = 1
    houses: Annotated[int, whole("Houses in each village", "houses", 1, 500)] = 72
    workshops: Annotated[int, whole("Workshops in each village", "workshops", 0, 50)] = 3
    fields: Annotated[int, whole("Fields of crops around each village", "fields", 0, 24)] = 6
    woodland: Annotated[int, whole("How much of the land is forest, about", "percent", 0, 80)] = 25
    hills: Annotated[int, whole("How much of the land is hills and rock, about", "percent", 0, 60)] = 15
    river: Annotated[bool, switch("Whether a river crosses the map")] = True
    pond: Annotated[bool, switch("Whether each village has a pond")] = True


class TerrainSection(LandscapeSettings):
    """The landscape, which a documented generator makes from a seed, and what it costs to cross it."""

    seed: Annotated[
        int | None, whole("Seed of the landscape alone; null takes the scenario's", "seed", 0, LARGEST_WHOLE)
    ] = None
    cost: Annotated[CostSection, about("What it costs to cross one hex, by kind", "section")] = CostSection()


def _two_counts(value: object) -> object:
    if (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(part, int) and not isinstance(part, bool) and 2 <= part <= 60 for part in value)
    ):
        return tuple(value)
    raise refuse("blocks", "must be two whole numbers", "write [from west to east, from south to north], each 2 to 60")


class TownSettings(Section):
    """What the generated town is to have. Its districts have about four by four blocks each, with a market square."""

    blocks: Annotated[
        tuple[int, int],
        about("Blocks from west to east and from south to north, [4, 4] for 2,500 people; each 2 to 60", "blocks"),
        BeforeValidator(_two_counts),
    ] = (4, 4)
    block: Annotated[int, whole("How wide and deep a block is, about", "metres", 50, 120)] = 58
    street: Annotated[int, whole("How wide a street is; avenues are 6 metres wider", "metres", 6, 20)] = 8
    residents: Annotated[int, whole("How many people live in each house", "people a house", 1, 60)] = 24
    workshops: Annotated[int, whole("Workshops in each district", "workshops", 0, 50)] = 10
    gardens: Annotated[int, whole("Gardens of crops inside the blocks of each district", "fields", 0, 12)] = 4
    park: Annotated[bool, switch("Whether each district has a park with trees and a pond")] = True
    river: Annotated[bool, switch("Whether a river runs along one edge of the town")] = True


class TownSection(TownSettings):
    """A town on a plane, which a documented generator makes from a seed."""

    seed: Annotated[
        int | None, whole("Seed of the town alone; null takes the scenario's", "seed", 0, LARGEST_WHOLE)
    ] = None


class ResourceSection(Section):
    """A good that grows on the land."""

    good: Annotated[Slug, about("Name of the good", "name")]
    on: Annotated[tuple[TerrainKind, ...], listed("Kinds of terrain where it grows", "kinds", 6, 1)]
    most: Annotated[int, whole("Most that one cell holds", "units a cell", 1, 10_000)] = 10
    start: Annotated[int | None, whole("What a cell holds at tick 0; null is `most`", "units a cell", 0, 10_000)] = None
    regrowth: Annotated[float, number("What grows in a day until the cell is full", "units a cell and day", 0, 10_000)]

    @property
    def at_start(self) -> int:
        """Units in one hex at tick 0."""
        return self.most if self.start is None else self.start

    @property
    def regrowth_millionths(self) -> int:
        """The regrowth as a whole number: millionths of a unit in a hex and day."""
        return round(self.regrowth * 1_000_000)

    @model_validator(mode="after")
    def _start_fits(self) -> Self:
        if self.at_start > self.most:
            raise refuse("start", f"is {self.start}, more than a cell holds", f"write 0 to {self.most}", "start")
        return self


class PlaceKindSection(Section):
    """What places of one kind have in common."""

    capacity: Annotated[int, whole("How many can be there at once", "people", 1, 10_000)] = 16
    radius: Annotated[int, whole("How far from its middle one is still there", "hexes, or metres", 0, 50)] = 0


PLACE_KINDS: Mapping[str, PlaceKindSection] = {
    "square": PlaceKindSection(capacity=400, radius=4),
    "market": PlaceKindSection(capacity=120, radius=2),
    "well": PlaceKindSection(capacity=24, radius=1),
    "hall": PlaceKindSection(capacity=160, radius=2),
    "workshop": PlaceKindSection(capacity=24, radius=1),
    "house": PlaceKindSection(capacity=8, radius=0),
    "field": PlaceKindSection(capacity=60, radius=3),
    "wood": PlaceKindSection(capacity=80, radius=4),
    "quarry": PlaceKindSection(capacity=40, radius=2),
    "shore": PlaceKindSection(capacity=40, radius=2),
    "park": PlaceKindSection(capacity=200, radius=4),
    "school": PlaceKindSection(capacity=200, radius=2),
    "station": PlaceKindSection(capacity=200, radius=2),
}
"""The kinds of places that every scenario has, with what they have in common unless it says otherwise."""


def with_known_kinds(value: object) -> object:
    """Fill `place_kinds` up with the kinds that every scenario has; anything but a mapping passes through."""
    known = {kind: section.model_dump() for kind, section in PLACE_KINDS.items()}
    if not isinstance(value, Mapping):
        return value
    filled: dict[Any, Any] = {**known}
    for kind, section in value.items():
        if isinstance(section, Mapping) and isinstance(kind, str):
            filled[kind] = {**known.get(kind, {}), **section}
        else:
            filled[kind] = section
    return filled


class PlaceSection(Section):
    """A place on the map, besides those that the landscape makes."""

    name: Annotated[str, text("Name of the place; one of the landscape's own moves that one", 60, 1)]
    kind: Annotated[Slug, about("Kind of the place, one of those in `place_kinds`", "name")]
    at: Annotated[
        tuple[int, int],
        about(
            "Where its middle is: [column, row], on a plane [east, north], from [0, 0] south-west", "hexes, or metres"
        ),
    ]
    radius: Annotated[
        int | None, whole("How far it reaches; null takes its kind's; in a building it is the room", "hexes, or metres",
                          0, 50)
    ] = None  # fmt: skip
    capacity: Annotated[int | None, whole("How many fit; null takes its kind's", "people", 1, 10_000)] = None

    @field_validator("at", mode="before")
    @classmethod
    def _two_whole_numbers(cls, value: object) -> object:
        if (
            isinstance(value, list | tuple)
            and len(value) == 2
            and all(isinstance(part, int) and not isinstance(part, bool) and 0 <= part <= 4000 for part in value)
        ):
            return tuple(value)
        raise refuse("at", "must be two whole numbers", "write [column, row] or [east, north], each 0 to 4000")
