"""What this machine has, and the mend for what is missing: engines, disk, llama.cpp, Qt, OpenGL, a screen."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from app import display
from app.home import home
from app.host_process import this_program

LOW_DISK = 2 * 2**30
PATIENCE = 30.0
"""Seconds that a driver or a library has to say its name."""
MINDS = Path(__file__).parent.parent / "assets" / "minds"
BUNDLED_MIND = "ember.gguf"
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
    packages = (_package(*entry) for entry in PACKAGES)
    return [_python(), _machine(), _disk(), *packages, *_language(), *_window()]


PACKAGES = (
    ("hex, plane", "numba", ""),
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


def _language() -> list[Finding]:
    """Look for what minds by language model take: llama.cpp, a compiler to build it with, the bundled mind."""
    return [_llama(), _compiler(), bundled_mind(MINDS)]


def _llama() -> Finding:
    """Ask llama.cpp what it was built for, in a process of its own: a broken library ends only that."""
    try:
        said = _ask("llama-build", os.environ)
        text = f"llama-cpp-python {said['version']}, built for {' '.join(said['cpu']) or 'any processor'}"
        cards = [str(card) for card in said["gpu"]]
    except (OSError, ValueError, KeyError, TypeError, subprocess.SubprocessError) as error:
        mend = "without it people decide by the reflex mind; type `make llama` in the project's folder"
        if not _find_compiler():
            mend += ", after installing a C++ compiler"
        return Finding("llama.cpp", f"cannot be used ({str(error)[:160]})", mend)
    mend = ""
    if not cards and shutil.which("nvidia-smi"):
        mend = "with NVIDIA's CUDA toolkit it can use the card: CMAKE_ARGS=-DGGML_CUDA=on make llama"
    return Finding("llama.cpp", f"{text}; graphics card: {', '.join(cards) or 'not used'}", mend)


def _find_compiler() -> str:
    """Return the C++ compiler that `make` would take, "" without one."""
    named = shlex.split(os.environ.get("CXX", ""))[:1]
    return next(filter(None, map(shutil.which, named or ("c++", "g++", "clang++"))), "")


def _compiler() -> Finding:
    found = _find_compiler()
    mend = "`make` needs one to build llama.cpp; on Debian or Ubuntu: sudo apt-get install g++"
    return Finding("C++ compiler", found or "none", "" if found else mend)


def bundled_mind(folder: Path) -> Finding:
    """Check the mind that comes with the program against the SHA-256 that lies beside it in SHA256SUMS."""
    mend = "git checkout assets/minds in the project's folder brings it back"
    try:
        with (folder / BUNDLED_MIND).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        sums = (folder / "SHA256SUMS").read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        return Finding("Bundled mind", f"cannot be read ({error})", mend)
    size = f"{BUNDLED_MIND}, {(folder / BUNDLED_MIND).stat().st_size / 2**20:.1f} MiB"
    if f"{found}  {BUNDLED_MIND}" not in sums.splitlines():
        return Finding("Bundled mind", f"{size}, which is not what SHA256SUMS says", mend)
    return Finding("Bundled mind", f"{size}, SHA-256 {found[:12]}… as it should be")


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
            said = _ask("driver", os.environ)
        elif memory:
            where = ", in Xvfb"
            with display.screen_in_memory() as surroundings:
                said = _ask("driver", surroundings)
        else:
            return [Finding("OpenGL", "not looked at: there is no display and no Xvfb")]
        qt, plugin, renderer, gl = (str(said[name]) for name in ("qt", "platform", "renderer", "version"))
    except (OSError, ValueError, KeyError, TypeError, subprocess.SubprocessError) as error:
        mend = "install the graphics driver's OpenGL, or Mesa: sudo apt-get install libgl1 libegl1 libgl1-mesa-dri"
        return [Finding("OpenGL", f"cannot be used ({str(error)[:160]})", mend)]
    slow = any(name in renderer for name in SOFTWARE)
    told = f"{renderer}, OpenGL {gl}{where}"
    return [
        Finding("Qt", f"{qt}, platform {plugin}{where}"),
        Finding("OpenGL", told + (" (by the processor: the light quality is used)" if slow else "")),
    ]


def _ask(command: str, surroundings: Mapping[str, str]) -> dict[str, Any]:
    """Return what a hidden command says. OSError, ValueError, SubprocessError: there is no answer."""
    done = subprocess.run(
        [*this_program(), command], env=dict(surroundings), capture_output=True, text=True, check=False,
        timeout=PATIENCE,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    if done.returncode < 0:
        raise ValueError(f"it ended by a signal: {signal.strsignal(-done.returncode)}")
    if done.returncode or not lines:
        raise ValueError((done.stderr.strip().splitlines() or ["it ended without a word"])[-1])
    said: dict[str, Any] = json.loads(lines[-1])
    return said
