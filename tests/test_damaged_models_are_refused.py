"""Whatever is wrong with a GGUF file: one line that names it, its fault and the mend; nobody dies, nothing is left."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator
from pathlib import Path

import gguf
import pytest

from app.language import CHILD, open_model
from cognition.language.header import read_header
from cognition.language.model import Way
from cognition.language.shelf import add, check
from engine.errors import MindError
from tests.conftest import Sociarium
from tests.hamlet import SOAK
from tests.resident import children
from tests.situations import situation
from tests.tiny_models import Shape, write_model

SMALLEST = Shape(layers=1, width=32, heads=1, kv_heads=1, head=32, ff=32)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("whole") / "whole.gguf", SMALLEST, vocabulary=400)


def refusal(path: Path) -> str:
    """Try to use a file: "" when it works, else what is said of it."""
    try:
        check(path, CHILD, seconds=0)
    except MindError as error:
        return str(error)
    return ""


def one_line(said: str, path: Path) -> bool:
    return str(path) in said and len(said.splitlines()) == 1 and said.isprintable()


def written(path: Path, fields: dict[str, object], tokens: int = 4, kind: str = "llama") -> Path:
    """Write a GGUF file with some fields and one tensor, that nobody has to be able to load."""
    writer = gguf.GGUFWriter(path, kind)
    for name, value in fields.items():
        if isinstance(value, bool):
            writer.add_bool(name, value)
        elif isinstance(value, int):
            writer.add_uint16(name, value)
        else:
            writer.add_string(name, str(value))
    if tokens:
        writer.add_tokenizer_model("gpt2")
        writer.add_token_list([f"t{i}" for i in range(tokens)])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


OTHERS = {
    "nothing": (b"", "empty"),
    "words": (b"no model at all", "not a GGUF file"),
    "zip": (b"PK\x03\x04" + bytes(60), "PyTorch"),
    "page": (b"\n<!DOCTYPE html><html>not found</html>", "web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS"),
    "tensors": (struct.pack("<Q", 50) + json.dumps({"a": 1}).encode() + bytes(50), "safetensors"),
    "head": (b"GGUF", "ends within its header"),
    "huge": (b"GGUF\x03\x00\x00\x00" + b"\xff" * 100, "tensors: 18,446"),
    "newer": (b"GGUF\x09\x00\x00\x00" + bytes(100), "version 9"),
    "older": (b"GGUF\x01\x00\x00\x00" + bytes(100), "version 1"),
    "big": (b"GGUF\x00\x00\x00\x03" + bytes(100), "version 50331648"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_model_is_told_by_what_it_is(tmp_path: Path, name: str) -> None:
    content, what = OTHERS[name]
    path = tmp_path / f"{name}.gguf"
    path.write_bytes(content)
    said = refusal(path)
    assert what in said and one_line(said, path)


KINDS: dict[str, tuple[dict[str, object], int, str, str]] = {
    "first-00001-of-00003": ({}, 4, "llama", "one of 3 files of a split model"),
    "split": ({"split.count": 2}, 4, "llama", "one of 2 files of a split model"),
    "adapter": ({"general.type": "adapter"}, 4, "llama", "'adapter'"),
    "encoder": ({}, 4, "bert", "'bert' is no text generator"),
    "embedder": ({"qwen3.attention.causal": False}, 4, "qwen3", "'qwen3' is no text generator"),
    "speechless": ({}, 0, "llama", "has no tokenizer"),
    "nameless": ({}, 4, "", "does not say what it is"),
    "aligned": ({"general.alignment": 0}, 4, "llama", "alignment 0"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_sound_file_that_is_no_mind_is_told_by_what_it_is(tmp_path: Path, name: str) -> None:
    fields, tokens, kind, what = KINDS[name]
    path = written(tmp_path / f"{name}.gguf", fields, tokens, kind)
    said = refusal(path)
    assert what in said and one_line(said, path)


def test_a_model_that_only_the_child_can_judge_is_named_too(tmp_path: Path) -> None:
    path = written(tmp_path / "unheard of.gguf", {}, kind="unheard-of")
    read_header(path)
    assert one_line(refusal(path), path)
    assert not children()


def test_a_model_too_large_for_memory_is_not_even_loaded(whole: Path) -> None:
    with pytest.raises(MindError, match="too large") as caught:
        check(whole, ("no such program",), free=1 << 20)
    assert one_line(str(caught.value), whole)


def test_a_folder_and_a_file_that_is_not_there_are_named(tmp_path: Path) -> None:
    assert "a folder" in refusal(tmp_path)
    assert "no such file" in refusal(tmp_path / "nowhere.gguf")


def test_every_truncation_of_a_header_is_refused(whole: Path, tmp_path: Path) -> None:
    data = whole.read_bytes()
    end = data.index(b"token_embd.weight")
    path = tmp_path / "cut.gguf"
    for length in (*range(0, 600), *range(600, end, 97), *range(end, len(data), 401), len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises(MindError) as caught:
            read_header(path)
        assert one_line(str(caught.value), path)


def damaged(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yield truncated and mutated files: a third cut off, the others with bytes changed, some deep in the fields."""
    rng = random.Random(seed)
    head = data.index(b"token_embd.weight") + 2000
    fields = data.index(b"tokenizer.ggml.tokens")
    for number in range(count):
        copy = bytearray(data)
        if number % 3 == 0:
            del copy[rng.randrange(len(copy)) :]
        for _ in range((0, 1, rng.choice((1, 4, 64)))[number % 3]):
            copy[rng.randrange(fields if number % 2 else head)] = rng.randrange(256)
        yield bytes(copy)


