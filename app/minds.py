"""From a scenario's `cognition` to the minds that decide, and the models behind them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.language import open_model
from cognition.language.model import LanguageModel
from cognition.language.wrappers.watching import Watching
from cognition.minds.deliberate import DeliberateMind
from cognition.minds.mixed import MixedMind
from cognition.minds.recorded import RecordedMind
from cognition.minds.reflex import ReflexMind
from cognition.minds.script import ScriptMind, load_script
from cognition.prompts.prompt import Prompts
from engine.errors import MindError
from engine.ports import Mind, Store
from engine.record.reader import RunReader
from engine.scenario import Scenario
from engine.society.society import REFLEX, Society
from engine.values import Int32s, Observations, Thought

RULES = (REFLEX, "recorded", "script")
"""Minds without a language model."""
ROUNDS = 4
"""How many times what a model works on together may wait in a live run; with less it idles until the next tick."""
MOST_AT_A_TICK = 12
"""People laid before language models in one tick of a live run: each costs it 0.6 to 0.8 ms."""
STORE = "minds"
"""The store of a run file in which minds keep what they have to remember."""


def reflex_weights(scenario: Scenario, society: Society) -> Int32s:
    """Return int32[roles, appeals]: everyone's weight (the appeal's own by default) times the role's over 100."""
    names = [appeal.name for appeal in society.appeals]
    base = {appeal.name: appeal.weight for appeal in society.appeals} | scenario.cognition.reflex.weights
    return np.array(
        [[base[name] * role.weights.get(name, 100) // 100 for name in names] for role in scenario.roles.values()],
        np.int32,
    )


def weights_by_name(scenario: Scenario, society: Society) -> dict[str, dict[str, int]]:
    """Return the same by role and appeal."""
    table, names = reflex_weights(scenario, society), [appeal.name for appeal in society.appeals]
    return {role: dict(zip(names, table[i].tolist(), strict=True)) for i, role in enumerate(scenario.roles)}


def explain(scenario: Scenario, society: Society) -> Callable[[Observations, int], Sequence[int] | None]:
    """Return what scores one person's choices as the reflex mind does: explain(batch, agent), in the choices' order.

    It gives None for somebody who is not in the batch. Ask it only about people for whom the reflex decides; of a
    language model the thought tells. `society` need hold nobody: only its appeals and its chance are used.
    """
    settings = scenario.cognition.reflex
    mind = ReflexMind(reflex_weights(scenario, society), settings.noise, settings.inertia, society.rng)

    def scores(batch: Observations, agent: int) -> Sequence[int] | None:
        row = np.flatnonzero(batch.agent == agent)
        return mind.scores(batch.take(row)).tolist() if row.size else None

    return scores


class _Replayed(MixedMind):
    """Stands where a run file decides: what was in the minds then is none of its business."""

    def restore(self, data: bytes) -> None:
        """Ignore it."""


class Staff:
    """The minds of one society, by the numbers of `people.mind`, and the language models that work for them.

    note: takes the thoughts of decisions that landed. With `replay` nobody is hired: a run file decides. Whoever
    composed the society closes it. Raises MindError for a mind that is unknown or cannot work.
    """

    def __init__(
        self, scenario: Scenario, society: Society, replay: bool, note: Callable[[Sequence[Thought]], None]
    ) -> None:
        self._scenario, self._society, self._note = scenario, society, note
        self._weights = reflex_weights(scenario, society)
        self._prepared: dict[str, LanguageModel] = {}
        self._preparing = threading.Lock()
        self._models: dict[int, LanguageModel] = {}
        self._thinkers: dict[int, DeliberateMind] = {}
        self.deliberates: list[bool] = []
        """By number, whether the mind takes its time."""
        self.look: Callable[[], None] = lambda: None
        """Called again and again while answers of language models are waited for, on the tick's thread."""
        minds: list[Mind] = []
        try:
            for number, entry in enumerate(() if replay else scenario.cognition.minds):
                minds.append(self._make(entry.mind, dict(entry.settings), number))
            minds.append(self._reflex())
        except BaseException:
            self.close()
            raise
        mixture = _Replayed if replay else MixedMind
        self.mind = mixture(minds, society.people, self._reflex(), len(society.actions))
        self.deliberates += [False] * (len(minds) - len(self.deliberates))

    def _reflex(self) -> Mind:
        settings = self._scenario.cognition.reflex
        return ReflexMind(self._weights, settings.noise, settings.inertia, self._society.rng)

    def _make(self, name: str, settings: Mapping[str, Any], number: int) -> Mind:
        self.deliberates.append(name not in RULES)
        society = self._society
        if name == REFLEX:
            return self._reflex()
        if name == "script":
            codes = {action.name: action.code for action in society.actions}
            kinds = {action.name: [parameter.kind for parameter in action.parameters] for action in society.actions}
            script = load_script(_file(name, settings), codes, kinds, society.number)
            return ScriptMind(script, self._reflex(), society.people)
        if name == "recorded":
            reader = RunReader(_file(name, settings))
            return RecordedMind(lambda tick: reader.record(tick).decisions)
        return self._deliberate(name, settings, number)

    def _deliberate(self, name: str, settings: Mapping[str, Any], number: int) -> Mind:
        opened = self._prepared.pop(name, None) or open_model(name, settings, self._is_lockstep())
        model = self._models[number] = Watching(opened, lambda: self.look())
        weights = weights_by_name(self._scenario, self._society)
        prompts = Prompts(self._scenario, weights, model.info)
        self._thinkers[number] = DeliberateMind(
            model, prompts, self._society.rng, self._society.people, number, self._reflex(), self._note,
            aside=not self._is_lockstep(),
        )  # fmt: skip
        return self._thinkers[number]

    def _is_lockstep(self) -> bool:
        return self._scenario.time.mode == "lockstep"

    def prepare(self, name: str) -> None:
        """Open the model of a mind that is about to be hired; it may take seconds, and belongs on another thread.

        Raises MindError when it cannot work.
        """
        if name in RULES:
            raise MindError(f"the mind {name} cannot come into a running society; choose reflex or a language model")
        with self._preparing:
            if name not in self._prepared:
                self._prepared[name] = open_model(name, {}, self._is_lockstep())

    def hire(self, name: str) -> None:
        """Take in a mind that was prepared, with the next number."""
        self.mind.add(self._make(name, {}, len(self.deliberates)), len(self._society.actions))

    def room(self) -> int:
        """Return how many more people can be thought about at once, so that nobody waits long in a live run."""
        unworded = sum(mind.unworded for mind in self._thinkers.values())
        return min(MOST_AT_A_TICK, max(0, sum(_room(model) for model in self._models.values()) - unworded))

    def rest(self) -> float | None:
        """Return in how many seconds a mind has something to do between two ticks; None while none has."""
        return min((rest for mind in self._thinkers.values() if (rest := mind.rest()) is not None), default=None)

    def work_aside(self) -> None:
        """Do a little of that, on the tick's thread."""
        for mind in self._thinkers.values():
            if mind.rest() == 0.0:
                mind.work_aside()
                return

    def keep(self, store: Store) -> None:
        """Put what the minds with language models have to remember after a kill into the run file: budgets, counts."""
        for number, mind in self._thinkers.items():
            state = mind.snapshot()
            if store.get(str(number)) != state:
                store.put(str(number), state)

    def take_up(self, store: Store) -> None:
        """Go on from what was kept; a checkpoint lies some ticks before the end of a run that was killed."""
        for number, mind in self._thinkers.items():
            state = store.get(str(number))
            if state is not None:
                mind.restore(state)

    def report(self) -> list[dict[str, Any]]:
        """Return what each language model has done so far, for people to read."""
        names = self._society.minds
        return [_report(names[number], self._models[number], self._thinkers[number]) for number in self._models]

    def close(self) -> None:
        """End all that works for the minds."""
        for model in (*self._models.values(), *self._prepared.values()):
            model.close()
        self._models, self._prepared = {}, {}


def _room(model: LanguageModel) -> int:
    return ROUNDS * model.info.at_once - model.usage().waiting


def _report(name: str, model: LanguageModel, mind: DeliberateMind) -> dict[str, Any]:
    usage, info = model.usage(), model.info
    return {
        "name": name,
        "architecture": info.architecture,
        "quantisation": info.quantisation,
        "decisions": sum(mind.decided.values()),
        "answered": usage.answered,
        "waiting": usage.waiting,
        "prompt_tokens": usage.counts.prompt,
        "cached_tokens": usage.counts.cached,
        "generated_tokens": usage.counts.generated,
        "busy_seconds": round(usage.busy, 3),
        "fallbacks": {source.name.removeprefix("FALLBACK_").lower(): n for source, n in mind.decided.items() if source},
        "restarts": usage.restarts,
        "fault": usage.fault or mind.fault,
        "cost": usage.cost,
        "currency": usage.currency,
    }


def _file(mind: str, settings: Mapping[str, Any]) -> Path:
    name = settings.get("file")
    if not isinstance(name, str):
        raise MindError(f"mind {mind} needs `settings: {{file: ...}}` in the scenario; name the file there")
    return Path(name)
