"""While a run thinks and when it ends, one reads what its language models do: speed, who waits, what fell back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import headless, story
from app.cli import main
from app.compose import compose, read_scenario
from app.progress import ProgressView
from app.runs import changed
from engine.record.reader import RunReader
from engine.values import Source
from tests.hamlet import HAMLET
from tests.misbehaving_endpoints import offering, serving
from tests.tiny_models import Shape, write_model

SMALLEST = Shape(layers=1, width=32, heads=1, kv_heads=1, head=32, ff=32, context=4096)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "pebble.gguf", SMALLEST)


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIARIUM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "400")


def test_summary_report_and_info_tell_the_same(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    minds = [f"cognition.minds=[{{mind: '{model}', roles: [citizen]}}]", "time.ticks=4"]
    result = headless.run(changed(read_scenario(HAMLET, "h"), minds), tmp_path / "a.sociarium", quiet=True)
    (mind,) = result.report()["minds"]
    assert json.loads(json.dumps(mind)) == mind
    assert mind["decisions"] == mind["answered"] > 20 and mind["decisions_per_s"] > 0 and mind["fallbacks"] == {}
    told = story.summary(result)
    for part in (f"{mind['decisions']:,} decisions", f"{mind['prompt_tokens']:,} tokens asked", "no fallbacks"):
        assert part in told
    with RunReader(tmp_path / "a.sociarium") as reader:
        (thoughts,) = story.facts(reader)["thoughts"]
        assert thoughts["thoughts"] == mind["decisions"]
        assert thoughts["prompt_tokens"] == mind["prompt_tokens"]
        assert "ms each" in story.tell(reader)


def test_fallbacks_are_told_by_cause_and_money_with_its_currency(
    hamlet_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(offering("logprobs")) as endpoint:
        settings = "{most_decisions: 20, prices: {prompt: 1000, currency: EUR}}"
        minds = f"cognition.minds=[{{mind: '{endpoint.url}', settings: {settings}}}]"
        assert main(["run", str(hamlet_file), "--set", minds, "--ticks", "3"]) == 0
    told = capsys.readouterr().out
    assert "EUR" in told
    assert "fallbacks: " in told and " budget" in told


def test_money_is_counted_by_the_token_and_ends_a_budget(tmp_path: Path) -> None:
    path, most = tmp_path / "paid.sociarium", 30.0
    with serving(offering("logprobs")) as endpoint:
        settings = f"{{most_money: {most}, prices: {{prompt: 1000, cached: 1000, generated: 2000, currency: EUR}}}}"
        minds = [f"cognition.minds=[{{mind: '{endpoint.url}', settings: {settings}}}]", "time.ticks=3"]
        result = headless.run(changed(read_scenario(HAMLET, "h"), minds), path, quiet=True)
    (mind,) = result.report()["minds"]
    with RunReader(path) as reader:
        thoughts = [thought for tick in range(1, 4) for thought in reader.thoughts(tick)]
    tokens = sum(1000 * thought.prompt_tokens + 2000 * thought.generated_tokens for thought in thoughts)
    assert mind["cost"] == pytest.approx(tokens / 1e6) and 0 < mind["cost"] <= most
    assert mind["fallbacks"]["budget"] == sum(t.source is Source.FALLBACK_BUDGET for t in thoughts) > 0
    assert mind["answered"] == len(thoughts)


class Minds:
    """Language models as a staff tells of them."""

    def __init__(self) -> None:
        self.look: Callable[[], None] = lambda: None
        self.known: list[dict[str, Any]] = []

    def report(self) -> list[dict[str, Any]]:
        return self.known


def test_within_a_tick_it_is_told_how_minds_get_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.progress.PLAIN_EVERY", 0.0)
    staff, society = Minds(), compose(read_scenario(HAMLET, "hamlet")).society
    with ProgressView(society, 0, 10, staff=staff):
        staff.known = [
            {"answered": 30, "waiting": 1200, "fallbacks": {}},
            {"answered": 5, "waiting": 34, "fallbacks": {"timeout": 2, "budget": 1}},
        ]
        staff.look()
    said = capsys.readouterr().err
    assert "tick 1 of 10" in said and "decisions/s, 1,234 wait, 3 fell back" in said
    staff.look()
    assert capsys.readouterr().err == "", "a run that has ended tells no more"


def test_nothing_is_told_of_minds_where_there_are_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], hamlet_file: Path
) -> None:
    monkeypatch.setattr("app.progress.PLAIN_EVERY", 0.0)
    assert main(["run", str(hamlet_file), "--ticks", "3"]) == 0
    said = capsys.readouterr()
    assert "tick 3 of 3" in said.err
    assert "decisions/s" not in said.err and "thought" not in said.out


def test_the_bar_of_a_terminal_tells_it_too(
    model: Path, hamlet_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.progress.LINES_EVERY", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert main(["run", str(hamlet_file), "--mind", str(model), "--ticks", "3"]) == 0
    assert "decisions/s" in capsys.readouterr().err
