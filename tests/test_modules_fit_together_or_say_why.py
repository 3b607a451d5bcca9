from typing import Any, ClassVar

import numpy as np
import pytest

from engine.errors import SocietyError
from engine.scenario import Scenario, parse_scenario
from engine.society.discovery import discover
from engine.society.module import EventKind, Module, Settings
from engine.society.places import Place, Places
from engine.society.society import Now, Society, ordered
from engine.world import Column, World


class Wells(Module):
    name = "wells"
    events = (EventKind("drew", "{agent} drew water"),)

    def columns(self) -> tuple[Column, ...]:
        return (Column("water", np.int32),)


class Gardens(Module):
    name = "gardens"
    needs = ("wells",)
    order: ClassVar[list[str]] = []

    def bind(self) -> None:
        self.order.append(self.name)

    def settle(self, now: Now) -> None:
        self.see("wells").water[0] = 1


class Weather(Module):
    name = "weather"
    needs = ("climate",)


class Climate(Module):
    name = "climate"
    needs = ("weather",)


KNOWN: dict[str, type[Module]] = {module.name: module for module in (Wells, Gardens, Weather, Climate)}


def scenario() -> Scenario:
    return parse_scenario("sociarium: 1\nname: test\n", "test", {})


def society() -> Society:
    return Society(scenario(), World(4, 1), Places([Place("Home", "house", 0, 0, 8)]), str)


def test_modules_come_after_their_needs() -> None:
    assert ordered(KNOWN, ("gardens", "wells")) == ["wells", "gardens"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (("gardens",), r"gardens needs wells.*add `wells: \{\}`"),
        (("weather", "climate"), "circle: climate, weather"),
        (("moon",), "no module moon; known: climate, gardens, weather, wells"),
    ],
)
def test_what_does_not_fit_is_an_error_before_the_first_tick(wanted: tuple[str, ...], message: str) -> None:
    with pytest.raises(SocietyError, match=message):
        ordered(KNOWN, wanted)


def test_a_module_cannot_write_anothers_columns() -> None:
    stage = society()
    settings: dict[str, Any] = {"gardens": Settings(), "wells": Settings()}
    stage.assemble((), KNOWN, settings)
    stage.world.add(1)
    stage.modules["wells"].own.water[0] = 5
    with pytest.raises(ValueError, match="read-only"):
        stage.modules["gardens"].settle(stage.now(1))
    assert stage.world["wells.water"].tolist() == [5]


def test_an_event_name_belongs_to_one_module() -> None:
    class Springs(Module):
        name = "springs"
        events = (EventKind("drew", "{agent} drew from a spring"),)

    settings: dict[str, Any] = {"springs": Settings(), "wells": Settings()}
    with pytest.raises(SocietyError, match="event drew of wells is springs's already"):
        society().assemble((), {**KNOWN, "springs": Springs}, settings)


def test_events_read_as_sentences_and_come_back_by_kind() -> None:
    stage = society()
    stage.assemble((), KNOWN, {"wells": Settings()})
    log = stage.log
    log.emit("drew", np.array([4, 2], np.int32))
    log.emit("joined", np.array([7], np.int32))
    log.emit("drew", np.array([9], np.int32))
    assert log.of("drew")[0].tolist() == [4, 2, 9]
    assert log.of("snowed")[0].size == 0
    events = log.take()
    assert events.agent.tolist() == [4, 2, 7, 9]
    assert stage.sentence(int(events.kind[0]), 4, events.values[0].tolist()) == "4 drew water"
    assert log.take().size == 0


def test_bundled_modules_are_found_by_name() -> None:
    found = discover()
    assert {"drives", "goods", "trade", "ties", "news", "talk", "calls"} <= set(found)
    assert all(name == module.name for name, module in found.items())
