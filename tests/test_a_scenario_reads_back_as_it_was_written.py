"""A scenario written as YAML is the same scenario for us, and the same document for any other reader of YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as some

from engine.scenario import Scenario, load_scenario, parse_scenario

SCENARIOS = sorted((Path(__file__).parents[1] / "assets" / "scenarios").glob("*.scenario.yaml"))

TEXTS = some.text(
    some.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff\ufffe\uffff"),
    max_size=30,
) | some.sampled_from(
    ["yes", "06:00", "1e3", "0x1F", "017", "0o17", "~", "null", ".5", "- a", "a: b", "#", "\n x", "<<"]
)
VALUES = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**62), 2**62)
    | some.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda below: some.lists(below, max_size=3) | some.dictionaries(TEXTS, below, max_size=3),
    max_leaves=8,
)


def test_the_bundled_scenarios_read_back() -> None:
    assert SCENARIOS
    for file in SCENARIOS:
        scenario = load_scenario(file)
        written = scenario.to_yaml()
        assert parse_scenario(written, "again") == scenario
        assert parse_scenario(written, "again").to_yaml() == written
        assert yaml.safe_load(written) == scenario.document()


@given(title=TEXTS, settings=some.dictionaries(some.from_regex(r"[a-z]{1,5}", fullmatch=True), VALUES, max_size=4))
def test_any_text_and_any_settings_read_back(title: str, settings: dict[str, Any]) -> None:
    scenario = Scenario.model_validate({"sociarium": 1, "name": "a", "title": title, "modules": {"some": settings}})
    written = scenario.to_yaml()
    assert parse_scenario(written, "again") == scenario
    assert yaml.safe_load(written) == scenario.document()


def test_a_scenario_of_two_lines_has_every_default_written_out() -> None:
    document = parse_scenario("sociarium: 1\nname: small\n", "small").document()
    assert list(document) == list(Scenario.model_fields)
    assert document["time"]["day"] == 720
    assert parse_scenario("sociarium: 1\nname: small\ntime: {tick: 60}\n", "small").time.day == 1440


def test_known_kinds_of_places_stay_when_one_is_changed() -> None:
    scenario = parse_scenario("sociarium: 1\nname: a\nplace_kinds: {market: {capacity: 9}, mill: {}}\n", "a")
    market = scenario.place_kinds["market"]
    assert (market.capacity, market.radius) == (9, 2)
    assert {"square", "mill"} <= set(scenario.place_kinds)
