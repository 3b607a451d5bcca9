"""The one door to numba: decorators that compile kernels and keep their signatures for the type checker.

numba keeps compiled kernels on disk and compiles again when the kernel's own file has changed. It does not look at the
files of the device functions that a kernel calls: an old kernel would go on with old device code, and the same seed
would give another state on two machines. So the name of a kernel on disk covers all files with device functions.
"""

from __future__ import annotations

import functools
import glob
import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numba
from numba.core.caching import IndexDataCacheFile
from numba.core.dispatcher import Dispatcher

P = ParamSpec("P")
R = TypeVar("R")

ROOMS = ("engine", "cognition")
DEVICE_MARKS = (b"@inlined", b"@spliced", b"@lean", b"@woven", b"@intrinsic", b"= spliced(")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` in nopython mode, cached on disk, without fastmath (which changes bits between CPUs)."""
    return _compiled(function)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a small device function that kernels call; LLVM inlines it where it pays."""
    return _compiled(function)


def spliced(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a small device function that numba itself copies into its callers, so that loops around it vectorise.

    Philox in a loop takes 2 ns a block this way, 15 by `inlined`. For straight code without early returns.
    """
    return _compiled(function, inline="always")


def lean(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel or device function that allocates nothing, without counting references to arrays.

    Counting takes an atomic instruction for every array that a small function is handed: seven times the work of a look
    into a table. A lean function that allocates does not compile.
    """
    return _compiled(function, _nrt=False)


def woven(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a lean device function that numba itself copies into its callers.

    A call hands over every array of a tuple, seven words each; for a small function that is most of the work.
    """
    return _compiled(function, _nrt=False, inline="always")


def unlocked(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a lean kernel that lets go of Python's lock, so that threads can each run a share of the work."""
    return _compiled(function, _nrt=False, nogil=True)


def loading() -> Iterator[None]:
    """Load the kernels of all modules that are imported as they were compiled before, one a step.

    A kernel is else read from the disk when it is first called, which costs that tick about 5 ms, 100 times over.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] in ROOMS]:
        own = [thing for thing in vars(sys.modules[name]).values() if isinstance(thing, Dispatcher)]
        for dispatcher in own:
            for signature in _on_disk(dispatcher):
                if dispatcher.py_func.__module__ == name and signature not in dispatcher.overloads:
                    dispatcher.compile(signature)
                    yield


def _on_disk(dispatcher: Any) -> list[tuple[Any, ...]]:
    """Return the signatures for which a kernel lies compiled on the disk."""
    file = getattr(dispatcher._cache, "_cache_file", None)
    try:
        return [] if file is None else [signature for signature, *_ in file._load_index()]
    except Exception:  # an index that cannot be read is written anew when the kernel is called
        return []


def _compiled(function: Callable[P, R], **options: Any) -> Callable[P, R]:
    dispatcher = numba.njit(cache=True, error_model="numpy", **options)(function)
    _stamp(dispatcher._cache)
    compiled: Callable[P, R] = dispatcher
    return compiled


def _stamp(cache: Any) -> None:
    """Name a kernel's files on disk after all the code that is in them, and remove those of older code.

    A name, not only numba's own stamp inside the index: an index that mentions a type which is gone cannot be read.
    """
    index = getattr(cache, "_cache_file", None)
    if index is None:
        return
    stamp = hashlib.sha256(repr(index._source_stamp).encode() + _device_code()).hexdigest()[:16]
    base = index._index_name.removesuffix(".nbi")
    cache._cache_file = IndexDataCacheFile(index._cache_path, f"{base}-{stamp}", index._source_stamp)
    if not Path(cache._cache_file._index_path).exists():
        for old in Path(index._cache_path).glob(f"{glob.escape(base)}[-.]*"):
            old.unlink(missing_ok=True)


@functools.cache
def _device_code() -> bytes:
    """Return a digest of every file of ours that defines device functions; empty where there are no sources."""
    digest = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((Path(__file__).parent.parent / room).rglob("*.py")):
            text = path.read_bytes()
            if any(mark in text for mark in DEVICE_MARKS):
                digest.update(text)
    return digest.digest()
