"""docs/commands.md has every command and option of the parser, and what the plan has besides; examples can be typed."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bench import BENCHES
from app.cli import COMING, parser
from app.compose import compose, read_scenario

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
COMING_PAGE = PAGE.split("## Not yet there")[1].split("\n## ")[0]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

# The command block of the plan (DESIGN.md): each command with its options.
PLAN = {
    "open": ["--shot", "--after"],
    "run": ["--ticks", "--seed", "--mind", "--space", "--out", "--estimate", "--json"],
    "resume": ["--json"],
    "verify": ["--json"],
    "info": ["--json"],
    "export": ["--to"],
    "branch": ["--at", "--set", "--ticks", "--out", "--json"],
    "ask": ["--tick", "--agent"],
    "survey": [],
    "serve": ["--host", "--port", "--token-file"],
    "scenario check": [],
    "scenario schema": [],
    "minds list": [],
    "minds add": [],
    "minds pull": [],
    "bench": ["--json"],
    "doctor": [],
}


def commands(top: argparse.ArgumentParser, words: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield every command that does something, with its parser."""
    below = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield words, top
    for group in below:
        for name, command in group.choices.items():
            yield from commands(command, f"{words} {name}".strip())


COMMANDS = {words: command for words, command in commands(parser()) if words.split()[0] not in COMING}


def section(words: str) -> str:
    found = re.search(rf"^## sociarium {words}\b.*?(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/commands.md has no section `sociarium {words}`"
    return found.group()


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_has_a_section_with_every_option_and_argument(words: str) -> None:
    text = section(words)
    for action in COMMANDS[words]._actions:
        if action.help == argparse.SUPPRESS or action.dest in ("help", "debug"):
            continue
        if action.option_strings:
            assert f"`{action.option_strings[-1]}" in text, f"{words} {action.option_strings[-1]} is not documented"
            assert action.help or action.choices or action.required, f"{words} {action.option_strings[-1]} has no help"
        else:
            assert str(action.metavar) in text.splitlines()[0], f"{words} {action.metavar} is not documented"


@pytest.mark.parametrize("words", COMMANDS)
def test_a_section_has_no_option_that_is_not_there(words: str) -> None:
    known = {option for action in COMMANDS[words]._actions for option in action.option_strings}
    assert set(re.findall(r"^\| `(--[a-z-]+)", section(words), re.MULTILINE)) <= known


def test_options_of_all_commands_are_told_first() -> None:
    head = PAGE.split("\n## ")[0]
    for option in ("--help", "-h", "--version", "--debug", "--json"):
        assert f"`{option}" in head or f" {option}`" in head


def test_every_command_of_the_plan_is_there_or_said_to_come() -> None:
    for words, options in PLAN.items():
        name = words.split()[0]
        there = COMMANDS.get(words)
        if there is None:
            assert name in COMING, f"{words} is neither there nor said to come"
            assert f"`{words}`" in COMING_PAGE or f"`sociarium {name}`" in COMING_PAGE
        known = {option for action in there._actions for option in action.option_strings} if there else set()
        for option in options:
            assert option in known or re.search(rf"`{name}[^`]* {option}\b", COMING_PAGE), f"{words} {option}"


def test_what_is_said_to_come_is_not_there_yet() -> None:
    assert set(COMING) <= set(re.findall(r"`sociarium (\w+)`", COMING_PAGE))
    for name in COMING:
        assert not re.search(rf"^## sociarium {name}\b", PAGE, re.MULTILINE)


def typed(page: Path) -> Iterator[str]:
    """Yield the `sociarium ...` lines of a page's shell examples."""
    for block in re.findall(r"```(?:sh|console)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            words = line.split("#")[0].removeprefix("$ ").strip()
            if re.match(r"(\.venv/bin/)?sociarium\b", words):
                yield words.removesuffix("&").strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_example_can_be_typed(page: Path) -> None:
    for line in typed(page):
        options = parser().parse_args(shlex.split(line)[1:])
        assert options.command not in COMING, line


def test_the_readme_shows_the_commands_that_there_are() -> None:
    shown = {line.split()[1] for line in typed(PAGES[0]) if len(line.split()) > 1}
    assert {words.split()[0] for words in COMMANDS} - shown <= {"open"}


def test_the_scenario_of_the_readme_is_sound() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGES[0].read_text(encoding="utf-8"), re.DOTALL)
    assert compose(read_scenario(text, "README.md")).scenario.population.count == 40


def test_the_readme_says_make_as_the_makefile_does() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    readme = PAGES[0].read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", readme, re.MULTILINE))
    assert {"run", "test"} <= named <= targets


def test_the_figures_of_the_readme_are_those_of_the_bench() -> None:
    table = PAGES[0].read_text(encoding="utf-8").split("## Figures")[1]
    named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert len(named) > 5
    assert set(named) <= {figure.name for bench in BENCHES.values() for figure in bench.figures}


def test_variables_of_the_environment_are_documented() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("app/**/*.py"))
    for variable in re.findall(r'environ(?:\.get\(|\[)"(SOCIARIUM_\w+)"', sources):
        assert f"`{variable}`" in PAGE
