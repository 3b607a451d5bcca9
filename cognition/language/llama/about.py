"""What the llama.cpp that is installed was built for. Loads it, so it is asked in a process of its own."""

from __future__ import annotations

import ctypes
import re

import llama_cpp
import llama_cpp.llama_cpp as native
from llama_cpp._ggml import libggml

_GPU = 1


def about() -> dict[str, str | list[str]]:
    """Return version (of llama-cpp-python), cpu (instruction sets that it was compiled for) and gpu (what it sees)."""
    native.llama_backend_init()
    said = native.llama_print_system_info().decode("utf-8", "replace")
    return {"version": llama_cpp.__version__, "cpu": re.findall(r"(\w+) = 1\b", said), "gpu": _graphics_cards()}


def _graphics_cards() -> list[str]:
    if not native.llama_supports_gpu_offload():
        return []
    count, get = libggml.ggml_backend_dev_count, libggml.ggml_backend_dev_get
    kind, words = libggml.ggml_backend_dev_type, libggml.ggml_backend_dev_description
    count.restype, get.restype, get.argtypes = ctypes.c_size_t, ctypes.c_void_p, [ctypes.c_size_t]
    kind.restype, kind.argtypes = ctypes.c_int, [ctypes.c_void_p]
    words.restype, words.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
    cards = [device for device in map(get, range(count())) if kind(device) == _GPU]
    return [words(card).decode("utf-8", "replace") for card in cards] or ["built for one, none is here"]
