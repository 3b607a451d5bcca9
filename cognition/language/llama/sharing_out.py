"""Who of the children gets which requests: by rule, from the requests alone."""

from __future__ import annotations

import os
from collections.abc import Sequence

from cognition.language.model import Request, Share

_EACH = 200
"""What a request costs beside its own text, in characters."""


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shared_out(requests: Sequence[Request], children: int) -> list[list[Request]]:
    """Cut requests into at most `children` runs of about equal work; those with the same beginning stay together."""
    count = min(children, len(requests))
    groups: dict[tuple[str, ...], list[Request]] = {}
    for request in requests:
        groups.setdefault(_beginning(request), []).append(request)
    ordered = [request for group in groups.values() for request in group]
    if count <= 1:
        return [ordered] if ordered else []
    work = [_EACH + sum(len(p.text) for p in r.parts if p.share > Share.ROLE) for r in ordered]
    total, done = sum(work), 0
    runs: list[list[Request]] = [[] for _ in range(count)]
    for request, own in zip(ordered, work, strict=True):
        runs[min(count - 1, (2 * done + own) * count // (2 * total))].append(request)
        done += own
    return [run for run in runs if run]


def _beginning(request: Request) -> tuple[str, ...]:
    return (request.adapter, *(part.text for part in request.parts if part.share <= Share.ROLE))
