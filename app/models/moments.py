"""Ticks as people say them: "Day 2, 09:14", with seconds where a tick is shorter than a minute."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from engine.remote.wire import About

DAY = 86_400
"""Seconds of a day."""

_STRIDES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)


def clock(about: About, tick: float) -> str:
    """Return the hour of a tick, "09:14"; "09:14:30" where ticks are shorter than a minute."""
    return hour((about.start * 60 + round(tick) * DAY // about.day) % DAY, about.day * 60 > DAY)


def hour(second: int, exactly: bool = False) -> str:
    """Return a second of the day as its hour, to the minute or exactly."""
    words = f"{second // 3600:02}:{second // 60 % 60:02}"
    return f"{words}:{second % 60:02}" if exactly else words


def stride(about: About, seconds: float) -> int:
    """Return how many seconds apart labels stand that are to be no closer than this: a round number, a tick or more."""
    least = max(seconds, DAY / about.day)
    return next((known for known in _STRIDES if known >= least), DAY * max(1, round(least / DAY + 0.49)))


def moment(about: About, tick: float) -> str:
    """Return day and hour of a tick, "Day 2, 09:14"."""
    day, _ = about.moment(round(tick))
    return QCoreApplication.translate("moments", "Day {0}, {1}").format(f"{day:,}", clock(about, tick))


def ticks_of_hour(about: About) -> int:
    """Return how many ticks an hour has, at least 1."""
    return max(1, round(about.day / 24))
