"""The surface that GL draws on: a VisPy canvas in the window, whose errors are nobody's secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QOffscreenSurface, QOpenGLContext
from PySide6.QtWidgets import QWidget

from app.viewport.gl import scene
from app.viewport.quality import Quality

GL_RENDERER = 0x1F01


def renderer() -> str:
    """Return the name of what draws here ("llvmpipe (LLVM 15.0.6, 256 bits)"), "" when there is no GL."""
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        return ""
    try:
        import OpenGL.GL as gl

        name: Any = gl.glGetString(GL_RENDERER)
        return name.decode(errors="replace") if isinstance(name, bytes) else str(name or "")
    finally:
        context.doneCurrent()


class Surface:
    """A canvas with a scene's root, and the widget that shows it. `drawn` is called after each picture."""

    def __init__(self, quality: Quality, parent: QWidget, drawn: Callable[[], None]) -> None:
        self.canvas: Any = scene.SceneCanvas(
            keys=None,
            show=False,
            vsync=False,
            autoswap=False,
            parent=parent,
            bgcolor="black",
            config={"samples": quality.samples, "depth_size": 24},
        )  # fmt: skip  (autoswap: the widget is composed into the window by Qt; a swap would draw it twice)
        for name in self.canvas.events:
            self.canvas.events[name].ignore_callback_errors = False
        self._drawn = lambda event: drawn()  # VisPy holds functions weakly
        self.canvas.events.draw.connect(self._drawn, position="last")
        self.widget: QWidget = self.canvas.native

    @property
    def root(self) -> Any:
        """The node under which a society's scene hangs."""
        return self.canvas.scene

    def update(self) -> None:
        """Ask for a new picture."""
        self.canvas.update()

    def make_current(self) -> None:
        """Make the GL context the current one, for what is made outside of drawing."""
        self.canvas.set_current()
