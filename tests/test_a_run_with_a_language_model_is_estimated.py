"""`sociarium run --estimate` with language models: decisions, tokens, time, memory, disk and money, after a sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import main
from app.compose import read_scenario
from app.estimate import _lines as lines
from app.estimate import _with_models as estimated
from app.runs import changed
from tests.conftest import Sociarium
from tests.hamlet import HAMLET
from tests.misbehaving_endpoints import offering, serving
from tests.resident import children
from tests.tiny_models import Shape, write_model

SMALLEST = Shape(layers=1, width=32, heads=1, kv_heads=1, head=32, ff=32, context=4096)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "pebble.gguf", SMALLEST)


@pytest.fixture(autouse=True)
def quickly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIARIUM_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("app.estimate.PROBE_SECONDS", 1.0)
    monkeypatch.setattr("app.estimate.LIVED_SECONDS", 0.5)


def test_a_whole_estimate_through_the_command_line(
    model: Path, hamlet_file: Path, tmp_path: Path, sociarium: Sociarium
) -> None:
    ended = sociarium("run", hamlet_file, "--mind", model, "--estimate", "--json")
    assert ended.status == 0, ended.err
    found = ended.report
    (mind,) = found["minds"]
    assert found["ticks"] == 120 and found["decisions"] >= mind["decisions"] > 60
    assert found["seconds"] >= mind["seconds"] > 0 and mind["decisions_per_s"] > 0
    assert found["megabytes"] > 0 and found["free_megabytes"] > 0
    assert 50 < found["memory_megabytes"] < 4000
    assert mind["prompt_tokens"] > 50 * mind["decisions"] and mind["prompt_tokens"] >= mind["cached_tokens"]
    assert mind["measured_decisions"] > 0 and mind["measured_fallbacks"] == 0
    assert found["cost"] == {} and mind["currency"] == "" and mind["ends_by"] == ""
    assert not list((tmp_path / "home").glob("runs/*"))


def test_what_is_said_of_it_names_all(model: Path) -> None:
    scenario = changed(read_scenario(HAMLET, "hamlet"), [f"cognition.minds=[{{mind: '{model}', share: 0.5}}]"])
    told = "\n".join(lines(estimated(scenario)))
    for word in ("120 ticks", "decisions", "MB", "a second", "tokens asked", "from its cache", "a sample of", "memory"):
        assert word in told
    assert not children()


def test_half_of_the_people_need_half_of_the_decisions(model: Path) -> None:
    scenario = read_scenario(HAMLET, "hamlet")
    whole = estimated(changed(scenario, [f"cognition.minds=[{{mind: '{model}'}}]"]))
    half = estimated(changed(scenario, [f"cognition.minds=[{{mind: '{model}', share: 0.5}}]"]))
    assert 0.3 < half["minds"][0]["decisions"] / whole["minds"][0]["decisions"] < 0.7
    assert half["decisions"] < whole["decisions"]


def test_a_limit_of_the_scenario_ends_it_there(model: Path) -> None:
    scenario = read_scenario(HAMLET, "hamlet")
    settings = "{most_decisions: 70, most_tokens: 1000000000}"
    found = estimated(changed(scenario, [f"cognition.minds=[{{mind: '{model}', settings: {settings}}}]"]))
    assert found["minds"][0]["decisions"] == 70
    assert found["minds"][0]["ends_by"] == "most_decisions"
    assert any("the reflex decides from there on" in line for line in lines(found))


def test_a_live_run_takes_its_time_whatever_the_model_manages(model: Path) -> None:
    scenario = changed(read_scenario(HAMLET, "hamlet"), ["time.mode=live", f"cognition.minds=[{{mind: '{model}'}}]"])
    found = estimated(scenario)
    assert found["seconds"] == round(120 / scenario.time.rate, 1)
    (mind,) = found["minds"]
    assert mind["decisions"] <= mind["decisions_per_s"] * found["seconds"] + 1


def test_an_endpoint_with_prices_costs_money() -> None:
    prices = "{prompt: 3, cached: 1, generated: 10, currency: EUR}"
    with serving(offering("logprobs")) as endpoint:
        mind = f"{{mind: '{endpoint.url}', settings: {{prices: {prices}}}}}"
        found = estimated(changed(read_scenario(HAMLET, "hamlet"), [f"cognition.minds=[{mind}]"]))
        plain = estimated(changed(read_scenario(HAMLET, "hamlet"), [f"cognition.minds=[{{mind: '{endpoint.url}'}}]"]))
    (mind_told,) = found["minds"]
    assert found["cost"]["EUR"] == pytest.approx(mind_told["cost"]) and mind_told["cost"] > 0
    assert any("EUR" in line for line in lines(found))
    assert plain["cost"] == {} and any("settings.prices" in line for line in lines(plain))


def test_a_model_that_never_answers_is_an_error_and_no_estimate(
    hamlet_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.estimate.PATIENCE", 2.0)
    with serving(lambda handler, body: handler.refuse(500, "out of order")) as endpoint:
        assert main(["run", str(hamlet_file), "--mind", endpoint.url, "--estimate"]) == 2
    said = capsys.readouterr().err
    assert endpoint.url in said and "decided none" in said and len(said.splitlines()) == 1
