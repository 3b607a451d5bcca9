"""One model child as the host sees it: a process, a thread that reads what it says, one that writes to it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Full, Queue, SimpleQueue

from cognition.language.llama.pipe import PipeError, read_frame

_TAIL = 4096


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that came from a child: a frame's body, or None when it has ended, with the fault if there was one."""

    process: ChildProcess
    body: bytes | None
    fault: str = ""


class ChildProcess:
    """A running child. `heard` gets all it says; `last_sign` is when it last said something (monotonic seconds)."""

    def __init__(self, command: Sequence[str], heard: Queue[Heard]) -> None:
        self._heard = heard
        self._closing = threading.Event()
        self._to_write: SimpleQueue[bytes | None] = SimpleQueue()
        # A file, not a pipe: nobody has to read it, and what a crash said last is still there afterwards.
        self._words = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._words, bufsize=0
        )
        self.last_sign = time.monotonic()
        self._is_broken = False
        self._threads = [
            threading.Thread(target=self._read, name="mind-child-reader", daemon=True),
            threading.Thread(target=self._write, name="mind-child-writer", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def send(self, frame: bytes) -> None:
        """Write a frame, behind the caller's back: a child that does not read holds nobody up."""
        self._to_write.put(frame)

    def end(self) -> str:
        """Kill the process and wait until nothing of it is left. Returns how it had ended, and its last words."""
        status = self._process.poll()
        if status is None and not self._is_broken and not self._threads[0].is_alive():
            # It has closed its end, so it is about to be gone by itself.
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = self._process.wait(1)
        self._closing.set()
        self._to_write.put(None)
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        words = self._last_words()
        self._words.close()
        return _ending(status, words)

    def _read(self) -> None:
        assert self._process.stdout is not None
        fault = ""
        while not self._closing.is_set():
            try:
                found = read_frame(self._process.stdout)
            except (PipeError, OSError, ValueError) as problem:
                fault, found = str(problem), None
                self._is_broken = True
            self.last_sign = time.monotonic()
            if found is None:
                break
            self._put(Heard(self, found))
        self._put(Heard(self, None, fault))

    def _put(self, heard: Heard) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(Full):
                self._heard.put(heard, timeout=0.1)
                return
            self.last_sign = time.monotonic()  # it is the host that is behind

    def _write(self) -> None:
        assert self._process.stdin is not None
        while (frame := self._to_write.get()) is not None:
            try:
                view = memoryview(frame)
                while view:
                    view = view[os.write(self._process.stdin.fileno(), view[: 1 << 20]) :]
            except (OSError, ValueError):
                return

    def _last_words(self) -> str:
        size = self._words.seek(0, os.SEEK_END)
        self._words.seek(max(0, size - _TAIL))
        lines = self._words.read(_TAIL).decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip()[:500] if lines else ""


def _ending(status: int | None, words: str) -> str:
    """Return one line about how a process ended."""
    how = "it was killed"
    if status is not None:
        how = f"it crashed (signal {-status})" if status < 0 else f"it ended ({status})"
    return f"{how}: {words}" if words else how
