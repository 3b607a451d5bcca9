"""`sociarium bench minds`: decisions by language models, beside plain llama-cpp-python, and what they cost a society.

The peer is `Llama.create_completion` with a JSON grammar, one prompt after the other, on as many threads as there are
cores: it gets the same prompts and yields the same content. Each device that makes the difference is also taken out by
itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.bench.children import BenchError, Children
from app.bench.figures import Bench, Figure, Measured, alternated, middle
from app.bench.minds_weights import SHAPES
from app.bench.sizes import Sizes
from app.home import home
from app.mind_files import BUNDLED
from cognition.language.llama.sharing_out import cores

SPEEDS = (4, 20)
"""Ticks a second of a live society: the usual, and one that leaves less time."""
AS_SHIPPED = 0
"""Requests at a time in a child: as many as the program takes for the model."""
LEAST_GPU_MEMORY = 8 << 30
Jobs = dict[str, tuple[str, dict[str, Any]]]
SHORT = {"decisions": 4, "at_once": [4]}
"""What the first round, which is thrown away, does of each measurement."""
WAYS = {
    "alone": "the same, a batch of one each (no batching)",
    "unshared": "the same, nothing shared in the cache",
    "one_process": "the same, one process on all cores",
    "json": "the same, the choice written as JSON under a grammar",
}


def _of_shape(name: str) -> tuple[Figure, ...]:
    """Return the figures of a model with random weights."""
    about = f"{name}, 480 tokens, 400 shared"
    return (
        Figure(f"{name}_choice_x", "x", f"{about}, choice only, against sequential + grammar", 4, 8, more=True),
        Figure(f"{name}_line_x", "x", "the same, with a line of 12 words", more=True),
        Figure(f"{name}_most_x", "x", "choice only: what llama.cpp alone reads, its limit for any program", more=True),
        Figure(f"{name}_reading_per_s", "1/s", "decisions/s that llama.cpp alone reads on all cores", more=True),
        Figure(f"{name}_choice_per_s", "1/s", "the same, choice only: decisions/s, most at a time", more=True),
        *(Figure(f"{name}_choice_{way}_per_s", "1/s", what, more=True) for way, what in WAYS.items()),
        Figure(f"{name}_line_per_s", "1/s", "with a line: decisions/s", more=True),
        Figure(f"{name}_sequential_choice_per_s", "1/s", "sequential with JSON grammar, choice only", more=True),
        Figure(f"{name}_sequential_line_per_s", "1/s", "the same, with a line", more=True),
        Figure(f"{name}_choice_cpu_ms", "ms", "choice only: processor time of the children for each decision"),
        Figure(f"{name}_sequential_choice_cpu_ms", "ms", "the same of the sequential one; threads that wait count too"),
        Figure(f"{name}_prompt_tokens", "tokens", "mean prompt"),
        Figure(f"{name}_cached_tokens", "tokens", "of it from the cache", more=True),
    )


FIGURES = (
    Figure("ember_choice_x", "x", "ember, choice only, most at a time, against sequential + grammar", 5, 10, more=True),
    Figure("ember_line_x", "x", "ember, with a spoken line of 12 words, the same", 2, 4, more=True),
    *(
        Figure(f"ember_choice_{n}_per_s", "1/s", f"ember, choice only: decisions/s, {n} at a time", more=True)
        for n in (1, 8, 32, 64)
    ),
    Figure("ember_line_per_s", "1/s", "ember, with a line: decisions/s", more=True),
    Figure("ember_sequential_choice_per_s", "1/s", "ember, sequential with JSON grammar, choice only", more=True),
    Figure("ember_sequential_line_per_s", "1/s", "the same, with a line", more=True),
    *(
        Figure(f"ember_choice_{way}_per_s", "1/s", f"ember, choice only: {what}", more=True)
        for way, what in WAYS.items()
    ),
    Figure("ember_choice_text_per_s", "1/s", "ember, choice only: the same, by the options' texts", more=True),
    Figure("ember_line_json_per_s", "1/s", "ember, with a line: all written as JSON (no template)", more=True),
    Figure("ember_line_unshared_per_s", "1/s", "ember, with a line: nothing shared in the cache", more=True),
    Figure("ember_choice_cpu_ms", "ms", "ember, choice only: processor time of the children for each decision"),
    Figure("ember_sequential_choice_cpu_ms", "ms", "the same of the sequential one; threads that wait count too"),
    Figure("ember_prompt_tokens", "tokens", "ember: mean prompt"),
    Figure("ember_cached_tokens", "tokens", "ember: of it from the cache", more=True),
    *(figure for name in ("135m-bpe", "135m-spm", "500m-bpe", "500m-spm") for figure in _of_shape(name)),
    Figure("gpu_7b_per_s", "1/s", "7B Q4 on a graphics card, the same prompts: decisions/s", 50, 300, more=True),
    Figure("gpu_7b_line_per_s", "1/s", "the same, with a line", more=True),
    Figure("gpu_7b_sequential_per_s", "1/s", "the same, sequential with JSON grammar, choice only", more=True),
    Figure("live_p99_ms", "ms", "500 live at 4 ticks/s, ember thinks on all cores: a tick in 100 takes longer", 25, 12),
    Figure("live_ms", "ms", "the same: median"),
    Figure("live_quick_p99_ms", "ms", "the same at 20 ticks/s: a tick in 100 takes longer"),
    Figure("live_quick_ms", "ms", "the same: median"),
    Figure("live_decisions_per_s", "1/s", "decisions/s by ember in the run at 20 ticks/s", more=True),
    Figure("live_failed", "", "decisions in these runs that the model failed to make"),
    Figure("bytes_per_decision", "B", "disk for each decision, prompt included, in the run at 20 ticks/s", 600, 300),
    Figure("child_mb", "MB", "memory of a model child with ember", 250, 150),
    Figure("invalid", "", "invalid decisions of ember and of random weights of its shape", 0, 0),
    Figure("checked", "", "out of so many", more=True),
)


def measure(sizes: Sizes, children: Children) -> dict[str, float]:
    """Return the figures; those of a graphics card only where there is one."""
    for needed, extra in (("llama_cpp", "llm"), ("gguf", "training")):
        if find_spec(needed) is None:
            raise BenchError(f"bench minds needs {needed}; install it: uv pip install -e '.[{extra}]'")
    bench = _Bench(sizes, children)
    figures = bench.ember()
    for name in sizes.minds.shapes:
        figures |= bench.shape(name)
    figures |= bench.gpu()
    figures |= bench.live()
    return figures | bench.checked()


class _Bench:
    """The measurements, one after the other."""

    def __init__(self, sizes: Sizes, children: Children) -> None:
        self._all, self._sizes, self._children = sizes, sizes.minds, children
        self._models = home() / "cache" / "bench"
        self._ember = BUNDLED / "ember.gguf"
        self._most = max(self._sizes.at_once)
        self._answered = self._invalid = 0

    def ember(self) -> dict[str, float]:
        """Return the figures of the bundled mind."""
        sizes, most = self._sizes, self._most
        requests = self._requests("ember", self._ember, settlement=True)
        jobs = self._jobs(self._ember, requests, sizes.decisions, sizes.sequential)
        rate, arguments = jobs["choice"]
        jobs["choice"] = rate, {**arguments, "at_once": list(sizes.at_once)}
        for name, form in (("choice_text", "choice by text"), ("line_json", "line in JSON"),
                           ("line_unshared", "line, nothing shared")):  # fmt: skip
            jobs[name] = rate, {**arguments, "form": form}
        found = self._found("ember", jobs)
        figures = self._figures("ember", found, jobs)
        del figures["ember_choice_per_s"]
        figures |= {f"ember_choice_{n}_per_s": middle(found["choice"], f"rate_{n}") for n in sizes.at_once}
        figures["child_mb"] = max(middle(found[name], "memory") for name in ("choice", "line"))
        return figures | {"ember_choice_x": figures[f"ember_choice_{most}_per_s"] / _rate(found["sequential_choice"])}

    def shape(self, name: str) -> dict[str, float]:
        """Return the figures of a shape with random weights."""
        sizes = self._sizes
        model = self._made(name)
        jobs = self._jobs(model, self._requests("words"), sizes.shape_decisions, sizes.shape_sequential)
        jobs["reading"] = ("reading_rate", {"model": str(model), "children": sizes.children or cores()})
        figures = self._figures(name, self._found(name, jobs), jobs)
        most = figures[f"{name}_reading_per_s"] / figures[f"{name}_sequential_choice_per_s"]
        return {**figures, f"{name}_most_x": most}

    def gpu(self) -> dict[str, float]:
        """Return the figures of a large model where a graphics card has room for it."""
        sizes = self._sizes
        if not sizes.gpu_shape:
            return {}
        free = self._children.measure("graphics_memory", {}, "looking for a graphics card")["free"]
        if free < LEAST_GPU_MEMORY:
            return {}
        given = {
            "shape": sizes.gpu_shape, "folder": str(self._models), "decisions": sizes.gpu_decisions,
            "sequential": sizes.gpu_sequential,
        }  # fmt: skip
        found = self._children.measure("mind_on_gpu", given, f"{sizes.gpu_shape} on the graphics card")
        return {
            "gpu_7b_per_s": found["choice"], "gpu_7b_line_per_s": found["line"],
            "gpu_7b_sequential_per_s": found["sequential"],
        }  # fmt: skip

    def live(self) -> dict[str, float]:
        """Return the figures of a society that lives while ember thinks."""
        common: dict[str, Any] = {
            "society": asdict(self._all.village), "model": str(self._ember), "ticks": self._sizes.ticks,
            "warm_up": self._all.warm_up, "watched": False,
        }  # fmt: skip
        runs = {
            speed: self._children.measure("mind_ticks", {**common, "speed": speed}, f"living at {speed} ticks/s")
            for speed in SPEEDS
        }
        usual, quick = (runs[speed] for speed in SPEEDS)
        return {
            "live_p99_ms": usual["p99"], "live_ms": usual["ms"],
            "live_quick_p99_ms": quick["p99"], "live_quick_ms": quick["ms"],
            "live_decisions_per_s": quick["thoughts"] / quick["seconds"],
            "live_failed": float(sum(run["failed"] for run in runs.values())),
            "bytes_per_decision": quick["bytes"],
        }  # fmt: skip

    def checked(self) -> dict[str, float]:
        """Return how many decisions were invalid, and how many were looked at."""
        requests = self._requests("ember", self._ember, settlement=True)
        for model in (self._ember, self._made("ember-shape-bpe")):
            given = {"model": str(model), "requests": requests, "decisions": self._sizes.checked}
            self._count(self._children.measure("mind_check", given, f"decisions of {model.stem}, looked at"))
        return {"invalid": float(self._invalid), "checked": float(self._answered)}

    def _made(self, name: str) -> Path:
        shape = SHAPES[name]
        about = f"weights of {name}, {shape.parameters / 1e6:,.0f} million at random"
        given = {"shape": name, "folder": str(self._models)}
        return Path(self._children.measure("make_weights", given, about)["path"])

    def _requests(self, name: str, model: Path | None = None, settlement: bool = False) -> str:
        """Return the file of prompts with that name, made if need be."""
        path = self._children.folder / f"{name}.requests.json"
        if not path.exists():
            given: dict[str, Any] = {"path": str(path), "count": self._sizes.prompts}
            if settlement:
                given |= {"society": asdict(self._all.village), "model": str(model), "warm_up": self._all.warm_up}
            self._children.measure("make_requests", given, f"prompts for {name}")
        return str(path)

    def _jobs(self, model: Path, requests: str, decisions: int, sequential: int) -> Jobs:
        common = {
            "model": str(model), "requests": requests, "decisions": decisions, "at_once": [self._most],
            "children": self._sizes.children or cores(), "threads": 1, "slots": AS_SHIPPED, "form": "choice",
        }  # fmt: skip
        changes: Mapping[str, Mapping[str, Any]] = {
            "choice": {},
            "line": {"form": "line"},
            "choice_alone": {"slots": 1},
            "choice_unshared": {"form": "choice, nothing shared"},
            "choice_one_process": {"children": 1, "threads": cores()},
            "choice_json": {"form": "choice in JSON"},
        }
        jobs: Jobs = {
            f"sequential_{what}": ("sequential_rate", _sequential(model, requests, sequential, what == "line"))
            for what in ("choice", "line")
        }
        return jobs | {name: ("mind_rate", {**common, **change}) for name, change in changes.items()}

    def _found(self, name: str, jobs: Jobs) -> dict[str, list[Measured]]:
        named = {f"{name}, {job.replace('_', ' ')}": what for job, what in jobs.items()}
        found = alternated(self._children, self._rounds(), named, SHORT)
        by_job = dict(zip(jobs, found.values(), strict=True))
        for job, (kind, _) in jobs.items():
            for run in by_job[job] if kind == "mind_rate" and "json" not in job else ():
                self._count(run)
        return by_job

    def _figures(self, name: str, found: Mapping[str, list[Measured]], jobs: Jobs) -> dict[str, float]:
        rates = {
            job: middle(found[job], f"rate_{self._most}") if kind == "mind_rate" else _rate(found[job])
            for job, (kind, _) in jobs.items()
        }
        return {
            f"{name}_choice_x": rates["choice"] / rates["sequential_choice"],
            f"{name}_line_x": rates["line"] / rates["sequential_line"],
            **{f"{name}_{job}_per_s": rate for job, rate in rates.items()},
            **{f"{name}_{job}_cpu_ms": middle(found[job], "cpu") for job in ("choice", "sequential_choice")},
            f"{name}_prompt_tokens": middle(found["choice"], "prompt"),
            f"{name}_cached_tokens": middle(found["choice"], "cached"),
        }

    def _rounds(self) -> Sizes:
        return Sizes(rounds=self._sizes.rounds, thrown_away=self._all.thrown_away)

    def _count(self, run: Measured) -> None:
        self._answered += int(run["answered"])
        self._invalid += int(run["invalid"])


def _sequential(model: Path, requests: str, decisions: int, line: bool) -> dict[str, Any]:
    return {
        "model": str(model), "requests": requests, "decisions": decisions, "line": line, "threads": cores(),
        "gpu_layers": 0, "seed": 1,
    }  # fmt: skip


def _rate(runs: list[Measured]) -> float:
    return middle(runs, "rate")


MINDS = Bench("minds", "decisions by language models", FIGURES, measure)
