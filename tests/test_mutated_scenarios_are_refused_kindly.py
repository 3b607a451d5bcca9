"""A damaged scenario is either still a scenario or a typed error with its place, soon, and never another exception."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from engine.scenario import KnownNames, ScenarioError, Sections, load_scenario, parse_scenario
from engine.society.discovery import discover

SETTLEMENT = Path(__file__).parents[1] / "assets" / "scenarios" / "settlement.scenario.yaml"
MUTATIONS = 10_000 if os.environ.get("SOCIARIUM_SOAK") else 1_000
BATCH = 100


SECTIONS: Sections = {name: module.Settings for name, module in discover().items()}
KNOWN = KnownNames(minds=frozenset({"reflex", "recorded", "script"}))
DOCUMENT = load_scenario(SETTLEMENT, SECTIONS, KNOWN).document()
ROUND_TRIP_EVERY = 5

STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 5, 10**30, -(2**63), 0.1, -0.5, 1e300, "", " ", "x", "yes", "~", "06:00", "24:00",
    "day 0 00:00", "day 999999 23:59", "a" * 500, "é\U0001f600", "\u2028", "a: b", "#", "[]", "hex", "citizen",
    "market", "modules.drives.hunger", "modules..x", [], [0], [[]], [None, None], {}, {"a": 1}, {"do": "set"},
    {"at": 1, "do": "drive"},
    {"name": "x", "kind": "well", "at": [1, 1]}, {"mind": "reflex", "roles": ["leader"]}, ["meadow"] * 3, [1] * 200,
)  # fmt: skip
SNIPPETS = (
    b"\t", b"  ", b"\n", b"\r", b"\x00", b"\xff", b"\xc3\x28", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b":", b": ", b"- ",
    b"#", b"'", b'"', b"{", b"}", b"[", b"]", b"&a ", b"*a", b"!!set ", b"!x ", b"? ", b"| ", b"> ", b"---\n", b"...\n",
    b"%YAML 1.1\n", b"<<: ", b"\\", b'"\\ud800"', b'"\\x07"', b"0x", b"1e999", b".nan", b"9" * 60, b"9" * 5000,
    b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85", b"[" * 200, b"? [a]\n: b\n",
)  # fmt: skip


def cut_bytes(data: bytes, random: Random) -> bytes:
    start = random.randrange(len(data))
    return data[:start] + data[start + random.choice((1, 2, 10, 200, 10**9)) :]


def flip_byte(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data))
    return data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]


def insert_snippet(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data))
    return data[:at] + random.choice(SNIPPETS) + data[at:]


def shuffle_lines(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    source, target = random.randrange(len(lines)), random.randrange(len(lines))
    moved = lines[source]
    if random.random() < 0.5:
        del lines[source]
    lines.insert(target, moved)
    return b"".join(lines)


def shift_line(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    at = random.randrange(len(lines))
    lines[at] = lines[at].lstrip() if random.random() < 0.5 else b"  " + lines[at]
    return b"".join(lines)


def misspell_word(data: bytes, random: Random) -> bytes:
    words = data.split(b" ")
    at = random.randrange(len(words))
    words[at] = words[at][::-1] if random.random() < 0.5 else words[at][:1] + words[at]
    return b" ".join(words)


def change_value(_: bytes, random: Random) -> bytes:
    """Change one value of the document, at any depth: replaced, deleted, renamed, doubled or filled up."""
    root = {"root": deepcopy(DOCUMENT)}
    container: Any = root
    key: Any = "root"
    while isinstance(container[key], dict | list) and container[key] and random.random() < 0.85:
        container = container[key]
        key = random.choice(list(container)) if isinstance(container, dict) else random.randrange(len(container))
    how = random.randrange(5)
    if how == 0:
        del container[key]
    elif how == 1 and isinstance(container, dict):
        container[random.choice(STRANGE[16:25])] = container.pop(key)
    elif how == 2 and isinstance(container, list):
        container += [container[key]] * random.choice((1, 100, 5000))
    else:
        container[key] = random.choice(STRANGE)
    return yaml.safe_dump(root.get("root"), allow_unicode=random.random() < 0.5, sort_keys=False).encode()


TEXT_MUTATORS: tuple[Callable[[bytes, Random], bytes], ...] = (
    cut_bytes, flip_byte, insert_snippet, shuffle_lines, shift_line, misspell_word,
)  # fmt: skip
MUTATORS = (*TEXT_MUTATORS, change_value, change_value, change_value)


@pytest.mark.soak
@pytest.mark.parametrize("first", range(0, MUTATIONS, BATCH))
def test_a_mutated_scenario_is_sound_or_refused_with_its_place(first: int, tmp_path: Path) -> None:
    original = SETTLEMENT.read_bytes()
    file = tmp_path / "mutated.scenario.yaml"
    refused = 0
    for number in range(first, first + BATCH):
        random = Random(number)
        data = random.choice(MUTATORS)(original, random)
        if random.random() < 0.2:
            data = random.choice(TEXT_MUTATORS)(data or b" ", random)
        file.write_bytes(data)
        refused += is_refused(file, number)
    assert refused > BATCH // 5, "mutations that never matter test nothing"


def is_refused(file: Path, number: int) -> bool:
    begin = time.process_time()
    try:
        scenario = load_scenario(file, SECTIONS, KNOWN)
    except ScenarioError as error:
        lines = str(error).split("\n")
        assert len(lines) == len(error.problems) > 0, number
        for problem, line in zip(error.problems, lines, strict=True):
            assert problem.line is not None and problem.line > 0, (number, line)
            assert problem.what and problem.mend, (number, line)
            assert line.isprintable() and len(line) < 1500, (number, line)
        return True
    finally:
        assert time.process_time() - begin < 1, f"mutation {number} took a second of processor time"
    if number % ROUND_TRIP_EVERY == 0:
        assert parse_scenario(scenario.to_yaml(), "again", SECTIONS, KNOWN) == scenario, number
    return False
