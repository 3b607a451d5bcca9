"""The child process of a bench: `python -m app.bench.worker JOB ARGUMENTS`, both JSON in and one JSON object out."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from app.bench.sizes import Society
from engine.errors import SociariumError

Arguments = dict[str, Any]
SCREEN = "1600x1000x24"
"""The screen in memory on which windows are measured; a larger one is slower, whatever is shown on it."""


def _ticks(given: Arguments) -> dict[str, Any]:
    from app.bench.ticks import run_ticks

    return run_ticks(Society(**given["society"]), given["space"], given["recording"], given["ticks"], given["warm_up"])


def _steps(given: Arguments) -> dict[str, Any]:
    from app.bench.ticks import run_steps

    society = Society(**given["society"])
    return run_steps(society, given["space"], given["ticks"], given["warm_up"], given.get("parts", False))


def _first_tick(given: Arguments) -> dict[str, Any]:
    from app.bench.ticks import first_tick

    return first_tick(Society(**given["society"]), given["space"], given["begun"])


def _walk_on_hex(given: Arguments) -> dict[str, Any]:
    from app.bench.peers import walk_on_hex

    return walk_on_hex(Society(**given["society"]), given["ticks"], given["warm_up"])


def _walk_on_mesa(given: Arguments) -> dict[str, Any]:
    from app.bench.peers import walk_on_mesa

    return walk_on_mesa(Society(**given["society"]), given["ticks"], given["warm_up"])


def _given(module: str, job: str) -> Callable[[Arguments], dict[str, Any]]:
    """Return a job that is a function of a module, called by what it is given."""

    def run(given: Arguments) -> dict[str, Any]:
        found: dict[str, Any] = getattr(import_module(f"app.bench.{module}"), job)(
            **{name: value for name, value in given.items() if name != "begun"}
        )
        return found

    return run


def _make_file(given: Arguments) -> dict[str, Any]:
    from app.bench.storage import make_file

    return make_file(Society(**given["society"]), Path(given["path"]), given["ticks"])


def _seek(given: Arguments) -> dict[str, Any]:
    from app.bench.storage import seek_in

    return seek_in(Path(given["path"]), given["seeks"])


def _reread(given: Arguments) -> dict[str, Any]:
    from app.bench.storage import reread

    return reread(Path(given["path"]))


def _host_ticks(given: Arguments) -> dict[str, Any]:
    from app.bench.watched import host_ticks

    society = Society(**given["society"])
    return host_ticks(society, given["speed"], given["ticks"], given["warm_up"], given["watched"])


def _minds(module: str, job: str) -> Callable[[Arguments], dict[str, Any]]:
    """Return a job of the minds."""

    def run(given: Arguments) -> dict[str, Any]:
        found: dict[str, Any] = getattr(import_module(f"app.bench.{module}"), job)(given)
        return found

    return run


def _window(job: str) -> Callable[[Arguments], dict[str, Any]]:
    """Return a job that shows a window: on the screen in use, or on one in memory."""

    def run(given: Arguments) -> dict[str, Any]:
        from app import display

        found: dict[str, Any]
        if display.trouble() and job != "table":
            with display.screen_in_memory(SCREEN) as surroundings:
                command = [sys.executable, "-m", "app.bench.worker", job, json.dumps({**given, "begun": time.time()})]
                done = subprocess.run(command, env=dict(surroundings), capture_output=True, text=True, check=False)
            if done.returncode:
                raise SociariumError((done.stderr.strip().splitlines() or ["the window gave no sign"])[-1])
            found = json.loads(done.stdout.strip().splitlines()[-1])
        else:
            from app.bench import windows

            found = getattr(windows, job)(given)
        return found

    return run


JOBS: dict[str, Callable[[Arguments], dict[str, Any]]] = {
    "ticks": _ticks,
    "steps": _steps,
    "first_tick": _first_tick,
    "walk_on_hex": _walk_on_hex,
    "walk_on_mesa": _walk_on_mesa,
    **{job: _given("plane", job) for job in ("fly", "walk_in_town", "walk_in_field")},
    **{job: _given("plane_peers", job) for job in ("fly_on_mesa", "fly_on_tree", "walk_on_jupedsim")},
    "flock_share": _given("compute_limit", "flock_share"),
    **{job: _given("crowd_studies", job) for job in ("doors", "fundamental")},
    **{job: _given("city", job) for job in ("city_ticks", "memory")},
    "make_file": _make_file,
    "seek": _seek,
    "reread": _reread,
    "host_ticks": _host_ticks,
    "mind_ticks": _minds("minds_live", "mind_ticks"),
    "make_weights": _minds("minds_weights", "make_weights"),
    "make_requests": _minds("minds_requests", "make_requests"),
    **{
        job: _minds("minds_rates", job)
        for job in ("mind_rate", "mind_check", "mind_on_gpu", "reading_rate", "sequential_rate", "graphics_memory")
    },
    **{job: _window(job) for job in ("first_people", "frames", "crowd", "clicks", "scrub", "table")},
}


def main(arguments: Sequence[str]) -> int:
    """Run one job and print what it found."""
    job, given = arguments
    try:
        found = JOBS[job](json.loads(given))
    except SociariumError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
