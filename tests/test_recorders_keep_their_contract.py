"""The run file's writer keeps the contract of a Recorder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.record.reader import RunReader
from engine.record.writer import RunWriter
from tests.contract.recorder_contract import CHECKS, Subject
from tests.record_samples import ANY_SPACE, HEADER

RUN_FILE = Subject(
    "run file",
    create=lambda path: RunWriter.create(path, HEADER, ANY_SPACE),
    append=lambda path: RunWriter.append(path, ANY_SPACE),
    read=RunReader,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_run_file_keeps_the_contract(check: Callable[[Subject, Path], None], tmp_path: Path) -> None:
    check(RUN_FILE, tmp_path)
