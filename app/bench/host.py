"""`sociarium bench host`: what it costs a society to be watched."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.bench.children import Children
from app.bench.figures import Bench, Figure, alternated, middle
from app.bench.sizes import Sizes

VILLAGE = "settlement of 500 in a host at 50 ticks/s, recorded"
SPEED = 50

FIGURES = (
    Figure("alone_ms", "ms", f"{VILLAGE}: median turn of the tick's thread, nobody watching"),
    Figure("watched_ms", "ms", "the same, another process taking 30 frames a second"),
    Figure("watching_percent", "%", "what watching adds to a mean tick", 10, 3),
    Figure("watching_cpu_percent", "%", "what it adds to the CPU time of the whole host, its network too"),
    Figure("alone_p99_ms", "ms", "only one turn in a hundred takes longer, nobody watching"),
    Figure("watched_p99_ms", "ms", "the same, watched"),
)


def measure(sizes: Sizes, children: Children) -> dict[str, float]:
    """Return the figures, watched and unwatched in turn."""
    common: dict[str, Any] = {
        "society": asdict(sizes.village),
        "speed": SPEED,
        "ticks": sizes.host_ticks,
        "warm_up": sizes.warm_up,
    }
    jobs = {name: ("host_ticks", {**common, "watched": name == "watched"}) for name in ("alone", "watched")}
    found = alternated(children, sizes, jobs, {"ticks": 10, "warm_up": 0})
    alone, watched = found["alone"], found["watched"]
    return {
        "alone_ms": middle(alone, "ms"),
        "watched_ms": middle(watched, "ms"),
        "watching_percent": 100 * (middle(watched, "mean") / middle(alone, "mean") - 1),
        "watching_cpu_percent": 100 * (middle(watched, "cpu") / middle(alone, "cpu") - 1),
        "alone_p99_ms": middle(alone, "p99"),
        "watched_p99_ms": middle(watched, "p99"),
    }


HOST = Bench("host", "what it costs to be watched", FIGURES, measure)
