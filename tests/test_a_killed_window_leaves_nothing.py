"""kill -9 of the window: after two seconds none of its processes is left, and its run can go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from engine.record.reader import RunReader
from tests.conftest import Sociarium
from tests.hamlet import SOAK

KILLS = 10 if SOAK else 1
PATIENCE = 90.0


def wait_for(condition: object, seconds: float) -> bool:
    assert callable(condition)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.soak
@pytest.mark.parametrize("kill", range(KILLS))
def test_a_killed_window_leaves_a_run_and_nothing_else(
    kill: int, tmp_path: Path, hamlet_file: Path, sociarium: Sociarium
) -> None:
    home = tmp_path / "home"
    window = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "open", str(hamlet_file)],
        env={**os.environ, "SOCIARIUM_HOME": str(home)},
        stdin=subprocess.DEVNULL,
    )
    try:
        runs = home / "runs"

        def has_ticks() -> bool:
            found = list(runs.glob("*.sociarium"))
            if not found:
                return False
            try:
                with RunReader(found[0]) as reader:
                    return (reader.last_tick or 0) >= 3
            except Exception:
                return False

        assert wait_for(has_ticks, PATIENCE), "no run began"
        family = psutil.Process(window.pid).children(recursive=True)
        assert family, "the engine is a process of its own"
        os.kill(window.pid, signal.SIGKILL)
        window.wait()
        gone = wait_for(lambda: not any(child.is_running() and child.status() != "zombie" for child in family), 2.0)
        assert gone, f"left: {[child.cmdline() for child in family if child.is_running()]}"
    finally:
        window.kill()
        window.wait()
    (run,) = runs.glob("*.sociarium")
    with RunReader(run) as reader:
        assert reader.finished, "the engine committed and closed the file when its window died"
    assert sociarium("verify", run).status == 0
