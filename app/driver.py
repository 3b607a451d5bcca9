"""Says which Qt and which OpenGL draw here; run by `sociarium doctor` as a process of its own."""

from __future__ import annotations

import argparse
import json

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext

RENDERER, VERSION = 0x1F01, 0x1F02
"""Names of OpenGL for what glGetString tells."""


def command_driver(options: argparse.Namespace) -> int:
    """Print one JSON object: qt, platform, renderer, version."""
    application = QGuiApplication([])
    surface = QOffscreenSurface()
    surface.create()
    context = QOpenGLContext()
    if not context.create() or not context.makeCurrent(surface):
        raise SystemExit("there is no OpenGL context")
    from OpenGL import GL

    names = {"renderer": GL.glGetString(RENDERER), "version": GL.glGetString(VERSION)}
    said = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in names.items()}
    print(json.dumps({"qt": qVersion(), "platform": application.platformName(), **said}))
    context.doneCurrent()
    return 0
