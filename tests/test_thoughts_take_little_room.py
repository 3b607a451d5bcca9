"""What a decision by a language model takes of the disk, prompt included, on prompts of the settlement."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.compose import compose, find_scenario, header
from engine.ports import Mind
from engine.record.reader import RunReader
from engine.record.rows import RunSettings
from engine.record.writer import RunWriter
from engine.values import Observation, Observations, Thought, ThoughtChoice, ThoughtPart

BAR = 600
"""Bytes for each decision, prompt included."""

TICKS = 60
SHARED = "The settlement. A village in a river valley, with fields, woods and a market. " * 20


def thought(seen: Observation, draw: np.random.Generator, letters: bool) -> Thought:
    """Return what a model might have thought of what somebody perceives."""
    feels = ", ".join(f"{name} {value // 200}" for name, value in sorted(seen.feels.items(), key=lambda f: -f[1])[:4])
    choices = [seen.choices[k] for k in draw.permutation(len(seen.choices)).tolist()]
    lines = [
        f"{f'{chr(65 + k)}.' if letters else '-'} {choice.text}: {', '.join(choice.appeal)}\n"
        for k, choice in enumerate(choices)
    ]
    parts = (
        ThoughtPart(SHARED, 0, tokens=400),
        ThoughtPart(f"You are a {seen.role}, who works hard.\n", 1, tokens=9),
        ThoughtPart(f"Your name is {seen.name}.", 2, tokens=6),
        ThoughtPart(f"\nIt is {seen.hour}. You are at {seen.place}, beside {', '.join(seen.near[:1])} and", tokens=24),
        ThoughtPart(f" {len(seen.near)} others; you {seen.doing}. Just now: {seen.happened}.", tokens=18),
        ThoughtPart(f"\nYou feel: {feels}.\nYou can:\n", tokens=15),
        *(ThoughtPart(line, option=k, tokens=len(line) // 4) for k, line in enumerate(lines)),
    )
    chances = draw.dirichlet(np.full(len(choices), 0.5)).tolist()
    listed = tuple(
        ThoughtChoice(choice.code, (*choice.args, *(0,) * (4 - len(choice.args))), chance)
        for choice, chance in zip(choices, chances, strict=True)
    )
    tokens = sum(part.tokens for part in parts)
    says = "Have you heard of it? " + lines[0][:40] if draw.random() < 0.1 else ""
    return Thought(
        seen.agent, seen.tick, seen.tick, "ember", parts, listed, int(np.argmax(chances)), says,
        prompt_tokens=tokens, cached_tokens=415, generated_tokens=1, milliseconds=round(float(draw.random()) * 50, 1),
    )  # fmt: skip


class Noting:
    """A mind that lets another decide, and thinks of some of those who are asked what a model might think."""

    def __init__(self, inner: Mind, people: int, letters: bool) -> None:
        self._inner, self._people, self._letters = inner, people, letters
        self.answers, self.snapshot, self.restore = inner.answers, inner.snapshot, inner.restore
        self.thoughts: list[list[Thought]] = []

    def ask(self, batch: Observations) -> None:
        self._inner.ask(batch)
        draw = np.random.default_rng(batch.tick)
        some = batch.take(np.sort(draw.permutation(batch.size)[: self._people]))
        self.thoughts.append([thought(view, draw, self._letters) for view in some.views()])


@pytest.mark.parametrize(("people", "letters"), [(40, False), (40, True), (5, False)])
def test_a_decision_takes_less_than_the_bar(people: int, letters: bool, tmp_path: Path) -> None:
    laboratory = compose(find_scenario("settlement"))
    runner, sizes, noting = laboratory.runner, list[int](), Noting(laboratory.runner.mind, people, letters)
    runner.mind = noting
    settings = RunSettings(min_free_bytes=0)
    writers = [
        RunWriter.create(tmp_path / f"{name}.sociarium", header(laboratory, "2026-01-01T00:00:00"), settings)
        for name in ("without", "with")
    ]
    laboratory.found()
    for _ in range(TICKS):
        record = runner.tick()
        writers[1].note(noting.thoughts[record.tick - 1])
        for writer in writers:
            writer.commit(record)
    for writer in writers:
        writer.close()
        sizes.append(writer.path.stat().st_size)
    decisions = sum(map(len, noting.thoughts))
    assert decisions == TICKS * people
    with RunReader(writers[1].path) as reader:
        assert sum(usage.thoughts for usage in reader.thinking.usage()) == decisions
        assert reader.thinking.size() <= sizes[1] - sizes[0]
    each = (sizes[1] - sizes[0]) / decisions
    print(f"{each:.0f} bytes a decision of {people} a tick")
    assert 20 < each <= BAR
