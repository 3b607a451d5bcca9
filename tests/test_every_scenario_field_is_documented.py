"""docs/scenario.md names every field of every section with unit, range and default, and is as the program says.

After a change of the sections, with this file's name:
    SOCIARIUM_WRITE_DOCS=1 .venv/bin/python -m pytest tests/FILE
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from engine.scenario import Scenario, ScenarioError, parse_scenario, scenario_schema
from engine.scenario.describe import alternatives, constraint, section_of, unit_of
from engine.scenario.reference import scenario_reference
from engine.society.discovery import discover

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "scenario.md"
SCENARIOS = sorted((ROOT / "assets" / "scenarios").glob("*.scenario.yaml"))
SETTLEMENT = ROOT / "assets" / "scenarios" / "settlement.scenario.yaml"
ELSEWHERE = ("moment", "hexes, or metres", "blocks")
"""Units of numbers whose range a validator of their own says."""

MODULES: dict[str, type[BaseModel]] = {name: module.Settings for name, module in discover().items()}


def below(annotation: Any) -> Iterator[type[BaseModel]]:
    """Walk an annotation for sections by its arguments alone, not as the reference does it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from below(field.annotation)
    for argument in get_args(annotation):
        yield from below(argument)


SECTIONS = list(dict.fromkeys(section for model in (Scenario, *MODULES.values()) for section in below(model)))


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_every_field_says_what_it_is_its_unit_and_its_range(section: type[BaseModel]) -> None:
    assert section.__doc__
    assert section.model_config.get("extra") == "forbid"
    assert section.model_config.get("frozen")
    for name, field in section.model_fields.items():
        assert field.description, f"{section.__name__}.{name} has no description"
        assert unit_of(field), f"{section.__name__}.{name} has no unit"
        kinds = [kind for kind in get_args(field.annotation) or (field.annotation,) if kind in (int, float)]
        if kinds and section_of(field.annotation) is None and unit_of(field) not in ELSEWHERE:
            low = constraint(field, "ge") is not None or constraint(field, "gt") is not None
            assert low and constraint(field, "le") is not None, f"{section.__name__}.{name} has no range"


def test_the_reference_is_current_and_names_every_field() -> None:
    reference = scenario_reference(MODULES)
    if os.environ.get("SOCIARIUM_WRITE_DOCS"):
        REFERENCE.parent.mkdir(exist_ok=True)
        REFERENCE.write_text(reference, encoding="utf-8")
    assert REFERENCE.read_text(encoding="utf-8") == reference, "see the top of this file for how to write it anew"
    for section in SECTIONS:
        for name, field in section.model_fields.items():
            assert f"| `{name}` | {field.description} |" in reference
    for name in MODULES:
        assert f"\n## modules.{name}\n" in reference


def test_the_bundled_scenarios_teach_every_section_in_their_comments() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SCENARIOS]
    assert set().union(*map(yaml.safe_load, texts)) == set(Scenario.model_fields)
    assert set(yaml.safe_load(SETTLEMENT.read_text(encoding="utf-8"))) >= set(Scenario.model_fields) - {"town"}
    for name, field in Scenario.model_fields.items():
        for section in filter(None, map(section_of, alternatives(field.annotation))):
            for key in section.model_fields:
                assert any(f"{key}:" in text for text in texts), f"{name}.{key} is not shown"
    assert SETTLEMENT.read_text(encoding="utf-8").count("#") > 60


def test_the_schema_has_every_section_and_every_module() -> None:
    schema = scenario_schema(MODULES)
    assert json.loads(json.dumps(schema)) == schema
    assert set(schema["properties"]) == set(Scenario.model_fields)
    assert set(schema["properties"]["modules"]["properties"]) == set(MODULES)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for section in SECTIONS[1:]:
        definition = next(one for name, one in schema["$defs"].items() if name.endswith(section.__name__))
        assert set(definition["properties"]) == set(section.model_fields)
        for name, shown in definition["properties"].items():
            assert shown["description"], f"{section.__name__}.{name}"
    text = json.dumps(schema)
    references = {part.split('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert references <= set(schema["$defs"])


@pytest.mark.parametrize(
    ("path", "section"),
    [("time", "TimeSection"), ("space", "HexSection"), ("terrain", "TerrainSection"), ("record", "RecordSection")],
)
def test_the_schema_and_the_program_draw_the_same_bounds(path: str, section: str) -> None:
    def read(name: str, value: float) -> Scenario:
        return parse_scenario(f"sociarium: 1\nname: a\n{path}: {{{name}: {value}}}\n", "a")

    for name, field in scenario_schema()["$defs"][section]["properties"].items():
        for bound, beyond in (("minimum", -1), ("maximum", 1)):
            if bound in field:
                assert read(name, field[bound]).document()[path][name] == field[bound]
                with pytest.raises(ScenarioError, match=f"{path}.{name}: is .* too (small|large)"):
                    read(name, field[bound] + beyond)
