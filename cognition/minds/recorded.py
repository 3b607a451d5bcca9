"""The recorded mind: answers from a run file, so that a run can be replayed without the minds that made it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cognition.minds.framing import MEND, pack, pack_ints, unpack, unpack_ints
from engine.errors import MindError, ReplayError
from engine.values import Decisions, Int32s, Observations, Source

_KIND = "recorded"


class RecordedMind:
    """Answers with what landed at the tick that it was asked at, whoever was asked.

    `source(tick)` returns all decisions that landed at a tick (a run file's reader; composed in app). It never looks at
    `batch.choices`: these are laid out only when looked at, and a replay need not pay for them. It must be asked at
    every tick, with an empty batch too: in a live run answers land at ticks at which nobody was asked. A person's own
    decisions (Source.PERSON) are left out: the runner makes them anew from the recorded commands.
    """

    def __init__(self, source: Callable[[int], Decisions]) -> None:
        self._source = source
        self._asked: dict[int, Int32s] = {}

    def ask(self, batch: Observations) -> None:
        """Take note of the tick and of who is asked."""
        before = self._asked.get(batch.tick)
        self._asked[batch.tick] = batch.agent if before is None else np.concatenate((before, batch.agent))

    def answers(self, wait: bool) -> Decisions:
        """Return what landed at the ticks asked. Raises ReplayError if, with `wait`, someone asked has no decision."""
        asked, self._asked = self._asked, {}
        landed = []
        for tick, agents in asked.items():
            decisions = self._source(tick)
            if wait and agents.size and not np.isin(agents, decisions.agent).all():
                missing = agents[~np.isin(agents, decisions.agent)]
                raise ReplayError(
                    f"tick {tick}: the record holds no decision of {missing.size} of {agents.size} people asked "
                    f"(first: person {missing[0]}); replay with the scenario and the rules that the run was made with"
                )
            own = decisions.source != np.uint8(Source.PERSON)
            landed.append(decisions if own.all() else decisions.take(own))
        return Decisions.join(landed)

    def snapshot(self) -> bytes:
        """Return who was asked and not yet answered."""
        return pack(_KIND, {str(tick): pack_ints(agents) for tick, agents in self._asked.items()})

    def restore(self, data: bytes) -> None:
        """Go on from a snapshot. Raises MindError when it is damaged or another mind's."""
        asked: dict[int, Int32s] = {}
        for name, agents in unpack(_KIND, data).items():
            if not name.isdecimal() or len(name) > 10:
                raise MindError(f"the snapshot of the recorded mind names the tick {name!r}; {MEND}")
            asked[int(name)] = unpack_ints(_KIND, agents)
        self._asked = asked
