"""Opening a society: which host it takes. The host starts at once, while the window is still being imported."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.home import RUN_SUFFIX, new_run
from app.host_process import HostProcess
from app.scenarios import bundled, find, name_and_seed
from engine.errors import AddressError

SCHEME = "sociarium://"
LONGEST_TOKEN = 512


@dataclass(frozen=True)
class Opening:
    """A society that is on its way: of a host process that has just been started, or of a host elsewhere.

    `title` is what to call it until it says so itself; `run` is None for a host elsewhere.
    """

    title: str
    run: Path | None = None
    process: HostProcess | None = None
    wish: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""
    token: str = ""


def new_society(
    what: str, changes: Sequence[str] = (), speed: float | None = None, paused: bool = False, run: Path | None = None
) -> Opening:
    """Start a host with a new run of a bundled scenario or a file. Raises ScenarioError when there is no such thing."""
    path = find(what)
    name, seed = name_and_seed(path)
    for change in changes:
        if change.startswith("seed="):
            seed = int(change.removeprefix("seed="))
    run = run or new_run(name, seed, datetime.now())
    scenario = what if what in bundled() else str(path.absolute())
    wish = {"do": "new", "scenario": scenario, "set": list(changes), "speed": speed, "paused": paused}
    return _started(name, wish, run)


def recorded_society(run: Path) -> Opening:
    """Start a host that reads a run file."""
    return _started(_stem(run), {"do": "read"}, run.absolute())


def resumed_society(run: Path, speed: float | None = None, paused: bool = False) -> Opening:
    """Start a host that goes on with a run that ended early."""
    return _started(_stem(run), {"do": "resume", "speed": speed, "paused": paused}, run.absolute())


def branched_society(
    run: Path, tick: int, changes: Sequence[str] = (), speed: float | None = None, paused: bool = False
) -> Opening:
    """Start a host that goes on from a tick of a run, in a new file."""
    stem = _stem(run).split("-branch-")[0]
    fresh = new_run(f"{stem}-branch", tick, datetime.now())
    wish = {
        "do": "branch", "from": str(run.absolute()), "at": tick, "set": list(changes), "speed": speed, "paused": paused,
    }  # fmt: skip
    return _started(fresh.name.removesuffix(RUN_SUFFIX), wish, fresh)


def remote_society(address: str, token_file: Path | None) -> Opening:
    """Return the way to a host elsewhere. Raises AddressError without a token that can be read."""
    host, _, port = address.removeprefix(SCHEME).rstrip("/").rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise AddressError(f"{address}: is no address of a host; write {SCHEME}HOST:PORT")
    if token_file is None:
        raise AddressError(
            f"{address}: answers nobody without its token; give the file that holds it with --token-file"
        )
    try:
        with token_file.open(encoding="utf-8") as file:
            token = file.read(LONGEST_TOKEN + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise AddressError(f"{token_file}: the token cannot be read ({error}); check the file") from error
    if not token or len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        raise AddressError(f"{token_file}: holds no token; give the file that `sociarium serve` wrote")
    return Opening(f"{host}:{port}", address=f"{host}:{port}", token=token)


def society(what: str, token_file: Path | None = None) -> Opening:
    """Begin to open a bundled name, a scenario file, a run file or an address. SociariumError: it is none of these."""
    if what.startswith(SCHEME):
        return remote_society(what, token_file)
    path = find(what)
    if what.endswith(RUN_SUFFIX):
        return recorded_society(path)
    return new_society(what, [f"time.mode={json.dumps('live')}"])


def _started(title: str, wish: Mapping[str, Any], run: Path) -> Opening:
    run.parent.mkdir(parents=True, exist_ok=True)
    return Opening(title, run, HostProcess(wish, run), wish)


def _stem(run: Path) -> str:
    return run.name.removesuffix(RUN_SUFFIX)
