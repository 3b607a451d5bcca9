"""What this process holds, for tests: memory, and processes that it has started."""

from __future__ import annotations

import ctypes

import psutil


def megabytes() -> float:
    """Return what this process holds, without what is free already and only kept by glibc's allocator for later."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    return float(psutil.Process().memory_info().rss / 2**20)


def children() -> list[psutil.Process]:
    """Return the processes that are there on account of this one, but for the one by which Python frees semaphores.

    That one stays, once anything has used `multiprocessing`, until this process ends.
    """
    return [child for child in psutil.Process().children(recursive=True) if not _tracks_resources(child)]


def _tracks_resources(process: psutil.Process) -> bool:
    try:
        return "multiprocessing.resource_tracker" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False
