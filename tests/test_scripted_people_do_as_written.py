from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cognition.minds.reflex import ReflexMind
from cognition.minds.script import Entry, Script, ScriptMind, load_script
from engine.errors import MindError, SocietyError
from engine.rng import Rng
from tests.contract.mind_contract import APPEALS, PEOPLE, ROLES, People, Village, rows

ACTIONS = {"continue": 0, "go_to_place": 1, "rest": 2, "trade": 7}
PARAMETERS = {"continue": (), "go_to_place": ("place",), "rest": (), "trade": ("agent", "good", "number")}
EVERYONE = np.arange(PEOPLE, dtype=np.int32)


def number(kind: str, value: object) -> int:
    names = {"place": ["well", "market"], "good": ["food", "wood"]}.get(kind, [])
    if value not in names:
        raise SocietyError(f"no {kind} is called {value!r}; write its name")
    return names.index(str(value))


def read(text: str, folder: Path, name: str = "play.yaml") -> Script:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load_script(path, ACTIONS, PARAMETERS, number)


YAML = """\
- {tick: 40, agent: 7, action: go_to_place, arguments: [market]}
- tick: 90
  agent: 7
  action: rest
- {tick: 41, agent: 3, action: trade, arguments: [7, wood, 0]}
- {tick: 42, agent: 3, action: go_to_place, arguments: 0}
"""
CSV = """\
tick,agent,action,arguments,,
40,7,go_to_place,market

90,7,rest,,,
41,3,trade,7,wood,0
42, 3, go_to_place, 0
"""


