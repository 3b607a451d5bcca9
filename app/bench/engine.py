"""`sociarium bench engine`: how fast a society lives, what it takes to start and to hold, and Mesa beside it."""

from __future__ import annotations

from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

from app.bench.children import Children
from app.bench.figures import Bench, Figure, Measured, alternated, middle
from app.bench.plane_figures import COURSES, PEERS, PLANE_FIGURES, Jobs, on_the_plane, plane_jobs
from app.bench.sizes import Sizes
from app.bench.stopwatch import STEPS

SHORT = {"ticks": 10, "warm_up": 0, "work": 0}
"""What the first round, which is thrown away, does of each measurement."""

NEEDS = {"village on mesa-frames": ("mesa_frames",), "walking on Mesa": ("mesa",), **PEERS}
"""Packages that peers need, by job."""

VILLAGE = "settlement of 500, reflex, everything on"

FIGURES = (
    Figure("ms_per_tick", "ms", f"{VILLAGE}, recorded, hex: median tick of a day", 3, 1),
    Figure("ms_per_tick_p99", "ms", "the same: only one tick in a hundred takes longer"),
    Figure("ticks_per_s", "1/s", "the same: ticks a second, the slow ones included", more=True),
    Figure("decisions_per_s", "1/s", "the same: decisions a second", more=True),
    Figure("frames_ms_per_tick", "ms", f"{VILLAGE}, recorded, mesa-frames: median tick of a day", 10, 6),
    Figure("frames_ms_per_tick_p99", "ms", "the same: only one tick in a hundred takes longer"),
    Figure(
        "town_ms_per_tick",
        "ms",
        "10,000 in 20 villages on 450 x 450 cells, recorded, hex, asked when due: median",
        30,
        10,
    ),
    Figure("town_ms_per_tick_p99", "ms", "the same: only one tick in a hundred takes longer"),
    Figure("town_decisions_per_s", "1/s", "the same: decisions a second", more=True),
    Figure("town_everyone_ms_per_tick", "ms", "the same people, all of them asked at every tick: median tick"),
    Figure("town_everyone_decisions_per_s", "1/s", "the same: decisions a second", more=True),
    Figure("town_memory_mb", "MB", "the same: most memory of the process"),
    Figure("city_ms_per_tick", "ms", "100,000 people in 64 villages on 1000 x 1000 cells (--full): median tick"),
    Figure("city_memory_mb", "MB", "the same: most memory of the process"),
    Figure("memory_mb", "MB", f"{VILLAGE}, recorded, hex: most memory of the process", 350, 250),
    Figure("first_tick_s", "s", f"{VILLAGE}, recorded, hex: from starting Python to the end of tick 1, kernels cached"),
    *(Figure(f"step_{step}_ms", "ms", f"where the mean tick goes: {step}") for step in STEPS),
    Figure("walking_hex_ms", "ms", "our rules of walking and nearness alone, 500 people, on our hex space"),
    Figure("walking_mesa_ms", "ms", "the same rules, map and people on Mesa's hex grid"),
    Figure("mesa_to_hex", "x", "how many times faster our hex space is than Mesa by the same rules", 5, 20, more=True),
    Figure("mesa_to_tick", "x", "Mesa's walking against our whole recorded tick of the settlement", more=True),
    Figure("walking_hex_cells", "cells", "way made in a tick by all together, hex (equal rules: about Mesa's)"),
    Figure("walking_mesa_cells", "cells", "the same on Mesa"),
    Figure("walking_hex_contacts", "people", "contacts within one cell in a tick, hex (equal rules: about Mesa's)"),
    Figure("walking_mesa_contacts", "people", "the same on Mesa"),
    *PLANE_FIGURES,
)


