"""What does not fit together in the sections of goods and trade is refused with the place and the mend."""

from typing import Any

import pytest
from pydantic import ValidationError

from engine.errors import ScenarioError, SocietyError
from engine.scenario import parse_scenario
from engine.society.goods import Goods
from engine.society.goods.settings import KINDS, GoodsSettings
from engine.society.trade import Trade
from engine.society.trade.settings import TradeSettings
from tests.town import Town

TOOL = {"name": "tool", "words": "a tool", "inputs": {"wood": 1}, "output": {"tool": 1}, "at": ["workshop"]}


def test_kinds_add_to_the_known_goods_and_change_them() -> None:
    settings = GoodsSettings.model_validate({"kinds": {"cheese": {"food": 350}, "bread": {"value": 9}}})
    assert list(settings.kinds) == [*KINDS, "cheese"]
    assert settings.kinds["cheese"].word == "cheese"
    assert (settings.kinds["bread"].value, settings.kinds["bread"].food) == (9, KINDS["bread"].food)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"recipes": [{**TOOL, "inputs": {"iron": 1}}]}, "names the good 'iron', which is not in `kinds`"),
        ({"recipes": [TOOL, TOOL]}, "is 'tool', as another recipe is"),
        ({"start": {"gold": [0, 1]}}, "names the good 'gold'"),
        ({"start": {"wood": [3, 1]}}, r"write \[1, 3\]"),
        ({"needs": {"citizen": {"gold": 1}}}, "names the good 'gold'"),
        ({"tool": {"good": "hammer"}}, "names the good 'hammer'"),
        ({"kinds": {"bread": {"food": 2000}}}, "less than or equal to 1000"),
        ({"kinds": {"bread": 7}}, "valid dictionary"),
        ({"kinds": 7}, "valid dictionary"),
    ],
)
def test_goods_that_do_not_fit(section: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        GoodsSettings.model_validate(section)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"start": [9, 3]}, r"write \[3, 9\]"),
        ({"opens": 12, "closes": 12}, "not after `opens`"),
        ({"low": 0}, "greater"),
    ],
)
def test_trade_that_does_not_fit(section: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TradeSettings.model_validate(section)


def test_the_place_in_the_file_is_named() -> None:
    text = "sociarium: 1\nname: x\nmodules:\n  trade: {}\n  goods:\n    start:\n      gold: [0, 1]\n"
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, "x.scenario.yaml", {"goods": Goods.Settings, "trade": Trade.Settings})
    assert "modules.goods.start" in str(caught.value) and "gold" in str(caught.value)


def test_roles_and_resources_must_be_known() -> None:
    with pytest.raises(SocietyError, match=r"modules.goods.needs names the role baron; known: citizen, merchant"):
        Town(1, goods={"needs": {"baron": {"wood": 1}}})


def test_a_role_may_like_to_have_more_than_others() -> None:
    town = Town(4, goods={"needs": {"merchant": {"wood": 30}}})
    wood = town.good("wood")
    assert town.goods.kinds.keep[:, wood].tolist() == [KINDS["wood"].keep, 30]
