"""Processes whose kernels are compiled for another CPU than this one."""

from __future__ import annotations

import importlib
import platform
from collections.abc import Callable
from pathlib import Path

import pytest

X86_64 = platform.machine() in ("x86_64", "AMD64")
only_on_x86_64 = pytest.mark.skipif(not X86_64, reason="these are names of x86-64 CPUs")

Disguise = Callable[[str], dict[str, str]]


@pytest.fixture
def disguise(request: pytest.FixtureRequest) -> Disguise:
    """Return the environment in which a process takes this CPU for another, by name; `native` leaves it as it is.

    `generic` is all that every x86-64 has: no AVX, registers of four numbers, and from numpy is taken all that it would
    choose between by CPU. Its kernels are kept with what pytest keeps, for the next test and the next run of tests.
    """
    assert request.config.cache is not None
    kernels = request.config.cache.mkdir("kernels")
    return lambda cpu: {} if cpu == "native" else _environment(cpu, kernels)


def _environment(cpu: str, kernels: Path) -> dict[str, str]:
    numpys = what_numpy_chooses_by_cpu() if cpu == "generic" else []
    assert numpys or cpu != "generic" or not X86_64
    return {
        "NUMBA_CPU_NAME": cpu,
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(kernels),
        "NPY_DISABLE_CPU_FEATURES": " ".join(numpys),
    }


def what_numpy_chooses_by_cpu() -> list[str]:
    numpy = importlib.import_module("numpy._core._multiarray_umath")
    return [name for name in numpy.__cpu_dispatch__ if numpy.__cpu_features__[name]]
