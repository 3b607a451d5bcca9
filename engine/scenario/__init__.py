"""The scenario: the one document that describes a society, versioned, YAML on disk (`*.scenario.yaml`)."""

from __future__ import annotations

from engine.errors import Problem, ScenarioError
from engine.scenario.checks import KnownNames
from engine.scenario.document import MeasuresSection, RecordSection, Scenario
from engine.scenario.fields import (
    FreeSettings,
    Scalar,
    Section,
    Slug,
    about,
    listed,
    number,
    refuse,
    switch,
    text,
    whole,
)
from engine.scenario.loading import Sections, check_names, load_scenario, parse_scenario, set_path, set_paths
from engine.scenario.people import NamesSection, PopulationSection, RoleSection, TraitSection
from engine.scenario.place_and_time import (
    CostSection,
    LandscapeSettings,
    Moment,
    PlaceKindSection,
    PlaceSection,
    ResourceSection,
    TerrainKind,
    TerrainSection,
    TimeSection,
    TownSection,
    TownSettings,
)
from engine.scenario.reading import read_yaml
from engine.scenario.schedule import AddPeople, Announce, ChangeMind, Drive, RemovePeople, ScheduledEvent, Send, Set
from engine.scenario.schema import scenario_schema
from engine.scenario.space import BuildingSection, DoorSection, HexSection, PlaneSection, WallSection
from engine.scenario.thinking import (
    ActionsSection,
    AttentionSection,
    BudgetSection,
    CognitionSection,
    MindSection,
    ReflexSection,
)

__all__ = [
    "ActionsSection",
    "AddPeople",
    "Announce",
    "AttentionSection",
    "BudgetSection",
    "BuildingSection",
    "ChangeMind",
    "CognitionSection",
    "CostSection",
    "DoorSection",
    "Drive",
    "FreeSettings",
    "HexSection",
    "KnownNames",
    "LandscapeSettings",
    "MeasuresSection",
    "MindSection",
    "Moment",
    "NamesSection",
    "PlaceKindSection",
    "PlaceSection",
    "PlaneSection",
    "PopulationSection",
    "Problem",
    "RecordSection",
    "ReflexSection",
    "RemovePeople",
    "ResourceSection",
    "RoleSection",
    "Scalar",
    "Scenario",
    "ScenarioError",
    "ScheduledEvent",
    "Section",
    "Sections",
    "Send",
    "Set",
    "Slug",
    "TerrainKind",
    "TerrainSection",
    "TimeSection",
    "TownSection",
    "TownSettings",
    "TraitSection",
    "WallSection",
    "about",
    "check_names",
    "listed",
    "load_scenario",
    "number",
    "parse_scenario",
    "read_yaml",
    "refuse",
    "scenario_schema",
    "set_path",
    "set_paths",
    "switch",
    "text",
    "whole",
]
