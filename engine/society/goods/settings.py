"""The goods section of a scenario: kinds of goods, recipes, what people begin with, tools, carrying."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from engine.scenario.fields import Section, Slug, about, listed, refuse, text, whole

Units = Annotated[int, whole("Units of a good", "units", 0, 1000)]
SomeUnits = Annotated[int, whole("Units of a good", "units", 1, 100)]


class KindSection(Section):
    """A kind of good."""

    word: Annotated[str, text("What it is called in sentences, as mass or plural", 30, 1)] = "things"
    one: Annotated[str, text("What one unit is called; empty for mass words", 30)] = ""
    food: Annotated[int, whole("How far one unit fills an empty stomach", "thousandths", 0, 1000)] = 0
    value: Annotated[int, whole("What a unit is worth to begin with", "coins", 1, 10_000)] = 3
    weight: Annotated[int, whole("Weight of a unit", "units of `carry`", 0, 100)] = 1
    keep: Annotated[int, whole("How many a person likes to have", "units", 0, 100)] = 0
    lasts: Annotated[
        int, whole("How long a unit lasts until it spoils or wears out; 0 is for ever", "days", 0, 10_000)
    ] = 0


class RecipeSection(Section):
    """How a good is made from others."""

    name: Annotated[Slug, about("Name of the recipe", "name")]
    words: Annotated[str, text("What is made, as it reads after `make`", 40, 1)]
    inputs: Annotated[dict[Slug, SomeUnits], listed("Good to how many go in", "units", 8, 1)]
    output: Annotated[dict[Slug, SomeUnits], listed("Good to how many come out", "units", 8, 1)]
    at: Annotated[tuple[Slug, ...], listed("Kinds of places where it can be made", "kinds", 16, 1)]
    minutes: Annotated[int, whole("How long it takes without tool and skill", "simulated minutes", 1, 1440)] = 40
    skill_gain: Annotated[int, whole("Skill that making it once gives", "thousandths", 0, 1000)] = 15


class ToolSection(Section):
    """What a tool does for those who have one."""

    good: Annotated[Slug, about("The good that is a tool", "name")] = "tool"
    faster: Annotated[int, whole("How much faster its owner gathers and crafts", "percent", 0, 90)] = 30
    uses: Annotated[int, whole("How often it can be used before it breaks; 0 is for ever", "uses", 0, 10_000)] = 60


KINDS: Mapping[str, KindSection] = {
    "grain": KindSection(word="grain", value=2, food=40, keep=4, lasts=60),
    "berries": KindSection(word="berries", value=2, food=150, keep=4, lasts=4),
    "fish": KindSection(word="fish", value=4, food=300, keep=2, lasts=3),
    "bread": KindSection(word="bread", value=5, food=400, keep=4, lasts=8),
    "wood": KindSection(word="wood", value=3, weight=2, keep=4),
    "stone": KindSection(word="stone", value=3, weight=2, keep=2),
    "tool": KindSection(word="tools", one="a tool", value=12, weight=2, keep=1),
    "furniture": KindSection(word="furniture", value=16, weight=4, keep=1, lasts=20),
}
"""The goods that every scenario has; its own `kinds` add to them or change them."""

RECIPES: tuple[RecipeSection, ...] = (
    RecipeSection(
        name="bread", words="bread", inputs={"grain": 2}, output={"bread": 2}, at=("workshop", "house"), minutes=30
    ),
    RecipeSection(
        name="tool", words="a tool", inputs={"wood": 1, "stone": 1}, output={"tool": 1}, at=("workshop",), minutes=60
    ),
    RecipeSection(
        name="furniture", words="furniture", inputs={"wood": 3}, output={"furniture": 1}, at=("workshop",), minutes=90
    ),
)

START: Mapping[str, tuple[int, int]] = {
    "bread": (2, 5),
    "berries": (0, 4),
    "grain": (0, 4),
    "wood": (0, 2),
    "tool": (0, 1),
}


def _with_known_kinds(value: object) -> object:
    """Fill `kinds` up with the goods that every scenario has; what is not a mapping passes through to its error."""
    known: dict[object, object] = {kind: section.model_dump() for kind, section in KINDS.items()}
    if not isinstance(value, Mapping):
        return value
    for kind, section in value.items():
        mine = known.get(kind, {"word": kind})
        known[kind] = {**mine, **section} if isinstance(section, Mapping) and isinstance(mine, dict) else section
    return known


class GoodsSettings(Section):
    """Goods: what there is, how it is made, what people begin with."""

    kinds: Annotated[
        dict[Slug, KindSection],
        BeforeValidator(_with_known_kinds),
        listed("Good to what it is; adds to the known goods", "sections", 32),
    ] = Field(default_factory=lambda: dict(KINDS))
    recipes: Annotated[tuple[RecipeSection, ...], listed("How goods are made from others", "sections", 32)] = RECIPES
    start: Annotated[
        dict[Slug, tuple[Units, Units]], listed("Good to [least, most] that a person begins with", "units", 32)
    ] = Field(default_factory=lambda: dict(START))
    start_skill: Annotated[int, whole("Most skill in each craft that people begin with", "thousandths", 0, 1000)] = 400
    needs: Annotated[
        dict[Slug, dict[Slug, Units]],
        listed("Role to good to how many such people like to have, where that differs from `keep`", "units", 64),
    ] = Field(default_factory=dict)
    tool: Annotated[ToolSection, about("What a tool does", "section")] = ToolSection()
    gather_minutes: Annotated[int, whole("How long gathering once takes", "simulated minutes", 1, 1440)] = 20
    reach: Annotated[int, whole("How far people gather from where they stand", "cells", 0, 4)] = 3
    gather_most: Annotated[int, whole("Most that the skilled gather at once; beginners gather 1", "units", 1, 100)] = 5
    gather_skill: Annotated[int, whole("Skill that gathering once gives", "thousandths", 0, 1000)] = 6
    eat_minutes: Annotated[int, whole("How long eating a unit takes", "simulated minutes", 1, 240)] = 8
    provisions: Annotated[
        int, whole("How much food people like to have about them", "thousandths of a full stomach", 1, 100_000)
    ] = 1800
    carry: Annotated[int, whole("Most that a person carries", "units of weight", 1, 10_000)] = 60

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        names = [recipe.name for recipe in self.recipes]
        for i, recipe in enumerate(self.recipes):
            if recipe.name in names[:i]:
                raise refuse("recipe", f"is {recipe.name!r}, as another recipe is", "rename one", f"recipes.{i}.name")
        used = [
            *((f"recipes.{i}.inputs", good) for i, recipe in enumerate(self.recipes) for good in recipe.inputs),
            *((f"recipes.{i}.output", good) for i, recipe in enumerate(self.recipes) for good in recipe.output),
            *(("start", good) for good in self.start),
            *((f"needs.{role}", good) for role, goods in self.needs.items() for good in goods),
        ]
        if "tool" in self.model_fields_set:
            used.append(("tool.good", self.tool.good))
        for field, good in used:
            if good not in self.kinds:
                raise refuse("good", f"names the good {good!r}, which is not in `kinds`", "add it there", field)
        for good, (low, high) in self.start.items():
            if low > high:
                raise refuse("start", f"is [{low}, {high}]", f"write [{high}, {low}]", f"start.{good}")
        return self
