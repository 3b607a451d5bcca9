"""A society that breaks while it lives says so, keeps what it has committed, and its host goes on answering."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.hosting import Host, Wish
from engine.record.reader import RunReader
from tests.hosts import hamlet_in

TOKEN = "a token of a test, as long as one must be"


def _breaks(*what: Any) -> Any:
    raise ValueError("a module of somebody's is wrong")


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@pytest.mark.parametrize("part", ["tick", "telling"])
def test_what_breaks_is_told_and_the_host_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    run = tmp_path / "hamlet.sociarium"
    host = Host(Wish("new", run, str(hamlet_in(tmp_path)), speed=50.0), TOKEN)
    host.start()
    try:
        answers = host.desk.opened.result(90)
        live = host.desk.live
        assert live is not None
        live.watch(lambda: None)
        _until(lambda: live.status().tick >= 3)
        runner = live.visit(lambda runner: runner)
        broken, name = (runner, "tick") if part == "tick" else (live, "_said")
        monkeypatch.setattr(broken, name, _breaks)
        _until(lambda: live.state == "stopped")
        stopped = live.status()
        assert "a module of somebody's is wrong" in stopped.note and "run file" in stopped.note
        assert "\n" not in stopped.note
        told: list[str] = []
        live.command("one", "announce", {"text": "Is anybody there?"}, lambda reply: told.append(reply.refusal))
        assert told == [stopped.note]
        assert int(answers.answer("person", {"agent": "3"}).head["agent"]) == 3
        assert host.desk.live is live and not host.ended.is_set()
    finally:
        host.end(10)
    with RunReader(run) as reader:
        assert reader.last_tick == stopped.tick
