"""The engine host: one society, its run file and its network, as a process. What is heavy is imported on its threads.

`sociarium host` is a child of a window: it reads one line of JSON, its wish, from its standard input, says its address
on its standard output, and ends when the input closes. `sociarium serve` is the same in the foreground.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.home import RUN_SUFFIX, home
from engine.errors import RemoteError, SociariumError
from engine.remote.bounds import sentence
from engine.remote.service import Desk, Service, check_loopback

LONGEST_WISH = 2**20
SHORTEST_TOKEN = 16
ENDING_SECONDS = 1.5
"""Seconds that a window's host takes for the tick in hand and for closing the run file; after that it ends without, and
every tick that was committed is safe all the same."""
PATIENT_SECONDS = 10.0
"""The same in the foreground."""
TELLING_SECONDS = 10.0
"""Seconds that a host which could not open its society waits for somebody to tell."""


@dataclass(frozen=True)
class Wish:
    """What to open: `do` is "new", "resume", "branch" or "read"; `run` is the run file, written or read.

    `source` and `at` are the run and the tick to branch off from; `ticks` the tick to end at, if not as planned;
    `speed` in ticks a second, None for the scenario's rate.
    """

    do: str
    run: Path
    scenario: str = "settlement"
    changes: tuple[str, ...] = ()
    source: Path | None = None
    at: int = 0
    speed: float | None = None
    paused: bool = False
    ticks: int | None = None

    @staticmethod
    def from_json(said: dict[str, Any]) -> Wish:
        """Return what a window wishes for. Raises RemoteError where it says nothing usable."""
        try:
            source, speed, ticks = said.get("from"), said.get("speed"), said.get("ticks")
            wish = Wish(
                do=str(said["do"]),
                run=Path(said["run"]),
                scenario=str(said.get("scenario") or "settlement"),
                changes=tuple(str(change) for change in said.get("set") or ()),
                source=None if source is None else Path(source),
                at=int(said.get("at") or 0),
                speed=None if speed is None else float(speed),
                paused=bool(said.get("paused", False)),
                ticks=None if ticks is None else int(ticks),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RemoteError(f"the wish cannot be understood ({error!r}); see docs/wire.md under Lifetime") from error
        if wish.do not in ("new", "resume", "branch", "read") or (wish.do == "branch" and wish.source is None):
            raise RemoteError(f"the wish is to {wish.do}; say new, resume, branch (with from and at) or read")
        if wish.speed is not None and not (math.isfinite(wish.speed) and wish.speed >= 0):
            raise RemoteError(f"a speed of {wish.speed} ticks a second is none; 0 is as fast as it goes")
        return wish


class Host:
    """Opens a society on the tick's thread and serves it on another; whoever made it calls `end`."""

    def __init__(self, wish: Wish, token: str, host: str = "127.0.0.1", port: int = 0) -> None:
        self.wish = wish
        self.desk = Desk()
        self.service = Service(token, self.desk, host, port)
        self.ended = threading.Event()
        self.failure = ""
        self._ending, self._made = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._live, name="tick", daemon=True)

    def start(self) -> None:
        """Serve, and open the society beside it."""
        self.service.start()
        self._thread.start()

    def end(self, seconds: float) -> None:
        """Commit the tick in hand and end; end all the same when that takes too long."""
        self._ending.set()
        if not self.desk.opened.done():  # nothing to lose yet
            self._sweep()
            return
        if self.desk.live is not None:
            self.desk.live.stop()
        self.service.close()
        self._thread.join(seconds)

    def _sweep(self) -> None:
        """Remove the run file that was begun here and has nothing in it yet."""
        if self._made.is_set():
            for suffix in ("", "-wal", "-shm", "-journal", "-lock"):
                with contextlib.suppress(OSError):
                    self.wish.run.with_name(self.wish.run.name + suffix).unlink()

    def _live(self) -> None:
        """Open the society and let it live (on the tick's thread)."""
        try:
            from app.open_society import open_society

            open_society(self.wish, self.desk, self._ending, self._made.set)
        except Exception as error:  # a window that waits for the society is told
            if not self._ending.is_set():
                self.failure = sentence(error)
                if not self.desk.opened.done():
                    self.desk.opened.set_exception(RemoteError(self.failure))
                    self.desk.told.wait(TELLING_SECONDS)
                print(f"sociarium: {self.failure}", file=sys.stderr, flush=True)
        finally:
            self.ended.set()


