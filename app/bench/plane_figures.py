"""The figures of the plane: our programs beside their peers at many sizes, a society on it, and studies of crowds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.bench.children import Children
from app.bench.crowd_studies import DOOR_FLOW, centimetres, tenths, weidmann
from app.bench.figures import Course, Figure, Measured, middle
from app.bench.sizes import FULL, PlaneSizes, Sizes, Town

Jobs = dict[str, tuple[str, dict[str, Any]]]

FLOCKING, FORCES = "Flocking", "Social force"
"""Groups of programs that do the same: panels of the picture."""

_FLOCK = "flocking on a torus, density 0.5, vision 5 (about 39 neighbours), birds"
_CROWD = "social forces, density 0.5, people"

FLOCK = Course(
    "flock",
    FLOCKING,
    "Sociarium",
    f"ours: {_FLOCK}",
    True,
    {2_500: (0.3, 0.09), 100_000: (8, 3.2), 1_000_000: (90, 33)},
)
TREE_FLOCK = Course("tree_flock", FLOCKING, "cKDTree + numpy", f"our rules on SciPy's cKDTree: {_FLOCK}")
MESA_FLOCK = Course("mesa_flock", FLOCKING, "Mesa", f"Mesa's own example: {_FLOCK}")
CROWD = Course(
    "crowd", FORCES, "Sociarium, among walls", f"ours, with walls and flow fields: {_CROWD}", True,
    {2_500: (0.8, 0.3), 100_000: (35, 12)},
)  # fmt: skip
FIELD = Course("field", FORCES, "Sociarium, open field", f"ours in an open field: {_CROWD}", True)
JUPEDSIM = Course("jupedsim", FORCES, "JuPedSim, open field", f"JuPedSim in an open field: {_CROWD}")

COURSES = (FLOCK, TREE_FLOCK, MESA_FLOCK, CROWD, FIELD, JUPEDSIM)

JOBS = {
    "flock": "fly", "tree_flock": "fly_on_tree", "mesa_flock": "fly_on_mesa",
    "crowd": "walk_in_town", "field": "walk_in_field", "jupedsim": "walk_on_jupedsim",
}  # fmt: skip

PEERS = {"tree_flock": ("scipy",), "mesa_flock": ("mesa", "networkx"), "jupedsim": ("jupedsim",)}
"""What must be installed for a course; all of it comes with the extra `bench`."""

_WORK = {"tree_flock": 10, "mesa_flock": 100, "jupedsim": 10}
"""By what the work of a peer is divided."""


def _sizes_of(course: Course, sizes: PlaneSizes) -> tuple[int, ...]:
    return {
        "flock": sizes.flock, "tree_flock": sizes.tree, "mesa_flock": sizes.mesa,
        "crowd": sizes.crowd, "field": sizes.field, "jupedsim": sizes.jupedsim,
    }[course.name]  # fmt: skip


def _door_figure(width: float) -> Figure:
    low, high = (f"{flow * width:.1f}" for flow in DOOR_FLOW)
    about = f"people a second through a door {width:g} m wide, 200 in a hall"
    return Figure(f"door_{centimetres(width)}cm_per_s", "1/s", about, more=True, studies=f"{low} to {high}")


def _speed_figure(density: float) -> Figure:
    about = f"mean speed in a corridor with {density:g} people to a square metre"
    return Figure(
        f"speed_{tenths(density)}_to_10m2", "m/s", about, more=True, studies=f"{weidmann(density):.2f}"
    )  # fmt: skip


PLANE_FIGURES = (
    *(figure for course in COURSES for figure in course.figures(_sizes_of(course, FULL.plane))),
    Figure("mesa_to_flock", "x", "how many times faster our 2,500 birds are than Mesa's", 700, 2_300, more=True),
    Figure("tree_to_flock", "x", "the same against cKDTree and numpy", more=True),
    Figure("jupedsim_to_field", "x", "our 2,500 people in an open field against JuPedSim's, step by step", 5, 12,
           more=True),
    Figure("flock_exponent", "", "the power of the number of birds by which a step's processor time grows, from 2,500",
           1.1, 1.0),
    Figure("crowd_exponent", "", "the same of a crowd with walls and flow fields"),
    Figure("float32_gops", "10^9/s", "float32 additions and multiplications a second, all threads: the limit",
           more=True),
    Figure("flock_limit_percent", "%", "share of that limit in a step of 100,000 birds: the scan over nine cells",
           more=True),
    Figure("flock_needed_percent", "%", "the same, only what neighbours within sight need", more=True),
    Figure("flock_neighbours", "birds", "how many others a bird of these sees"),
    Figure("city_2500_ms", "ms", "the city, 2,500 people, recorded, asked when due: tick without its substeps", 6, 2),
    Figure("city_2500_mean_ms", "ms", "the same: mean tick"),
    Figure("city_2500_substeps_ms", "ms", "the ten substeps of that tick: walking and flow fields"),
    Figure("city_100000_ms", "ms", "a city of 100,000 (--full), later on: tick without its substeps", 300, 80),
    Figure("city_100000_mean_ms", "ms", "the same: mean tick"),
    Figure("city_100000_substeps_ms", "ms", "the ten substeps of that tick"),
    Figure("person_bytes", "B", "memory of a person with body and drives alone, of 100,000 (--full: 1,000,000)",
           400, 200),
    Figure("land_bytes_per_m2", "B", "memory of a square metre of the plane they are on"),
    *(_door_figure(width) for width in FULL.plane.doors),
    *(_speed_figure(density) for density in FULL.plane.densities),
)  # fmt: skip


def plane_jobs(sizes: PlaneSizes, warm_up: int) -> Jobs:
    """Return what is measured in turn, ours and the peers' after one another."""
    jobs: Jobs = {}
    for course in COURSES:
        work = sizes.work // _WORK.get(course.name, 1)
        jobs[course.name] = (
            JOBS[course.name],
            {"people": _sizes_of(course, sizes), "work": work, "warm_up": min(3, warm_up)},
        )
    jobs["share of the limit"] = ("flock_share", {"people": sizes.many, "work": sizes.work})
    jobs["city"] = ("city_ticks", {**asdict(sizes.city), "ticks": sizes.city_ticks, "warm_up": warm_up})
    return jobs


