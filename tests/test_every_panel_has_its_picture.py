"""Every panel is drawn in both themes, with people in it. SOCIARIUM_PICTURES names a folder that keeps the pictures."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.design import THEMES
from app.panels.inspector import InspectorPanel
from app.window import Window

FOLDER = os.environ.get("SOCIARIUM_PICTURES")


def keep(widget: QWidget, folder: Path, name: str) -> tuple[int, float]:
    """Save a widget's picture; return how many colours it has, and how light it is (0..255, median)."""
    picture = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert picture.save(str(folder / f"{name}.png"))
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine() // 4, 4)
    sampled = rows[::2, ::2, :3].astype(np.int64)
    return len(np.unique(sampled @ np.array([1, 256, 65536]))), float(np.median(sampled.mean(2)))


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_panels(window: Window, qtbot: QtBot, tmp_path: Path, theme: str) -> None:
    folder = Path(FOLDER) / theme if FOLDER else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    window.design.use(THEMES[theme])
    qtbot.waitUntil(lambda: window.view.last_tick >= 25, timeout=60_000)
    panels = window.panels
    assert window.view.session is not None
    window.view.session.pause()
    inspector = panels["inspector"]
    assert isinstance(inspector, InspectorPanel)
    with qtbot.waitSignal(inspector.explained, timeout=20_000):
        window.view.want(3)
    qtbot.wait(900)
    parts: dict[str, QWidget] = {
        **panels,
        "timeline": window.timeline,
        "status": window.statusBar(),
        "viewport": window.viewport,
        "window": window,
    }
    for name, part in parts.items():
        dock = window.docks.docks.get(name)
        if dock is not None:
            dock.show()
            dock.raise_()
            qtbot.wait(350)
        colours, light = keep(part, folder, name)
        assert colours >= 12, f"{name} is empty"
        if name != "viewport":
            assert (light > 128) == (theme == "light"), f"{name} is not in the {theme} theme"
    window.show_start_page()
    qtbot.wait(200)
    assert keep(window, folder, "start")[0] > 100
    window.show_new_run()
    qtbot.wait(200)
    assert keep(window, folder, "new_run")[0] > 30
