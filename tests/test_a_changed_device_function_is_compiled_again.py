"""numba's cache on disk does not look into the files of device functions; ours must."""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from numba.core.dispatcher import Dispatcher

import engine
import engine.kernels

DEVICE = "from engine.kernels import inlined\n\n\n@inlined\ndef answer() -> int:\n    return {}\n"
CALLER = """
from engine.device import answer
from engine.kernels import kernel

@kernel
def ask() -> int:
    return answer()
"""


def test_a_caller_does_not_keep_the_old_device_code(tmp_path: Path) -> None:
    room = tmp_path / "engine"
    room.mkdir()
    (room / "__init__.py").touch()
    shutil.copy(Path(engine.kernels.__file__), room / "kernels.py")
    (room / "caller.py").write_text(CALLER)
    found = []
    for number in (1, 2, 2):
        (room / "device.py").write_text(DEVICE.format(number))
        program = "from engine.caller import ask; print(ask(), sum(ask.stats.cache_hits.values()))"
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(tmp_path),
                "NUMBA_CACHE_DIR": str(tmp_path / "cache"),
                "PYTHONDONTWRITEBYTECODE": "1",  # else a file as long, changed within a second, would pass for the old
            },
            check=True,
        )
        found.append(tuple(int(word) for word in done.stdout.split()))
    assert found == [(1, 0), (2, 0), (2, 1)]


def test_no_kernel_calls_into_another_file_but_through_a_device_function() -> None:
    """The stamp covers files with device functions; a plain kernel of another file would slip through."""
    offenders = []
    for room in ("engine", "cognition"):
        for path in sorted((Path(engine.__file__).parent.parent / room).rglob("*.py")):
            if "engine.kernels" not in path.read_text(encoding="utf-8"):
                continue  # no kernel in it, and it may need what is not installed
            parts = path.relative_to(Path(engine.__file__).parent.parent).with_suffix("").parts
            module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
            for name, thing in vars(module).items():
                if not isinstance(thing, Dispatcher) or thing.py_func.__module__ != module.__name__:
                    continue
                for used in thing.py_func.__code__.co_names:
                    other = vars(module).get(used)
                    if isinstance(other, Dispatcher) and other.py_func.__module__ != module.__name__:
                        source = Path(other.py_func.__code__.co_filename).read_bytes()
                        if not any(mark in source for mark in engine.kernels.DEVICE_MARKS):
                            offenders.append(f"{module.__name__}.{name} -> {used}")
    assert offenders == []
