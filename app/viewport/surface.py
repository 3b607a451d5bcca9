"""The surface that GL draws on: a VisPy canvas, whose errors are nobody's secret, and the widget that shows it.

With a graphics card Qt composes the canvas into the window. Without one, that would cost as much as the picture: there
the canvas stays in memory, its picture is copied into a plain widget, and the window lives on while it is being drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtOpenGL import QOpenGLFramebufferObject
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import Shiboken

from app.viewport.gl import GL, scene
from app.viewport.quality import Quality, is_software

LOOK_EVERY = 2
"""Milliseconds between two looks at whether a picture is done."""
HOLD = 0.08
"""Seconds for which pictures are held back for the sake of something else."""
DONE = (GL.GL_ALREADY_SIGNALED, GL.GL_CONDITION_SATISFIED)


def surface_for(name: str, quality: Quality, parent: QWidget, drawn: Callable[[], None]) -> Surface:
    """Return the surface that suits a renderer (by its name); `drawn` is called after each picture."""
    return (CopiedSurface if is_software(name) else Surface)(quality, parent, drawn)


class Surface:
    """A canvas with a scene's root that is a widget of the window, composed into it by Qt."""

    def __init__(self, quality: Quality, parent: QWidget, drawn: Callable[[], None]) -> None:
        self.canvas = _canvas(quality, parent)
        self._drawn = lambda event: drawn()  # VisPy holds functions weakly
        self.canvas.events.draw.connect(self._drawn, position="last")
        self.widget: QWidget = self.canvas.native
        _end_with(self.widget, self.canvas.native._secondary_context, self.canvas.native._surface)

    @property
    def root(self) -> Any:
        """The node under which a society's scene hangs."""
        return self.canvas.scene

    @property
    def is_busy(self) -> bool:
        """Whether a picture is being drawn; the next one has to wait."""
        return False

    def hold(self) -> None:
        """Draw nothing for a moment where that takes the CPU from what is to be read first."""

    def update(self) -> None:
        """Ask for a new picture."""
        self.canvas.update()

    def clear(self) -> None:
        """Show nothing: what was drawn is over."""
        self.canvas.update()

    def make_current(self) -> None:
        """Make the GL context the current one, for what is made outside of drawing."""
        self.canvas.set_current()

    def free(self) -> None:
        """Free now what was deleted: VisPy waits for the next picture, and a window that closes draws none.

        All contexts share their objects (docks may float), so that a context that goes does not free them either.
        """
        native: QOpenGLWidget = self.canvas.native
        if native.isValid():
            self.make_current()
            self.canvas.context.flush_commands()


