"""What takes a while, such as saving: it goes on beside the window, never in its way, and can be called off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from app.host_process import this_program

PATIENCE = 5.0
"""Seconds that a thread has to end when the window closes."""
LOOK_EVERY = 30
"""Milliseconds between two looks at what threads have done."""
KILLED = 2000
"""Milliseconds that a process has to be gone once it was killed."""

Result = TypeVar("Result")
Tell = Callable[[float], None]
"""Takes the share of a job that is done, 0..1; raises CalledOff when nobody wants the rest."""


class CalledOff(Exception):
    """The user called an errand off; raised in its thread, and caught there."""


class Errand(QObject):
    """One thing under way. Whoever works at it advances and ends it; the user may cancel it."""

    advanced = Signal()
    """`share` is another one."""
    ended = Signal()
    """It is over, done or called off."""

    def __init__(self, title: str, parent: QObject) -> None:
        super().__init__(parent)
        self.title = title
        self.share: float | None = None
        """How much is done, 0..1; None while that is not known."""
        self.is_over = self.is_cancelled = False

    def advance(self, share: float) -> None:
        """Tell how much is done."""
        if not self.is_over:
            self.share = min(1.0, max(0.0, share))
            self.advanced.emit()

    def end(self) -> None:
        """Be over."""
        if not self.is_over:
            self.is_over = True
            self.ended.emit()

    def cancel(self) -> None:
        """Call it off; what it has half done is taken away by who does it."""
        if not self.is_over:
            self.is_cancelled = True
            self.end()


class Errands(QObject):
    """All errands of a window, and the threads and processes that do them."""

    begun = Signal(object)
    """An Errand was begun."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.under_way: list[Errand] = []
        self._works: list[_Work] = []
        self._looking = QTimer(self, interval=LOOK_EVERY)
        self._looking.timeout.connect(self._look)

    def begin(self, title: str) -> Errand:
        """Begin an errand, which is in sight when it takes long."""
        errand = Errand(title, self)
        errand.ended.connect(self._forget)
        self.under_way.append(errand)
        self.begun.emit(errand)
        return errand

    def work(self, errand: Errand, job: Callable[[Tell], Result], then: Callable[[Result], None]) -> None:
        """Do a job in a thread; `then` gets its result, in the window's thread, unless it was called off.

        What belongs to Qt's widgets and scenes is no thread's business.
        """
        work = _Work(errand, job, then)
        self._works.append(work)
        work.thread.start()
        self._looking.start()

    def run(
        self,
        errand: Errand,
        words: Sequence[str],
        given: bytes,
        then: Callable[[int, bytes, str], None],
        heard: Callable[[bytes], None] | None = None,
    ) -> None:
        """Run a command of this program as a process; `given` is its input.

        `then` gets exit status, output and what it complained of, unless it was called off: then the process is gone
        before others hear of that. `heard` takes the output line by line instead.
        """
        process, program = QProcess(self), this_program()
        output = bytearray()

        def read() -> None:
            if heard is None:
                output.extend(bytes(process.readAllStandardOutput().data()))
            while heard is not None and process.canReadLine():
                heard(bytes(process.readLine().data()))

        def finished() -> None:
            errand.ended.disconnect(stop)
            if not errand.is_over:
                read()
                orderly = process.error() == QProcess.ProcessError.UnknownError
                words = bytes(process.readAllStandardError().data()).decode(errors="replace")
                then(process.exitCode() if orderly else -1, bytes(output), words)
            process.deleteLater()

        def failed(error: QProcess.ProcessError) -> None:
            if error == QProcess.ProcessError.FailedToStart:
                finished()

        def stop() -> None:
            if process.state() != QProcess.ProcessState.NotRunning:
                process.kill()
                process.waitForFinished(KILLED)

        process.readyReadStandardOutput.connect(read)
        process.finished.connect(finished)
        process.errorOccurred.connect(failed)
        errand.ended.connect(stop)
        process.start(program[0], [*program[1:], *words])
        process.write(given)
        process.closeWriteChannel()

    def close(self) -> None:
        """Call everything off, and wait until it is."""
        for errand in tuple(self.under_way):
            errand.cancel()
        self._looking.stop()
        for work in self._works:
            work.thread.join(PATIENCE)
        self._works.clear()

    def _forget(self) -> None:
        for errand in [errand for errand in self.under_way if errand.is_over]:
            self.under_way.remove(errand)
            errand.deleteLater()

    def _look(self) -> None:
        """Take in what threads have done since the last look."""
        over = [work for work in self._works if not work.thread.is_alive()]
        for work in self._works:
            if not work.errand.is_over and work.share is not None and work.share != work.errand.share:
                work.errand.advance(work.share)
        self._works = [work for work in self._works if work not in over]
        if not self._works:
            self._looking.stop()
        for work in over:
            work.finish()


class _Work:
    """A job in a thread. It leaves what it has to say here: signals across threads outlive who should hear them."""

    def __init__(self, errand: Errand, job: Callable[[Tell], Any], then: Callable[[Any], None]) -> None:
        self.errand, self.share = errand, errand.share
        self._job, self._then = job, then
        self._result: Any = None
        self._error: Exception | None = None
        self.thread = threading.Thread(target=self._run, name="errand", daemon=True)

    def _tell(self, share: float) -> None:
        if self.errand.is_cancelled:
            raise CalledOff
        self.share = share

    def _run(self) -> None:
        try:
            self._result = self._job(self._tell)
        except Exception as error:
            self._error = error

    def finish(self) -> None:
        """Hand on the result; what was raised is raised here, where it makes a crash report."""
        if self.errand.is_over:
            return
        if self._error is not None:
            self.errand.end()
            raise self._error
        self._then(self._result)