def command_host(options: argparse.Namespace) -> int:
    """Be the host of a window: one line in, one line out, until the input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the window, which closes the pipe
    line = sys.stdin.readline(LONGEST_WISH)
    try:
        said = json.loads(line or "null")
        token = said.get("token", "") if isinstance(said, dict) else ""
        if not isinstance(token, str) or len(token) < SHORTEST_TOKEN:
            raise RemoteError(f"`sociarium host` is for windows, which give it a token of {SHORTEST_TOKEN} characters")
        host = Host(Wish.from_json(said), token)
    except (SociariumError, ValueError) as error:
        print(json.dumps({"error": sentence(error)}), flush=True)
        return 2
    with _signals(host.ended, signal.SIGTERM):
        print(json.dumps({"address": host.service.address}), flush=True)
        host.start()
        threading.Thread(target=_until_closed, args=(host.ended,), name="pipe", daemon=True).start()
        host.ended.wait()
        host.end(ENDING_SECONDS)
    return _leave(1 if host.failure else 0)


def command_serve(options: argparse.Namespace) -> int:
    """Serve a society in the foreground until Ctrl-C."""
    check_loopback(options.host)
    wish = _wish_of(str(options.what))
    given: Path | None = options.token_file
    token = secrets.token_urlsafe(32) if given is None else _token_in(given)
    host = Host(wish, token, options.host, options.port)
    port = host.service.address.rpartition(":")[2]
    place = home() / f"serve-{port}.token" if given is None else given
    try:
        if given is None or not given.exists():
            _keep_secret(place, token)
        with _signals(host.ended, signal.SIGINT, signal.SIGTERM):
            host.start()
            print(f"sociarium://{host.service.address}  token in {place}  run {wish.run}", flush=True)
            host.ended.wait()
            host.end(PATIENT_SECONDS)
    finally:
        if given is None:
            place.unlink(missing_ok=True)
    return _leave(1 if host.failure else 0)


def _leave(status: int) -> int:
    """End at once where threads that cannot be ended would hold the process."""
    sys.stdout.flush()
    sys.stderr.flush()
    if any(thread.name == "tick" for thread in threading.enumerate()):
        os._exit(status)
    return status


def _until_closed(ended: threading.Event) -> None:
    """Wait until whoever started this process closes its pipe, or is gone."""
    with contextlib.suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    ended.set()


@contextlib.contextmanager
def _signals(ended: threading.Event, *numbers: signal.Signals) -> Iterator[None]:
    """Take these signals for a wish to end."""
    kept = {number: signal.signal(number, lambda number, frame: ended.set()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _wish_of(what: str) -> Wish:
    """Return what `serve` is to open: a run file to look at, or a scenario to run into a new one."""
    if what.endswith(RUN_SUFFIX):
        return Wish("read", Path(what))
    from datetime import datetime

    from app.compose import find_scenario
    from app.home import new_run

    scenario = find_scenario(what)
    return Wish("new", new_run(scenario.name, scenario.seed, datetime.now()), what)


def _token_in(path: Path) -> str:
    """Return the token that a file holds, or a fresh one without a file. Raises SociariumError for a poor one."""
    if not path.exists():
        return secrets.token_urlsafe(32)
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise SociariumError(f"{path}: others can read this token; run `chmod 600 {path}`")
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SociariumError(f"{path}: cannot be read as a token ({error}); name another --token-file") from error
    if len(token) < SHORTEST_TOKEN or not token.isprintable() or " " in token:
        raise SociariumError(
            f"{path}: a token is {SHORTEST_TOKEN} characters or more, no spaces; delete it for a new one"
        )
    return token


def _keep_secret(path: Path, token: str) -> None:
    """Write a token where only its owner reads it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(token + "\n")
    except OSError as error:
        raise SociariumError(
            f"{path}: the token cannot be written ({error.strerror}); name another --token-file"
        ) from error
