"""What must hold of any run with language models, whatever these did: told from its records and its file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.compose import Laboratory, compose, read_scenario, rules_version
from cognition.language.model import LanguageModel
from cognition.minds.mixed import MixedMind
from engine.record.reader import RunReader
from engine.record.replay import Tape, driven_by, span, verify
from engine.values import CONTINUE, Decisions, Observations, Source, Thought, TickRecord

Deed = tuple[int, ...]
"""An action's code and its arguments."""


def decided(records: Sequence[TickRecord]) -> Decisions:
    """Return all decisions, in the order in which they landed."""
    return Decisions.join([record.decisions for record in records])


def thoughts_of(path: Path) -> list[Thought]:
    """Return all thoughts of a run file, in the order in which they landed."""
    with RunReader(path) as reader:
        first, last = span(reader)
        return [thought for tick in range(first, last + 1) for thought in reader.thoughts(tick)]


def answered_once(records: Sequence[TickRecord]) -> dict[int, int]:
    """See that each person asked decides exactly once; return who has not yet: (person: tick of asking)."""
    waiting: dict[int, int] = {}
    for record in records:
        for agent in record.asked.tolist():
            assert agent not in waiting, f"person {agent} was asked at tick {record.tick} while thinking"
            waiting[agent] = record.tick
        made = record.decisions
        for agent, tick, source in zip(made.agent.tolist(), made.asked_at.tolist(), made.source.tolist(), strict=True):
            if source != Source.PERSON:
                assert waiting.pop(agent, None) == tick, f"person {agent} decided unasked at tick {record.tick}"
    return waiting


def counted_alike(laboratory: Laboratory, records: Sequence[TickRecord], path: Path) -> Counter[Source]:
    """See that decisions, minds, reports and thoughts tell of the same fallbacks by cause; return their numbers."""
    counts = Counter(Source(source) for source in decided(records).source.tolist())
    fallen = Counter({source: count for source, count in counts.items() if source.is_fallback})
    mind = laboratory.runner.mind
    assert isinstance(mind, MixedMind) and +Counter(mind.fallbacks) == fallen
    told: Counter[str] = Counter()
    for report in laboratory.staff.report():
        told.update(report["fallbacks"])
    assert told == {source.name.removeprefix("FALLBACK_").lower(): count for source, count in fallen.items()}
    thoughts = thoughts_of(path)
    assert Counter(thought.source for thought in thoughts if thought.source.is_fallback) == fallen
    assert all(bool(thought.why) == (thought.chosen < 0) == thought.source.is_fallback for thought in thoughts)
    assert not mind.dropped and not mind.faults
    return fallen


def replayed(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Replay a run where no model can be opened; return how many ticks agree, which must be all."""

    def no_model(*arguments: object) -> LanguageModel:
        raise AssertionError("a replay opened a model")

    with monkeypatch.context() as patched, RunReader(path) as reader:
        patched.setattr("app.minds.open_model", no_model)
        scenario = read_scenario(reader.header.scenario, str(path))
        verdict = verify(compose(scenario, replay=True).runner, reader, rules_version(scenario))
    assert verdict.parted_at is None, verdict.reason
    return verdict.ticks


class Choosing(Tape):
    """Repeats a run, and looks for each decision among the choices that this person had."""

    def __init__(self, reader: RunReader) -> None:
        super().__init__(reader)
        self.checked: Counter[Source] = Counter()
        self._batch: Observations | None = None
        self._laid: dict[int, set[Deed]] = {}

    def ask(self, batch: Observations) -> None:
        """Lay out what those asked could do."""
        super().ask(batch)
        self._batch = batch
        self._laid |= laid(batch)

    def answers(self, wait: bool) -> Decisions:
        """Return what landed; a fallback decides on what there is when it lands, a mind on what it was asked."""
        made = super().answers(wait)
        assert self._batch is not None
        late = np.unique(made.agent[made.source != Source.MIND])
        now = laid(replace(self._batch, agent=late, cause=np.zeros(late.size, np.uint8))) if late.size else {}
        for i, agent in enumerate(made.agent.tolist()):
            source = Source(made.source[i])
            deed = (int(made.action[i]), *made.args[i].tolist())
            assert deed in (now if source.is_fallback else self._laid)[agent], (agent, deed)
            self.checked[source] += 1
        return made


def laid(batch: Observations) -> dict[int, set[Deed]]:
    """Return all that each of a batch can do; carrying on is always legal."""
    choices = batch.choices
    return {
        agent: {
            (CONTINUE, 0, 0, 0, 0),
            *((int(choices.action[c]), *choices.args[c].tolist()) for c in range(*choices.start[row : row + 2])),
        }
        for row, agent in enumerate(batch.agent.tolist())
    }


def all_were_legal(path: Path) -> Counter[Source]:
    """Replay a run and see that every decision was among the person's choices; return how many, by source."""
    with RunReader(path) as reader:
        runner = compose(read_scenario(reader.header.scenario, str(path)), replay=True).runner
        first, last = span(reader)
        tape = Choosing(reader)
        with driven_by(runner, tape):
            runner.restore(reader.snapshot_before(first))
            for tick in range(first + 1, last + 1):
                runner.step()
                assert runner.society.world.state_hash() == reader.state_hash(tick)
    return tape.checked
