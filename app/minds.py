"""From a scenario's `cognition` to the minds that decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from cognition.minds.mixed import MixedMind
from cognition.minds.recorded import RecordedMind
from cognition.minds.reflex import ReflexMind
from cognition.minds.script import ScriptMind, load_script
from engine.errors import MindError
from engine.ports import Mind
from engine.record.reader import RunReader
from engine.scenario import Scenario
from engine.society.society import Society
from engine.values import Int32s, Observations

KNOWN = ("reflex", "recorded", "script")


def reflex_weights(scenario: Scenario, society: Society) -> Int32s:
    """Return int32[roles, appeals]: everyone's weight (the appeal's own by default) times the role's over 100."""
    names = [appeal.name for appeal in society.appeals]
    base = {appeal.name: appeal.weight for appeal in society.appeals} | scenario.cognition.reflex.weights
    return np.array(
        [[base[name] * role.weights.get(name, 100) // 100 for name in names] for role in scenario.roles.values()],
        np.int32,
    )


def explain(scenario: Scenario, society: Society) -> Callable[[Observations, int], Sequence[int] | None]:
    """Return what scores one person's choices as the reflex mind does: explain(batch, agent), in the choices' order.

    It gives None for somebody who is not in the batch. Ask it only about people for whom the reflex decides; other
    minds of today give no scores. `society` need hold nobody: only its appeals and its chance are used.
    """
    settings = scenario.cognition.reflex
    mind = ReflexMind(reflex_weights(scenario, society), settings.noise, settings.inertia, society.rng)

    def scores(batch: Observations, agent: int) -> Sequence[int] | None:
        row = np.flatnonzero(batch.agent == agent)
        return mind.scores(batch.take(row)).tolist() if row.size else None

    return scores


def make_mind(scenario: Scenario, society: Society, replay: bool) -> Mind:
    """Return the mind that serves everyone, by the scenario's shares. Raises MindError for one that is unknown."""
    weights, settings = reflex_weights(scenario, society), scenario.cognition.reflex

    def reflex() -> Mind:
        return ReflexMind(weights, settings.noise, settings.inertia, society.rng)

    entries = () if replay else scenario.cognition.minds
    if all(entry.mind == "reflex" for entry in entries):
        return reflex()
    minds = [_make(entry.mind, dict(entry.settings), society, reflex) for entry in entries]
    return MixedMind([*minds, reflex()], society.people, fallback=reflex(), actions=len(society.actions))


def _make(name: str, settings: dict[str, object], society: Society, reflex: Callable[[], Mind]) -> Mind:
    if name == "reflex":
        return reflex()
    if name == "script":
        codes = {action.name: action.code for action in society.actions}
        kinds = {action.name: [parameter.kind for parameter in action.parameters] for action in society.actions}
        script = load_script(_file(name, settings), codes, kinds, society.number)
        return ScriptMind(script, reflex(), society.people)
    if name == "recorded":
        reader = RunReader(_file(name, settings))
        return RecordedMind(lambda tick: reader.record(tick).decisions)
    raise MindError(
        f"there is no mind {name!r} in this version; known: {', '.join(KNOWN)}. Choose one with --mind NAME"
    )


def _file(mind: str, settings: dict[str, object]) -> Path:
    name = settings.get("file")
    if not isinstance(name, str):
        raise MindError(f"mind {mind} needs `settings: {{file: ...}}` in the scenario; name the file there")
    return Path(name)
