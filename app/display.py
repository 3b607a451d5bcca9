"""Whether a window can be shown here, and a screen in memory (Xvfb) where it cannot. Imports no Qt: Qt ends the program
when there is no screen, so it must not be tried."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
"""What Qt loads, and the Debian package that brings it."""
WINDOW_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""The same for a window on an X screen."""
SCREEN = "2600x1500x24"
SCREEN_PATIENCE = 20.0
"""Seconds that Xvfb has to start."""


def missing_packages() -> list[str]:
    """Return the Debian packages of libraries that a window needs and that are not there (Linux; else none)."""
    if sys.platform != "linux":
        return []
    return [package for library, package in {**LIBRARIES, **WINDOW_LIBRARIES}.items() if not _loads(library)]


def trouble() -> str:
    """Return "" when a window can be shown, else why not, as half a sentence."""
    if sys.platform != "linux":
        return ""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform in ("offscreen", "minimal"):
        return f"QT_QPA_PLATFORM={platform} has no OpenGL"
    if os.environ.get("WAYLAND_DISPLAY") and platform != "xcb" and _wayland_answers():
        return ""
    name = os.environ.get("DISPLAY", "")
    if not name:
        return "there is no display"
    lacking = missing_packages()
    if lacking:
        return f"libraries are missing; on Debian or Ubuntu: sudo apt-get install {' '.join(lacking)}"
    if not _x_answers():
        return f"the display {name} does not answer"
    return ""


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _x_answers() -> bool:
    """Connect to DISPLAY as Qt would, its cookie included."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def _wayland_answers() -> bool:
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/run")) / os.environ["WAYLAND_DISPLAY"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        try:
            end.connect(str(path))
        except OSError:
            return False
    return True


def has_screen_in_memory() -> bool:
    """Tell whether Xvfb is installed."""
    return shutil.which("Xvfb") is not None


@contextlib.contextmanager
def screen_in_memory(screen: str = SCREEN) -> Iterator[Mapping[str, str]]:
    """Start Xvfb on a free number; yield the environment of programs that shall be shown there. It ends with the block.

    Raises OSError when it does not start.
    """
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", screen, "-nolisten", "tcp", "-noreset"]
    process = subprocess.Popen(
        command, pass_fds=(writer,), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(writer)
    try:
        with open(reader, encoding="ascii") as answers:
            number = answers.readline().strip()  # empty when it ended
        if not number:
            raise OSError("Xvfb ended before it began")
        names = {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        kept = {name: value for name, value in os.environ.items() if name not in ("WAYLAND_DISPLAY", "XAUTHORITY")}
        yield {**kept, **names}
    finally:
        process.terminate()
        try:
            process.wait(SCREEN_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
