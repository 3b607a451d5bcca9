import numpy as np

from engine.actions.act import ORDER
from engine.values import CONTINUE, Outcome, TickRecord
from tests.hamlet import changed, founded, hamlet, hashes


def test_who_wins_a_conflict_does_not_depend_on_the_id() -> None:
    """Over many ticks of real conflicts (places with few seats, last units, busy partners), success is blind to ids."""
    scenario = changed(hamlet(), population__count="120", place_kinds__market__capacity="6", events="[]")
    laboratory = founded(scenario)
    won: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []

    def watch(record: TickRecord) -> None:
        fresh = record.decisions.action != CONTINUE
        for code in np.unique(record.decisions.action[fresh]):
            rows = record.decisions.action == code
            refused = record.outcome[rows] == Outcome.REFUSED
            if refused.any() and not refused.all():
                ids = record.decisions.agent[rows].astype(np.float64)
                won.append(np.stack([ids - ids.mean(), ~refused - (~refused).mean()]))

    hashes(laboratory, 400, watch)
    ids, success = np.concatenate(won, axis=1)
    contested = ids.size
    correlation = float((ids * success).sum() / np.sqrt((ids**2).sum() * (success**2).sum()))
    assert contested > 400
    # Of n independent pairs the correlation has a standard deviation of 1 / sqrt(n).
    assert abs(correlation) < 4 / np.sqrt(contested)


def test_the_last_seat_goes_to_anyone() -> None:
    """Everyone wants one seat at once; over the ticks nobody is favoured by the place in the line of ids."""
    laboratory = founded(changed(hamlet(), events="[]", population__count="40"))
    society = laboratory.society
    go = society.action("go")
    assert go is not None
    winners = []
    for tick in range(1, 301):
        now = society.now(tick)
        who = np.arange(40, dtype=np.int32)[society.rng.order(ORDER, np.arange(40, dtype=np.int32), tick)]
        args = np.zeros((40, 4), np.int32)
        args[:, 0] = society.places.find("Market")
        room = society.places.capacity[args[0, 0]]
        society.places.capacity[args[0, 0]] = 1
        ends = go.start(now, who, args)
        society.places.capacity[args[0, 0]] = room
        go.stop(now, who, args)
        assert (ends.outcome == Outcome.STARTED).sum() <= 1
        winners += who[ends.outcome == Outcome.STARTED].tolist()
    assert len(winners) == 300
    assert abs(np.mean(winners) - 19.5) < 4 * np.sqrt((40**2 - 1) / 12 / 300)