@pytest.mark.parametrize(("text", "name"), [(YAML, "play.yaml"), (YAML, "play.YML"), (CSV, "play.csv")])
def test_a_script_reads_from_yaml_and_csv(text: str, name: str, tmp_path: Path) -> None:
    script = read(text, tmp_path, name)
    assert (script.key >> 32).tolist() == [3, 3, 7, 7]
    assert (script.key & 0xFFFFFFFF).tolist() == [41, 42, 40, 90]
    assert script.action.tolist() == [7, 1, 1, 2]
    assert script.args.tolist() == [[7, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


def test_people_decide_as_written_and_else_carry_on_while_others_follow_the_fallback() -> None:
    script = [Entry(1, 5, 2), Entry(3, 5, 7, (1, 2, 3)), Entry(3, 6, 1, (9,))]
    fallback = [ReflexMind(np.full((ROLES, len(APPEALS)), 100, np.int32), 60, 100, Rng(1)) for _ in range(2)]
    mind = ScriptMind(script, fallback[0])
    for tick in (1, 2, 3):
        mind.ask(Village().batch(tick, EVERYONE))
        found = mind.answers(True)
        fallback[1].ask(Village().batch(tick, EVERYONE))
        others = fallback[1].answers(True)
        assert found.agent.tolist() == EVERYONE.tolist()
        written = {entry.agent: entry for entry in script if entry.tick == tick}
        for agent in (5, 6):
            entry = written.get(agent, Entry(tick, agent, 0))
            assert found.action[agent] == entry.action
            assert found.args[agent].tolist() == [*entry.args, 0, 0, 0, 0][:4]
        rest = (EVERYONE != 5) & (EVERYONE != 6)
        assert rows(found.take(rest)) == rows(others.take(rest))


def test_an_entry_that_attention_missed_is_decided_at_the_next_asking() -> None:
    people = People()
    mind = ScriptMind([Entry(4, 5, 2), Entry(6, 5, 7), Entry(12, 5, 1)], people=people)
    decided = {}
    for tick in (3, 8, 9, 12, 15):
        mind.ask(Village().batch(tick, np.array([5], np.int32)))
        people.asked[5] = tick
        decided[tick] = int(mind.answers(True).action[0])
    assert decided == {3: 0, 8: 7, 9: 0, 12: 1, 15: 0}


def test_without_a_script_everyone_carries_on() -> None:
    mind = ScriptMind([])
    mind.ask(Village().batch(1, EVERYONE))
    assert not mind.answers(True).action.any()


BROKEN = {
    "not a list": ("tick: 4", ":1: is not a list of entries. Begin each with"),
    "not an entry": ("- 5", ":1: [0]: is not an entry. Write {tick"),
    "an unknown field": ("- {tick: 1, agent: 2, action: rest, who: 3}", "has the field 'who'. Use tick, agent"),
    "an unknown action": (
        "\n- {tick: 1, agent: 2, action: fly}",
        "play.yaml:2: [0]: there is no action 'fly'. Use one of:",
    ),
    "no action": ("- {tick: 1, agent: 2}", "there is no action 'None'"),
    "no tick": ("- {agent: 2, action: rest}", "tick is 'None'. Write a whole number"),
    "a negative tick": ("- {tick: -1, agent: 2, action: rest}", "tick is '-1'"),
    "a fraction": ("- {tick: 1.5, agent: 2, action: rest}", "tick is '1.5'"),
    "a huge agent": ("- {tick: 1, agent: 99999999999, action: rest}", "agent is '99999999999'"),
    "too many arguments": ("- {tick: 1, agent: 2, action: rest, arguments: [1]}", "rest has 1 arguments. Give it 0"),
    "too few arguments": ("- {tick: 1, agent: 2, action: trade, arguments: [1]}", "trade has 1 arguments. Give it 3"),
    "an unknown name": (
        "- {tick: 1, agent: 2, action: go_to_place, arguments: [moon]}",
        "no place is called 'moon'. Write its name",
    ),
    "a number too large": ("- {tick: 1, agent: 2, action: go_to_place, arguments: [5000000000]}", "is not a number"),
    "a nested argument": ("- {tick: 1, agent: 2, action: go_to_place, arguments: [[1]]}", "no place is called [1]"),
    "the same moment twice": (
        YAML + YAML.splitlines()[0],
        ":7: [4]: person 7 decides twice at tick 40, first in line 1. Keep one",
    ),
    "no YAML": ("- {tick: 1", ": is not YAML"),
    "a tag": ("- !!python/object {tick: 1, agent: 2, action: rest}", "tags are not read"),
    "unprintable": ("- {tick: 1, agent: 2, action: \x07}", ":1: holds the unprintable character"),
    "nested too deep": ("[" * 50, "nested deeper"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_script_is_refused_with_its_line_and_the_mend(case: str, tmp_path: Path) -> None:
    text, expected = BROKEN[case]
    with pytest.raises(MindError) as caught:
        read(text, tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'play.yaml'}:")
    assert expected in str(caught.value)


BROKEN_CSV = {
    "no header": ("1,2,rest", ":1: has no header"),
    "empty": ("", ":1: has no header"),
    "cut off": ("tick,agent,action\n1,2,rest\n5,6", ":3: is cut off. Write tick,agent,action"),
    "an open quote": ('tick,agent,action\n1,2,"rest', "is not CSV"),
    "a word for a number": ("tick,agent,action\nsoon,2,rest", ":2: tick is 'soon'"),
    "twice": ("tick,agent,action\n1,2,rest\n1,2,rest", ":3: person 2 decides twice at tick 1, first in line 2"),
}


@pytest.mark.parametrize("case", BROKEN_CSV)
def test_a_broken_table_is_refused_with_its_line_and_the_mend(case: str, tmp_path: Path) -> None:
    text, expected = BROKEN_CSV[case]
    with pytest.raises(MindError) as caught:
        read(text, tmp_path, "play.csv")
    assert expected in str(caught.value)


def test_a_file_that_is_no_script_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MindError, match="cannot be read"):
        load_script(tmp_path / "none.yaml", ACTIONS)
    with pytest.raises(MindError, match="cannot be read"):
        load_script(tmp_path, ACTIONS)
    with pytest.raises(MindError, match=r"neither \.yaml nor \.csv"):
        read("", tmp_path, "play.txt")
    (tmp_path / "play.csv").write_bytes(b"tick,agent\n\xff")
    with pytest.raises(MindError, match=":2: is not UTF-8"):
        load_script(tmp_path / "play.csv", ACTIONS)
    (tmp_path / "large.csv").write_bytes(b"#" * ((8 << 20) + 1))
    with pytest.raises(MindError, match="larger than 8388608 bytes"):
        load_script(tmp_path / "large.csv", ACTIONS)


@pytest.mark.parametrize(("text", "name"), [(YAML, "play.yaml"), (CSV, "play.csv")])
def test_a_script_has_a_largest_size(text: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cognition.minds.script.MOST_ENTRIES", 3)
    with pytest.raises(MindError, match="holds more than 3 entries"):
        read(text, tmp_path, name)


def test_all_problems_are_told_at_once_up_to_twenty(tmp_path: Path) -> None:
    with pytest.raises(MindError) as caught:
        read("- {tick: 1, agent: 2, action: fly}\n" * 25, tmp_path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 21 and ":20: [19]" in lines[19] and "5 more problems" in lines[20]


def test_mutated_scripts_are_read_or_refused_kindly(tmp_path: Path) -> None:
    dice = np.random.default_rng(8)
    for text, name in ((YAML, "play.yaml"), (CSV, "play.csv")):
        path = tmp_path / name
        for _ in range(300):
            data = bytearray(text.encode())
            for place in dice.integers(0, len(data), 1 + dice.integers(4)):
                data[place] = dice.integers(256)
            path.write_bytes(bytes(data))
            try:
                load_script(path, ACTIONS, PARAMETERS, number)
            except MindError as error:
                assert str(error).startswith(str(path))
