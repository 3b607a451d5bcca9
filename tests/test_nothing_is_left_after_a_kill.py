"""`kill -9` of host or window: after two seconds no process is left, and the run file verifies and resumes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from engine.record.reader import RunReader
from engine.record.replay import span
from tests.conftest import Sociarium
from tests.hamlet import SOAK
from tests.hosts import hamlet_in, hosted

TIMES = 10 if SOAK else 2

# A window's part in this: it owns the pipe.
WINDOW = """
import json, sys, time
from pathlib import Path
from app.host_process import HostProcess
process = HostProcess(json.loads(sys.argv[1]), Path(sys.argv[2]))
process.handshake()
print(process.pid, flush=True)
time.sleep(600)
"""


def is_gone(process: psutil.Process, seconds: float = 2.0) -> bool:
    """Whether a process ends in time; a zombie whose parent is gone counts as ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def is_sound(run: Path, sociarium: Sociarium) -> None:
    verified = sociarium("verify", run, "--json")
    assert verified.status == 0, verified.err
    with hosted(run, do="resume", paused=True) as (_, listener):
        listener.until_state("paused")
        listener.command("step", {"ticks": 2})
        reached = listener.until_tick(verified.report["ticks"] + 2).head["tick"]
    with RunReader(run) as reader:
        assert reader.finished
        assert span(reader)[1] == reached


@pytest.mark.soak
def test_a_killed_host_leaves_nothing_but_its_run(tmp_path: Path, sociarium: Sociarium) -> None:
    for number in range(TIMES):
        run = tmp_path / f"{number}.sociarium"
        with hosted(run, ticks=100_000) as (process, listener):
            listener.until_tick(5 + 7 * number)
            host = psutil.Process(process.pid)
            family = [host, *host.children(recursive=True)]
            os.kill(process.pid, signal.SIGKILL)
            assert all(is_gone(member) for member in family)
            assert listener.ended()
            heard = listener.frames()[-1]
        with RunReader(run) as reader:
            assert span(reader)[1] >= heard
        is_sound(run, sociarium)


@pytest.mark.soak
def test_the_host_of_a_killed_window_commits_and_ends(tmp_path: Path, sociarium: Sociarium) -> None:
    wish = f'{{"do": "new", "scenario": "{hamlet_in(tmp_path)}", "speed": 0, "ticks": 100000}}'
    for number in range(TIMES):
        run = tmp_path / f"{number}.sociarium"
        window = subprocess.Popen([sys.executable, "-c", WINDOW, wish, str(run)], stdout=subprocess.PIPE, text=True)
        with window:
            assert window.stdout is not None
            host = psutil.Process(int(window.stdout.readline()))
            if number % 2 == 0:  # else while it is being founded
                wait_for_ticks(run)
            family = [host, *host.children(recursive=True)]
            window.kill()
            assert all(is_gone(member) for member in family)
        assert sorted(tmp_path.glob(f"{number}*")) == ([run] if run.exists() else [])
        if run.exists():
            with RunReader(run) as reader:
                assert reader.finished
            is_sound(run, sociarium)
            run.unlink()


def wait_for_ticks(run: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        time.sleep(0.05)
        if run.exists() and run.with_name(run.name + "-wal").exists():
            with RunReader(run) as reader:
                if (reader.last_tick or 0) >= 5:
                    return
    raise AssertionError("no ticks came")
