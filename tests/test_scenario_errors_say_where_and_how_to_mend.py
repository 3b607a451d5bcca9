"""Whatever is wrong with a scenario, its author reads the file, the line, the path and the mend, all at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import pytest

from engine.errors import Problem, SociariumError
from engine.scenario import (
    KnownNames,
    Scenario,
    ScenarioError,
    Section,
    Sections,
    check_names,
    listed,
    load_scenario,
    parse_scenario,
    set_path,
    set_paths,
    whole,
)

HEAD = "sociarium: 1\nname: test\n"


class Recipe(Section):
    """A recipe of the bakery."""

    output: Annotated[int, whole("Loaves made", "loaves", 1, 9)]


class Bakery(Section):
    """A module's settings."""

    regrowth: Annotated[int, whole("Flour that comes in", "sacks a day", 0, 50)] = 3
    recipes: Annotated[tuple[Recipe, ...], listed("What is baked", "sections", 9)] = ()


SECTIONS: Sections = {"bakery": Bakery, "minds.clockwork": Recipe}


def problems(text: str, known: KnownNames | None = None) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, "town.yaml", SECTIONS, known)
    for problem in caught.value.problems:
        assert problem.what and problem.mend
        assert problem.line is not None and problem.line >= 1
    assert len(str(caught.value).splitlines()) == len(caught.value.problems)
    return caught.value.problems


