"""How much memory a process holds, for tests."""

from __future__ import annotations

import ctypes

import psutil


def megabytes() -> float:
    """Return what this process holds, without what is free already and only kept by glibc's allocator for later."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    return float(psutil.Process().memory_info().rss / 2**20)
