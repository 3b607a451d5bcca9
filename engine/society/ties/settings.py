"""The section `modules.ties` of the scenario."""

from __future__ import annotations

from typing import Annotated

from engine.scenario.fields import Slug, listed, whole
from engine.society.module import Settings


class EffectSection(Settings):
    """What one kind of event does to the tie of the two people in it, for each of the two who is not the other."""

    doer: Annotated[int, whole("Change of the doer's trust in the other", "points of -1000..1000", -1000, 1000)] = 0
    other: Annotated[int, whole("Change of the other's trust in the doer", "points of -1000..1000", -1000, 1000)] = 0
    familiarity: Annotated[int, whole("Change of how well both know each other", "points of 0..1000", 0, 1000)] = 0


EFFECTS = {
    "talked": EffectSection(doer=6, other=6, familiarity=50),
    "met": EffectSection(familiarity=8),
    "gave": EffectSection(doer=8, other=60, familiarity=30),
    "traded": EffectSection(doer=15, other=15, familiarity=20),
    "trade_refused": EffectSection(doer=-12, familiarity=6),
    "followed": EffectSection(doer=12, other=12, familiarity=10),
}
"""Kinds of event that change a tie unless the scenario says otherwise; those of modules that are off do not occur."""


class TiesSettings(Settings):
    """How people come to know and to trust each other."""

    effects: Annotated[
        dict[Slug, EffectSection],
        listed("Kind of event to what it does to the tie of the two people in it", "sections", 64),
    ] = EFFECTS
    trust_decay: Annotated[int, whole("Trust and distrust that fade in a day", "thousandths", 0, 1000)] = 15
    familiarity_decay: Annotated[int, whole("Familiarity that fades in a day", "thousandths", 0, 1000)] = 25
    tie_from: Annotated[int, whole("Familiarity from which people count as tied", "points of 0..1000", 1, 1000)] = 100
    household_trust: Annotated[
        int, whole("Trust of people who live in one home, at first", "points of 0..1000", 0, 1000)
    ] = 500
    household_familiarity: Annotated[
        int, whole("Familiarity of people who live in one home, at first", "points of 0..1000", 0, 1000)
    ] = 700
    household_circle: Annotated[
        int, whole("With how many of its home a person has ties at first, at most", "people", 0, 32)
    ] = 16
    acquaintances: Annotated[
        int, whole("How many others a newcomer is acquainted with at first, drawn from all", "people", 0, 32)
    ] = 4
    acquaintance_trust: Annotated[
        int, whole("Trust between such acquaintances, at first, about", "points of 0..1000", 0, 1000)
    ] = 80
    acquaintance_familiarity: Annotated[
        int, whole("Familiarity of such acquaintances, at first", "points of 0..1000", 0, 1000)
    ] = 200
    gossip_share: Annotated[
        int, whole("What a listener takes over of a wholly trusted speaker's trust in a third", "thousandths", 0, 1000)
    ] = 250
    gossip_familiarity: Annotated[
        int, whole("Familiarity that hearsay alone can bring", "points of 0..1000", 0, 1000)
    ] = 50
    sample: Annotated[
        int, whole("People over whom clustering is measured, evenly by number; all if fewer", "people", 1, 100_000)
    ] = 500
