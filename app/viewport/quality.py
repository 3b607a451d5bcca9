"""How much is drawn: a tier for machines without a graphics card, one for most, one for the best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QOffscreenSurface, QOpenGLContext

GL_RENDERER = 0x1F01

SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "swrast", "software", "gdi generic", "basic render")
"""What names of renderers hold that draw on the CPU."""


@dataclass(frozen=True, slots=True)
class Quality:
    """A tier.

    samples: of antialiasing; bevel: soft near edges of hexes; sway: trees and water move; near: how far detailed trees
    reach, in circumradii of a cell; woods: share of the trees that is drawn; margin: hexes of land that fade out beyond
    the map's edge; smoke and clouds: chimneys smoke, clouds pass.
    """

    name: str
    samples: int
    bevel: bool
    sway: bool
    near: float
    woods: float
    margin: int
    smoke: bool
    clouds: bool


LIGHT = Quality("light", 0, False, False, 30.0, 0.7, 8, False, False)
STANDARD = Quality("standard", 4, True, True, 110.0, 1.0, 14, True, True)
FINE = Quality("fine", 8, True, True, 190.0, 1.0, 18, True, True)

TIERS = {tier.name: tier for tier in (LIGHT, STANDARD, FINE)}


def choose(renderer: str, wish: str = "auto") -> Quality:
    """Return the tier that the user wishes by name, else the one for a GL renderer's name (`GL_RENDERER`)."""
    if wish in TIERS:
        return TIERS[wish]
    return LIGHT if is_software(renderer) else STANDARD


@lru_cache(maxsize=1)
def renderer() -> str:
    """Return the name of what draws here ("llvmpipe (LLVM 15.0.6, 256 bits)"), "" when there is no GL."""
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        return ""
    try:
        return str(context.functions().glGetString(GL_RENDERER) or "")
    finally:
        context.doneCurrent()


def is_software(renderer: str) -> bool:
    """Tell whether a GL renderer of this name computes on the CPU."""
    known = renderer.lower()
    return any(name in known for name in SOFTWARE)
