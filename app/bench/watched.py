"""Jobs of the host: what a tick costs its thread with somebody who watches, and without."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

from app.bench.sizes import Society
from app.bench.societies import fresh, settlement
from app.home import home
from app.hosting import Host, Wish
from app.progress import percentile
from engine.remote.client import Client
from engine.scenario import Scenario

TOKEN = "a token of a bench, as long as one must be"
TURN = "_turn"
"""The method of `Live` that does what is to be done next."""
PATIENCE = 120.0
FRAMES_PER_S = 30


def host_ticks(society: Society, speed: float, ticks: int, warm_up: int, watched: bool) -> dict[str, Any]:
    """Measure the turns of a host's thread in which it ticks, at `speed` ticks a second: ms (median, mean, p99).

    Also the CPU time of the whole host, its network too, for each tick (`cpu`, ms). With `watched`, a client in a
    process of its own takes every frame that it is sent, as a window does.
    """
    return turns(settlement(society, "hex"), speed, ticks, warm_up, watched, lambda run: {})


def turns(
    scenario: Scenario, speed: float, ticks: int, warm_up: int, watched: bool, read: Callable[[Path], dict[str, Any]]
) -> dict[str, Any]:
    """Measure the same of any scenario; `read` adds what it finds in the run file, which is removed then."""
    path = home() / "host.scenario.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(scenario.to_yaml(), encoding="utf-8")
    run = fresh(home() / "runs", f"host-{watched}")
    host = Host(Wish("new", run, str(path), speed=speed, ticks=10 * (ticks + warm_up)), TOKEN)
    host.start()
    host.desk.opened.result(PATIENCE)
    live = host.desk.live
    assert live is not None
    took: list[float] = []
    spent: list[float] = []
    enough = threading.Event()
    turn = live._turn

    def timed(runner: Any) -> bool:
        tick, begun = runner.society.world.tick, time.perf_counter()
        goes_on = turn(runner)
        if runner.society.world.tick != tick:
            took.append(1000 * (time.perf_counter() - begun))
            spent.append(1000 * time.process_time())
            if len(took) >= ticks + warm_up:
                enough.set()
        return goes_on

    setattr(live, TURN, timed)
    began = time.monotonic()
    watcher = _watcher(host.service.address) if watched else None
    try:
        enough.wait(PATIENCE + 2 * (ticks + warm_up) / speed)
    finally:
        lasted = time.monotonic() - began
        if watcher is not None:
            watcher.kill()
            watcher.wait()
        host.end(5)
    more = read(run)
    run.unlink(missing_ok=True)
    counted = took[warm_up : warm_up + ticks]
    cpu = (spent[warm_up + ticks - 1] - spent[warm_up]) / max(ticks - 1, 1)
    return {
        "ms": percentile(counted, 0.5), "p99": percentile(counted, 0.99), "mean": fmean(counted), "cpu": cpu,
        "seconds": lasted, **more,
    }  # fmt: skip


def _watcher(address: str) -> subprocess.Popen[bytes]:
    words = "from app.bench.watched import watch; import sys; watch(sys.argv[1])"
    return subprocess.Popen([sys.executable, "-c", words, address], stdin=subprocess.DEVNULL)


def watch(address: str) -> None:
    """Take every frame of a host, until it ends."""
    client = Client(address, TOKEN)
    for message in client.listen():
        if message.head["kind"] == "frame":
            time.sleep(1 / FRAMES_PER_S)
            client.send({"do": "seen", "what": {"tick": message.head["tick"]}})
