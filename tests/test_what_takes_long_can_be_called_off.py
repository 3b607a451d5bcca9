"""Saving never holds the window: what takes long has a line with a way out, and leaves nothing half done."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

import polars
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

from app.errands import Errand, Errands, Tell
from app.frame.errand_bar import ErrandBar
from app.writing import write_whole
from engine.record.reader import RunReader

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.window import Window


def bar_of(window: Window) -> ErrandBar:
    bar = window.centralWidget()
    assert isinstance(bar, ErrandBar)
    return bar


@pytest.mark.parametrize("to", ["parquet", "csv"])
def test_a_run_is_exported_beside_the_window(
    recorded: Window, hamlet_run: Path, tmp_path: Path, qtbot: QtBot, to: str
) -> None:
    beats: list[int] = []
    heart = QTimer(interval=10)
    heart.timeout.connect(lambda: beats.append(len(recorded.errands.under_way)))
    heart.start()
    shares: list[float | None] = []
    recorded.errands.begun.connect(lambda errand: errand.advanced.connect(lambda: shares.append(errand.share)))
    recorded.tables.export(to, tmp_path)
    bar = bar_of(recorded)
    qtbot.waitUntil(lambda: bool(bar.lines), timeout=30_000)
    (line,) = bar.lines.values()
    assert line.isVisible() and line.cancel.isVisible() and "hamlet.sociarium" in line.title.text()
    assert not any(child.isModal() for child in recorded.findChildren(type(line)))
    target = tmp_path / "hamlet-tables"
    qtbot.waitUntil(lambda: str(target) in recorded.notice.sentence, timeout=60_000)
    heart.stop()
    assert beats.count(1) > 20, "the window went on meanwhile"
    assert shares[-1] == 1.0 and not bar.lines and not recorded.errands.under_way
    read = polars.read_parquet if to == "parquet" else polars.read_csv
    with RunReader(hamlet_run) as reader:
        assert read(target / f"ticks.{to}").height == reader.last_tick + 1 if reader.last_tick is not None else 0
    assert (target / "README.txt").exists() and not list(tmp_path.glob(".*part*"))


def test_cancel_leaves_no_half_of_an_export(recorded: Window, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "hamlet-tables").mkdir()
    recorded.tables.export("csv", tmp_path)
    bar = bar_of(recorded)
    qtbot.waitUntil(lambda: bool(bar.lines), timeout=30_000)
    qtbot.waitUntil(lambda: bool(list(tmp_path.glob(".hamlet-tables-2.part/*"))), timeout=60_000)
    (line,) = bar.lines.values()
    QTest.mouseClick(line.cancel, Qt.MouseButton.LeftButton)
    assert not bar.lines and not recorded.errands.under_way
    assert not list(tmp_path.glob(".*part*")) and not (tmp_path / "hamlet-tables-2").exists()
    assert list((tmp_path / "hamlet-tables").iterdir()) == []
    assert not recorded.notice.sentence.startswith("The tables")


def test_a_folder_that_refuses_is_told_in_one_sentence(recorded: Window, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "file").write_text("")
    recorded.tables.export("csv", tmp_path / "file")
    qtbot.waitUntil(lambda: "hamlet-tables" in recorded.notice.sentence, timeout=60_000)
    told = recorded.notice.sentence
    assert "cannot be written" in told and "check the folder" in told and ".part" not in told and "\n" not in told


def test_an_export_ends_with_the_window(recorded: Window, tmp_path: Path, qtbot: QtBot) -> None:
    recorded.tables.export("parquet", tmp_path)
    qtbot.waitUntil(lambda: bool(bar_of(recorded).lines), timeout=30_000)
    recorded.close()
    assert not recorded.errands.under_way
    assert [path.name for path in tmp_path.iterdir() if "tables" in path.name] == []


def test_work_in_a_thread_is_called_off_and_short_work_shows_nothing(qtbot: QtBot) -> None:
    errands, done, told = Errands(), list[str](), list[float]()

    def long(tell: Tell) -> str:
        while True:
            tell(0.5)

    def short(tell: Tell) -> str:
        return "done"

    begun: list[Errand] = []
    errands.begun.connect(begun.append)
    slow, quick = errands.begin("slow"), errands.begin("quick")
    slow.advanced.connect(lambda: told.append(slow.share or 0.0))
    errands.work(slow, long, done.append)
    errands.work(quick, short, done.append)
    qtbot.waitUntil(lambda: done == ["done"] and 0.5 in told)
    quick.end()
    slow.cancel()
    errands.close()
    assert begun == [slow, quick] and not errands.under_way and done == ["done"]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    told = write_whole(tmp_path / "plots.png", b"all of it")
    assert told == f"{tmp_path / 'plots.png'} could not be written (No space left on device). Choose another folder."
    assert list(tmp_path.iterdir()) == []
