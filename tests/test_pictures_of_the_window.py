"""`sociarium open --shot` makes a picture and ends with status 0, with a display and without; else one sentence."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtGui import QImage

from tests.conftest import Sociarium

NO_DISPLAY = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}


def colours(picture: Path) -> int:
    """Return how many colours a picture has, looked at every 8 pixels."""
    image = QImage(str(picture))
    return len({image.pixel(x, y) for x in range(0, image.width(), 8) for y in range(0, image.height(), 8)})


def test_a_picture_of_a_new_society(sociarium: Sociarium, hamlet_file: Path, tmp_path: Path) -> None:
    ended = sociarium("open", hamlet_file, "--shot", tmp_path / "new" / "live.png", "--after", 1)
    assert (ended.status, ended.out) == (0, ""), ended.err
    image = QImage(str(tmp_path / "new" / "live.png"))
    assert (image.width(), image.height()) == (1440, 900)
    assert colours(tmp_path / "new" / "live.png") > 300, "there is a village in it"
    assert not (tmp_path / "home" / "preferences.json").exists(), "a picture changes no preferences"


def test_a_picture_without_a_display(sociarium: Sociarium, hamlet_run: Path, tmp_path: Path) -> None:
    picture = tmp_path / "recorded.png"
    words = ("open", hamlet_run, "--shot", picture, "--after", 0, "--size", "1280x720")
    ended = sociarium(*words, env=NO_DISPLAY)
    assert ended.status == 0, ended.err
    assert (QImage(str(picture)).width(), QImage(str(picture)).height()) == (1280, 720)
    assert colours(picture) > 300


def test_a_picture_of_the_start_page(sociarium: Sociarium, tmp_path: Path) -> None:
    ended = sociarium("open", "--shot", tmp_path / "start.png", "--after", 0.2)
    assert ended.status == 0, ended.err
    assert colours(tmp_path / "start.png") > 50


def test_a_picture_that_cannot_be_is_one_sentence(sociarium: Sociarium, hamlet_run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    damaged = tmp_path / "damaged.sociarium"
    damaged.write_bytes(hamlet_run.read_bytes()[:5000])
    for words in (
        (hamlet_run, "--shot", tmp_path / "file" / "picture.png", "--after", 0),
        (damaged, "--shot", tmp_path / "picture.png", "--after", 0),
    ):
        ended = sociarium("open", *words)
        assert ended.status == 1
        assert len(ended.err.splitlines()) == 1 and ended.err.startswith("sociarium: "), ended.err


def test_without_a_display_a_scenario_runs_and_the_village_is_drawn(
    sociarium: Sociarium, tmp_path: Path, hamlet_file: Path
) -> None:
    ended = sociarium("open", hamlet_file, env=NO_DISPLAY)
    assert ended.status == 0, ended.err
    assert ended.err.startswith("sociarium: there is no display, so this runs without a window\n")
    assert "60 people" in ended.out or "people" in ended.out
    picture = tmp_path / "home" / "runs" / "village.png"
    assert str(picture) in ended.out
    assert colours(picture) > 300


def test_without_a_display_and_without_xvfb_a_picture_is_refused(
    sociarium: Sociarium, hamlet_run: Path, tmp_path: Path
) -> None:
    ended = sociarium("open", hamlet_run, "--shot", tmp_path / "no.png", env={**NO_DISPLAY, "PATH": str(tmp_path)})
    assert ended.status == 1
    assert "Xvfb" in ended.err and len(ended.err.splitlines()) == 1


def test_a_display_that_does_not_answer_is_none(sociarium: Sociarium, hamlet_run: Path) -> None:
    ended = sociarium("open", hamlet_run, env={"DISPLAY": ":4711", "WAYLAND_DISPLAY": ""})
    assert ended.status == 0, ended.err
    assert "the display :4711 does not answer" in ended.err


def test_doctor_names_qt_and_the_driver(sociarium: Sociarium) -> None:
    for surroundings in ({}, NO_DISPLAY):
        found = sociarium("doctor", "--json", env=surroundings).report
        assert "OpenGL" in found["OpenGL"]["found"], found
        assert found["Qt"]["found"].startswith("6.")
        assert found["Qt's libraries"]["mend"] == ""
        assert ("no display" in found["Display"]["found"]) == (surroundings is NO_DISPLAY or not os.environ["DISPLAY"])
