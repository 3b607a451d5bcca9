from __future__ import annotations

import numpy as np
import pytest

from cognition.minds.recorded import RecordedMind
from engine.errors import ReplayError
from engine.values import Decisions, Int32s, Source
from tests.contract.mind_contract import NOBODY, TICKS, Village, rows


def landed(agents: Int32s, asked_at: int, source: Source = Source.MIND) -> Decisions:
    action, args = np.full(agents.size, 3, np.int16), np.ones((agents.size, 4), np.int32)
    return Decisions.of(agents, action, args, asked_at, source)


def test_a_replay_lays_out_no_choices() -> None:
    village = Village()
    mind = RecordedMind(lambda tick: landed(village.asked(tick), tick))
    for tick in TICKS:
        mind.ask(village.batch(tick))
        assert mind.answers(True).agent.tolist() == village.asked(tick).tolist()
    assert village.laid_out == 0


def test_in_a_live_run_answers_land_when_they_landed_whoever_is_asked() -> None:
    late = landed(np.array([4, 9], np.int32), 2, Source.FALLBACK_TIMEOUT)
    mind = RecordedMind(lambda tick: late if tick == 6 else Decisions.none())
    for tick in range(2, 9):
        mind.ask(Village().batch(tick, np.array([4, 9], np.int32) if tick == 2 else NOBODY))
        assert rows(mind.answers(False)) == (rows(late) if tick == 6 else [])


def test_decisions_of_persons_are_left_to_their_commands() -> None:
    mine, theirs = np.array([1, 5], np.int32), np.array([3], np.int32)
    both = Decisions.join((landed(theirs, 1, Source.PERSON), landed(mine, 1)))
    mind = RecordedMind(lambda tick: both)
    mind.ask(Village().batch(1, mine))
    assert rows(mind.answers(True)) == rows(landed(mine, 1))


def test_a_record_that_lacks_someone_asked_is_told_with_tick_and_person() -> None:
    mind = RecordedMind(lambda tick: landed(np.array([1, 5], np.int32), 1))
    mind.ask(Village().batch(1, np.array([1, 5, 8], np.int32)))
    with pytest.raises(ReplayError, match=r"tick 1: .* no decision of 1 of 3 people asked \(first: person 8\); replay"):
        mind.answers(True)
