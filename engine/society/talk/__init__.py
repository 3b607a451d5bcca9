"""Talk: two people close by speak for some minutes about how they feel, a need, a price, news or a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np

from engine.actions.definition import Action
from engine.society.module import Measure, Module, Topic
from engine.society.society import Now
from engine.society.talk.action import TALKED, TalkTo
from engine.society.talk.offers import worst
from engine.society.talk.settings import TalkSettings
from engine.values import Bools, Int32s
from engine.world import Column

FEELINGS = ("hunger", "tiredness", "loneliness")

LAMENTS = (
    ("I am so hungry.", "I could eat a whole loaf.", "My stomach is growling.", "I have hardly eaten today."),
    ("I am dead on my feet.", "I could sleep where I stand.", "What a long day.", "I can hardly keep my eyes open."),
    ("I have missed company.", "It is good to see you.", "I hardly met a soul today.", "It gets lonely, you know."),
)
"""How each of the feelings is said."""


class Talk(Module):
    """The action `talk`, over the topics of all modules. What talk does, the modules do that read `talked`."""

    name = "talk"
    about = "People talk about needs, prices, news and each other."
    Settings: ClassVar[type[TalkSettings]] = TalkSettings
    events = (TALKED,)
    settings: TalkSettings

    def columns(self) -> tuple[Column, ...]:
        """Return the count of talks."""
        return (Column("talks", np.int64, per="world", unit="talks", about="how many talks there have been"),)

    def actions(self) -> tuple[Action, ...]:
        """Return `talk`."""
        return (TalkTo(self),)

    def topics(self) -> tuple[Topic, ...]:
        """People speak of how they feel, where there are drives."""
        if not self.society.has("drives"):
            return ()
        appeals = {"company": 50}
        return (
            Topic(
                "feeling", "{subject}", "feeling", self._feelings, appeals, self._is_feeling, lambda _, i: LAMENTS[i]
            ),
        )

    def namers(self) -> Mapping[str, Callable[[int], str]]:
        """Topics read by name, feelings as what is lacking."""
        return {
            "topic": lambda i: self.society.topics[i].name if 0 <= i < len(self.society.topics) else "nothing",
            "feeling": lambda i: FEELINGS[i] if 0 <= i < len(FEELINGS) else "nothing",
        }

    def measures(self) -> tuple[Measure, ...]:
        """Return how many talks there have been."""
        return (Measure("talks", "talks", "Talks since the beginning.", lambda: float(self.own.talks[0])),)

    def settle(self, now: Now) -> None:
        """Count the tick's talks."""
        self.own.talks[0] += now.log.of("talked")[0].size

    def _feelings(self, now: Now, who: Int32s, partner: Int32s) -> Int32s:
        """Return what each lacks most, int32[m] of `FEELINGS`, or -1 where nothing is urgent."""
        drives = self.see("drives")
        return worst(who, drives.hunger, drives.energy, drives.company, self.settings.feeling_from * 1000)

    def _is_feeling(self, now: Now, who: Int32s, partner: Int32s, subject: Int32s) -> Bools:
        return (subject >= 0) & (subject < len(FEELINGS))
