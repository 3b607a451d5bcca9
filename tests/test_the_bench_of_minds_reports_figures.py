"""What `sociarium bench minds` reports: every figure there, and sane; never how fast it was."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.bench import BENCHES
from app.bench.children import Children
from app.bench.minds_rates import Asking, is_json, is_valid
from app.bench.minds_requests import FORMS, few_options, in_json, keep, kept, of_words, spoken, unshared
from app.bench.minds_weights import SHAPES, made
from app.bench.sizes import TINY
from app.bench.worker import JOBS
from cognition.language.llama.pool import LlamaPool
from cognition.language.model import Answer, Cause, Counts, Failure, Request, Share, Way

LOADING = ("mind_on_gpu", "sequential_rate")
"""Jobs that load llama.cpp: it crashes a process in which windows were open, and so it stays out of this one."""


class Here(Children):
    """Runs what it can in this process, the models in children of their own: the same figures, only not worth much."""

    def measure(self, job: str, arguments: Mapping[str, Any], about: str) -> dict[str, Any]:
        if job in LOADING:
            return super().measure(job, arguments, about)
        found: dict[str, Any] = json.loads(json.dumps(JOBS[job](json.loads(json.dumps({"begun": 0.0, **arguments})))))
        return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


def test_the_minds_bench_reports_every_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIARIUM_HOME", str(tmp_path))
    found = BENCHES["minds"].measure(TINY, Here(tmp_path, lambda about: None))
    known = {figure.name for figure in BENCHES["minds"].figures if not figure.name.startswith("gpu_")}
    shapes, at_once = ("135m-bpe", "135m-spm", "500m-bpe", "500m-spm"), (8, 32, 64)
    expected = {name for name in known if not name.startswith(shapes)} - {f"ember_choice_{n}_per_s" for n in at_once}
    expected |= {"ember_choice_4_per_s"}
    for tiny in TINY.minds.shapes:
        expected |= {f"{tiny}{name.removeprefix(shapes[0])}" for name in known if name.startswith(shapes[0])}
    assert set(found) == expected
    assert all(math.isfinite(value) and value >= 0 for value in found.values())
    units = ("_per_s", "_x", "_mb", "_p99_ms", "_tokens")  # the processor's time is counted in hundredths of a second
    assert not [name for name, value in found.items() if name.endswith(units) and value <= 0]
    assert found["invalid"] == found["live_failed"] == 0
    assert found["checked"] >= 2 * TINY.minds.checked
    assert found["live_ms"] <= found["live_p99_ms"]
    assert found["bytes_per_decision"] > 0


def test_bars_of_minds_are_those_that_are_asked_for() -> None:
    asked = {
        "ember_choice_x": (5, 10), "ember_line_x": (2, 4), "135m-bpe_choice_x": (4, 8), "500m-spm_choice_x": (4, 8),
        "live_p99_ms": (25, 12), "bytes_per_decision": (600, 300), "child_mb": (250, 150), "gpu_7b_per_s": (50, 300),
        "invalid": (0, 0),
    }  # fmt: skip
    figures = {figure.name: (figure.bar, figure.aim) for figure in BENCHES["minds"].figures}
    assert {name: figures[name] for name in asked} == asked
    assert len(figures) == len(BENCHES["minds"].figures)


@pytest.mark.parametrize("name", ["tiny-bpe", "tiny-spm"])
def test_made_prompts_are_as_long_as_they_say(name: str, folder: Path) -> None:
    pool = LlamaPool(made(SHAPES[name], folder), children=1)
    try:
        asking = Asking(pool, of_words(6))
        asking.ask(1)
        asking.counts, asking.answered = Counts(), 0
        asking.ask(5)
        assert asking.counts.prompt / 5 == pytest.approx(480, abs=8)
        assert asking.counts.cached / 5 == pytest.approx(400, abs=5)
        assert (asking.answered, asking.invalid) == (5, 0)
    finally:
        pool.close()


def test_the_job_for_a_graphics_card_makes_all_that_it_needs(folder: Path) -> None:
    given = {"shape": "tiny-spm", "folder": str(folder), "decisions": 64, "sequential": 2}
    found = Here(folder, lambda about: None).measure("mind_on_gpu", given, "a card")
    assert min(found["choice"], found["line"], found["sequential"]) > 0
    assert found["invalid"] == 0
    assert found["cached"] == pytest.approx(400, abs=8)


def test_weights_are_made_once(folder: Path) -> None:
    path = made(SHAPES["tiny-bpe"], folder)
    before = path.stat().st_mtime_ns
    assert made(SHAPES["tiny-bpe"], folder).stat().st_mtime_ns == before
    assert not list(folder.glob("*.part"))
    sizes = {name: shape.parameters for name, shape in SHAPES.items()}
    assert 110e6 < sizes["135m-spm"] < sizes["135m-bpe"] < 140e6
    assert 350e6 < sizes["500m-spm"] < sizes["500m-bpe"] < 500e6
    assert 7.0e9 < sizes["7b-spm"] < 7.3e9


def test_requests_are_kept_as_they_are_and_asked_in_every_form(tmp_path: Path) -> None:
    requests = of_words(3)
    keep(tmp_path / "requests.json", requests)
    assert kept(tmp_path / "requests.json") == requests
    prompt = _text(requests[0])
    for name, form in FORMS.items():
        asked = form(requests[0])
        assert _text(asked) == prompt, name
        assert all(part.share is Share.MOMENT for part in asked.parts) is ("nothing shared" in name)
    assert unshared(spoken(requests[0])).options[0].then is not None
    assert in_json(requests[0]).words is not None
    assert FORMS["choice by text"](requests[0]).way is Way.TEXT
    some = few_options(requests[0], random.Random(3))
    assert 2 <= len(some.options) <= 6
    assert [part.option for part in some.parts if part.option >= 0] == list(range(len(some.options)))


def test_an_invalid_decision_is_told_from_a_valid_one() -> None:
    request = of_words(1)[0]
    even = (1 / len(request.options),) * len(request.options)
    good = Answer(0, 3, even)
    assert is_valid(request, good)
    for bad in (
        replace(good, option=-1),
        replace(good, option=len(even)),
        replace(good, probabilities=even[1:]),
        replace(good, probabilities=(2.0, -1.0, *[0.0] * (len(even) - 2))),
        replace(good, failure=Failure(Cause.NONSENSE, "")),
    ):
        assert not is_valid(request, bad)
    written = in_json(request)
    assert is_valid(written, Answer(0, words='{"choice":3}'))
    assert not is_valid(written, Answer(0, words='{"choice":3'))
    assert not is_json('{"say":"a"}', ("choice", "say"))


def _text(request: Request) -> str:
    return "".join(part.text for part in request.parts)
