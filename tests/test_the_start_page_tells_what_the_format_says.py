"""What the start page reads of a scenario by itself, quickly, is what the engine reads of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app import compose, scenarios
from app.start import shelf
from engine.scenario import Scenario


@pytest.mark.parametrize("name", scenarios.bundled())
def test_a_bundled_scenario_is_told_as_it_is(name: str) -> None:
    same(shelf.scenario_card(name), compose.find_scenario(name))


def test_what_is_left_out_has_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "bare.scenario.yaml"
    path.write_text("sociarium: 1\nname: bare\ntime: {tick: 60}\n")
    same(shelf.scenario_card(str(path)), compose.find_scenario(str(path)))


def same(card: shelf.ScenarioCard, scenario: Scenario) -> None:
    assert card.name == scenario.name
    assert (card.seed, card.people) == (scenario.seed, scenario.population.count)
    assert (card.ticks, card.day, card.rate) == (scenario.time.ticks, scenario.time.day, scenario.time.rate)
    assert scenarios.name_and_seed(scenarios.find(card.what)) == (scenario.name, scenario.seed)


@pytest.mark.parametrize("text", ["", "[1, 2]", "{", "name: 5", "time: 3\npopulation: [1]", "\x00", "name: &a [*a]"])
def test_nonsense_still_has_a_card(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.scenario.yaml"
    path.write_text(text)
    assert shelf.scenario_card(str(path)).name == "odd"


def test_the_window_is_made_without_the_engine() -> None:
    said = (
        "import app.desktop, app.window, app.shot, sys; print([n for n in sys.modules if n.split('.')[0] == 'numba'])"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
