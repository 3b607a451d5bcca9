"""Of thousands of decisions on what people really perceive, by ember and by chance, each is one that was laid."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest

from app.language import find_model
from app.minds import weights_by_name
from cognition.language.llama.pool import LlamaPool
from cognition.prompts.prompt import Prompted, Prompts
from engine.ports import Mind
from engine.values import Decisions, Observation, Observations
from tests.hamlet import SOAK, changed, founded, hamlet

COUNT = 50_000 if SOAK else 1_000
"""For each of two models."""
AT_ONCE = 256
WHOLE, TALKING = 20, 20
"""One in so many has all its choices and not only a few, or says its words too: what takes most of the time."""
FEW = 3

pytestmark = pytest.mark.soak


class Overheard:
    """Passes on to a mind, and keeps what everyone perceives."""

    def __init__(self, mind: Mind) -> None:
        self.mind = mind
        self.seen: list[Observation] = []

    def ask(self, batch: Observations) -> None:
        self.seen += batch.views()
        self.mind.ask(batch)

    def answers(self, wait: bool) -> Decisions:
        return self.mind.answers(wait)

    def snapshot(self) -> bytes:
        return self.mind.snapshot()

    def restore(self, data: bytes) -> None:
        self.mind.restore(data)


def perceived() -> Iterator[Observation]:
    """Yield what people perceive who have something to choose, in one society after the other."""
    for seed in itertools.count(1):
        laboratory = founded(changed(hamlet(), seed=str(seed)))
        overheard = laboratory.runner.mind = Overheard(laboratory.runner.mind)
        for _ in range(60):
            laboratory.runner.tick()
        # Every seventh, so that moments early and late and of all people are among them.
        yield from (seen for seen in overheard.seen[seed % 7 :: 7] if len(seen.choices) > 1)


def asked(pool: LlamaPool) -> Iterator[Prompted]:
    """Yield requests, each with a seed of its own and its choices in an order of its own."""
    laboratory = founded(hamlet())
    prompts = Prompts(laboratory.scenario, weights_by_name(laboratory.scenario, laboratory.society), pool.info)
    for number, seen in enumerate(perceived()):
        if number % WHOLE:
            first = number % len(seen.choices)
            seen = replace(seen, choices=(*seen.choices[first:], *seen.choices[:first])[:FEW])
        count = len(seen.choices)
        order = [(i + number) % count for i in range(count)]
        prompted = prompts.of(number, seen, order, number * 0x9E3779B97F4A7C15 % 2**64)
        if number % TALKING:
            options = tuple(replace(option, then=None) for option in prompted.request.options)
            prompted = replace(prompted, request=replace(prompted.request, options=options))
        yield prompted


def shuffled(path: Path) -> Path:
    """Write a model like ember in all but its weights: the blocks of each matrix are put anywhere in it."""
    shutil.copyfile(find_model("ember"), path)
    chance = np.random.default_rng(1)
    for tensor in gguf.GGUFReader(path, "r+").tensors:
        if tensor.tensor_type != gguf.GGMLQuantizationType.F32:
            _, size = gguf.GGML_QUANT_SIZES[tensor.tensor_type]
            blocks = tensor.data.view(np.uint8).reshape(-1, size)
            blocks[:] = chance.permutation(blocks)
    return path


@pytest.mark.parametrize("kind", ["ember", "random weights of its shape"])
def test_every_decision_is_one_that_was_laid_before_the_person(kind: str, tmp_path: Path) -> None:
    path = find_model("ember") if kind == "ember" else shuffled(tmp_path / "random.gguf")
    pool = LlamaPool(path)
    try:
        made = 0
        requests = asked(pool)
        while made < COUNT:
            batch = {prompted.request.number: prompted for prompted in itertools.islice(requests, AT_ONCE)}
            pool.ask([prompted.request for prompted in batch.values()])
            while batch:
                for answer in pool.answers(60.0):
                    choices = batch.pop(answer.number).choices
                    assert answer.failure is None
                    assert 0 <= answer.option < len(choices)
                    assert len(answer.probabilities) == len(choices)
                    assert answer.probabilities[answer.option] > 0
                    assert sum(answer.probabilities) == pytest.approx(1)
                    made += 1
        usage = pool.usage()
        assert usage.answered == made and not usage.failures and not usage.restarts and not pool.dropped
    finally:
        pool.close()
