"""The societies that are measured: the bundled settlement, and larger ones made from it."""

from __future__ import annotations

import json
from pathlib import Path

from app.bench.sizes import Society
from app.compose import find_scenario, sections
from engine.scenario import Scenario, set_paths


def settlement(society: Society, space: str = "hex") -> Scenario:
    """Return the settlement with everything on, for other numbers of people, cells, villages and houses."""
    changes = {
        "space.backend": space,
        "space.width": society.side,
        "space.height": society.side,
        "terrain.villages": society.villages,
        "terrain.houses": society.houses,
        "population.count": society.people,
        "cognition.attention.everyone": json.dumps(society.everyone),
    }
    return set_paths(find_scenario("settlement"), [(path, str(value)) for path, value in changes.items()], sections())


def fresh(folder: Path, stem: str) -> Path:
    """Return a path for a new run file in a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    path, again = folder / f"{stem}.sociarium", 2
    while path.exists():
        path, again = folder / f"{stem}-{again}.sociarium", again + 1
    return path
