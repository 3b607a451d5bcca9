"""What nobody caught is written to a file that stays here; the window goes on and offers to open it."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QTextBrowser
from pytestqt.qtbot import QtBot

from app.frame import crash
from app.window import Window


def fail() -> None:
    raise RuntimeError("the kettle boils over")


@pytest.mark.qt_no_exception_capture
def test_a_fault_in_a_slot_is_reported_and_can_be_read(start_window: Window, qtbot: QtBot, own_home: Path) -> None:
    reporter = start_window.assistance.reporter
    reporter.install()
    try:
        QTimer.singleShot(0, fail)
        qtbot.waitUntil(lambda: start_window.notice.isVisible(), timeout=5000)
    finally:
        reporter.remove()
    (report,) = (own_home / "crashes").glob("crash-*.txt")
    text = report.read_text()
    assert "the kettle boils over" in text and "in fail" in text and "PySide6" in text
    (button,) = start_window.notice.buttons()
    button.click()
    panel = start_window.docks.panel("help")
    assert isinstance(panel, QTextBrowser) and panel.isVisible()
    assert "the kettle boils over" in panel.toPlainText()
    assert start_window.registry.run("help.crash_report")


def test_a_fault_in_a_thread_and_in_vispy_is_reported_once(own_home: Path) -> None:
    told: list[str] = []
    reporter = crash.Reporter(lambda path, headline: told.append(headline))
    hook = sys.excepthook
    reporter.install()
    try:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        for _ in range(30):  # as a fault in a drawing comes at every frame
            logging.getLogger("vispy").error("Invoking draw failed: no such uniform")
    finally:
        reporter.remove()
    assert told == ["RuntimeError: the kettle boils over", "Invoking draw failed: no such uniform"]
    assert len(crash.reports()) == 2
    assert sys.excepthook is hook


def test_old_reports_are_deleted(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reporter = crash.Reporter(lambda path, headline: None)
    for number in range(crash.KEPT + 3):
        reporter.write(f"fault {number}", "details")
    assert len(crash.reports()) == crash.KEPT
    assert crash.reports()[0].read_text().startswith(f"fault {crash.KEPT + 2}\n")
