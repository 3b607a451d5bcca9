"""Jobs of the minds in a society: what a live tick takes while they think, and what decisions take of the disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.bench.sizes import Society
from app.bench.societies import settlement
from app.bench.watched import turns
from app.compose import sections
from engine.record.reader import RunReader
from engine.scenario import Scenario, set_paths
from engine.values import Source


def thinking(society: Society, model: str) -> Scenario:
    """Return a settlement that lives while everyone's mind is this model."""
    minds = [{"mind": model, "roles": [], "share": 1.0}]
    changes = [("time.mode", "live"), ("cognition.minds", json.dumps(minds))]
    return set_paths(settlement(society), changes, sections())


def mind_ticks(given: dict[str, Any]) -> dict[str, Any]:
    """Measure the turns in which a host ticks while models think on all cores, as `watched.host_ticks` does.

    Also, of the run file: thoughts, those of them that no model decided, and bytes of a thought.
    """
    scenario = thinking(Society(**given["society"]), given["model"])
    return turns(scenario, given["speed"], given["ticks"], given["warm_up"], given["watched"], thoughts_of)


def thoughts_of(run: Path) -> dict[str, Any]:
    """Return how many thoughts a run file holds, how many decisions were not a model's, and bytes of a thought."""
    with RunReader(run) as reader:
        usage = reader.thinking.usage()
        count = sum(one.thoughts for one in usage)
        failed = sum(one.thoughts for one in usage if one.source is not Source.MIND)
        return {"thoughts": count, "failed": failed, "bytes": reader.thinking.size() / max(count, 1)}
