"""Truncated and mutated models are given to a living society: a refusal that names the file, and it lives on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hamlet import SOAK
from tests.hosts import hosted
from tests.tiny_models import Shape, write_model

SMALLEST = Shape(layers=1, width=32, heads=1, kv_heads=1, head=32, ff=32)
AT_ONCE = 30
"""Files that one society is given: some are whole enough to work, and those that do stay."""


def damaged(folder: Path, seed: int) -> Iterator[Path]:
    """Yield models that are cut off or changed somewhere, most of them where the parser reads."""
    whole = write_model(folder / "whole.gguf", SMALLEST).read_bytes()
    head, rng = whole.index(b"token_embd.weight") + 2000, random.Random(seed)
    for number in range(AT_ONCE):
        data = bytearray(whole)
        if number % 3 == 0:
            data = data[: rng.randrange(len(data))]
        else:
            for _ in range(rng.choice((1, 4, 64))):
                data[rng.randrange(head)] = rng.randrange(256)
        path = folder / f"damaged {seed}-{number}.gguf"
        path.write_bytes(bytes(data))
        yield path


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10 if SOAK else 1))
def test_they_are_refused_by_name(tmp_path: Path, seed: int) -> None:
    refused = 0
    with hosted(tmp_path / "run.sociarium", speed=20, ticks=100_000) as (_, listener):
        listener.until_tick(1)
        for path in damaged(tmp_path, seed):
            done = listener.command("mind", {"mind": str(path), "role": "leader", "share": 1.0})
            assert not done["refusal"] or (str(path) in done["refusal"] and "\n" not in done["refusal"])
            refused += bool(done["refusal"])
        assert refused >= AT_ONCE // 3
        tick = listener.frames()[-1]
        listener.until_tick(tick + 5)
        minds = listener.client.ask("minds").head
        assert minds["names"][0] == "reflex" and sum(minds["people"]) > 0
        assert len(set(minds["names"])) == 1 + AT_ONCE - refused
