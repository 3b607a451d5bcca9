"""Hosts as windows start them, and somebody who listens to one."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.host_process import HostProcess
from engine.errors import SociariumError
from engine.remote.client import Client
from engine.remote.wire import Message
from tests.hamlet import HAMLET

PATIENCE = 120.0
"""Seconds: a host may have kernels to compile."""


class Listener:
    """Takes what a host pushes, on a thread of its own; says `seen` to every frame unless told not to."""

    def __init__(self, client: Client, is_prompt: bool = True) -> None:
        self.client = client
        self.is_prompt = is_prompt
        self.messages: list[Message] = []
        self.error: SociariumError | None = None
        self._ids = itertools.count()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._ended = False
        self._thread.start()

    def _listen(self) -> None:
        try:
            for message in self.client.listen():
                if message.head["kind"] == "frame" and self.is_prompt:
                    self.seen(message.head["tick"])
                with self._news:
                    self.messages.append(message)
                    self._news.notify_all()
        except SociariumError as error:
            self.error = error
        with self._news:
            self._ended = True
            self._news.notify_all()

    def seen(self, tick: int) -> None:
        self.client.send({"do": "seen", "what": {"tick": tick}})

    def until(self, is_it: Callable[[Mapping[str, Any]], bool], after: int = 0) -> Message:
        """Return the first message, from number `after` on, whose head is as wanted."""

        def found() -> Message | None:
            return next((message for message in self.messages[after:] if is_it(message.head)), None)

        with self._news:
            assert self._news.wait_for(lambda: found() is not None or self._ended, PATIENCE), "it never came"
            message = found()
            assert message is not None, f"the host ended first ({self.error})"
            return message

    def until_tick(self, tick: int) -> Message:
        return self.until(lambda head: head["kind"] == "frame" and head["tick"] >= tick)

    def until_state(self, state: str, after: int = 0) -> Message:
        return self.until(lambda head: "status" in head and head["status"]["state"] == state, after)

    def command(self, do: str, what: Mapping[str, Any] | None = None, number: str = "") -> Mapping[str, Any]:
        """Send a command and return what became of it."""
        number = number or f"test-{next(self._ids)}"
        after = len(self.messages)
        self.client.send({"id": number, "do": do, "what": dict(what or {})})
        return self.until(lambda head: head["kind"] == "done" and head["id"] == number, after).head

    def frames(self) -> list[int]:
        return [message.head["tick"] for message in self.messages if message.head["kind"] == "frame"]

    def ended(self) -> bool:
        """Wait until the host has gone."""
        self._thread.join(PATIENCE)
        return not self._thread.is_alive()

    def close(self) -> None:
        self.client.close()
        self._thread.join(5)
        assert not self._thread.is_alive()


def hamlet_in(folder: Path) -> Path:
    """Write the hamlet where a host finds it."""
    path = folder / "hamlet.scenario.yaml"
    path.write_text(HAMLET)
    return path


@contextmanager
def hosted(run: Path, **wish: Any) -> Iterator[tuple[HostProcess, Listener]]:
    """Start a host and listen to it; both are closed at the end."""
    process = HostProcess({"do": "new", "scenario": str(hamlet_in(run.parent)), "speed": 0, **wish}, run)
    try:
        listener = Listener(Client(*process.handshake()))
        try:
            yield process, listener
        finally:
            listener.close()
    finally:
        process.close()
