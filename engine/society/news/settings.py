"""The section `modules.news` of the scenario."""

from __future__ import annotations

from typing import Annotated

from engine.scenario.fields import Slug, listed, whole
from engine.society.module import Settings


class SourceSection(Settings):
    """When an event of some kind becomes news. The people in it know; all others must be told."""

    chance: Annotated[int, whole("How often such an event becomes news", "thousandths", 0, 1000)] = 1000
    pause: Annotated[int, whole("Time between two pieces of news of this kind", "simulated minutes", 0, 100_000)] = 60
    roles: Annotated[tuple[Slug, ...], listed("Roles whose doings become news; [] is all", "roles", 64)] = ()
    seen: Annotated[int, whole("How far off people see it happen; 0 is nobody", "cells", 0, 50)] = 0


SOURCES = {
    "joined": SourceSection(pause=240, seen=2),
    "called": SourceSection(pause=120, seen=4),
    "gathered": SourceSection(chance=50, pause=480, roles=("explorer",)),
    "crafted": SourceSection(chance=10, pause=720),
    "traded": SourceSection(chance=10, pause=480),
}
"""Kinds of event that can become news unless the scenario says otherwise; those that do not occur do no harm."""


PLACES = {"well": 300, "market": 250, "hall": 200, "square": 200}
"""Kinds of places where there is news unless the scenario says otherwise."""


class NewsSettings(Settings):
    """What becomes news, how much of it there is, and for how long."""

    facts: Annotated[
        int, whole("Facts that are news at once; a new one takes the place of the oldest", "facts", 1, 64)
    ] = 32
    days: Annotated[int, whole("How long a fact stays news", "simulated days", 1, 1000)] = 4
    eager: Annotated[
        int, whole("How long one goes on telling a fact after one came to know it", "simulated minutes", 1, 100_000)
    ] = 480
    sources: Annotated[dict[Slug, SourceSection], listed("Kind of event to when it becomes news", "sections", 64)] = (
        SOURCES
    )
    places: Annotated[
        dict[Slug, Annotated[int, whole("How much news it promises", "points of 0..1000", 0, 1000)]],
        listed("Kind of place to how much news it promises", "points of 0..1000", 64),
    ] = PLACES