def measure(sizes: Sizes, children: Children) -> dict[str, float]:
    """Return the figures; those of the city only where the sizes have one."""
    found = alternated(children, sizes, _installed(_jobs(sizes), children), SHORT)
    hex_runs, town = found["village on hex"], found["town"]
    figures = {
        "ms_per_tick": middle(hex_runs, "ms"),
        "ms_per_tick_p99": middle(hex_runs, "p99"),
        "ticks_per_s": 1000 / middle(hex_runs, "mean"),
        "decisions_per_s": _decisions(hex_runs),
        "town_ms_per_tick": middle(town, "ms"),
        "town_ms_per_tick_p99": middle(town, "p99"),
        "town_decisions_per_s": _decisions(town),
        "town_memory_mb": middle(town, "memory"),
        "town_everyone_ms_per_tick": middle(found["town, everyone"], "ms"),
        "town_everyone_decisions_per_s": _decisions(found["town, everyone"]),
        "memory_mb": middle(hex_runs, "memory"),
        "first_tick_s": middle(found["first tick"], "seconds"),
    }
    if frames := found.get("village on mesa-frames"):
        figures |= {"frames_ms_per_tick": middle(frames, "ms"), "frames_ms_per_tick_p99": middle(frames, "p99")}
    figures |= {f"step_{step}_ms": middle(found["steps of a tick"], step) for step in STEPS}
    figures |= _beside_mesa(found["walking on hex"], found.get("walking on Mesa", []), figures["ms_per_tick"])
    figures |= on_the_plane(sizes, found, children)
    if sizes.city is not None:
        job, arguments = _run(sizes, "city")
        city = [children.measure(job, arguments, "city")]
        figures |= {"city_ms_per_tick": middle(city, "ms"), "city_memory_mb": middle(city, "memory")}
    return figures


def _beside_mesa(walking: list[Measured], mesa: list[Measured], tick: float) -> dict[str, float]:
    """Return the figures of walking; of Mesa none where it is not installed."""
    figures = {f"walking_hex_{what}": middle(walking, what) for what in ("ms", "cells", "contacts")}
    if mesa:
        figures |= {f"walking_mesa_{what}": middle(mesa, what) for what in ("ms", "cells", "contacts")}
        figures["mesa_to_hex"] = figures["walking_mesa_ms"] / figures["walking_hex_ms"]
        figures["mesa_to_tick"] = figures["walking_mesa_ms"] / tick
    return figures


def _jobs(sizes: Sizes) -> Jobs:
    village = {"society": asdict(sizes.village), "warm_up": sizes.warm_up}
    walk = {**village, "ticks": sizes.peer_ticks}
    return {
        "village on hex": _run(sizes, "village"),
        "village on mesa-frames": _run(sizes, "village", "mesa-frames"),
        "town": _run(sizes, "town"),
        "town, everyone": _run(sizes, "crowd"),
        "first tick": ("first_tick", {"society": asdict(sizes.village), "space": "hex"}),
        "steps of a tick": ("steps", {**village, "space": "hex", "ticks": sizes.village_ticks}),
        "walking on hex": ("walk_on_hex", walk),
        "walking on Mesa": ("walk_on_mesa", walk),
        **plane_jobs(sizes.plane, sizes.warm_up),
    }


def _installed(jobs: Jobs, children: Children) -> Jobs:
    """Return the jobs whose packages are there, and note those that are left out."""
    kept: Jobs = {}
    for name, job in jobs.items():
        missing = [package for package in NEEDS.get(name, ()) if find_spec(package) is None]
        if missing:
            extra = "frames" if missing == ["mesa_frames"] else "bench"
            children.note(f"{name} is left out, {missing[0]} is not installed; type: uv pip install -e '.[{extra}]'")
        else:
            kept[name] = job
    return kept


def _run(sizes: Sizes, which: str, space: str = "hex") -> tuple[str, dict[str, Any]]:
    arguments = {
        "society": asdict(getattr(sizes, which)),
        "space": space,
        "recording": True,
        "ticks": getattr(sizes, f"{which}_ticks"),
        "warm_up": sizes.warm_up,
    }
    return "ticks", arguments


def _decisions(runs: list[Measured]) -> float:
    return middle([{"rate": run["decisions"] / run["seconds"]} for run in runs], "rate")


ENGINE = Bench("engine", "speed and memory of a society", FIGURES, measure, COURSES)
