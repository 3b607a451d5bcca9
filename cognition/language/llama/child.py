"""A model child: loads one model, answers what comes through stdin, and ends when stdin does.

The host starts it through a hidden subcommand. It says `ready` or `cannot`, then `answers`, `forgot`, and `alive` now
and then while it works. A message with requests is worked off as a unit, so that when messages come changes nothing;
only those marked `live` join what runs at its next decode.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, BinaryIO

from cognition.language.llama.messages import pack_answers, pack_info, read_requests
from cognition.language.llama.pipe import Message, PipeError, each, listed, packed, read_frame, text, unpacked, whole
from cognition.language.model import Answer, Request
from engine.errors import MindError

if TYPE_CHECKING:
    from cognition.language.llama.loading import Loaded, Options

_ALIVE_EVERY = 1.0
_NICER = 10
_BELOW_NORMAL = 0x4000
_LARGE = 100_000_000
"""Parameters from which one decode may take long enough that signs of life are given within it."""
BROKEN, NO_MODEL = 3, 2
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # numpy's threads would cost memory for nothing
    "GGML_NO_BACKTRACE": "1",  # a crash must end at once, not start a debugger
}
"""What has to be set before numpy and llama.cpp are loaded."""


def main(argv: Sequence[str] = ()) -> int:
    """Run a model child on stdin and stdout; returns the exit status."""
    source, sink = _streams()
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    inbox: SimpleQueue[Message] = SimpleQueue()
    outbox = _Outbox(sink)
    threading.Thread(target=_listen, args=(source, inbox), name="host", daemon=True).start()
    try:
        options = _read_options(inbox.get())
        from cognition.language.llama.library import NativeLog
        from cognition.language.llama.loading import load

        log = NativeLog()
        loaded = load(options, log)
    except (MindError, ImportError, OSError, MemoryError, RuntimeError) as problem:
        why = str(problem)
        if not isinstance(problem, MindError):
            why = f"llama.cpp cannot be used here ({why or type(problem).__name__}); set Sociarium up again"
        outbox.say({"say": "cannot", "why": why[:2000]})
        return NO_MODEL
    outbox.say({"say": "ready", "info": pack_info(loaded.info), "gpu": loaded.model.gpu})
    _be_humble()  # not before: on a busy machine somebody waits for it to be ready
    if loaded.info.parameters >= _LARGE:
        loaded.context.watch(outbox.beat)
    try:
        _Worker(loaded, inbox, outbox).work()
    except MindError as problem:
        outbox.say({"say": "fault", "why": str(problem)[:2000]})
    return BROKEN


class _Outbox:
    """Says things to the host."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._last = time.monotonic()

    def say(self, message: Message) -> None:
        """Write a message; a host that is gone ends this process."""
        try:
            self._sink.write(packed(message))
            self._sink.flush()
        except OSError:
            os._exit(0)
        self._last = time.monotonic()

    def beat(self) -> None:
        """Say that work goes on, when nothing else was said for a while."""
        if time.monotonic() - self._last >= _ALIVE_EVERY:
            self.say({"say": "alive"})


class _Worker:
    """Works messages off, one unit after the other."""

    def __init__(self, loaded: Loaded, inbox: SimpleQueue[Message], outbox: _Outbox) -> None:
        self._engine = loaded.engine
        self._inbox, self._outbox = inbox, outbox
        self._units: deque[list[Request]] = deque()
        self._busy = 0.0

    def work(self) -> None:
        """Answer for ever; the process ends when stdin does. Raises MindError when the model fails."""
        while True:
            self._take(self._inbox.get())
            while self._units or not self._engine.idle:
                if self._engine.idle:
                    self._engine.add(self._units.popleft())
                began = time.perf_counter()
                answers = self._engine.step()
                self._busy += time.perf_counter() - began
                self._send(answers)
                with contextlib.suppress(Empty):
                    while True:
                        self._take(self._inbox.get_nowait())

    def _send(self, answers: list[Answer]) -> None:
        if answers:
            self._outbox.say({"say": "answers", "busy": self._busy, **pack_answers(answers)})
        else:
            self._outbox.beat()

    def _take(self, message: Message) -> None:
        if message.get("do") == "ask":
            requests = read_requests(message)
            if message.get("live") is True:
                self._engine.add(requests)
            else:
                self._units.append(requests)
        elif message.get("do") == "forget":
            gone = each(message.get("numbers"), 1 << 20, lambda value: whole(value, 0, 1 << 63))
            self._engine.forget(gone)
            self._units = deque([r for r in unit if r.number not in gone] for unit in self._units)
            self._outbox.say({"say": "forgot", "numbers": list(gone)})
        else:
            raise PipeError("the host asks for something unknown; both sides must be of one version")


def _listen(source: BinaryIO, inbox: SimpleQueue[Message]) -> None:
    """Hand on what the host says; end the process when it says no more, whatever it is doing."""
    try:
        while (body := read_frame(source)) is not None:
            inbox.put(unpacked(body))
    except (PipeError, OSError) as problem:
        print(problem, file=sys.stderr, flush=True)
        os._exit(BROKEN)
    os._exit(0)


def _read_options(message: Message) -> Options:
    from cognition.language.llama.loading import Options

    if message.get("do") != "load":
        raise PipeError("the host does not say which model to load; both sides must be of one version")

    def adapter(value: object) -> tuple[str, str]:
        name, path = listed(value, 2, 2)
        return text(name, 4096), text(path, 4096)

    return Options(
        Path(text(message.get("path"), 4096)),
        whole(message.get("threads"), 1, 512),
        whole(message.get("context"), 0, 1 << 20),
        whole(message.get("slots"), 0, 64),
        each(message.get("adapters"), 256, adapter),
    )


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """Return the pipe's two ends and turn stdin and stdout away from it: native code prints wherever it likes."""
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(source, "rb", buffering=1 << 16), os.fdopen(sink, "wb", buffering=1 << 16)


def _be_humble() -> None:
    """Leave the processor to the host first, and a Ctrl-C to it alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        with contextlib.suppress(OSError):
            os.nice(_NICER)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
