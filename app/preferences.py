"""What the user likes: theme, size of text, places of docks. A JSON file in SOCIARIUM_HOME, checked and bounded."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from app.home import home

FILE = "preferences.json"
LARGEST = 256 * 1024
MOST_RECENT = 20
MOST_MEASURES = 200
MOST_SCENARIOS, MOST_COLUMNS = 40, 100
WIDEST_COLUMN = 4000
THEMES = ("system", "dark", "light")
QUALITIES = ("auto", "light", "standard", "fine")

LikedColumns = list[tuple[str, int]]
"""Columns of the people table from the left: full name, and the width in logical pixels (0 for what it needs)."""


@dataclass
class Preferences:
    """The wishes of one user. `geometry` and `layout` are Qt's own bytes; `measures` are those that are plotted.

    `columns` are those of the people table that were chosen, by the scenario's name; `endpoint_key` opens endpoints of
    language models where the environment has no key.
    """

    theme: str = "system"
    scale: float = 1.0
    quality: str = "auto"
    geometry: bytes = b""
    layout: bytes = b""
    recent: list[str] = field(default_factory=list)
    measures: list[str] = field(default_factory=list)
    columns: dict[str, LikedColumns] = field(default_factory=dict)
    endpoint_key: str = field(default="", repr=False)
    complaint: str = field(default="", compare=False)
    """One sentence about a file that could not be used, or ""."""

    def remember(self, file: Path) -> None:
        """Put a file first among the recent ones."""
        name = str(file.absolute())
        self.recent = [name, *(other for other in self.recent if other != name)][:MOST_RECENT]

    def save(self) -> str:
        """Write the file, whole or not at all; return one sentence when that fails, else ""."""
        path = home() / FILE
        data = {name: value for name, value in asdict(self).items() if name != "complaint"}
        for name in ("geometry", "layout"):
            data[name] = base64.b64encode(data[name]).decode()
        fresh = path.with_suffix(".new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.touch(mode=0o600)  # it may hold a key
            fresh.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            fresh.replace(path)
        except OSError as error:
            return f"{path}: preferences could not be kept ({error.strerror}); make the folder writable"
        return ""


def load() -> Preferences:
    """Read the preferences. A file that cannot be used is set aside, and `complaint` says so."""
    path = home() / FILE
    try:
        with path.open("rb") as file:
            return _read(json.loads(file.read(LARGEST)))
    except FileNotFoundError:
        return Preferences()
    except OSError as error:
        return Preferences(complaint=f"{path}: cannot be read ({error.strerror}); the usual preferences are in use")
    except (ValueError, TypeError, RecursionError) as error:
        aside = path.with_suffix(".broken.json")
        mend = f"it lies in {aside.name} now, and the usual ones are in use"
        try:
            path.replace(aside)
        except OSError:
            mend = "the usual ones are in use; delete it"
        why = error.args[0] if isinstance(error, TypeError) and error.args else "it is not the JSON that was written"
        return Preferences(complaint=f"{path}: holds no preferences: {why}; {mend}")


def _read(data: Any) -> Preferences:
    """Return what a JSON value holds. Raises ValueError or TypeError, with the reason, where it holds none."""
    known = {entry.name: type(getattr(Preferences(), entry.name)) for entry in fields(Preferences)}
    if not isinstance(data, dict):
        raise TypeError("it is not a JSON object")
    made = Preferences()
    for name, kind in known.items():
        if name not in data or name == "complaint":
            continue
        value = data[name]
        if kind is bytes and isinstance(value, str):
            try:
                value = base64.b64decode(value, validate=True)
            except binascii.Error as error:
                raise TypeError(f"{name} is not base64") from error
        if kind is float and isinstance(value, int):
            value = float(value)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise TypeError(f"{name} is no {kind.__name__}")
        setattr(made, name, value)
    if made.theme not in THEMES or made.quality not in QUALITIES:
        raise TypeError(f"theme is one of {', '.join(THEMES)}, quality one of {', '.join(QUALITIES)}")
    made.scale = min(max(made.scale, 0.5), 3.0) if made.scale == made.scale else 1.0
    made.recent = [name for name in made.recent if isinstance(name, str)][:MOST_RECENT]
    made.measures = [name for name in made.measures if isinstance(name, str)][:MOST_MEASURES]
    liked = {scenario: _columns(rows) for scenario, rows in list(made.columns.items())[-MOST_SCENARIOS:]}
    made.columns = {scenario: columns for scenario, columns in liked.items() if columns}
    return made


def _columns(rows: Any) -> LikedColumns:
    """Return the columns that a JSON value lists, without what is none."""
    pairs = [row for row in rows if isinstance(row, list) and len(row) == 2] if isinstance(rows, list) else []
    return [
        (name, width)
        for name, width in pairs[:MOST_COLUMNS]
        if isinstance(name, str) and type(width) is int and 0 <= width <= WIDEST_COLUMN
    ]
