"""Numbers as people read them: rates, large amounts, durations."""

from __future__ import annotations

DAY = 86_400
"""Seconds in a day."""


def rate(number: float) -> str:
    """Return so many a second: whole from ten on, else with the digits that count."""
    return f"{number:,.0f}" if number >= 10 or not number else f"{number:.2g}"


def amount(number: float) -> str:
    """Return a large number in short: 3.1 M, 7.6 G."""
    for unit, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= 10 * unit or (number >= unit and letter != "k"):
            return f"{number / unit:,.1f} {letter}"
    return f"{number:,.0f}"


def duration(seconds: float) -> str:
    """Return a time in the units that fit: 40 s, 12 min, 3 h 20 min, 5 days 2 h."""
    if seconds < 100:
        return f"{seconds:,.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days:,} days {hours} h" if hours else f"{days:,} days"
