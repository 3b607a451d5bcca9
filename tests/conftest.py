"""What many tests share: the hamlet as a file, and the program as a person starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from xdist.workermanage import WorkerController

from app.display import has_screen_in_memory, screen_in_memory
from tests.hamlet import HAMLET

pytest_plugins = ["tests.other_processors", "tests.windows"]


class Screens:
    """A screen in memory for each process of pytest-xdist: two cannot share the keyboard and the pointer of one.

    They are children of the process that leads the others, for some tests look at all the children of theirs.
    """

    def __init__(self, shown: ExitStack) -> None:
        self._shown = shown

    def pytest_configure_node(self, node: WorkerController) -> None:
        """Called by pytest-xdist for each process before it starts."""
        node.workerinput["screen"] = dict(self._shown.enter_context(screen_in_memory("2600x1600x24")))


def pytest_configure(config: pytest.Config) -> None:
    """Show windows on the screen of this process, when there are several."""
    if hasattr(config, "workerinput"):
        os.environ.update(config.workerinput.get("screen", {}))
    elif config.getoption("dist", "no") != "no" and has_screen_in_memory():
        shown = ExitStack()
        config.add_cleanup(shown.close)
        config.pluginmanager.register(Screens(shown))


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
