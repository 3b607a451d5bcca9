"""A file that is no model, or a damaged one, is an error that names it; the host lives, whatever the parser does."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from cognition.language.llama.pool import LlamaPool
from cognition.language.model import Way
from engine.errors import MindError
from tests.hamlet import SOAK
from tests.resident import children
from tests.situations import situation
from tests.tiny_models import Shape, write_model

SMALLEST = Shape(layers=1, width=32, heads=1, kv_heads=1, head=32, ff=32)


def opened(path: Path) -> str:
    """Try a file: "" when it answers, else the error."""
    try:
        pool = LlamaPool(path, children=1, start_timeout=60)
    except MindError as problem:
        assert not children()
        return str(problem)
    pool.ask([situation(0, Way.MARK)])
    found = pool.answers(60)
    pool.close()
    assert len(found) == 1
    assert not children()
    return ""


@pytest.mark.parametrize("content", [b"", b"GGUF", b"no model at all", b"GGUF\x03\x00\x00\x00" + b"\xff" * 100])
def test_what_is_no_model_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no model.gguf"
    path.write_bytes(content)
    assert str(path) in opened(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere.gguf" in opened(tmp_path / "nowhere.gguf")


@pytest.mark.parametrize(
    "profile",
    [
        {"way": "guess"},
        {"mark": "many tokens"},
        {"way": "mark"},
        {"words": -1},
        {"unknown": 1},
        {"grammar": 1},
        {"grammar": ["root", "", '"a"']},
        {"grammar": [["root", "", "no (body"]]},
        {"grammar": [["root", "a friend", '"dear" name'], ["root", "", '"well"'], ["name", "", "no (body"]]},
        {"grammar": [["root", "", '"well"'], ["root", "a friend", "no (body"]]},
    ],
)
def test_a_profile_that_is_none_is_named(tmp_path: Path, profile: dict[str, object]) -> None:
    path = write_model(tmp_path / "profile.gguf", SMALLEST, profile=profile)
    said = opened(path)
    assert str(path) in said and "sociarium.profile" in said


@pytest.mark.soak
def test_truncated_and_mutated_files_cost_no_more_than_a_child(tmp_path: Path) -> None:
    whole = write_model(tmp_path / "whole.gguf", SMALLEST).read_bytes()
    assert opened(tmp_path / "whole.gguf") == ""
    head = whole.index(b"token_embd.weight") + 2000
    rng = random.Random(2)
    refused = 0
    for number in range(300 if SOAK else 30):
        data = bytearray(whole)
        if number % 3 == 0:
            data = data[: rng.randrange(len(data))]
        else:
            for _ in range(rng.choice((1, 4, 64))):
                data[rng.randrange(head)] = rng.randrange(256)
        path = tmp_path / f"damaged {number}.gguf"
        path.write_bytes(bytes(data))
        said = opened(path)
        refused += bool(said)
        assert not said or str(path) in said
    assert refused > 5
