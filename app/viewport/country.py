"""What a society lives on, as a scene needs it: a land of hexes with villages, or a town on the plane.

This is the one place that asks which of them it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.viewport.chunks import Chunks
from app.viewport.ground import Floats, Ground
from app.viewport.motion import Standing
from app.viewport.props import Props
from app.viewport.quality import Quality
from app.viewport.roofs import Roofs
from app.viewport.town import Town
from app.viewport.village import Village
from engine.remote.wire import About, Columns

if TYPE_CHECKING:
    from app.viewport.scene import Scene

PLANE = "plane"


class Country(Protocol):
    """What stands still.

    indoors: kinds of places in which people who rest are not drawn; haze: world units beyond the edge within which the
    land fades; clear: how much further than on a land of hexes one sees, in world units; heart float32[n,3]: what an
    overview frames; crowd: of so many people and more only those are drawn whom the camera sees; specks: world units
    from which on these are but specks.
    """

    indoors: tuple[str, ...]
    haze: float
    clear: float
    crowd: int
    specks: float
    heart: Floats
    props: Props
    chunks: Chunks

    @property
    def ground(self) -> Ground:
        """Where the cells are."""
        ...

    @property
    def standing(self) -> Standing:
        """Where people stand."""
        ...

    def lay(self, scene: Scene) -> Roofs:
        """Draw the land in a scene; return its roofs that come off."""
        ...

    def take(self, frame: Columns) -> None:
        """Draw it from now on as it is in a frame: which doors are shut."""
        ...


def country_of(about: About, land: Columns, quality: Quality) -> Country:
    """Return what a society lives on."""
    if about.space == PLANE:
        return Town(about, land, quality)
    return Village(about, land, quality)
