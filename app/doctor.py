"""What this machine has, and the mend for what is missing: engines, disk, Qt, OpenGL, a screen."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import psutil

from app import display
from app.home import home
from app.host_process import this_program

LOW_DISK = 2 * 2**30
DRAWING_PATIENCE = 30.0
"""Seconds that a driver has to say its name."""
SOFTWARE = ("llvmpipe", "softpipe", "swrast", "SwiftShader")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked for: what, what was found, and the mend if something is missing."""

    what: str
    found: str
    mend: str = ""


def command_doctor(options: argparse.Namespace) -> int:
    """Say what this machine has."""
    findings = examine()
    if options.json:
        print(json.dumps({finding.what: {"found": finding.found, "mend": finding.mend} for finding in findings}))
    else:
        for finding in findings:
            print(f"{finding.what:<14} {finding.found}" + (f"\n{'':<14} → {finding.mend}" if finding.mend else ""))
    return 0


def examine() -> list[Finding]:
    """Look at the machine and return the findings."""
    return [_python(), _machine(), _disk(), *(_package(*entry) for entry in PACKAGES), *_window()]


PACKAGES = (
    ("hex space", "numba", ""),
    ("mesa-frames", "mesa-frames", "pip install 'sociarium[frames]'"),
    ("run files", "apsw", ""),
    ("export", "polars", ""),
    ("Mesa (bench)", "mesa", "pip install 'sociarium[bench]', to measure beside it"),
    ("viewport", "vispy", "pip install 'sociarium[desktop]'"),
    ("plots", "pyqtgraph", "pip install 'sociarium[desktop]'"),
)


def _python() -> Finding:
    return Finding("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def _machine() -> Finding:
    memory = psutil.virtual_memory()
    return Finding(
        "Machine", f"{os.cpu_count()} cores, {memory.total / 2**30:.0f} GiB, {memory.available / 2**30:.0f} free"
    )


def _disk() -> Finding:
    folder = home()
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    mend = ""
    if not os.access(there, os.W_OK):
        mend = f"{there} cannot be written; set SOCIARIUM_HOME to a folder that can"
    elif free < LOW_DISK:
        mend = "make room, or set SOCIARIUM_HOME to a folder on a larger disk; runs pause below 1 GiB"
    return Finding("Data folder", f"{folder}, {free / 2**30:.1f} GiB free", mend)


def _package(what: str, package: str, mend: str) -> Finding:
    try:
        return Finding(what, f"{package} {version(package)}")
    except PackageNotFoundError:
        return Finding(what, f"{package} is not installed", mend or "run `make run` in the project's folder")


def _window() -> list[Finding]:
    """Look for all that a window takes."""
    why, memory = display.trouble(), display.has_screen_in_memory()
    mend = ""
    if why and not memory:
        mend = "pictures and tests without a display need Xvfb: sudo apt-get install xvfb xauth"
    lacking = display.missing_packages()
    libraries = Finding("Qt's libraries", "all there")
    if lacking:
        words = f"sudo apt-get install {' '.join(lacking)}"
        libraries = Finding("Qt's libraries", f"{len(lacking)} are missing", f"on Debian or Ubuntu: {words}")
    return [
        libraries,
        Finding("Display", why or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or "there is one"),
        Finding("Xvfb", "installed" if memory else "not installed", mend),
        *_drawing(why, memory),
    ]


def _drawing(why: str, memory: bool) -> list[Finding]:
    """Ask Qt and the driver for their names, in a process of their own: a broken driver ends only that."""
    where = ""
    try:
        if not why:
            said = _ask_driver(os.environ)
        elif memory:
            where = ", in Xvfb"
            with display.screen_in_memory() as surroundings:
                said = _ask_driver(surroundings)
        else:
            return [Finding("OpenGL", "not looked at: there is no display and no Xvfb")]
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        mend = "install the graphics driver's OpenGL, or Mesa: sudo apt-get install libgl1 libegl1 libgl1-mesa-dri"
        return [Finding("OpenGL", f"cannot be used ({str(error)[:160]})", mend)]
    slow = any(name in said["renderer"] for name in SOFTWARE)
    told = f"{said['renderer']}, OpenGL {said['version']}{where}"
    return [
        Finding("Qt", f"{said['qt']}, platform {said['platform']}{where}"),
        Finding("OpenGL", told + (" (by the processor: the light quality is used)" if slow else "")),
    ]


def _ask_driver(surroundings: Mapping[str, str]) -> dict[str, str]:
    """Return qt, platform, renderer, version. OSError, ValueError, SubprocessError: there is no answer."""
    done = subprocess.run(
        [*this_program(), "driver"], env=dict(surroundings), capture_output=True, text=True, check=False,
        timeout=DRAWING_PATIENCE,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        raise ValueError((done.stderr.strip().splitlines() or ["it ended without a word"])[-1])
    said = json.loads(lines[-1])
    return {name: str(said[name]) for name in ("qt", "platform", "renderer", "version")}
