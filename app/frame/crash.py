"""Crash reports: what nobody expected is written to a file that stays on the machine, and the user is told."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import platform
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType

from app.home import home

FOLDER = "crashes"
KEPT = 20
"""Older reports are deleted."""
PACKAGES = ("sociarium", "PySide6-Essentials", "vispy", "numpy", "pyqtgraph")
QUIET = 2.0
"""Seconds after a report in which the same error is not reported again: a fault in a drawing comes at every frame."""

Tell = Callable[[Path, str], object]


class Reporter:
    """Writes reports and tells of them. `install` makes it hear of all that nobody caught."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._last: tuple[str, float] = ("", -QUIET)
        self._undo: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    def install(self) -> None:
        """Hear of what nobody caught: in slots and handlers of Qt, in threads, in VisPy; and of the end by a signal."""
        kept_hook, kept_thread_hook = sys.excepthook, threading.excepthook
        sys.excepthook = self.report
        threading.excepthook = lambda caught: self.report(caught.exc_type, caught.exc_value, caught.exc_traceback)
        ears = _Ears(self)
        logging.getLogger("vispy").addHandler(ears)
        self._undo = [
            lambda: setattr(sys, "excepthook", kept_hook),
            lambda: setattr(threading, "excepthook", kept_thread_hook),
            lambda: logging.getLogger("vispy").removeHandler(ears),
        ]
        with contextlib.suppress(OSError):
            folder = _folder()
            file = (folder / "last-signal.txt").open("w", encoding="utf-8")
            faulthandler.enable(file)
            self._undo += [faulthandler.disable, file.close]

    def remove(self) -> None:
        """Hear of nothing any more."""
        for undo in self._undo:
            undo()
        self._undo = []

    def report(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:  # fmt: skip
        """Write a report of an exception and tell of it."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error or kind(), trace)
            return
        self.write(f"{kind.__name__}: {error}", "".join(traceback.format_exception(kind, error, trace)))

    def write(self, headline: str, details: str) -> Path | None:
        """Write a report; return its path, or None where the same was just reported or nothing can be written."""
        with self._lock:
            now = time.monotonic()
            if headline == self._last[0] and now - self._last[1] < QUIET:
                self._last = (headline, now)
                return None
            self._last = (headline, now)
        print(details, file=sys.stderr, flush=True)
        try:
            path = _write(headline, details)
        except OSError:
            return None
        self._tell(path, headline)
        return path


class _Ears(logging.Handler):
    """Hears what VisPy logs and then passes over."""

    def __init__(self, reporter: Reporter) -> None:
        super().__init__(logging.ERROR)
        self._reporter = reporter

    def emit(self, record: logging.LogRecord) -> None:
        """Report an error of VisPy."""
        self._reporter.write(record.getMessage().splitlines()[-1][:200], self.format(record))


def reports() -> list[Path]:
    """Return the reports there are, newest first."""
    return sorted((home() / FOLDER).glob("crash-*.txt"), reverse=True)


def _folder() -> Path:
    folder = home() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(headline: str, details: str) -> Path:
    moment = datetime.now()
    path = _folder() / f"crash-{moment:%Y%m%d-%H%M%S-%f}.txt"
    lines = [
        headline, "", f"when      {moment.isoformat(timespec='seconds')}",
        f"machine   {platform.platform()}, Python {platform.python_version()}",
        *(f"{name:<9} {_version(name)}" for name in PACKAGES), "", details,
    ]  # fmt: skip
    path.write_text("\n".join(lines), encoding="utf-8")
    for old in reports()[KEPT:]:
        with contextlib.suppress(OSError):
            old.unlink()
    return path


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
