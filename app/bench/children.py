"""Each measurement in a child process of its own, so that neither memory nor caches of one help or hurt another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.errors import SociariumError


class BenchError(SociariumError):
    """A measurement failed."""

    exit_status = 1


class Children:
    """Starts `python -m app.bench.worker JOB ARGUMENTS` and reads the JSON object that it prints last.

    `folder` is the user's data folder of the children and takes their files; `say` is told what is being measured.
    """

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.notes: list[str] = []
        self._say = say

    def note(self, text: str) -> None:
        """Keep what is to be told when all is measured, such as that something was left out."""
        self.notes.append(text)

    def measure(self, job: str, arguments: Mapping[str, Any], about: str) -> dict[str, Any]:
        """Run a job and return what it found. Raises BenchError when it fails."""
        self._say(about)
        begun = time.time()
        done = subprocess.run(
            [sys.executable, "-m", "app.bench.worker", job, json.dumps({"begun": begun, **arguments})],
            env={**os.environ, "SOCIARIUM_HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        lines = done.stdout.strip().splitlines()
        if done.returncode != 0 or not lines:
            said = (done.stderr.strip().splitlines() or [f"it ended with status {done.returncode}"])[-1]
            raise BenchError(
                f"bench: measuring {about} ({job}) failed: {said}. "
                f"See all of it with: python -m app.bench.worker {job} '{json.dumps(dict(arguments))}'"
            )
        found: dict[str, Any] = json.loads(lines[-1])
        return found