def on_the_plane(sizes: Sizes, found: Mapping[str, list[Measured]], children: Children) -> dict[str, float]:
    """Return the figures of the plane, and measure what is measured once; of peers only those that were measured."""
    plane = sizes.plane
    figures: dict[str, float] = {}
    for course in COURSES:
        if runs := found.get(course.name):
            figures |= course.measured(runs, _sizes_of(course, plane))
    few = plane.few
    for peer, ours, name in ((MESA_FLOCK, FLOCK, "mesa_to_flock"), (TREE_FLOCK, FLOCK, "tree_to_flock"),
                             (JUPEDSIM, FIELD, "jupedsim_to_field")):  # fmt: skip
        if peer.name in found:
            figures[name] = figures[f"{peer.name}_{few}_ms"] / figures[f"{ours.name}_{few}_ms"]
    for course in (FLOCK, CROWD):
        figures[f"{course.name}_exponent"] = _exponent(found[course.name], few, _sizes_of(course, plane)[-1])
    share = found["share of the limit"]
    figures |= {
        "float32_gops": middle(share, "limit") / 1e9,
        "flock_limit_percent": middle(share, "looked_at"),
        "flock_needed_percent": middle(share, "needed"),
        "flock_neighbours": middle(share, "seen"),
        **_city(plane.city, found["city"]),
    }
    return figures | _once(plane, children)


def _once(plane: PlaneSizes, children: Children) -> dict[str, float]:
    """Return the figures that take long or never differ: each is measured once."""
    figures: dict[str, float] = {}
    if plane.large_city is not None:
        given = {
            **asdict(plane.large_city), "ticks": plane.large_city_ticks, "warm_up": plane.large_city_warm_up,
        }  # fmt: skip
        figures |= _city(plane.large_city, [children.measure("city_ticks", given, "large city")])
    figures |= _memory(plane.remembered, children)
    flows = children.measure("doors", {"people": plane.door_people, "widths": plane.doors}, "flow through doors")
    figures |= {f"door_{width}cm_per_s": flow for width, flow in flows.items()}
    given = {"densities": plane.densities, "seconds": plane.corridor_seconds}
    speeds = children.measure("fundamental", given, "speed by density")
    return figures | {f"speed_{density}_to_10m2": speed for density, speed in speeds.items()}


def _city(town: Town, runs: list[Measured]) -> dict[str, float]:
    parts = {"ms": "rest", "mean_ms": "mean", "substeps_ms": "substeps"}
    return {f"city_{town.people}_{name}": middle(runs, part) for name, part in parts.items()}


def _memory(people: int, children: Children) -> dict[str, float]:
    """Return bytes of a person, beside the same plane nearly empty, and of its land, beside a plane nearly without."""
    rooms = {"full": (people, people), "empty": (1, people), "small": (1, 1)}
    held = {
        name: children.measure("memory", {"people": some, "land_for": land, "ticks": 2}, f"memory, {name}")
        for name, (some, land) in rooms.items()
    }
    land = held["full"]["land"] - held["small"]["land"]
    return {
        "person_bytes": max(0.0, (held["full"]["settled"] - held["empty"]["settled"]) / people),
        "land_bytes_per_m2": max(0.0, (held["empty"]["settled"] - held["small"]["settled"]) / max(land, 1.0)),
    }


def _exponent(runs: list[Measured], few: int, most: int) -> float:
    """Return the power by which processor time grows: threads, which begin to pay in between, would hide some of it."""
    return math.log(middle(runs, f"{most}_cpu") / middle(runs, f"{few}_cpu")) / math.log(most / few)
