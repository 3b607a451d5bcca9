"""`sociarium bench record`: what recording costs in time and bytes, and how soon a recorded moment is back."""

from __future__ import annotations

from dataclasses import asdict

from app.bench.children import BenchError, Children
from app.bench.figures import Bench, Figure, alternated, middle
from app.bench.sizes import FULL, USUAL, Sizes

SHORT = {"ticks": 40, "seeks": 2, "warm_up": 0}
"""What the first round, which is thrown away, does of each measurement."""


def _seeking(ticks: int, bar: float | None = 300, aim: float | None = 100) -> tuple[Figure, ...]:
    about = f"restore the world at a random tick of {ticks:,}"
    return (
        Figure(f"seek_{ticks}_ms", "ms", f"{about}: median", bar, aim),
        Figure(f"seek_{ticks}_ms_p99", "ms", f"{about}: only one in a hundred takes longer"),
    )


FIGURES = (
    Figure("recorder_share_percent", "%", "the recorder's share of the 500-people tick: time inside commit", 25, 10),
    Figure(
        "recorder_share_by_absence_percent", "%", "the same: processor time that ticks without a recorder spare", 25, 10
    ),
    Figure("commit_ms", "ms", "mean time inside commit"),
    Figure("bytes_per_tick", "B", "a closed file of the 500, all included, by its ticks", 8_000, 4_000),
    *_seeking(FULL.long_ticks),
    *_seeking(USUAL.long_ticks),
    Figure("frame_seek_ms", "ms", "read the frame of a random tick of the long file, only to draw it: median"),
    Figure("open_ms", "ms", "open the long file"),
    Figure("verify_ticks_per_s", "1/s", "replay and compare, ticks a second", more=True),
    Figure("export_ticks_per_s", "1/s", "export to Parquet, ticks a second", more=True),
    Figure("export_mb_per_s", "MB/s", "export to Parquet, MB of tables a second", more=True),
)


def measure(sizes: Sizes, children: Children) -> dict[str, float]:
    """Return the figures. The long file is as long as the sizes say: the figures of seeking name its ticks."""
    village = {"society": asdict(sizes.village), "warm_up": sizes.warm_up, "ticks": sizes.village_ticks, "space": "hex"}
    found = alternated(
        children,
        sizes,
        {
            "ticks recorded": ("ticks", {**village, "recording": True}),
            "ticks not recorded": ("ticks", {**village, "recording": False}),
            "steps of a tick": ("steps", village),
        },
        SHORT,
    )
    ratios = [
        {"without": 100 * (1 - bare["cpu"] / with_it["cpu"])}
        for with_it, bare in zip(found["ticks recorded"], found["ticks not recorded"], strict=True)
    ]
    shares = [{"inside": 100 * steps["commit"] / sum(steps.values())} for steps in found["steps of a tick"]]
    files = {name: str(children.folder / f"{name}.sociarium") for name in ("file", "long")}
    made = children.measure(
        "make_file", {"society": village["society"], "path": files["file"], "ticks": sizes.file_ticks}, "a run file"
    )
    again = [children.measure("reread", {"path": files["file"]}, f"a run file, again {i}") for i in range(sizes.rounds)]
    if not all(run["held"] for run in again):
        raise BenchError("bench: the run file that was just made does not verify; please report this")
    children.measure(
        "make_file", {"society": village["society"], "path": files["long"], "ticks": sizes.long_ticks},
        f"a run file of {sizes.long_ticks:,} ticks",
    )  # fmt: skip
    sought = [
        children.measure("seek", {"path": files["long"], "seeks": sizes.seeks}, f"seeking, round {i + 1}")
        for i in range(sizes.rounds)
    ]
    return {
        "recorder_share_percent": middle(shares, "inside"),
        "recorder_share_by_absence_percent": middle(ratios, "without"),
        "commit_ms": middle(found["steps of a tick"], "commit"),
        "bytes_per_tick": float(made["bytes_per_tick"]),
        f"seek_{sizes.long_ticks}_ms": middle(sought, "world"),
        f"seek_{sizes.long_ticks}_ms_p99": middle(sought, "world_p99"),
        "frame_seek_ms": middle(sought, "frame"),
        "open_ms": middle(sought, "open"),
        "verify_ticks_per_s": middle(again, "verified"),
        "export_ticks_per_s": middle(again, "exported"),
        "export_mb_per_s": middle(again, "export_mb"),
    }


RECORD = Bench("record", "what recording costs, and how soon a recorded moment is back", FIGURES, measure)
