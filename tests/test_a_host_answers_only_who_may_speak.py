"""No token, a wrong or foreign one, another Host, any Origin: refused on every verb and path."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from engine.remote.auth import BURST
from engine.remote.wire import MOST_COMMAND_BYTES
from tests.hosts import hosted

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")
PATHS = ("/v1/about", "/v1/live", "/v1/nothing", "/", "/docs", "/openapi.json")

Speaker = tuple[str, str, str]


@pytest.fixture(scope="module")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Speaker]:
    """Return (address, token, token of another host)."""
    run: Path = tmp_path_factory.mktemp("hosts") / "run.sociarium"
    with (
        hosted(run, paused=True) as (process, listener),
        hosted(run.with_name("other.sociarium"), paused=True) as (other, _),
    ):
        listener.until_state("paused")
        yield listener.client.address, process.token, other.token


def wrong(speaker: Speaker) -> dict[str, tuple[int, dict[str, str]]]:
    """Return what is wrong with a request, with the status that it is refused with."""
    address, token, foreign = speaker
    host, port = address.split(":")
    good = {"Host": address, "Authorization": f"Bearer {token}"}
    return {
        "no token": (401, {"Host": address}),
        "wrong token": (401, {**good, "Authorization": "Bearer " + "x" * len(token)}),
        "foreign token": (401, {**good, "Authorization": f"Bearer {foreign}"}),
        "half a token": (401, {**good, "Authorization": f"Bearer {token[:-1]}"}),
        "another scheme": (401, {**good, "Authorization": f"Basic {token}"}),
        "empty token": (401, {**good, "Authorization": "Bearer "}),
        "token not ASCII": (401, {**good, "Authorization": "Bearer \xfc\xfc"}),
        "foreign origin": (403, {**good, "Origin": "https://example.org"}),
        "own origin": (403, {**good, "Origin": f"http://{address}"}),
        "null origin": (403, {**good, "Origin": "null"}),
        "foreign host": (421, {**good, "Host": f"example.org:{port}"}),
        "host without port": (421, {**good, "Host": host}),
        "host of another port": (421, {**good, "Host": f"{host}:1"}),
    }


def request(
    address: str, verb: str, path: str, headers: dict[str, str], body: bytes = b""
) -> tuple[int, dict[str, object]]:
    """Return the status and the answer to a request that is sent as it is."""
    connection = HTTPConnection(address, timeout=30)
    try:
        connection.putrequest(verb, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders(body or None)
        response = connection.getresponse()
        text = response.read()
        is_json = response.headers.get("content-type", "").startswith("application/json")
        return response.status, json.loads(text) if text and is_json else {}
    finally:
        connection.close()


@pytest.mark.parametrize("verb", VERBS)
def test_who_may_not_speak_is_refused_on_every_path(speaker: Speaker, verb: str) -> None:
    for what, (status, headers) in wrong(speaker).items():
        for path in PATHS:
            if verb == "CONNECT" and path == "/":
                continue
            got, said = request(speaker[0], verb, path, headers)
            assert got == status, f"{verb} {path} with {what}"
            assert verb == "HEAD" or isinstance(said["error"], str)


def test_who_may_not_speak_gets_no_live_end(speaker: Speaker) -> None:
    address, token, _ = speaker
    for what, (status, headers) in wrong(speaker).items():
        if what == "token not ASCII":
            continue  # the client does not send it
        with pytest.raises(InvalidStatus) as refused, connect_as(address, headers):
            pass
        assert refused.value.response.status_code == status, what
    with pytest.raises(InvalidStatus) as lost, connect_as(address, {"Authorization": f"Bearer {token}"}, "/v1/nowhere"):
        pass
    assert lost.value.response.status_code in (403, 404)


@contextmanager
def connect_as(address: str, headers: dict[str, str], path: str = "/v1/live") -> Iterator[ClientConnection]:
    """Open a WebSocket to an address under the name that the headers give."""
    host, port = address.split(":")
    named = headers.get("Host", address)
    rest = {name: value for name, value in headers.items() if name != "Host"}
    with (
        socket.create_connection((host, int(port))) as line,
        connect(f"ws://{named}{path}", sock=line, additional_headers=rest, proxy=None, compression=None) as live,
    ):
        yield live


def test_who_may_speak_is_answered_by_get_alone(speaker: Speaker) -> None:
    address, token, _ = speaker
    headers = {"Host": address, "Authorization": f"Bearer {token}"}
    assert request(address, "GET", "/v1/about", headers)[0] == 200
    localhost = {**headers, "Host": f"localhost:{address.split(':')[1]}"}
    assert request(address, "GET", "/v1/status", localhost)[0] == 200
    for verb in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        status, said = request(address, verb, "/v1/about", headers)
        assert (status, "error" in said) == (405, True), verb
    for path in ("/", "/docs", "/redoc", "/openapi.json", "/v1", "/v1/about/", "/v1/nothing", "/v2/about"):
        status, said = request(address, "GET", path, headers)
        assert (status, "error" in said) == (404, True), path


def test_what_is_too_large_is_refused(speaker: Speaker) -> None:
    address, token, _ = speaker
    headers = {"Host": address, "Authorization": f"Bearer {token}"}
    large = {**headers, "Content-Length": str(MOST_COMMAND_BYTES + 1)}
    assert request(address, "POST", "/v1/about", large)[0] == 413
    assert request(address, "GET", "/v1/about", {**headers, "Content-Length": "9" * 4000})[0] in (400, 413)
    assert request(address, "GET", "/v1/about", {**headers, "Transfer-Encoding": "chunked"})[0] == 413
    assert request(address, "GET", "/v1/names?first=" + "0" * 6000, headers)[0] == 413
    assert request(address, "GET", "/v1/about", {**headers, "X-Large": "x" * 40_000})[0] == 413
    with connect_as(address, {"Authorization": f"Bearer {token}"}) as live:
        live.send("x" * (MOST_COMMAND_BYTES + 1))
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                live.recv(30)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_what_comes_too_fast_is_refused(speaker: Speaker) -> None:
    address, token, _ = speaker
    headers = {"Authorization": f"Bearer {token}"}
    asked = f"GET /v1/status HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    host, port = address.split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(asked * int(2 * BURST))
        answered = b""
        while b"HTTP/1.1 429" not in answered and (more := line.recv(65536)):
            answered += more
    assert b"HTTP/1.1 429" in answered
    assert answered.count(b"HTTP/1.1 200") >= BURST
    with connect_as(address, headers) as live, pytest.raises(ConnectionClosed) as closed:
        for number in range(int(20 * BURST)):
            live.send(json.dumps({"do": "seen", "what": {"tick": number}}))
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


@pytest.mark.parametrize(
    "said",
    ["", "null", "[]", "{", '{"do": 1}', '{"id": "x"}', '{"id": "x", "do": "drive", "what": 3}', "[" * 30_000,
     '{"id": "x", "do": "drive", "what": {"agent": NaN}}', '{"id": 7, "do": "pause"}', '{"do": "pause"}',
     json.dumps({"id": "x" * 65, "do": "pause"})],
)  # fmt: skip
def test_nonsense_is_answered_kindly(speaker: Speaker, said: str) -> None:
    address, token, _ = speaker
    with connect_as(address, {"Authorization": f"Bearer {token}"}) as live:
        live.send(said)
        while b'"kind":"done"' not in (answer := live.recv(30)):
            pass
        assert b'"refusal":"a command' in answer
