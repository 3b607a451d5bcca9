"""The lock that gives a run file one writer. It lives in a side file and vanishes with the process that holds it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from engine.errors import RunFileError

TRIES = 10
"""How often to try: a reader that looks whether a writer is there holds the lock for some microseconds."""


def side_file(run: Path) -> Path:
    """Return the file whose lock guards a run file. It exists only while the run is written (or after a kill)."""
    return run.with_name(run.name + "-lock")


if sys.platform == "win32":
    import msvcrt

    _PLACE = 1 << 30  # far behind the holder's process id, which others read

    def _seize(handle: int) -> bool:
        os.lseek(handle, _PLACE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(handle, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _seize(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def is_being_written(run: Path) -> bool:
    """Whether some process, this one included, writes the run file now."""
    try:
        handle = os.open(side_file(run), os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        return not _seize(handle)
    finally:
        os.close(handle)


class RunLock:
    """Held by the one writer of a run file. Raises RunFileError when another process holds it."""

    def __init__(self, run: Path) -> None:
        self._side = side_file(run)
        for _ in range(TRIES):
            try:
                self._handle = os.open(self._side, os.O_RDWR | os.O_CREAT, 0o644)
            except OSError as error:
                raise RunFileError(f"{run}: cannot be locked ({error.strerror}); make its folder writable") from error
            if _seize(self._handle) and self._is_current():
                os.ftruncate(self._handle, 0)
                os.write(self._handle, f"{os.getpid()}\n".encode())
                return
            os.close(self._handle)
            time.sleep(0.01)
        raise RunFileError(f"{run}: is being written by {self._holder()}; wait until that has ended, or end it")

    def _is_current(self) -> bool:
        """Whether the locked file is still the one of that name: its last holder deletes it."""
        try:
            there, here = os.stat(self._side), os.fstat(self._handle)
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)

    def _holder(self) -> str:
        try:
            number = self._side.read_bytes()[:20].decode("ascii", "replace").strip()
        except OSError:
            number = ""
        return f"process {number}" if number.isdigit() else "another process"

    def release(self) -> None:
        """Let go, and take the side file away."""
        if os.name == "posix":
            self._side.unlink(missing_ok=True)
            os.close(self._handle)
        else:
            os.close(self._handle)
            try:
                self._side.unlink(missing_ok=True)
            except PermissionError:  # someone seized it in between, and will take it away
                return
