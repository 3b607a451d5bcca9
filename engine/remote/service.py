"""The host's network: FastAPI on a thread of its own. Questions go to a small pool; the live end pushes newest frames.

It listens before there is a society, so that all that a window does to connect goes on beside the founding.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from engine.errors import RemoteError, SociariumError
from engine.remote.wire import Message, Status, pack

if TYPE_CHECKING:
    from collections.abc import Mapping

    import uvicorn

    from engine.remote.live import Live

ASKERS = 4
"""Threads that answer questions."""
SHUTDOWN_SECONDS = 1


class Answers(Protocol):
    """What answers questions; see `engine.remote.questions`."""

    def answer(self, question: str, parameters: Mapping[str, str]) -> Message:
        """Return the answer. Raises SociariumError."""
        ...


class Desk:
    """What the network serves: how the preparing goes, and then the society that was `open`ed."""

    def __init__(self) -> None:
        self.live: Live | None = None
        self.note = "the engine starts"
        self.opened: Future[Answers] = Future()
        self._status: Callable[[], Status] | None = None
        self.told = threading.Event()
        self.pool = ThreadPoolExecutor(ASKERS, thread_name_prefix="question")

    def open(self, answers: Answers, status: Callable[[], Status], live: Live | None) -> None:
        """Serve a society from now on; `live` is None for a recorded run."""
        self.live, self._status = live, status
        self.opened.set_result(answers)

    def status(self) -> Status:
        """Return how it goes."""
        if self._status is None:
            return Status("preparing", 0, 0, 0, 0.0, 0.0, 0, 0, 0, 0, 0.0, self.note)
        return self._status()

    def ask(self, question: str, parameters: Mapping[str, str]) -> bytes:
        """Return the packed answer to a question (in a thread of the pool)."""
        return pack(self.opened.result().answer(question, parameters))


class Service:
    """Listens on an address from the moment it is made; serves from `start` to `close`."""

    def __init__(self, token: str, desk: Desk, host: str = "127.0.0.1", port: int = 0) -> None:
        check_loopback(host)
        self.desk = desk
        self._token = token
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # With the protocol named, asyncio sends without Nagle's delay, which costs 40 ms an answer.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((host, port))
            self._socket.listen(64)
        except OSError as error:
            self._socket.close()
            raise RemoteError(
                f"{host}:{port} cannot be listened on ({error.strerror}); choose another --port"
            ) from error
        number = self._socket.getsockname()[1]
        self.address = f"[{host}]:{number}" if ":" in host else f"{host}:{number}"
        self._server: uvicorn.Server | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="network", daemon=True)

    def start(self) -> None:
        """Serve on a thread of its own; what it needs is imported there."""
        self._thread.start()

    def _serve(self) -> None:
        import asyncio

        import uvicorn

        from engine.remote.auth import CONNECTIONS, Gate
        from engine.remote.endpoints import application
        from engine.remote.wire import MOST_COMMAND_BYTES

        port = self.address.rpartition(":")[2]
        own = frozenset({self.address.lower(), f"localhost:{port}"})
        config = uvicorn.Config(
            Gate(application(self.desk), self._token, own),
            http="h11",
            ws="websockets-sansio",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws_max_size=MOST_COMMAND_BYTES,
            ws_per_message_deflate=False,
            h11_max_incomplete_event_size=16 * 1024,
            limit_concurrency=CONNECTIONS,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        self._server = uvicorn.Server(config)
        self._server.should_exit = self._closing
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._server.serve(sockets=[self._socket]))

    def close(self) -> None:
        """Stop serving; whoever watches sees it end."""
        self._closing = True
        if self._server is not None:
            self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(SHUTDOWN_SECONDS + 2)
        self._socket.close()
        self.desk.pool.shutdown(wait=False, cancel_futures=True)


def check_loopback(host: str) -> None:
    """Raise SociariumError for an address beyond this machine: the wire is not encrypted yet."""
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise SociariumError(
            f"--host {host}: only 127.0.0.1 and ::1 can be served, since the wire is not encrypted yet; "
            "from another machine, forward the port with ssh -L"
        )
