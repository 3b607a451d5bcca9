"""What many tests share: the hamlet as a file, and the program as a person starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.hamlet import HAMLET

pytest_plugins = ["tests.other_processors", "tests.windows"]


@pytest.fixture
def hamlet_file(tmp_path: Path) -> Path:
    path = tmp_path / "hamlet.scenario.yaml"
    path.write_text(HAMLET)
    return path


@dataclass(frozen=True)
class Ended:
    """How a program ended: exit status, stdout, stderr."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON object that was printed last."""
        found: dict[str, Any] = json.loads(self.out.strip().splitlines()[-1])
        return found


Sociarium = Callable[..., Ended]


@pytest.fixture
def sociarium(tmp_path: Path) -> Sociarium:
    """Return the `sociarium` command as a process of its own, with a data folder of its own."""

    def run(*arguments: object, env: Mapping[str, str] | None = None, timeout: float = 300) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *(str(argument) for argument in arguments)],
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, "SOCIARIUM_HOME": str(tmp_path / "home"), **(env or {})},
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run
