"""The one document that describes a society, version 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, PrivateAttr

from engine.scenario.fields import LARGEST_WHOLE, Section, Slug, about, listed, text, whole
from engine.scenario.people import PopulationSection, RoleSection
from engine.scenario.place_and_time import (
    PLACE_KINDS,
    PlaceKindSection,
    PlaceSection,
    ResourceSection,
    TerrainSection,
    TimeSection,
    TownSection,
    with_known_kinds,
)
from engine.scenario.reading import Node
from engine.scenario.schedule import ScheduledEvent
from engine.scenario.space import HexSection, SpaceSection
from engine.scenario.thinking import ActionsSection, CognitionSection

SettingsT = TypeVar("SettingsT", bound=BaseModel)

VERSION: Literal[1] = 1


class MeasuresSection(Section):
    """When the measures are taken."""

    every: Annotated[int, whole("Time between two measures", "ticks", 1, 100_000)] = 30


class RecordSection(Section):
    """How the run file is written."""

    checkpoint_every: Annotated[int, whole("Time between two checkpoints of everything", "ticks", 1, 100_000)] = 64
    keyframe_every: Annotated[int, whole("Time between two whole frames", "ticks", 1, 10_000)] = 32
    min_free_mb: Annotated[int, whole("Free disk below which the run pauses", "megabytes", 0, 1_000_000)] = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """Where a scenario was read: the file, and the lines of its values. All are equal: it changes no scenario."""

    name: str = ""
    root: Node | None = None

    def line_of(self, *location: str | int) -> int | None:
        """Return the line of what lies at these keys and indices; None if the scenario was read nowhere."""
        return None if self.root is None else self.root.line_of(*location)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origin)

    def __hash__(self) -> int:
        return 0


class Scenario(Section):
    """A society as its author wrote it: everything that a run starts from."""

    sociarium: Annotated[Literal[1], about("Version of the format", "version")]
    name: Annotated[Slug, about("Short name of the scenario", "name")]
    title: Annotated[str, text("Title to show", 120)] = ""
    description: Annotated[str, text("What it is about", 4000)] = ""
    seed: Annotated[int, whole("Where all chance comes from", "seed", 0, LARGEST_WHOLE)] = 1
    time: Annotated[TimeSection, about("How time runs", "section")] = TimeSection()
    space: Annotated[SpaceSection, about("Where bodies move: a grid of hexes or a plane", "section")] = HexSection()
    terrain: Annotated[TerrainSection, about("The landscape of a grid of hexes", "section")] = TerrainSection()
    town: Annotated[TownSection | None, about("A town on a plane; null for none", "section")] = None
    resources: Annotated[tuple[ResourceSection, ...], listed("Goods that grow on the land", "sections", 64)] = ()
    place_kinds: Annotated[
        dict[Slug, PlaceKindSection],
        BeforeValidator(with_known_kinds),
        listed("Kind of place to what such places have in common; adds to the known kinds", "sections", 64),
    ] = Field(default_factory=lambda: dict(PLACE_KINDS))
    places: Annotated[tuple[PlaceSection, ...], listed("Places besides those of the landscape", "sections", 4096)] = ()
    population: Annotated[PopulationSection, about("Who lives there", "section")] = PopulationSection()
    roles: Annotated[dict[Slug, RoleSection], listed("Role to what sets its people apart", "sections", 64, 1)] = Field(
        default_factory=lambda: {"citizen": RoleSection()}
    )
    modules: Annotated[
        dict[Slug, Any],
        listed("Module to its settings; a module is on when it is listed (`{}` takes its defaults)", "sections", 64),
    ] = Field(default_factory=dict)
    actions: Annotated[ActionsSection, about("Which actions there are", "section")] = ActionsSection()
    cognition: Annotated[CognitionSection, about("Who decides for whom", "section")] = CognitionSection()
    events: Annotated[tuple[ScheduledEvent, ...], listed("What happens at a given moment", "sections", 4096)] = ()
    measures: Annotated[MeasuresSection, about("When the measures are taken", "section")] = MeasuresSection()
    record: Annotated[RecordSection, about("How the run file is written", "section")] = RecordSection()

    _origin: Origin = PrivateAttr(default=Origin())

    def read_from(self, name: str, root: Node | None) -> Self:
        """Remember where this scenario was read, so that what is found wrong with it later has a line too."""
        self._origin = Origin(name, root)
        return self

    @property
    def origin(self) -> Origin:
        """Where this scenario was read; its own name if it was read nowhere."""
        return self._origin if self._origin.name else Origin(self.name)

    def settings(self, module: str, model: type[SettingsT]) -> SettingsT:
        """Return a module's settings, its defaults if it is off. TypeError: they are not of this model."""
        found = self.modules.get(module)
        if found is None:
            return model()
        if isinstance(found, Mapping):
            return model.model_validate(found)
        if not isinstance(found, model):
            raise TypeError(f"module {module!r} has settings of {type(found).__name__}, not {model.__name__}")
        return found

    @property
    def role_counts(self) -> dict[str, int]:
        """How many people have each role, in the order of `roles`; they add up to `population.count`."""
        return self.population.counts(self.roles)

    @property
    def landscape_seed(self) -> int:
        """The seed of the landscape or town."""
        own = self.terrain.seed if self.town is None else self.town.seed
        return self.seed if own is None else own

    def document(self) -> dict[str, Any]:
        """Return the whole document as plain mappings, lists, texts and numbers, every default written out."""
        plain = self.model_dump(mode="json", exclude={"modules"})
        modules = {
            name: settings.model_dump(mode="json") if isinstance(settings, BaseModel) else settings
            for name, settings in self.modules.items()
        }
        return {key: modules if key == "modules" else plain[key] for key in type(self).model_fields}

    def to_yaml(self) -> str:
        """Return the document as YAML that reads back as the same scenario."""
        from engine.scenario.writing import write_yaml

        return write_yaml(self.document())