class CopiedSurface(Surface):
    """A canvas in memory, for GL that is computed by the CPU: its pictures are copied into a widget of the window.

    What GL was told it works off beside the window's thread; a timer looks whether it is done.
    """

    def __init__(self, quality: Quality, parent: QWidget, drawn: Callable[[], None]) -> None:
        self.canvas = _canvas(quality, None)
        self.canvas.events.draw.block()  # it is drawn here, and not whenever Qt would like to
        self._native: QOpenGLWidget = self.canvas.native
        self._easel = Easel(parent, drawn)
        _end_with(self._easel, self._native, self._native._secondary_context, self._native._surface)
        self.widget = self._easel
        self._fence: Any = None
        self._held_until = 0.0
        self._plain: QOpenGLFramebufferObject | None = None
        self._has_samples = quality.samples > 0
        self._size = QSize()
        self._looking = QTimer(self._easel, interval=LOOK_EVERY)
        self._looking.setTimerType(Qt.TimerType.PreciseTimer)
        self._looking.timeout.connect(self._look)
        self._fit(QSize(64, 64))

    @property
    def is_busy(self) -> bool:
        """Whether a picture is being drawn or held back; the next one has to wait."""
        return self._fence is not None or perf_counter() < self._held_until

    def hold(self) -> None:
        """Draw nothing for a moment: whoever is selected is read about first."""
        self._held_until = perf_counter() + HOLD

    def update(self) -> None:
        """Begin a new picture, if none is being drawn."""
        if self.is_busy or not self._easel.isVisible() or self._easel.size().isEmpty():
            return
        self._fit(self._easel.size() * self._easel.devicePixelRatioF())
        self.make_current()
        self.canvas._draw_scene()
        if self._has_samples:
            self._resolve()
        self._fence = GL.glFenceSync(GL.GL_SYNC_GPU_COMMANDS_COMPLETE, 0)
        GL.glFlush()
        self._looking.start()

    def clear(self) -> None:
        """Show nothing: what was drawn is over."""
        self._let_go()
        self._easel.clear()

    def _let_go(self) -> None:
        """Forget the picture that is being drawn."""
        if self._fence is not None:
            self.make_current()
            GL.glDeleteSync(self._fence)
            self._fence = None
        self._looking.stop()

    def _fit(self, size: QSize) -> None:
        """Give the canvas as many pixels as the widget has."""
        if size == self._size:
            return
        before, self._size = self._size, size
        scale = self._native.devicePixelRatioF()
        wanted = QSize(round(size.width() / scale), round(size.height() / scale))
        self._native.resize(wanted)
        QApplication.sendEvent(self._native, QResizeEvent(wanted, before))  # it is never shown, so Qt sends none

    def _resolve(self) -> None:
        """Make one pixel of its samples: only those can be read."""
        if self._plain is None or self._plain.size() != self._size:
            self._plain = QOpenGLFramebufferObject(self._size)
        wide, high = self._size.toTuple()
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._native.defaultFramebufferObject())
        GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, self._plain.handle())
        GL.glBlitFramebuffer(0, 0, wide, high, 0, 0, wide, high, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST)

    def _look(self) -> None:
        """Show the picture if it is done."""
        self.make_current()
        if GL.glClientWaitSync(self._fence, 0, 0) in DONE:
            self._let_go()
            self._easel.show_pixels(self._read())

    def _read(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Return the pixels, uint8[height, width, 4]: blue, green, red, and one that says nothing."""
        wide, high = self._size.toTuple()
        if self._plain is not None:
            GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._plain.handle())
        pixels = np.empty((high, wide, 4), np.uint8)
        GL.glReadPixels(0, 0, wide, high, GL.GL_BGRA, GL.GL_UNSIGNED_BYTE, pixels)
        return np.ascontiguousarray(pixels[::-1])


class Easel(QWidget):
    """Shows the last picture; stretched for the moment in which the widget's size is another one."""

    def __init__(self, parent: QWidget, drawn: Callable[[], None]) -> None:
        super().__init__(parent)
        self._drawn = drawn
        self._image = QImage()
        self._pixels: np.ndarray[Any, np.dtype[np.uint8]] | None = None
        self._is_new = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.WheelFocus)

    def show_pixels(self, pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
        """Show a picture, uint8[height, width, 4], as QImage's Format_RGB32 has it in memory."""
        high, wide = pixels.shape[:2]
        self._pixels, self._is_new = pixels, True
        self._image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGB32)
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._image, self._pixels, self._is_new = QImage(), None, False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture."""
        painter = QPainter(self)
        if self._image.isNull():
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
        elif self._image.size() == self.size() * self.devicePixelRatioF():
            self._image.setDevicePixelRatio(self.devicePixelRatioF())
            painter.drawImage(0, 0, self._image)
        else:
            painter.drawImage(self.rect(), self._image)
        painter.end()
        if self._is_new:
            self._is_new = False
            self._drawn()


def _canvas(quality: Quality, parent: QWidget | None) -> Any:
    """Return a canvas that draws when it is told to. (autoswap: a swap would draw it twice.)"""
    config = {"samples": quality.samples, "depth_size": 24}
    canvas: Any = scene.SceneCanvas(
        keys=None, show=False, vsync=False, autoswap=False, parent=parent, bgcolor="black", config=config
    )
    for name in canvas.events:
        canvas.events[name].ignore_callback_errors = False
    return canvas


def _end_with(owner: QObject, *things: QObject) -> None:
    """Destroy what nobody owns but Python together with its owner: GL may only be let go in the thread that made it.

    Python's garbage collector runs in whichever thread has its turn; Qt ends the program for that.
    """

    def end() -> None:
        for thing in things:
            if Shiboken.isValid(thing):
                Shiboken.delete(thing)

    owner.destroyed.connect(end)
