"""What is fixed about goods in a run, as arrays for kernels: made once from the scenario."""

from __future__ import annotations

from typing import NamedTuple, get_args

import numpy as np

from engine.errors import SocietyError
from engine.scenario import Scenario
from engine.scenario.place_and_time import TerrainKind
from engine.society.goods.settings import GoodsSettings
from engine.values import Bools, Int16s, Int32s, Int64s

TERRAIN: tuple[str, ...] = get_args(TerrainKind)
"""Kinds of terrain in the order of their codes."""


class Kinds(NamedTuple):
    """By good: value int32[G] in coins; food int32[G] in thousandths; weight int32[G]; lasts int32[G] in days.

    keep int32[roles,G] is how many people of a role like to have; resource int32[G] is which resource grows it, or -1.
    """

    value: Int32s
    food: Int32s
    weight: Int32s
    lasts: Int32s
    keep: Int32s
    resource: Int32s


class Growth(NamedTuple):
    """By resource: good int32[R]; most int16[R,terrain]; start int16[R,terrain]; rate int64[R] in millionths a day."""

    good: Int32s
    most: Int16s
    start: Int16s
    rate: Int64s


class Crafts(NamedTuple):
    """By recipe: inputs int32[C,G], output int32[C,G], main int32[C] (the good whose skill counts).

    Also minutes int32[C], gain int32[C] in thousandths of skill, and works bool[C,places].
    """

    inputs: Int32s
    output: Int32s
    main: Int32s
    minutes: Int32s
    gain: Int32s
    works: Bools


def kinds_of(settings: GoodsSettings, scenario: Scenario) -> Kinds:
    """Return the table of goods. Raises SocietyError where `needs` names an unknown role."""
    sections = list(settings.kinds.values())
    names, roles = list(settings.kinds), list(scenario.roles)
    keep = np.tile(np.array([section.keep for section in sections], np.int32), (len(roles), 1))
    for role, goods in settings.needs.items():
        if role not in roles:
            raise SocietyError(f"modules.goods.needs names the role {role}; known: {', '.join(roles)}")
        for good, units in goods.items():
            keep[roles.index(role), names.index(good)] = units
    resource = np.full(len(names), -1, np.int32)
    for i, section in enumerate(scenario.resources):
        if section.good not in names:
            raise SocietyError(f"resources.{i}.good is {section.good}, not one of modules.goods.kinds; add it there")
        if resource[names.index(section.good)] >= 0:
            raise SocietyError(f"resources.{i}.good is {section.good}, as another resource is; join their `on`")
        resource[names.index(section.good)] = i
    return Kinds(
        np.array([section.value for section in sections], np.int32),
        np.array([section.food for section in sections], np.int32),
        np.array([section.weight for section in sections], np.int32),
        np.array([section.lasts for section in sections], np.int32),
        keep,
        resource,
    )


def growth_of(settings: GoodsSettings, scenario: Scenario) -> Growth:
    """Return the table of what grows on the land."""
    names, count = list(settings.kinds), len(scenario.resources)
    most = np.zeros((count, len(TERRAIN)), np.int16)
    start = np.zeros((count, len(TERRAIN)), np.int16)
    for i, section in enumerate(scenario.resources):
        for kind in section.on:
            most[i, TERRAIN.index(kind)] = section.most
            start[i, TERRAIN.index(kind)] = section.at_start
    return Growth(
        np.array([names.index(section.good) for section in scenario.resources], np.int32),
        most,
        start,
        np.array([section.regrowth_millionths for section in scenario.resources], np.int64),
    )


def crafts_of(settings: GoodsSettings, place_kinds: list[str]) -> Crafts:
    """Return the table of recipes; `place_kinds` is the kind of each place."""
    names, count = list(settings.kinds), len(settings.recipes)
    inputs = np.zeros((count, len(names)), np.int32)
    output = np.zeros((count, len(names)), np.int32)
    works = np.zeros((count, max(1, len(place_kinds))), np.bool_)
    for i, recipe in enumerate(settings.recipes):
        for good, units in recipe.inputs.items():
            inputs[i, names.index(good)] = units
        for good, units in recipe.output.items():
            output[i, names.index(good)] = units
        works[i, : len(place_kinds)] = [kind in recipe.at for kind in place_kinds]
    return Crafts(
        inputs,
        output,
        np.array([names.index(next(iter(recipe.output))) for recipe in settings.recipes], np.int32),
        np.array([recipe.minutes for recipe in settings.recipes], np.int32),
        np.array([recipe.skill_gain for recipe in settings.recipes], np.int32),
        works,
    )
