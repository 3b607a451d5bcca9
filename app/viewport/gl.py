"""How VisPy and OpenGL are set up; whatever draws imports VisPy through here, so that it is set up first."""

from __future__ import annotations

import OpenGL
import vispy

OpenGL.ERROR_CHECKING = False  # before VisPy loads GL: a check after each call costs a fifth of a frame
OpenGL.ERROR_LOGGING = False
vispy.use(app="pyside6", gl="gl+")  # gl+ is what knows instanced drawing

from OpenGL import GL  # noqa: E402
from vispy import gloo, scene  # noqa: E402
from vispy.visuals import Visual  # noqa: E402

__all__ = ["GL", "Visual", "gloo", "scene"]
