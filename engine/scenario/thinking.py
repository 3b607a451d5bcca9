"""The sections for actions and cognition: what people can do and who decides for them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.scenario.fields import Appeal, FreeSettings, Section, Slug, about, listed, number, switch, text, whole
from engine.scenario.people import Weight


class ActionsSection(Section):
    """Which actions there are. Those of the modules that are on, all together, unless switched off here."""

    off: Annotated[tuple[Slug, ...], listed("Actions that nobody has", "actions", 64)] = ()


class MindSection(Section):
    """A mind, and the people for whom it decides."""

    mind: Annotated[
        str,
        text(
            "Name of the mind: reflex, recorded, script, a model's (`sociarium minds list`), a GGUF file, a URL", 400, 1
        ),
    ]
    roles: Annotated[tuple[Slug, ...], listed("Roles that it serves; [] is all", "roles", 64)] = ()
    share: Annotated[float, number("How many of these people it serves", "of the people", 0.0, 1.0)] = 1.0
    settings: Annotated[FreeSettings, about("The mind's own settings", "section")] = Field(default_factory=dict)


class BudgetSection(Section):
    """What thinking may cost."""

    decisions_per_tick: Annotated[
        int | None, whole("Most people who are asked in one tick; null is no limit", "decisions", 1, 200_000)
    ] = None


class AttentionSection(Section):
    """Who is asked, and when."""

    everyone: Annotated[
        bool,
        switch(
            "Whether everyone is asked at every tick, busy or not; else who is free, whom an event touched, and who "
            "was not asked for `every` ticks. A budget overrides it"
        ),
    ] = True
    every: Annotated[int, whole("An idle person is asked at least this often", "ticks", 1, 10_000)] = 10


class ReflexSection(Section):
    """The mind that needs no model: it takes the choice with the greatest utility."""

    weights: Annotated[
        dict[Appeal, Weight],
        listed("Appeal to how much it counts for everyone, 0 to 1000; 100 is neutral", "percent", 64),
    ] = Field(default_factory=dict)
    noise: Annotated[int, whole("Chance in each utility", "thousandths of a full utility", 0, 1000)] = 120
    inertia: Annotated[
        int, whole("Advantage of going on with what one is doing", "thousandths of a full utility", 0, 1000)
    ] = 30


class CognitionSection(Section):
    """Who decides for whom, and what that may cost."""

    minds: Annotated[
        tuple[MindSection, ...], listed("Minds in order of precedence; reflex serves whoever is left", "sections", 32)
    ] = (MindSection(mind="reflex"),)
    offers: Annotated[int, whole("Most choices that are laid before one person", "choices", 4, 24)] = 24
    budget: Annotated[BudgetSection, about("What thinking may cost", "section")] = BudgetSection()
    attention: Annotated[AttentionSection, about("Who is asked, and when", "section")] = AttentionSection()
    reflex: Annotated[ReflexSection, about("Settings of the reflex mind", "section")] = ReflexSection()
