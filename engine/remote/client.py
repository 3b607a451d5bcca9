"""The other end of the wire: asks a host, listens to it and sends it commands. Libraries are imported when used."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from engine.errors import RemoteError
from engine.remote.wire import MOST_BYTES, PREFIX, Message, unpack

if TYPE_CHECKING:
    from http.client import HTTPConnection

    from websockets.sync.client import ClientConnection

PATIENCE = 330.0
"""Seconds for an answer: a host may have kernels to compile before its first one."""
CONNECT_SECONDS = 10.0
UNSENT = 256
_UNHEARD = logging.getLogger("sociarium.wire")
"""Takes what the library says of a host that ends in mid-message: it is raised, too, and told in a sentence."""
_UNHEARD.addHandler(logging.NullHandler())
_UNHEARD.propagate = False


class Client:
    """Speaks to one host. All of it may be used from any thread."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self._headers = {"Authorization": f"Bearer {token}"}
        self._local = threading.local()
        self._lock = threading.Lock()
        self._connections: list[HTTPConnection] = []
        self._asking: set[HTTPConnection] = set()
        self._live: ClientConnection | None = None
        self._unsent: deque[str] = deque(maxlen=UNSENT)
        self._closed = False

    def ask(self, question: str, **parameters: Any) -> Message:
        """Return the host's answer. Raises RemoteError with its sentence, or when it cannot be reached."""
        given = {name: value for name, value in parameters.items() if value is not None}
        path = f"{PREFIX}/{question}" + (f"?{urlencode(given)}" if given else "")
        status, body = self._get(path)
        if status == 200:
            return unpack(body)
        raise RemoteError(_refusal(status, body))

    def listen(self) -> Iterator[Message]:
        """Yield what the host pushes, until it or this client ends. Raises RemoteError when it refuses or failed."""
        from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
        from websockets.sync.client import connect

        if self._closed:
            return
        try:
            with connect(
                f"ws://{self.address}{PREFIX}/live",
                additional_headers=self._headers,
                compression=None,
                proxy=None,
                open_timeout=CONNECT_SECONDS,
                close_timeout=0.2,
                ping_interval=None,
                max_size=MOST_BYTES,
                logger=_UNHEARD,
            ) as live:
                yield from self._hear(live)
        except ConnectionClosed:
            return
        except InvalidStatus as error:
            raise RemoteError(_refusal(error.response.status_code, bytes(error.response.body or b""))) from error
        except (OSError, WebSocketException) as error:
            if not self._closed:
                raise RemoteError(
                    f"the engine at {self.address} cannot be reached ({error}); is it running?"
                ) from error

    def _hear(self, live: ClientConnection) -> Iterator[Message]:
        """Yield what arrives; send what was said before there was a live end."""
        with self._lock:
            self._live, unsent = live, list(self._unsent)
            self._unsent.clear()
        try:
            if self._closed:
                return
            for text in unsent:
                live.send(text)
            for data in live:
                message = unpack(data if isinstance(data, bytes) else data.encode())
                if message.head.get("kind") == "failed":
                    raise RemoteError(str(message.head.get("error", "the engine failed")))
                yield message
        finally:
            with self._lock:
                self._live = None
            _hang_up(live.socket)

    def send(self, said: Mapping[str, Any]) -> None:
        """Send a command; before the live end is open it is kept, and after it ended it is dropped."""
        text = json.dumps(said, ensure_ascii=False)
        with self._lock:
            live = self._live
            if live is None:
                self._unsent.append(text)
                return
        from websockets.exceptions import ConnectionClosed

        try:
            live.send(text)
        except (ConnectionClosed, OSError):
            return  # whoever listens hears that it ended

    def close(self) -> None:
        """Leave; wakes whoever listens or waits for an answer."""
        with self._lock:
            self._closed = True
            live, asking = self._live, list(self._asking)
            idle = [connection for connection in self._connections if connection not in self._asking]
            self._connections.clear()
        if live is not None:
            _hang_up(live.socket)
        for connection in asking:  # who waits for its answer closes it
            line = connection.sock
            if line is not None:
                _hang_up(line)
        for connection in idle:
            connection.close()

    def _get(self, path: str) -> tuple[int, bytes]:
        """Ask over this thread's own connection, once more over a new one when that was dropped."""
        from http.client import HTTPException

        for is_last in (False, True):
            connection = self._connection()
            try:
                connection.request("GET", path, headers=self._headers)
                response = connection.getresponse()
                if int(response.headers.get("Content-Length") or 0) > MOST_BYTES:
                    raise RemoteError("the answer is too large; ask for less at once")
                return response.status, response.read(MOST_BYTES)
            except (OSError, HTTPException) as error:
                self._drop(connection)
                is_refused = isinstance(error, ConnectionRefusedError | TimeoutError)
                if is_last or self._closed or is_refused:
                    why = "it did not answer in time" if isinstance(error, TimeoutError) else error
                    raise RemoteError(
                        f"the engine at {self.address} cannot be reached ({why}); is it running?"
                    ) from error
            finally:
                self._rest(connection)
        raise AssertionError

    def _connection(self) -> HTTPConnection:
        from http.client import HTTPConnection

        if self._closed:
            raise RemoteError("this client is closed; open the society again")
        connection: HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = HTTPConnection(self.address, timeout=PATIENCE)
            self._local.connection = connection
        with self._lock:
            if connection not in self._connections:
                self._connections.append(connection)
            self._asking.add(connection)
        return connection

    def _rest(self, connection: HTTPConnection) -> None:
        """Keep the connection for the next question, if there will be one."""
        with self._lock:
            self._asking.discard(connection)
            is_over = self._closed
        if is_over:
            connection.close()

    def _drop(self, connection: HTTPConnection) -> None:
        connection.close()
        self._local.connection = None
        with self._lock:
            if connection in self._connections:
                self._connections.remove(connection)


def _hang_up(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it was closed already


def _refusal(status: int, body: bytes) -> str:
    """Return the host's own sentence, or one of ours."""
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return f"the engine answered {status} and gave no reason; use the same version there"
