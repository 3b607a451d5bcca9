"""People and land always have what was founded, regrew and was made, less what was eaten, used up and spoiled."""

import numpy as np
from hypothesis import settings
from hypothesis.stateful import invariant

from engine.society.goods.kernels import EATEN, FOUNDED, MADE, REGROWN, SPOILED, USED
from engine.values import Decisions
from tests.town import Town
from tests.town_life import TownLife


def balance(town: Town) -> tuple[list[int], list[int]]:
    own, ledger = town.goods.own, town.goods.own.ledger
    there = own.stock.sum(axis=0, dtype=np.int64)
    there[town.goods.growth.good] += own.ground.sum(axis=0, dtype=np.int64)
    booked = ledger[FOUNDED] + ledger[REGROWN] + ledger[MADE] - ledger[EATEN] - ledger[USED] - ledger[SPOILED]
    return there.tolist(), booked.tolist()


class GoodsAreConserved(TownLife):
    @invariant()
    def nothing_appears_or_vanishes(self) -> None:
        if hasattr(self, "town"):
            there, booked = balance(self.town)
            assert there == booked

    @invariant()
    def nobody_owes_goods_and_no_hex_holds_too_much(self) -> None:
        if hasattr(self, "town"):
            goods = self.town.goods
            assert goods.own.stock.min() >= 0
            assert goods.own.ground.min() >= 0
            assert (goods.own.ground <= goods.growth.most[:, goods.terrain].T).all()
            assert goods.own.skill.min() >= 0 and goods.own.skill.max() <= 1000


TestGoodsAreConserved = GoodsAreConserved.TestCase
TestGoodsAreConserved.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)


def test_a_long_busy_life_conserves_goods_and_leaves_no_kind_of_event_out() -> None:
    town = Town(40, goods={"tool": {"uses": 2}, "kinds": {"bread": {"lasts": 1}}}, trade={}, drives={})
    rng = np.random.default_rng(1)
    seen: set[str] = set()
    for _ in range(400):
        who = town.world.living()
        idle = who[town.society.people.action[who] == 0]
        laid = town.lay_out(idle)
        picked = laid.start[:-1] + rng.integers(0, 10**6, idle.size) % np.diff(laid.start)
        town.settle(Decisions.of(idle, laid.action[picked], laid.args[picked], town.now.tick))
        town.space.move(town.now.tick)
        seen |= {sentence.split(" ", 2)[2].split(" ")[0] for sentence in town.end()}
        there, booked = balance(town)
        assert there == booked
    assert {"gathered", "made", "ate", "gave", "sold"} <= seen
    assert (town.goods.own.ledger[1:].sum(axis=1) > 0).all()


def test_the_land_regrows_by_its_daily_rate_whatever_a_tick_is() -> None:
    grown = []
    for tick in (60, 120, 600):
        town = Town(1, tick=tick, goods={"kinds": {}})
        town.goods.own.ground[:, 4] = 0
        town.pass_ticks(10 * 86400 // tick)
        rock = town.goods.growth.most[4, town.goods.terrain] > 0
        grown.append(town.goods.own.ground[rock, 4].tolist())
        # A tenth of a unit a day over ten days: one unit a hex, less the last turn that is still to come.
        assert set(grown[-1]) <= {0, 1, 2} and sum(grown[-1]) >= rock.sum() * 8 // 10
    full = Town(1, goods={})
    full.goods.own.ground[:, 0] = 0
    full.pass_ticks(720)
    field = full.goods.growth.most[0, full.goods.terrain] > 0
    assert (full.goods.own.ground[field, 0] == 6).all()
