"""The engine host as a child process: started through a hidden subcommand, ended by closing its pipe."""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import RemoteError

PATIENCE = 5.0
"""Seconds that a host has to commit and end before it is killed."""
WORDS_KEPT = 40


class HostProcess:
    """A host on this machine. `wish` says what to open; see `app.hosting`."""

    def __init__(self, wish: Mapping[str, Any], run: Path) -> None:
        self.run = run
        self.token = secrets.token_urlsafe(32)
        self._words: deque[str] = deque(maxlen=WORDS_KEPT)
        self._process = subprocess.Popen(
            [*this_program(), "host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # when it died at once the handshake says so
            self._process.stdin.write(json.dumps({**wish, "token": self.token, "run": str(run)}) + "\n")
            self._process.stdin.flush()
        self._listener = threading.Thread(target=self._listen, name="host-words", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def handshake(self) -> tuple[str, str]:
        """Wait until it listens; return (address, token). Raises RemoteError with its reason when it does not."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            said = json.loads(line)
        except ValueError:
            said = {"error": f"the engine ended before it began. {self.last_words()[-300:]}".strip()}
        if "address" not in said:
            raise RemoteError(str(said.get("error", "the engine said nothing usable")))
        return str(said["address"]), self.token

    def last_words(self) -> str:
        """Return the last lines of its stderr."""
        return "\n".join(self._words)

    def close(self) -> None:
        """Close its pipe and wait until it has committed and ended; kill it when it does not."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(1)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            for line in stream:
                self._words.append(line.rstrip())


def this_program() -> list[str]:
    """Return the words of a command that starts this program."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "app.cli"]