@pytest.mark.soak
def test_truncated_and_mutated_files_leave_the_shelf_as_it_was(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cognition.language.llama.pool.cores", lambda: 1)  # one process is as good as many here
    shelf = tmp_path / "shelf"
    kept = refused = loaded = 0
    for number, data in enumerate(damaged(whole.read_bytes(), 3000 if SOAK else 300, 5)):
        path = tmp_path / f"damaged {number}.gguf"
        path.write_bytes(data)
        try:
            add(path, shelf, [], CHILD, lambda done, total: None, seconds=0)
            kept += 1
        except MindError as error:
            assert one_line(str(error), path), str(error)
            refused += 1
            loaded += not _is_refused_unread(path)
        assert len(list(shelf.glob("*.gguf"))) == kept
        path.unlink()
    assert not children()
    assert not list(shelf.glob(".*"))
    assert refused > 100 and kept + loaded > 5


def _is_refused_unread(path: Path) -> bool:
    try:
        read_header(path)
    except MindError:
        return True
    return False


@pytest.mark.soak
def test_a_mind_made_of_a_damaged_file_answers_or_is_refused(whole: Path, tmp_path: Path) -> None:
    works = 0
    for number, data in enumerate(damaged(whole.read_bytes(), 300 if SOAK else 30, 6)):
        path = tmp_path / f"damaged {number}.gguf"
        path.write_bytes(data)
        try:
            model = open_model(str(path), {"children": 1}, lockstep=True)
        except MindError as error:
            assert one_line(str(error), path), str(error)
            continue
        try:
            model.ask([situation(number, Way.LABEL) for number in range(3)])
            answers = [answer for _ in range(3) for answer in model.answers(60)]
            assert {answer.number for answer in answers} == {0, 1, 2}
            works += all(answer.failure is None for answer in answers)
        finally:
            model.close()
    assert works
    assert not children()


def test_a_run_with_a_damaged_mind_ends_with_one_line(
    whole: Path, tmp_path: Path, hamlet_file: Path, sociarium: Sociarium
) -> None:
    path = tmp_path / "torn.gguf"
    path.write_bytes(whole.read_bytes()[:-1000])
    for words in (("run", hamlet_file, "--mind", path), ("run", hamlet_file, "--mind", path, "--estimate")):
        ended = sociarium(*words)
        assert ended.status == 2
        assert ended.err.startswith(f"sociarium: {path}: cut off") and len(ended.err.splitlines()) == 1
    assert not list(tmp_path.glob("home/runs/*"))
