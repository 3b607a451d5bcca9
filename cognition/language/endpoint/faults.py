"""What an endpoint can do wrong, each as a Failure with one clear line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from cognition.language.endpoint.address import OWN_KEY
from cognition.language.model import Cause, Failure

LONGEST_QUOTE = 200
MOST_NAMES = 5
LONGEST_WAIT = 3600.0
"""Seconds; an endpoint that wants to be left alone for longer may be asked after these."""

_TOO_LONG = re.compile(r"context.?(length|window|size)|maximum context|too many tokens|prompt is too long", re.I)
_ROOM = frozenset({408, 409, 425, 429, 503, 529})
"""Statuses that say: not now."""


class Fault(Exception):
    """An endpoint did not answer as it should. `status` is HTTP's, 0 without one; `says` what it said of it."""

    def __init__(self, failure: Failure, status: int = 0, says: str = "") -> None:
        super().__init__(failure.why)
        self.failure = failure
        self.status = status
        self.says = says


def died(base: str, what: str) -> Fault:
    """It cannot be reached, or went away."""
    return Fault(Failure(Cause.DIED, f"{base}: {what}; is it running?"))


def nonsense(base: str, what: str) -> Fault:
    """It answered with what is no answer."""
    return Fault(Failure(Cause.NONSENSE, f"{base}: {what}"))


def quoted(text: str) -> str:
    """Return text from outside, short and on one line."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST_QUOTE]).split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"


def said(body: bytes) -> str:
    """Return what the body of an error says, "" when nothing can be read out of it."""
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError):
        text = body.decode("utf-8", "replace")
        return "" if "<html" in text.lower() or "<!doctype" in text.lower() else text
    for name in ("error", "detail", "message"):
        if isinstance(data, dict) and name in data:
            data = data[name]
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)


def refused(base: str, model: str, status: int, says: str, after: float) -> Fault:
    """Return the fault that a status other than 200 stands for. `says` has no key in it."""
    told = f" ({quoted(says)})" if says else ""
    cause, is_lasting = Cause.REFUSED, True
    if status in (401, 403):  # what it says may quote the key
        what = f"wants another key ({status}); set {OWN_KEY} to one that it takes"
    elif 300 <= status < 400:
        what = f"sends elsewhere ({status}), which is not followed; give the address where it is"
    elif status == 413 or (400 <= status < 500 and _TOO_LONG.search(says)):
        cause, what = Cause.TOO_LONG, f"the prompt is too long for {model}{told}"
    elif status == 404:
        what = f"has no such place, or no model {model!r} ({status}); check the address, which mostly ends in /v1{told}"
    elif status in _ROOM:
        wait = f", wants to be left alone for {after:.0f} s" if after else ""
        is_lasting, what = False, f"has no room now ({status}){wait}{told}"
    elif status >= 500:
        cause, is_lasting, what = Cause.DIED, False, f"failed ({status}){told}"
    else:
        what = f"refuses the request ({status}){told}"
    return Fault(Failure(cause, f"{base}: {what}", after, is_lasting), status, says)


def unknown(base: str, model: str, names: Sequence[str]) -> str:
    """Return the line about a model that an endpoint does not have, with those it has."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    there = ", ".join(quoted(name) for name in names[:MOST_NAMES])
    return f"{base}: has no model {quoted(model)}; name one after a #: {there}{more}"


def retry_after(header: str, now: datetime | None = None) -> float:
    """Return the seconds that a Retry-After header names, 0 for none or nonsense (RFC 9110, section 10.2.3)."""
    text = header.strip()[:64]
    try:
        seconds = float(text)
    except ValueError:
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return 0.0
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT) if math.isfinite(seconds) else 0.0
