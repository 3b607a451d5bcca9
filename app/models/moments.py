"""Ticks as people say them: "Day 2, 09:14"."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from engine.remote.wire import About


def clock(about: About, tick: float) -> str:
    """Return the hour of a tick, "09:14"."""
    _, minute = about.moment(round(tick))
    return f"{minute // 60:02}:{minute % 60:02}"


def moment(about: About, tick: float) -> str:
    """Return day and hour of a tick, "Day 2, 09:14"."""
    day, _ = about.moment(round(tick))
    return QCoreApplication.translate("moments", "Day {0}, {1}").format(f"{day:,}", clock(about, tick))


def ticks_of_hour(about: About) -> int:
    """Return how many ticks an hour has, at least 1."""
    return max(1, round(about.day / 24))
