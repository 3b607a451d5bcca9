"""Where scenarios lie: the bundled ones by name, and files. Imports nothing heavy: it is asked before all else."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

from app.home import RUN_SUFFIX
from engine.errors import Problem, RunFileError, ScenarioError

ASSETS = Path(__file__).parent.parent / "assets"
SCENARIO_SUFFIX = ".scenario.yaml"
LARGEST = 4 * 2**20
"""No scenario file is longer, in bytes."""


def bundled() -> dict[str, Path]:
    """Return the scenarios that come with the program, by name."""
    folder = ASSETS / "scenarios"
    return {path.name.removesuffix(SCENARIO_SUFFIX): path for path in sorted(folder.glob(f"*{SCENARIO_SUFFIX}"))}


def find(what: str) -> Path:
    """Return the file of a bundled name or of a path. Raises ScenarioError or RunFileError when there is none."""
    known = bundled()
    if what in known:
        return known[what]
    path = Path(what)
    if what.endswith(RUN_SUFFIX):
        if not path.exists():
            raise RunFileError(f"{what}: there is no such file; check its name")
        return path
    if path.exists():
        return path
    near = get_close_matches(what, known, 1)
    meant = f"did you mean {near[0]}?" if near else f"bundled scenarios: {', '.join(known)}."
    mend = f"{meant} Or give the path of a file"
    raise ScenarioError(what, [Problem("", None, "there is no such file or bundled scenario", mend)])


def read(path: Path) -> str:
    """Return the text of a scenario, or "" where it cannot be read: the host says why."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""


def name_and_seed(path: Path) -> tuple[str, int]:
    """Return what a run of a scenario is named after, as it stands in the text."""
    text = read(path)
    name = re.search(r"^name:\s*([a-z][a-z0-9_-]{0,60})\s*(?:#.*)?$", text, re.MULTILINE)
    seed = re.search(r"^seed:\s*(\d{1,18})\s*(?:#.*)?$", text, re.MULTILINE)
    stem = re.sub(r"[^A-Za-z0-9_-]", "-", path.name.removesuffix(SCENARIO_SUFFIX))[:60] or "run"
    return name.group(1) if name else stem, int(seed.group(1)) if seed else 1
