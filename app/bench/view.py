"""`sociarium bench view`: how soon the window is there, how smoothly it runs, and what it holds."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from app.bench.children import Children
from app.bench.figures import Bench, Figure, alternated, middle
from app.bench.sizes import Sizes

WINDOW = "window of 1280 x 720, settlement of 500 at 50 ticks/s"
CROWDS = {500: (2, 1), 2_500: (2, 1), 100_000: (5, 2.5)}
"""People -> bar and aim of Python's ms a frame."""

FIGURES = (
    Figure("first_people_s", "s", "from starting Python to the first picture with people, caches warm", 3, 1.5),
    *(
        Figure(f"python_{people}_ms", "ms", f"Python's part of a picture, {people:,} people, camera turning", bar, aim)
        for people, (bar, aim) in CROWDS.items()
    ),
    Figure("frames_per_s", "1/s", f"{WINDOW}: pictures a second", 12, 20, more=True),
    Figure("interval_p99_ms", "ms", "the same: only one interval in a hundred is longer", 160, 90),
    Figure("beside_ticks_per_s", "1/s", "the same: what the engine reaches beside it", more=True),
    Figure("window_memory_mb", "MB", "the same: resident set of the window's process", 500, 350),
    Figure("window_own_memory_mb", "MB", "the same: what no other process shares"),
    Figure(
        "city_frames_per_s",
        "1/s",
        "the city in the morning rush, 2,500 people, 8 ticks/s: pictures a second",
        10,
        16,
        more=True,
    ),
    Figure("city_interval_p99_ms", "ms", "the same: only one interval in a hundred is longer"),
    Figure("click_p95_ms", "ms", "the same: from a click on somebody to the inspector filled, p95", 100, 50),
    Figure("click_ms", "ms", "the same: median"),
    Figure("scrub_ms", "ms", "from the wish for a random tick to its picture, 2,500 people, recorded: median", 80, 30),
    Figure("scrub_p95_ms", "ms", "the same: 95th percentile"),
    Figure("table_filter_ms", "ms", "people table of 100,000 rows: filter, until painted", 250, 80),
    Figure("table_sort_ms", "ms", "the same: sort, until painted", 250, 80),
    Figure("table_refresh_ms", "ms", "the same: take in a frame"),
)


def measure(sizes: Sizes, children: Children) -> dict[str, float]:
    """Return the figures; each from windows of their own."""
    seconds = {"seconds": sizes.window_seconds}
    jobs: dict[str, tuple[str, dict[str, Any]]] = {
        "first people": ("first_people", {}),
        "frames": ("frames", {**seconds, "scenario": "settlement", "changes": [], "speed": 50.0}),
        "frames of the city": ("frames", {**seconds, "scenario": "city", "changes": sizes.shown_city, "speed": 8.0}),
        **{f"crowd of {people:,}": ("crowd", {"people": people}) for people in sizes.crowds},
        "clicks": ("clicks", {"clicks": sizes.clicks}),
        "table": ("table", {"people": max(sizes.crowds)}),
    }
    found = alternated(children, sizes, jobs, {"seconds": 1.0, "clicks": 2})
    village = replace(sizes.village, people=5 * sizes.village.people)
    scrubbed = [
        children.measure(
            "scrub", {"ticks": sizes.scrub_ticks, "clicks": sizes.clicks, "society": asdict(village)}, "scrubbing"
        )
    ]
    frames, clicks, table, city = (found[job] for job in ("frames", "clicks", "table", "frames of the city"))
    return {
        "first_people_s": middle(found["first people"], "seconds"),
        **{f"python_{people}_ms": middle(found[f"crowd of {people:,}"], "ms") for people in sizes.crowds},
        "frames_per_s": middle(frames, "per_s"),
        "interval_p99_ms": middle(frames, "p99"),
        "beside_ticks_per_s": middle(frames, "ticks_per_s"),
        "window_memory_mb": middle(frames, "memory"),
        "window_own_memory_mb": middle(frames, "own"),
        "city_frames_per_s": middle(city, "per_s"),
        "city_interval_p99_ms": middle(city, "p99"),
        "click_p95_ms": middle(clicks, "p95"),
        "click_ms": middle(clicks, "ms"),
        "scrub_ms": middle(scrubbed, "ms"),
        "scrub_p95_ms": middle(scrubbed, "p95"),
        **{f"table_{what}_ms": middle(table, what) for what in ("filter", "sort", "refresh")},
    }


VIEW = Bench("view", "the window", FIGURES, measure)
