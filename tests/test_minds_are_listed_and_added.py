"""`sociarium minds`: a GGUF file becomes a mind with a name, told with all that is known of it and its speed here."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.language import CHILD, find_model
from app.mind_files import known_minds
from app.minds_command import facts, told
from cognition.language.shelf import Found, add, keep_card, look, read_card
from engine.errors import MindError
from tests.conftest import Sociarium
from tests.tiny_models import Shape, write_model

SMALLEST = Shape(layers=1, width=32, heads=1, kv_heads=1, head=32, ff=32, context=4096)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    return write_model(tmp_path / "elsewhere" / "pebble.gguf", SMALLEST, vocabulary=400)


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOCIARIUM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def quickly(path: Path, shelf: Path, taken: tuple[str, ...] = ()) -> Found:
    return add(path, shelf, taken, CHILD, lambda done, total: None, seconds=0)


def named(report: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [mind for mind in report["minds"] if mind["name"] == name]
    return dict(found)


def test_a_file_is_added_listed_and_lives(model: Path, hamlet_file: Path, sociarium: Sociarium) -> None:
    added = sociarium("minds", "add", model)
    assert added.status == 0, added.err
    for part in ("pebble", "llama", "Q8_0", "ChatML", "by letter", "CC0-1.0", "context 4,096", "decisions/s"):
        assert part in added.out
    listed = sociarium("minds", "list", "--json")
    mind = named(listed.report, "pebble")
    assert mind["parameters"] == 32_864 and mind["bytes"] == model.stat().st_size and mind["kind"] == "added"
    assert mind["decisions_per_s"] > 0 and mind["memory_bytes"] > 1 << 20 and mind["processes"] >= 1
    assert {"reflex", "script", "recorded"} <= {entry["name"] for entry in listed.report["minds"]}
    assert sociarium("minds", "list").out.count("pebble") == 1
    ran = sociarium("run", hamlet_file, "--mind", "pebble", "--ticks", "3", "--json")
    assert ran.status == 0, ran.err
    (mind,) = ran.report["minds"]
    assert mind["name"] == "pebble" and mind["decisions"] > 0 and not mind["fallbacks"]


def test_what_is_wrong_is_one_line_with_status_2(model: Path, tmp_path: Path, sociarium: Sociarium) -> None:
    (tmp_path / "page.gguf").write_text("<html>")
    shutil.copy(model, tmp_path / "reflex.gguf")
    shutil.copy(model, tmp_path / "~odd?.gguf")
    for name, what in {
        "page.gguf": "web page",
        "reflex.gguf": "there is a mind 'reflex' already",
        "~odd?.gguf": "is no name for a mind",
        "nowhere.gguf": "no such file",
        "elsewhere": "a folder",
    }.items():
        ended = sociarium("minds", "add", tmp_path / name)
        assert ended.status == 2
        assert what in ended.err and str(tmp_path / name) in ended.err and len(ended.err.splitlines()) == 1
    assert not (tmp_path / "home" / "minds").exists()


def test_fetching_is_said_not_to_be_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["minds", "pull", "llama"]) == 2
    assert "not in this version" in capsys.readouterr().err


def test_a_card_holds_for_file_and_machine(model: Path, at_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = at_home / "minds"
    mind = quickly(model, shelf)
    card = shelf / "pebble.card.json"
    assert read_card(mind.path, card) == mind.card
    assert look(mind.path, "pebble", shelf) == mind
    os.utime(mind.path, ns=(0, 0))
    assert read_card(mind.path, card) is None
    assert mind.card is not None
    keep_card(mind.card.model_copy(update={"changed": 0}), card)
    assert read_card(mind.path, card) is not None
    monkeypatch.setattr("cognition.language.shelf.machine", lambda: "another")
    assert read_card(mind.path, card) is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"size": "1"}', '{"decisions_per_s": NaN}', "9" * 100_000])
def test_a_card_that_is_none_is_measured_anew(model: Path, at_home: Path, text: str) -> None:
    mind = quickly(model, at_home / "minds")
    card = at_home / "minds" / "pebble.card.json"
    card.write_text(text)
    assert read_card(mind.path, card) is None
    assert "not measured" in told(look(mind.path, "pebble", at_home / "minds"), 8)


def test_it_is_copied_and_told_how_far(model: Path, at_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cognition.language.shelf._CHUNK", 1 << 14)
    heard: list[tuple[int, int]] = []
    mind = add(model, at_home / "minds", (), CHILD, lambda done, total: heard.append((done, total)), seconds=0)
    size = model.stat().st_size
    assert heard[-1] == (size, size) and len(heard) == -(-size // (1 << 14))
    assert mind.path.read_bytes() == model.read_bytes() and not mind.path.samefile(model)
    assert find_model("pebble") == mind.path


def test_who_writes_over_the_original_does_not_change_the_mind(model: Path, at_home: Path) -> None:
    mind = quickly(model, at_home / "minds")
    with model.open("r+b") as file:
        file.write(b"gone")
    assert look(mind.path, "pebble", at_home / "minds") == mind


def test_a_disk_without_links_will_do(model: Path, at_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    mind = quickly(model, at_home / "minds")
    assert mind.path.read_bytes() == model.read_bytes()
    with pytest.raises(MindError, match="already"):
        quickly(model, at_home / "minds")


def test_a_full_disk_leaves_nothing(model: Path, at_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(MindError, match="no room on the disk"):
        quickly(model, at_home / "minds")
    assert not list((at_home / "minds").iterdir())
    room = shutil.disk_usage(at_home)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: room._replace(free=10))
    with pytest.raises(MindError, match="no room on the disk"):
        quickly(model, at_home / "minds")
    assert not list((at_home / "minds").iterdir())


def test_a_folder_that_cannot_be_written_is_named(model: Path, at_home: Path) -> None:
    at_home.write_text("a file in the place of the folder")
    with pytest.raises(MindError, match="SOCIARIUM_HOME") as caught:
        quickly(model, at_home / "minds")
    assert str(model) in str(caught.value)


def test_a_name_that_comes_up_meanwhile_is_not_written_over(model: Path, at_home: Path) -> None:
    shelf = at_home / "minds"
    shelf.mkdir(parents=True)
    (shelf / "pebble.gguf").write_text("somebody else's")
    with pytest.raises(MindError, match="already"):
        quickly(model, shelf)
    assert (shelf / "pebble.gguf").read_text() == "somebody else's"
    assert [path.name for path in shelf.iterdir()] == ["pebble.gguf"]


def test_what_a_killed_process_left_is_swept_out(model: Path, at_home: Path) -> None:
    shelf = at_home / "minds"
    shelf.mkdir(parents=True)
    (shelf / ".half.999999999.part").write_text("half a model")
    (shelf / f".other.{os.getppid()}.part").write_text("of a process that lives")
    quickly(model, shelf)
    assert sorted(path.name for path in shelf.iterdir()) == sorted(
        [f".other.{os.getppid()}.part", "pebble.card.json", "pebble.gguf"]
    )
    assert list(known_minds()).count("pebble") == 1


def test_a_file_without_the_suffix_becomes_a_mind_too(model: Path, tmp_path: Path, at_home: Path) -> None:
    blob = tmp_path / "sha256-0123abcd"
    blob.write_bytes(model.read_bytes())
    assert quickly(blob, at_home / "minds").name == "sha256-0123abcd"


def test_a_mind_on_the_shelf_that_broke_is_listed_with_its_fault(
    model: Path, at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mind = quickly(model, at_home / "minds")
    mind.path.unlink()
    mind.path.write_bytes(model.read_bytes()[:5000])
    assert main(["minds", "list"]) == 0
    assert "pebble    added; cannot be used" in capsys.readouterr().out
    assert "ends within its header" in facts(look(mind.path, "pebble", at_home / "minds"))["fault"]
