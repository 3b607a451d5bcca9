"""The section for the space: a grid of hexes, or a continuous plane with walls and buildings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from engine.scenario.fields import Section, about, listed, number, refuse, text, whole

LARGEST_PLANE = 4000
"""The widest a plane can be, in metres: positions are whole steps of 1/4096 m that float32 holds exactly."""


class HexSection(Section):
    """A grid of hexes on which bodies step from one to the next."""

    kind: Annotated[Literal["hex"], about("Sort of space", "one of these words")] = "hex"
    backend: Annotated[
        Literal["hex", "mesa-frames"],
        about("What computes it; both give the same state at every tick", "one of these words"),
    ] = "hex"
    width: Annotated[int, whole("Columns of the grid", "hexes", 4, 1000)] = 100
    height: Annotated[int, whole("Rows of the grid; even on a torus", "hexes", 4, 1000)] = 100
    edges: Annotated[
        Literal["bounded", "torus"],
        about("Whether the map ends at its edges or goes on at the opposite one", "one of these words"),
    ] = "bounded"
    substeps: Annotated[int, whole("Steps that bodies take in a tick", "steps", 1, 20)] = 4
    pitch: Annotated[int, whole("Distance between the centres of neighbouring hexes", "metres", 1, 1000)] = 10
    capacity: Annotated[int, whole("How many fit into one hex at once", "people", 1, 64)] = 4

    @model_validator(mode="after")
    def _rows_meet(self) -> Self:
        if self.edges == "torus" and self.height % 2:
            raise refuse(
                "torus",
                "is odd, but on a torus the rows only meet when their number is even",
                f"write {self.height + 1}, or `edges: bounded`",
                "height",
            )
        return self


def _point(value: object) -> object:
    if (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(part, int | float) and not isinstance(part, bool) for part in value)
        and all(math.isfinite(part) and 0 <= part <= LARGEST_PLANE for part in value)
    ):
        return tuple(float(part) for part in value)
    raise refuse("at", "must be two numbers", f"write [east, north] in metres, each 0 to {LARGEST_PLANE}")


Point = Annotated[tuple[float, float], BeforeValidator(_point)]
"""A point of the plane: metres from the west and from the south."""


class DoorSection(Section):
    """A gap in a side of a building."""

    side: Annotated[int, whole("Side of the building; side 0 runs from its first corner to its second", "side", 0, 63)]
    at: Annotated[float, number("Middle of the door, from the side's first corner", "metres", 0, LARGEST_PLANE)]
    width: Annotated[float, number("How wide it is", "metres", 0.9, 1000)] = 1.2


class BuildingSection(Section):
    """A building: one room with walls around it."""

    name: Annotated[str, text("Name of the building", 60, 1)]
    corners: Annotated[tuple[Point, ...], listed("Corners in order, [east, north] in metres", "corners", 64, 3)]
    doors: Annotated[tuple[DoorSection, ...], listed("Its doors, one at least", "sections", 64, 1)]
    storeys: Annotated[int, whole("How high it looks; 0 is a hall without a roof", "storeys", 0, 60)] = 1


class WallSection(Section):
    """A wall of straight pieces that stands by itself."""

    name: Annotated[str, text("Name of the wall", 60, 1)]
    points: Annotated[tuple[Point, ...], listed("Where it runs, [east, north] in metres", "points", 256, 2)]


class FlockSection(Section):
    """What those in a flock do by those in their sight; in each second they turn by so much."""

    vision: Annotated[float, number("How far they see others", "metres", 2, 50)] = 5.0
    separation: Annotated[float, number("Who is nearer than this is too close", "metres", 0, 50)] = 1.0
    cohere: Annotated[
        float, number("Turn towards the middle of those in sight, for each metre that it is away", "1/s2", 0, 10)
    ] = 0.03
    separate: Annotated[
        float, number("Turn away from those who are too close, for each metre that they are away", "1/s2", 0, 10)
    ] = 0.15
    match: Annotated[float, number("Share of the mean velocity of those in sight that they take on", "1/s", 0, 10)] = (
        0.5
    )

    @model_validator(mode="after")
    def _sees_whom_it_avoids(self) -> Self:
        if self.separation > self.vision:
            raise refuse(
                "separation",
                f"is {self.separation:g} m, but they see {self.vision:g} m far",
                "write less, or make `vision` longer",
                "separation",
            )
        return self


class PlaneSection(Section):
    """A continuous plane on which bodies walk freely, around walls and each other."""

    kind: Annotated[Literal["plane"], about("Sort of space", "one of these words")]
    backend: Annotated[Literal["plane"], about("What computes it", "one of these words")] = "plane"
    width: Annotated[int, whole("From the west edge to the east edge", "metres", 8, LARGEST_PLANE)] = 320
    height: Annotated[int, whole("From the south edge to the north edge", "metres", 8, LARGEST_PLANE)] = 320
    edges: Annotated[
        Literal["bounded", "torus"],
        about("Whether walls run along the edges or the plane goes on at the opposite one", "one of these words"),
    ] = "bounded"
    substeps: Annotated[
        int,
        whole(
            "Steps that bodies take in a tick; half a second each is enough for a town's daily life, for figures about "
            "crowds a tenth of a second or less: with longer steps fewer come through a door",
            "steps",
            1,
            10_000,
        ),
    ] = 10
    cell: Annotated[
        int, whole("Width of the squares in which contacts, sight, places and the land are counted", "metres", 1, 20)
    ] = 2
    locomotion: Annotated[
        Literal["social-force", "flocking", "random-walk"],
        about(
            "How bodies move: they keep off each other and walls; they fly in a flock over an open plane; or they walk "
            "through each other, and stroll at random",
            "one of these words",
        ),
    ] = "social-force"
    flock: Annotated[FlockSection, about("By what rules they fly, where `locomotion` is flocking", "section")] = (
        FlockSection()
    )
    walls: Annotated[tuple[WallSection, ...], listed("Walls that stand by themselves", "sections", 4096)] = ()
    buildings: Annotated[
        tuple[BuildingSection, ...], listed("Buildings besides those of the town", "sections", 4096)
    ] = ()

    @model_validator(mode="after")
    def _cells_fit(self) -> Self:
        for field in ("width", "height"):
            side = getattr(self, field)
            if side % self.cell:
                mend = f"write {side - side % self.cell or self.cell}, a multiple of `cell`"
                raise refuse("cells", f"is {side} m, which cells of {self.cell} m do not divide", mend, field)
        if self.edges == "torus" and min(self.width, self.height) < 12:
            raise refuse("torus", "is less than a torus needs", "make both sides 12 m or longer", "edges")
        return self


def _hex_unless_said(value: object) -> object:
    """Take a space that does not say its kind for one of hexes."""
    return {"kind": "hex", **value} if isinstance(value, Mapping) and "kind" not in value else value


SpaceSection = Annotated[HexSection | PlaneSection, Field(discriminator="kind"), BeforeValidator(_hex_unless_said)]
"""Where bodies move; without `kind` it is a grid of hexes."""
