"""The light of the hour: where sun or moon stand, what they and the sky give, fog, stars and lit windows.

A table of hours, between which all is interpolated; directions too, which is no astronomy but looks right: the sun
rises in the east, stands in the south at noon and sets in the west; the moon follows it when no light is left to jump.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.viewport.mesh import linear

Floats = NDArray[np.float32]
Triple = tuple[float, float, float]

FOG_LENGTH = 66.0
NEAREST_FOG = 22.0


@dataclass(frozen=True, slots=True)
class Hour:
    """What the light is at an hour; light is linear, colours are as displayed.

    towards: where sun or moon stand; sun, sky, bounce: its light, the sky's from above, the ground's from below; night:
    how far lamps and windows are lit; stars: how many are seen; glow: round sun or moon.
    """

    hour: float
    towards: Triple
    sun: Triple
    sky: Triple
    bounce: Triple
    fog: str
    zenith: str
    night: float
    stars: float
    glow: Triple


TABLE = (
    Hour(0.0, (0.30, -0.52, 0.80), (0.100, 0.135, 0.215), (0.080, 0.112, 0.205), (0.036, 0.046, 0.074),
         "#2a3854", "#0e1730", 1.0, 1.0, (0.10, 0.13, 0.20)),
    Hour(4.3, (-0.55, -0.45, 0.70), (0.085, 0.115, 0.190), (0.082, 0.112, 0.205), (0.036, 0.046, 0.074),
         "#2b3957", "#101a34", 1.0, 0.9, (0.08, 0.11, 0.17)),
    Hour(5.0, (-0.70, -0.35, 0.55), (0.0, 0.0, 0.0), (0.155, 0.175, 0.290), (0.070, 0.072, 0.100),
         "#6f7390", "#2a3b68", 0.9, 0.4, (0.0, 0.0, 0.0)),
    Hour(5.05, (0.92, -0.16, 0.26), (0.0, 0.0, 0.0), (0.160, 0.180, 0.295), (0.072, 0.074, 0.100),
         "#74768f", "#2c3e6b", 0.9, 0.35, (0.25, 0.10, 0.05)),
    Hour(5.8, (0.90, -0.22, 0.33), (0.98, 0.58, 0.34), (0.30, 0.32, 0.42), (0.17, 0.15, 0.14),
         "#e6bfa8", "#6a8cbc", 0.35, 0.0, (0.85, 0.40, 0.16)),
    Hour(6.7, (0.86, -0.27, 0.38), (1.02, 0.70, 0.42), (0.32, 0.36, 0.45), (0.19, 0.17, 0.15),
         "#ecd6bd", "#7fa8cc", 0.10, 0.0, (0.70, 0.40, 0.18)),
    Hour(8.5, (0.74, -0.40, 0.56), (1.00, 0.83, 0.62), (0.35, 0.41, 0.47), (0.21, 0.20, 0.16),
         "#dfe6e2", "#70a8d4", 0.0, 0.0, (0.36, 0.27, 0.17)),
    Hour(12.0, (0.34, -0.56, 0.77), (0.94, 0.87, 0.74), (0.36, 0.42, 0.48), (0.22, 0.21, 0.16),
         "#d9e7ea", "#6ba6d6", 0.0, 0.0, (0.22, 0.20, 0.15)),
    Hour(14.5, (-0.40, -0.52, 0.75), (0.95, 0.86, 0.70), (0.36, 0.42, 0.48), (0.22, 0.21, 0.16),
         "#dbe6e6", "#6ca5d4", 0.0, 0.0, (0.24, 0.20, 0.14)),
    Hour(17.0, (-0.72, -0.38, 0.56), (1.00, 0.78, 0.52), (0.34, 0.39, 0.46), (0.21, 0.19, 0.15),
         "#e7dfcd", "#78a6cc", 0.0, 0.0, (0.44, 0.29, 0.15)),
    Hour(18.6, (-0.86, -0.24, 0.36), (1.14, 0.64, 0.32), (0.31, 0.33, 0.46), (0.20, 0.16, 0.14),
         "#e8bd9f", "#6878ac", 0.45, 0.0, (0.90, 0.42, 0.15)),
    Hour(19.4, (-0.92, -0.16, 0.27), (0.90, 0.37, 0.21), (0.27, 0.27, 0.45), (0.165, 0.125, 0.135),
         "#cf9a98", "#4c5590", 0.85, 0.1, (0.80, 0.28, 0.12)),
    Hour(20.3, (-0.94, -0.12, 0.24), (0.0, 0.0, 0.0), (0.155, 0.170, 0.315), (0.074, 0.076, 0.108),
         "#62658c", "#222e58", 1.0, 0.5, (0.22, 0.09, 0.06)),
    Hour(20.35, (0.62, -0.42, 0.62), (0.0, 0.0, 0.0), (0.152, 0.168, 0.310), (0.072, 0.075, 0.107),
         "#60648a", "#212d56", 1.0, 0.55, (0.0, 0.0, 0.0)),
    Hour(21.4, (0.52, -0.48, 0.70), (0.100, 0.135, 0.215), (0.084, 0.115, 0.210), (0.038, 0.048, 0.077),
         "#2c3957", "#111b36", 1.0, 0.9, (0.09, 0.12, 0.19)),
    Hour(24.0, (0.30, -0.52, 0.80), (0.100, 0.135, 0.215), (0.080, 0.112, 0.205), (0.036, 0.046, 0.074),
         "#2a3854", "#0e1730", 1.0, 1.0, (0.10, 0.13, 0.20)),
)  # fmt: skip


def _row(hour: Hour) -> NDArray[np.float64]:
    return np.concatenate(
        [hour.towards, hour.sun, hour.sky, hour.bounce, linear(hour.fog), linear(hour.zenith), hour.glow,
         [hour.night, hour.stars]]
    )  # fmt: skip


_ROWS = np.array([_row(hour) for hour in TABLE])
_HOURS = np.array([hour.hour for hour in TABLE])
assert all(a < b for a, b in pairwise(_HOURS)), "hours grow"


def light_at(hour: float, distance: float, bevel: float, clouds: float, clear: float = 1.0) -> tuple[Floats, Floats]:
    """Return u_light and u_air (see `shaders`), float32[4,4] each; the last row of u_air is the scene's to fill.

    hour: 0..24, beyond that it wraps; distance: from the camera to what it looks at, before which there is no fog;
    clear: how much further than on a land of hexes one sees.
    """
    hour = hour % 24
    after = min(int(np.searchsorted(_HOURS, hour, "right")), len(_HOURS) - 1)
    share = (hour - _HOURS[after - 1]) / (_HOURS[after] - _HOURS[after - 1])
    row = _ROWS[after - 1] * (1 - share) + _ROWS[after] * share
    light, air = np.zeros((4, 4), np.float32), np.zeros((4, 4), np.float32)
    light[0, :3] = row[:3] / np.linalg.norm(row[:3])
    light[1, :3], light[2, :3], light[3, :3] = row[3:6], row[6:9], row[9:12]
    light[:, 3] = row[21], max(0.92 * distance, NEAREST_FOG * clear), FOG_LENGTH * clear + 0.25 * distance, bevel
    air[0, :3], air[1, :3], air[2, :3] = row[12:15], row[15:18], row[18:21]
    air[1, 3], air[2, 3] = row[22], clouds
    return light, air
