"""The section `modules.talk` of the scenario."""

from __future__ import annotations

from typing import Annotated

from engine.scenario.fields import Slug, listed, whole
from engine.society.module import Settings


class TalkSettings(Settings):
    """How people talk."""

    minutes: Annotated[int, whole("How long a talk lasts", "simulated minutes", 1, 240)] = 6
    partners: Annotated[int, whole("Of those nearby, with how many one thinks of talking", "people", 1, 8)] = 2
    topics: Annotated[int, whole("About how many topics one thinks of talking with each", "topics", 1, 16)] = 2
    earshot: Annotated[int, whole("How far the two may have drifted apart when it ends", "cells", 1, 20)] = 2
    feeling_from: Annotated[int, whole("Want from which one talks of it", "points of 0..1000", 1, 1000)] = 300
    busy: Annotated[
        tuple[Slug, ...], listed("Activities in which people neither think of talk nor can be talked to", "actions", 64)
    ] = ("rest", "go", "approach", "follow")  # fmt: skip