# What is added to the two lines of HEAD, and of the one problem: path, line, part of what, part of the mend.
WRONG = {
    "a number too large": ("space: {width: 5000}", "space.width", 3, "is 5000, which is too large", "4 to 1000 hexes"),
    "a number too small": ("time:\n  tick: 0", "time.tick", 4, "is 0, which is too small", "1 to 3600 simulated"),
    "a text for a number": ("seed: many", "seed", 3, "is `many`", "0 to 9223372036854775807"),
    "a switch for a number": ("seed: true", "seed", 3, "is true", "write 0 to"),
    "a decimal for a whole number": ("seed: 1.5", "seed", 3, "is 1.5", "write 0 to"),
    "a null": ("seed:", "seed", 3, "is null", "write 0 to"),
    "yes for a switch": ("terrain: {river: yes}", "terrain.river", 3, "is `yes`", "write true"),
    "a misspelt word": ("space: {edges: torsu}", "space.edges", 3, "is `torsu`", "did you mean `torus`?"),
    "a misspelt key": ("space:\n  widht: 5", "space.widht", 4, "is not known here", "did you mean `width`?"),
    "a strange key": ("measures: {zzz: 5}", "measures.zzz", 3, "is not known here", "known: every"),
    "a name that is none": ("roles: {King Cole: {}}", "roles.King Cole", 3, "is not a name", "small letters"),
    "a bad entry of a list": (
        "resources:\n  - {good: grain, on: [field], regrowth: 1}\n  - {good: fish, on: [watre], regrowth: 1}",
        "resources[1].on[0]", 5, "is `watre`", "did you mean `water`?",
    ),
    "a missing field": ("resources:\n  - good: grain\n    on: [field]", "resources[0].regrowth", 4, "missing", "add"),
    "an unknown event": ("events: [{at: 1, do: drvie}]", "events[0].do", 3, "is `drvie`", "did you mean `drive`?"),
    "an event of no kind": ("events: [{at: 1}]", "events[0].do", 3, "is missing", "add_people"),
    "a field of an event": ("events:\n- at: 1\n  do: announce\n  txt: a\n  text: a", "events[0].txt", 6, "not known",
                            "`text`"),
    "a moment that is none": ("events: [{at: noon, do: announce, text: a}]", "events[0].at", 3, "not a moment",
                              "day 2 09:00"),
    "a moment before the run": ("events: [{at: day 1 05:00, do: announce, text: a}]", "events[0].at", 3,
                                "before the run", "06:00"),
    "an event for an unknown role": ("events: [{at: 1, do: add_people, people: 1, role: citizn}]", "events[0].role", 3,
                                     "`citizn` is no role", "did you mean `citizen`?"),
    "an event for nobody": ("events: [{at: 1, do: drive, agent: 100, action: eat}]", "events[0].agent", 3,
                            "only 100 people", "0 to 99"),
    "a setting that stays": ("events: [{at: 1, do: set, path: seed, value: 1}]", "events[0].path", 3, "cannot change",
                             "modules."),
    "a setting that is not there": (
        "modules: {bakery: {}}\nevents: [{at: 1, do: set, path: modules.bakery.regrwth, value: 1}]",
        "events[0].value", 4, "modules.bakery.regrwth is not known", "did you mean `regrowth`?",
    ),
    "a setting of no module": ("events: [{at: 1, do: set, path: modules.mill.x, value: 1}]", "events[0].path", 3,
                               "is not there", "nothing is known"),
    "shares that do not add up": ("population:\n  roles: {citizen: 0.9}", "population.roles", 4, "to 0.9", "they do"),
    "numbers that do not add up": ("population:\n  count: 5\n  roles: {citizen: 4}", "population.roles", 5,
                                   "add up to 4 people", "`count: 4`"),
    "an unknown role": ("population:\n  roles:\n    citzen: 1.0", "population.roles.citzen", 5, "no role", "`citizen`"),
    "a trait upside down": ("population: {traits: {shy: {low: 9, high: 3}}}", "population.traits.shy.low", 3, "above",
                            "0 to 3"),
    "a peak outside": ("population: {traits: {shy: {high: 3, peak: 4, distribution: triangular}}}",
                       "population.traits.shy.peak", 3, "outside", "0 to 3"),
    "more people than room": ("space: {width: 4, height: 4, capacity: 1}", "population.count", 1, "holds 16", "lower"),
    "a place off the map": ("places: [{name: a, kind: well, at: [100, 0]}]", "places[0].at", 3, "outside", "0 to 99"),
    "a place at one number": ("places: [{name: a, kind: well, at: 5}]", "places[0].at", 3, "two whole", "[column"),
    "a place of no kind": ("places: [{name: a, kind: wel, at: [1, 1]}]", "places[0].kind", 3, "no kind", "`well`"),
    "an odd torus": ("space:\n  edges: torus\n  height: 5", "space.height", 5, "odd", "write 6"),
    "a full start": ("resources: [{good: a, on: [path], most: 3, start: 4, regrowth: 0}]", "resources[0].start", 3,
                     "more than", "0 to 3"),
    "a good twice": ("resources: [{good: a, on: [path], regrowth: 0}, {good: a, on: [rock, path], regrowth: 0}]",
                     "resources[1].good", 3, "twice", "one entry"),
    "minds for too many": ("cognition: {minds: [{mind: a}, {mind: b, share: 0.5}]}", "cognition.minds[1].share", 3,
                           "1.5", "lower"),
    "a mind for no role": ("cognition: {minds: [{mind: a, roles: [citzen]}]}", "cognition.minds[0].roles[0]", 3,
                           "no role", "`citizen`"),
    "a mind's settings": ("cognition: {minds: [{mind: clockwork, settings: {output: 0}}]}",
                          "cognition.minds[0].settings.output", 3, "too small", "1 to 9 loaves"),
    "an unknown module": ("modules: {bakry: {}}", "modules.bakry", 3, "no module `bakry`", "did you mean `bakery`?"),
    "a module that is a word": ("modules: {bakery: maybe}", "modules.bakery", 3, "is `maybe`", "{}"),
    "modules that are a list": ("modules: [bakery]", "modules", 3, "is a list", "name: {}"),
    "a module's setting": ("modules:\n  bakery:\n    regrowth: 51", "modules.bakery.regrowth", 5, "is 51", "50 sacks"),
    "deep in a module": ("modules:\n  bakery:\n    recipes:\n    - output: 1\n    - output: ten",
                         "modules.bakery.recipes[1].output", 7, "is `ten`", "1 to 9 loaves"),
    "a section that is a list": ("space: []", "space", 3, "is a list", "a section"),
    "a doubled key": ("seed: 1\nseed: 2", "seed", 4, "twice, first in line 3", "keep one"),
    "a tag": ("title: !!python/name:os.system x", "title", 3, "has the tag", "delete the tag"),
    "a merge key": ("space: {<<: {width: 4}}", "space.<<", 3, "merge keys", "write the keys out"),
    "infinity": ("time: {rate: .inf}", "time.rate", 3, ".inf is not a finite number", "finite"),
    "an unprintable escape": ('title: "\\a"', "title", 3, "unprintable", "delete"),
    "no YAML": ("space: [1", "", 4, "is not YAML", "check"),
    "a tab": ("space:\n\twidth: 5", "", 4, "is not YAML", "check"),
    "a second document": ("---\nname: two", "", 3, "second document", "keep one"),
    "an alias of nothing": ("title: *it", "title", 3, "`*it`, which is not defined", "define it"),
    "an alias of itself": ("roles: &it {a: *it}", "roles.a", 3, "holds itself", "write"),
    "a key that is a list": ("[1]: 2", "", 3, "key that is not a word", "name: value"),
    "an unprintable character": ("title: \x01", "", 3, "U+0001", "delete"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_one_mistake_gives_one_problem_with_its_place_and_its_mend(case: str) -> None:
    added, path, line, what, mend = WRONG[case]
    (problem,) = problems(HEAD + added + "\n")
    assert (problem.path, problem.line) == (path, line)
    assert what in problem.what
    assert mend in problem.mend


@pytest.mark.parametrize(
    ("text", "path", "what", "mend"),
    [
        ("", "", "is empty", "begin with `sociarium: 1`"),
        ("- a\n", "", "is a list, not a scenario", "begin with"),
        ("name: a\n", "sociarium", "is missing", "write `sociarium: 1`"),
        ("sociarium: 2\nname: a\n", "sociarium", "newer program", "update the program"),
        ("sociarium: one\nname: a\n", "sociarium", "is `one`", "write `sociarium: 1`"),
        ("sociarium: true\nname: a\n", "sociarium", "is true", "write `sociarium: 1`"),
        ("sociarium: 1\n", "name", "is missing", "add it: a name of small letters"),
    ],
)
def test_what_is_no_scenario_of_this_version_is_named_so(text: str, path: str, what: str, mend: str) -> None:
    (problem,) = problems(text)
    assert problem.path == path
    assert what in problem.what
    assert mend in problem.mend


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file() -> None:
    text = HEAD + (
        "seed: -1\n"
        "space: {width: 3, hieght: 7}\n"
        "seed: 5\n"
        "modules: {bakery: {regrowth: x}, mill: {}}\n"
        "places: [{name: a, kind: wel, at: [1, 1]}]\n"
        "roles: {citizen: {weights: {foood: 3}}}\n"
    )
    found = problems(text, KnownNames(appeals=frozenset({"food"})))
    assert [(problem.line, problem.path) for problem in found] == [
        (3, "seed"),
        (4, "space.width"),
        (4, "space.hieght"),
        (5, "seed"),
        (6, "modules.bakery.regrowth"),
        (6, "modules.mill"),
        (7, "places[0].kind"),
        (8, "roles.citizen.weights.foood"),
    ]


def test_each_problem_is_one_line_that_an_editor_can_follow() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(HEAD + "space: {width: 3}\nseed: x\n", "towns/one.yaml")
    first, second = str(caught.value).splitlines()
    assert (
        first == "towns/one.yaml:3: space.width: is 3, which is too small. Write 4 to 1000 hexes (Columns of the grid)"
    )
    assert second.startswith("towns/one.yaml:4: seed: ")
    assert isinstance(caught.value, SociariumError)


def test_a_flood_of_mistakes_is_cut_short() -> None:
    found = problems(HEAD + "resources:\n" + "- {}\n" * 2000)
    assert len(found) <= 101
    assert "more problems" in found[-1].what


def test_names_that_the_program_does_not_know_are_reported() -> None:
    text = HEAD + (
        "population: {traits: {shyness: {}}}\n"
        "roles: {citizen: {weights: {fod: 3}, may: [cal]}}\n"
        "actions: {off: [etas]}\n"
        "cognition: {minds: [{mind: reflx}], reflex: {weights: {rset: 1}}}\n"
        "resources: [{good: grian, on: [field], regrowth: 1}]\n"
        "events: [{at: 1, do: drive, agent: 1, action: eta}]\n"
    )
    known = KnownNames(
        appeals=frozenset({"food", "rest"}),
        actions=frozenset({"call", "eat", "eats"}),
        minds=frozenset({"reflex"}),
        goods=frozenset({"grain"}),
        traits=frozenset({"shy"}),
    )
    expected = {
        "population.traits.shyness": "shy", "roles.citizen.weights.fod": "food", "roles.citizen.may[0]": "call",
        "actions.off[0]": "eats", "cognition.minds[0].mind": "reflex", "cognition.reflex.weights.rset": "rest",
        "resources[0].good": "grain", "events[0].action": "eat",
    }  # fmt: skip
    found = {problem.path: problem.mend for problem in problems(text, known)}
    assert set(found) == set(expected)
    assert all(f"`{expected[path]}`" in found[path] for path in expected if path != "population.traits.shyness")
    read = parse_scenario(text, "town.yaml")
    later = check_names(
        read,
        appeals=["food", "rest"],
        actions=["call", "eat", "eats"],
        minds=["reflex"],
        goods=["grain"],
        traits=["shy"],
    )
    assert later == problems(text, known)
    assert read.origin.name == "town.yaml"
    assert check_names(read) == ()


def test_a_small_file_cannot_grow_large_through_aliases() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{depth}: &a{depth} [{', '.join([f'*a{depth - 1}'] * 10)}]" for depth in range(1, 10)]
    (problem,) = problems(HEAD + "\n".join(lines))
    assert "values once its aliases are written out" in problem.what
    assert problem.line == 7


def test_an_alias_within_bounds_is_read() -> None:
    text = HEAD + "place_kinds:\n  barn: &small {capacity: 3, radius: 1}\n  mill: *small\n"
    scenario = parse_scenario(text, "town.yaml")
    assert scenario.place_kinds["mill"].capacity == 3
    assert "&" not in scenario.to_yaml()


@pytest.mark.parametrize("text", ["[" * 5000, "a: " + "{b: " * 5000, "- " * 5000, "a: &a [" + "[" * 30])
def test_deep_nesting_is_refused(text: str) -> None:
    (problem,) = problems(HEAD + "modules: \n  " + text)
    assert "nested deeper than 24 levels" in problem.what or "not YAML" in problem.what


def test_deep_nesting_through_aliases_is_refused() -> None:
    lines = ["a0: &a0 [[[[[[[[x]]]]]]]]", "a1: &a1 [[[[[[[[*a0]]]]]]]]", "a2: &a2 [[[[[[[[*a1]]]]]]]]"]
    (problem,) = problems(HEAD + "\n".join(lines))
    assert "nested deeper than 24 levels" in problem.what


def test_a_long_text_and_too_many_values_are_refused() -> None:
    (problem,) = problems(HEAD + "title: " + "x" * 70_000)
    assert (problem.path, problem.line) == ("title", 3)
    assert "longer than 65536 characters" in problem.what
    (problem,) = problems(HEAD + "modules: {bakery: {recipes: [" + "1," * 50_001 + "]}}")
    assert "more than 50000 values" in problem.what


def test_a_file_that_cannot_be_a_scenario_is_refused(tmp_path: Path) -> None:
    cases = {
        "missing": "there is no such file",
        "folder": "is a directory",
        "binary": "is not UTF-8 text",
        "zeros": "unprintable character U+0000",
        "large": "is larger than 1048576 bytes",
        "pipe": "is not an ordinary file",
        "a\0b": "there is no such file",
        "n" * 300: "cannot be read",
    }
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"name: a\n\xff\xfe")
    (tmp_path / "zeros").write_bytes(bytes(64))
    (tmp_path / "large").write_bytes(b"#" * ((1 << 20) + 1))
    os.mkfifo(tmp_path / "pipe")
    for name, what in cases.items():
        with pytest.raises(ScenarioError) as caught:
            load_scenario(tmp_path / name)
        (problem,) = caught.value.problems
        assert what in problem.what, name
        assert str(tmp_path) in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1


def test_windows_line_ends_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    file = tmp_path / "a.scenario.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + (HEAD + "seed: 9\n").replace("\n", "\r\n").encode())
    assert load_scenario(file).seed == 9


@pytest.mark.parametrize(
    ("path", "value", "where", "what"),
    [
        ("modules.bakery.regrowth", "51", "modules.bakery.regrowth", "too large"),
        ("modules.bakery.regrwth", "5", "modules.bakery.regrwth", "not known here"),
        ("modules.mill.speed", "5", "modules.mill", "is not there"),
        ("roles.citizen.speed.x", "5", "roles.citizen.speed", "nothing below"),
        ("places[3].radius", "5", "places[3]", "the list has 1 entries"),
        ("places.Tower.radius", "5", "places.Tower", "is not there"),
        ("places[x", "5", "places[x", "is not a path"),
        ("", "5", "", "is not a path"),
        (".seed", "5", ".seed", "is not a path"),
        ("seed", "[1", "seed", "is not YAML"),
        ("seed", "!!int 5", "seed", "has the tag"),
        ("seed", "five", "seed", "does not fit"),
        ("space.edges", "torus", "space.height", "odd"),
    ],
)
def test_a_setting_that_cannot_be_changed_so_says_why(path: str, value: str, where: str, what: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        set_path(town(), path, value, SECTIONS)
    (problem,) = caught.value.problems
    assert problem.path == where
    assert what in problem.what
    assert problem.mend
    assert str(caught.value).startswith(f"{path}={value}: ")


def town() -> Scenario:
    text = HEAD + "modules: {bakery: {recipes: [{output: 2}]}}\nspace: {height: 51}\n"
    return parse_scenario(text + "places: [{name: Lookout, kind: hall, at: [1, 2]}]\n", "town.yaml", SECTIONS)


def test_settings_change_by_index_by_name_and_together() -> None:
    before = town()
    after = set_path(before, "modules.bakery.recipes[0].output", "9", SECTIONS)
    assert after.settings("bakery", Bakery).recipes == (Recipe(output=9),)
    assert before.settings("bakery", Bakery).recipes == (Recipe(output=2),)
    assert set_path(before, "places.Lookout.radius", "3", SECTIONS).places[0].radius == 3
    assert set_path(before, "places[0].at", "[5, 6]", SECTIONS).places[0].at == (5, 6)
    assert set_path(before, "roles.citizen.weights.food", "150", SECTIONS).roles["citizen"].weights == {"food": 150}
    assert set_path(before, "modules.bakery", "false", SECTIONS).modules == {}
    assert set_path(before, "title", "'6'", SECTIONS).title == "6"
    together = set_paths(before, [("space.edges", "torus"), ("space.height", "52")], SECTIONS)
    assert (together.space.edges, together.space.height) == ("torus", 52)


def test_a_module_is_on_when_it_is_listed() -> None:
    for written in ("{}", "true", ""):
        scenario = parse_scenario(HEAD + f"modules: {{bakery: {written}}}\n", "town.yaml", SECTIONS)
        assert scenario.settings("bakery", Bakery) == Bakery()
        assert "bakery" in scenario.modules
    assert parse_scenario(HEAD + "modules: {bakery: false}\n", "town.yaml", SECTIONS).modules == {}
    assert parse_scenario(HEAD, "town.yaml", SECTIONS).modules == {}
    with pytest.raises(TypeError):
        parse_scenario(HEAD + "modules: {bakery: {}}\n", "town.yaml", SECTIONS).settings("bakery", Recipe)
