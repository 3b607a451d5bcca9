"""What can be opened, told quickly: bundled scenarios, scenario files and run files. Imports no engine that compiles.

Nothing here judges a scenario: its few words are read as they stand, and the host says what is wrong with the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.home import RUN_SUFFIX, home
from app.scenarios import ASSETS, SCENARIO_SUFFIX, bundled, find, read
from engine.errors import SociariumError
from engine.record.header import RunHeader
from engine.record.lock import is_being_written
from engine.record.opening import Door, ask

DAY = 86_400
PEOPLE, TICKS, TICK, SEED, RATE = 100, 7200, 120, 1, 4
"""The format's defaults (docs/scenario.md); a test compares them."""
BYTES_PER_PERSON = 2400 / 500
"""Bytes that a person adds to a tick in the file (README, `bytes_per_tick` of 500 people)."""
MILLISECONDS_PER_PERSON = 2.8 / 500
"""What a person costs of a tick when all are asked (README, `ms_per_tick`)."""


@dataclass(frozen=True, slots=True)
class ScenarioCard:
    """A scenario in a few words. `what` opens it: a bundled name or a path. What is not told has its default."""

    what: str
    name: str
    title: str
    description: str
    picture: Path | None
    seed: int
    people: int
    ticks: int
    day: int
    rate: float
    minds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run file in a few words; `trouble` is one sentence when it cannot be opened."""

    path: Path
    name: str
    title: str
    seed: int
    created: str
    last: int
    ticks: int
    day: int
    size: int
    changed: float
    busy: bool
    branched_at: int | None
    trouble: str = ""

    @property
    def ended_early(self) -> bool:
        """Whether it stopped before the scenario's last tick."""
        return not self.trouble and not self.busy and self.last < self.ticks


def scenario_card(what: str) -> ScenarioCard:
    """Return a scenario in a few words; what is wrong in it is left to the host. Raises as `find` does."""
    path = find(what)
    name = path.name.removesuffix(SCENARIO_SUFFIX)
    picture = ASSETS / "pictures" / f"{name}.jpg"
    shown = picture if what in bundled() and picture.exists() else None
    words = _words(read(path))
    return ScenarioCard(
        what if what in bundled() else str(path.absolute()),
        _text(words, "name", name),
        _text(words, "title", name.replace("_", " ").capitalize()),
        " ".join(_text(words, "description", "").split()),
        shown,
        _number(words, SEED, "seed"),
        _number(words, PEOPLE, "population", "count"),
        _number(words, TICKS, "time", "ticks"),
        _day(words),
        float(_number(words, RATE, "time", "rate")),
        _minds(words),
    )


def scenario_cards() -> list[ScenarioCard]:
    """Return the bundled scenarios in a few words."""
    return [scenario_card(name) for name in bundled()]


def run_files(elsewhere: Sequence[Path] = ()) -> list[Path]:
    """Return the run files in SOCIARIUM_HOME/runs, and those elsewhere that are there, the last changed first."""
    found = [(path.stat().st_mtime, path) for path in {*_runs(), *elsewhere} if path.is_file()]
    return [path for _, path in sorted(found, reverse=True)]


def _runs() -> Iterator[Path]:
    return (home() / "runs").glob(f"*{RUN_SUFFIX}")


def run_card(path: Path) -> RunCard:
    """Return a run file in a few words, reading only some kilobytes; a damaged one says so in `trouble`."""
    about = path.stat()
    stem, trouble = path.name.removesuffix(RUN_SUFFIX), ""
    name, title, seed, created, last, ticks, day = stem, stem, 0, "", 0, 0, 1
    busy, branched_at = False, None
    door: Door | None = None
    try:
        door = Door(path)
        with door.connection() as connection:
            header = RunHeader.from_json(ask(connection, "SELECT header FROM run")[0][0])
            last = int(ask(connection, "SELECT coalesce(max(tick), 0) FROM tick")[0][0])
        words = _words(header.scenario)
        name, seed, created = header.name, header.seed, header.created
        title = _text(words, "title", name)
        ticks, day = _number(words, TICKS, "time", "ticks"), _day(words)
        busy, branched_at = is_being_written(path), None if header.parent is None else header.parent[1]
    except (SociariumError, OSError) as error:
        trouble = str(error)
    finally:
        if door is not None:
            door.close()
    return RunCard(
        path, name, title, seed, created, last, ticks, day, about.st_size, about.st_mtime, busy, branched_at, trouble
    )  # fmt: skip


def disk_of(people: int, ticks: int) -> int:
    """Return how many bytes a run will take, about."""
    return round(BYTES_PER_PERSON * people * ticks)


def seconds_of(people: int, ticks: int, ticks_per_s: float) -> float:
    """Return how long a run will take, about; a speed of 0 is as fast as it goes."""
    fastest = 1000 / max(0.5, MILLISECONDS_PER_PERSON * people)
    return ticks / (min(ticks_per_s, fastest) if ticks_per_s else fastest)


def _words(text: str) -> Mapping[str, Any]:
    """Return a YAML document's mapping, empty where it is none."""
    try:
        found = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(words: Mapping[str, Any], name: str, otherwise: str) -> str:
    value = words.get(name)
    return value[:2000] if isinstance(value, str) and value.strip() else otherwise


def _day(words: Mapping[str, Any]) -> int:
    """Return how many ticks a day has."""
    return max(1, _number(words, DAY // max(1, _number(words, TICK, "time", "tick")), "time", "day"))


def _number(words: Mapping[str, Any], otherwise: int, *path: str) -> int:
    value: Any = words
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else otherwise


def _minds(words: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the minds that a scenario names, in its order."""
    section = words.get("cognition")
    listed = section.get("minds") if isinstance(section, dict) else None
    named = [one.get("mind") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return tuple(name for name in named if isinstance(name, str))
