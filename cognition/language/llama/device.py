"""How many layers of a model a GPU takes, by the memory that is free on it."""

from __future__ import annotations

import ctypes

from llama_cpp._ggml import libggml

_GPU = 1
_SPARED = 1 << 30
"""Bytes left free for the KV cache's working memory and for others."""
_SHARE = 0.85
ALL = 999


def free_memory() -> int:
    """Return the free bytes of all GPUs that llama.cpp sees, 0 without one."""
    try:
        count = libggml.ggml_backend_dev_count
        get = libggml.ggml_backend_dev_get
        kind = libggml.ggml_backend_dev_type
        memory = libggml.ggml_backend_dev_memory
    except AttributeError:
        return 0
    count.restype, count.argtypes = ctypes.c_size_t, []
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    kind.restype, kind.argtypes = ctypes.c_int, [ctypes.c_void_p]
    memory.restype = None
    memory.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t), ctypes.POINTER(ctypes.c_size_t)]
    total = 0
    for i in range(count()):
        device = get(i)
        if kind(device) == _GPU:
            free, whole = ctypes.c_size_t(), ctypes.c_size_t()
            memory(device, ctypes.byref(free), ctypes.byref(whole))
            total += int(free.value)
    return total


def layers_that_fit(size: int, layers: int) -> int:
    """Return how many of a model's layers to put on the GPU: all where the file's bytes fit, else in proportion."""
    usable = (free_memory() - _SPARED) * _SHARE
    if usable >= size:
        return ALL
    return max(0, int((layers + 1) * usable / max(1, size)))
