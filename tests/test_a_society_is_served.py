"""`sociarium serve` serves on loopback alone, keeps its token to its owner, and commits when it ends."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from engine.record.reader import RunReader
from engine.remote.client import Client
from tests.conftest import Sociarium
from tests.hosts import Listener, hamlet_in


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_only_loopback_is_served(host: str, sociarium: Sociarium) -> None:
    done = sociarium("serve", "--host", host)
    assert done.status == 2
    assert "not encrypted" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_poor_token_is_refused(tmp_path: Path, sociarium: Sociarium) -> None:
    token = tmp_path / "token"
    token.write_text("secret")
    token.chmod(0o600)
    assert "16 characters" in sociarium("serve", "--token-file", token).err
    token.write_text("x" * 32)
    token.chmod(0o644)
    assert "chmod 600" in sociarium("serve", "--token-file", token).err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_in_order(tmp_path: Path, number: signal.Signals) -> None:
    home = tmp_path / "home"
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", str(hamlet_in(tmp_path))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SOCIARIUM_HOME": str(home)},
    )
    assert process.stdout is not None
    words = process.stdout.readline().split()
    address, (place,) = words[0], home.glob("*.token")
    assert address.startswith("sociarium://127.0.0.1:")
    assert str(place) in words
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    listener = Listener(Client(address.removeprefix("sociarium://"), place.read_text().strip()))
    listener.until_tick(2)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert listener.ended()
    listener.close()
    assert not place.exists()
    (run,) = (home / "runs").iterdir()
    with RunReader(run) as reader:
        assert reader.finished


def test_a_run_is_served_as_it_is(tmp_path: Path, hamlet_file: Path, sociarium: Sociarium) -> None:
    run, token = tmp_path / "run.sociarium", tmp_path / "token"
    assert sociarium("run", hamlet_file, "--ticks", 6, "--out", run).status == 0
    before = run.read_bytes()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", str(run), "--token-file", str(token)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address = process.stdout.readline().split()[0].removeprefix("sociarium://")
    listener = Listener(Client(address, token.read_text().strip()))
    assert listener.until(lambda head: head["kind"] == "about").head["live"] is False
    assert listener.until_tick(6).head["status"]["state"] == "ended"
    assert "branch" in listener.command("go")["refusal"]
    process.terminate()
    process.communicate(timeout=30)
    listener.close()
    assert run.read_bytes() == before
