"""What this machine has, and the mend for what is missing."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import psutil

from app.home import home

LOW_DISK = 2 * 2**30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked for: what, what was found, and the mend if something is missing."""

    what: str
    found: str
    mend: str = ""


def examine() -> list[Finding]:
    """Look at the machine and return the findings."""
    return [_python(), _machine(), _disk(), *(_package(*entry) for entry in PACKAGES)]


PACKAGES = (
    ("hex space", "numba", ""),
    ("mesa-frames", "mesa-frames", "pip install 'sociarium[frames]'"),
    ("run files", "apsw", ""),
    ("export", "polars", ""),
    ("Mesa (bench)", "mesa", "pip install 'sociarium[bench]', to measure beside it"),
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
