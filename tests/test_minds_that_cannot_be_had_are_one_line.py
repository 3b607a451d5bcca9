"""`--mind` with what there is not: one line that says what and the mend, status 2, no run file, no process left."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import main
from tests.conftest import Sociarium
from tests.misbehaving_endpoints import MODEL, Handler, offering, serving

Refused = Callable[..., str]


@pytest.fixture
def refused(
    hamlet_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Refused:
    """Return what runs the hamlet with a mind, sees it refused, and gives the line that is said."""
    monkeypatch.setenv("SOCIARIUM_HOME", str(tmp_path / "home"))

    def run(mind: object, *more: str) -> str:
        assert main(["run", str(hamlet_file), "--mind", str(mind), "--ticks", "2", *more]) == 2
        said = capsys.readouterr().err
        assert len(said.splitlines()) == 1 and said.startswith("sociarium: "), said
        assert not list((tmp_path / "home").glob("runs/*"))
        return said

    return run


@pytest.mark.parametrize(
    ("mind", "what", "mend"),
    [
        ("oracle", "there is no mind 'oracle'", "known: reflex, recorded, script"),
        ("reflx", "there is no mind 'reflx'", "did you mean reflex?"),
        ("/nowhere/at/all.gguf", "there is no such file", "give the path"),
        ("all.gguf", "there is no such file", "give the path"),
        ("./all", "there is no such file", "give the path"),
        ("http://", "not the address of an endpoint", "http://host:port/v1"),
        ("https://me:secret@example.org/v1", "holds a password", "SOCIARIUM_KEY"),
        ("http://example.org:99999999/v1", "not the address of an endpoint", "http://host:port/v1"),
        ("script", "needs `settings: {file: ...}`", "name the file there"),
    ],
)
def test_a_mind_that_there_is_not(refused: Refused, mind: str, what: str, mend: str) -> None:
    said = refused(mind)
    assert what in said and mend in said and "secret" not in said


def test_a_folder(refused: Refused, tmp_path: Path) -> None:
    assert "a folder; name the GGUF file in it" in refused(tmp_path)


def test_a_file_that_is_no_model(refused: Refused, hamlet_file: Path) -> None:
    assert f"{hamlet_file}: not a GGUF file" in refused(hamlet_file)


@pytest.mark.parametrize("more", [(), ("--estimate",)])
def test_an_address_that_nobody_answers(refused: Refused, more: tuple[str, ...]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        said = refused(url, *more)
    assert url in said and "is it running?" in said


def test_an_endpoint_without_the_model(refused: Refused) -> None:
    with serving(offering("logprobs")) as endpoint:
        said = refused(f"{endpoint.url}#another")
    assert "has no model another" in said and MODEL in said


def test_an_endpoint_that_wants_a_key(refused: Refused) -> None:
    def closed(handler: Handler) -> None:
        handler.refuse(401, "who are you?")

    with serving(offering("logprobs")) as endpoint:
        endpoint.listed = closed
        assert "SOCIARIUM_KEY" in refused(endpoint.url)


def test_a_process_of_its_own_says_the_same(sociarium: Sociarium, hamlet_file: Path) -> None:
    minds = "cognition.minds=[{mind: 'http://127.0.0.1:9/v1', settings: {timout: 5}}]"
    ended = sociarium("run", hamlet_file, "--set", minds, "--ticks", "2")
    assert ended.status == 2 and "settings.timout" in ended.err and len(ended.err.splitlines()) == 1
