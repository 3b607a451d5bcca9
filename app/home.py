"""Where a user's data lies: SOCIARIUM_HOME, or `.sociarium` in the home folder."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

RUN_SUFFIX = ".sociarium"


def home() -> Path:
    """Return the user's data folder."""
    named = os.environ.get("SOCIARIUM_HOME")
    return Path(named).expanduser() if named else Path.home() / ".sociarium"


def new_run(scenario: str, seed: int, when: datetime) -> Path:
    """Return a fresh path for a run file, named after scenario, seed and moment."""
    folder = home() / "runs"
    stem = f"{scenario}-{seed}-{when:%Y%m%d-%H%M%S}"
    path, again = folder / f"{stem}{RUN_SUFFIX}", 2
    while path.exists():
        path, again = folder / f"{stem}-{again}{RUN_SUFFIX}", again + 1
    return path
