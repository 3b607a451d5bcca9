"""packaging/set-up.sh on a machine without a fitting Python: one line that says so and what to type."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ("awk", "cat", "cksum", "dirname", "grep", "id", "mkdir", "rm", "sed", "sh", "sleep", "tail", "tr")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what the set-up reads, and `bin`, the whole PATH of the poor machine."""
    (tmp_path / "packaging").mkdir()
    for name in ("requirements.lock", "pyproject.toml", "packaging/set-up.sh"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def set_up(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up there with an empty home."""
    settings = {"PATH": str(clone / "bin"), "HOME": str(clone / "home"), **environment}
    script = str(clone / "packaging" / "set-up.sh")
    return subprocess.run(["sh", script], env=settings, capture_output=True, text=True, timeout=60, check=False)


def write_python(clone: Path, name: str, script: str) -> None:
    """Put a stand-in for an interpreter into the PATH."""
    path = clone / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def test_no_python_at_all(clone: Path) -> None:
    ended = set_up(clone)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert "Python 3.11 or 3.12 is needed and none is in PATH; type: " in ended.stderr
    assert not (clone / ".set-up-busy").exists()
    assert not (clone / ".venv").exists()


def test_a_python_that_is_too_old_or_broken_is_passed_over(clone: Path) -> None:
    write_python(clone, "python3.11", "exit 127")
    write_python(clone, "python3", "exit 1")
    ended = set_up(clone)
    assert "none is in PATH" in ended.stderr


def test_a_python_that_was_named_and_does_not_fit_is_named_in_the_line(clone: Path) -> None:
    ended = set_up(clone, PYTHON="/bin/false")
    assert ended.returncode == 1
    assert "PYTHON=/bin/false is not Python 3.11 or 3.12" in ended.stderr


def test_a_ready_environment_is_left_alone(clone: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "bin" / "python").symlink_to("/bin/false")
    stamp = 'eval "$(sed -n "/^wanted_stamp()/,/^}/p" packaging/set-up.sh)"; here=$(pwd -P); wanted_stamp'
    made = subprocess.run(["sh", "-c", stamp], cwd=clone, env=os.environ, capture_output=True, text=True, check=True)
    (clone / ".venv" / "set-up.stamp").write_text(made.stdout, encoding="utf-8")
    ended = set_up(clone)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    (clone / "requirements.lock").write_text("changed\n", encoding="utf-8")
    assert set_up(clone).returncode == 1
