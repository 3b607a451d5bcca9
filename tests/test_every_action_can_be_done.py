"""Every registered action can be triggered on the start page, on a live society and on a recorded run."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.window import Window

LEAVING = ("file.quit", "file.close")
"""These end what the others need; they come last."""
OPENING = ("run.branch", "run.resume")
"""These open another society."""


def trigger_all(window: Window, qtbot: QtBot) -> set[str]:
    """Trigger every action that is enabled; return their names."""
    done = set()
    for name in [name for name in window.registry if name not in (*LEAVING, *OPENING)]:
        if window.registry.run(name):
            done.add(name)
        qtbot.wait(5)
        close_popups()
        if name == "view.full_screen":
            window.showNormal()
        if window.is_open and not window.is_watching:
            window.show_society()
    return done


def close_popups() -> None:
    for popup in QApplication.topLevelWidgets():
        if popup.isVisible() and (isinstance(popup, QMenu) or popup.isModal()):
            popup.close()


def test_on_the_start_page(start_window: Window, qtbot: QtBot) -> None:
    done = trigger_all(start_window, qtbot)
    assert {"file.new_run", "file.open", "file.shot", "help.shortcuts", "view.theme"} <= done
    assert not any(name.startswith("run.") for name in done), "there is no society whose time could go on"


def test_on_a_live_society(window: Window, qtbot: QtBot) -> None:
    window.docks.make_all()
    window.view.select([0])
    done = trigger_all(window, qtbot)
    assert {"run.pause", "run.step", "run.faster", "view.reset_layout"} <= done
    assert window.registry.run("file.close")
    assert window.is_on_start_page


def test_on_a_recorded_run(recorded: Window, qtbot: QtBot) -> None:
    recorded.docks.make_all()
    recorded.view.select([0])
    recorded.view.show_tick(10)
    qtbot.waitUntil(lambda: recorded.view.tick == 10)
    done = trigger_all(recorded, qtbot)
    assert {"run.pause", "run.step"} <= done
    assert not recorded.registry.run("run.resume"), "it is complete"
    assert recorded.registry.run("run.branch")
    qtbot.waitUntil(lambda: recorded.view.is_live and recorded.view.frame is not None, timeout=60_000)


def test_every_action_has_words_and_no_two_share_a_key(window: Window) -> None:
    window.docks.make_all()
    keys: dict[str, str] = {}
    for name in window.registry:
        action: QAction = window.registry[name]
        assert action.text() and action.toolTip(), name
        for shortcut in action.shortcuts():
            assert keys.setdefault(shortcut.toString(), name) == name, f"{shortcut.toString()} is also {name}"


def test_every_action_is_in_a_menu(window: Window) -> None:
    window.docks.make_all()
    listed = set()
    waiting = [menu for menu in window.menus.menus.values()]
    while waiting:
        for action in waiting.pop().actions():
            below = action.menu()
            if isinstance(below, QMenu):
                waiting.append(below)
            listed.add(action.objectName())
    assert set(window.registry) <= listed
