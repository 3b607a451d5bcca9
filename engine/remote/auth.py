"""Who may speak to a host: a token, its own address, no page of a browser; and how much and how fast."""

from __future__ import annotations

import hmac
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from engine.remote.wire import MOST_COMMAND_BYTES

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

RATE = 200.0
"""Requests or messages a second that a connection may send, for as long as it likes."""
BURST = 400.0
MOST_HEADERS = 16 * 1024
CONNECTIONS = 64
LIVE_ENDS = 16


class Bucket:
    """A token bucket: `RATE` a second, `BURST` at once."""

    def __init__(self) -> None:
        self._left, self._at = BURST, time.monotonic()

    def take(self) -> bool:
        """Whether one more is allowed now."""
        now = time.monotonic()
        self._left = min(BURST, self._left + RATE * (now - self._at))
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Gate:
    """Stands before an application and lets through what carries the token; every verb and path alike.

    `own` are the values of Host that name this host, in lower case.
    """

    def __init__(self, application: Application, token: str, own: frozenset[str]) -> None:
        self._application = application
        self._token = token.encode()
        self._own = own
        self._buckets: OrderedDict[Any, Bucket] = OrderedDict()
        self._live = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        status, sentence = self._refusal(scope)
        if status:
            await _refuse(scope, send, status, sentence)
        elif scope["type"] == "websocket":
            self._live += 1
            try:
                await self._application(scope, receive, send)
            finally:
                self._live -= 1
        else:
            await self._application(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str]:
        """Return (status, sentence) of why a request is refused, or (0, "")."""
        headers: dict[str, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value)
        hosts = [value.decode("latin-1").lower() for value in headers.get("host", [])]
        if len(hosts) != 1 or hosts[0] not in self._own:
            return 421, "this host goes by another name; use the address that it gave"
        if "origin" in headers:
            return 403, "no page of a browser may speak to a host; use the desktop or a script"
        keys = headers.get("authorization", [])
        scheme, _, token = (keys[0] if len(keys) == 1 else b"").partition(b" ")
        if not hmac.compare_digest(token.strip(), self._token) or scheme.lower() != b"bearer":
            return 401, "the token is missing or another one; use the one that the host was started with"
        if "transfer-encoding" in headers or any(not _is_small(length) for length in headers.get("content-length", [])):
            return 413, f"the request's body is larger than {MOST_COMMAND_BYTES:,} bytes; questions need none"
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADERS:
            return 413, f"the request's headers are larger than {MOST_HEADERS:,} bytes; send fewer"
        if scope["type"] == "websocket" and self._live >= LIVE_ENDS:
            return 429, f"{LIVE_ENDS} watch already; close one of them"
        if not self._bucket(scope.get("client")).take():
            return 429, f"more than {RATE:.0f} requests a second; ask more slowly"
        return 0, ""

    def _bucket(self, connection: Any) -> Bucket:
        bucket = self._buckets.pop(connection, None) or Bucket()
        self._buckets[connection] = bucket
        while len(self._buckets) > 2 * CONNECTIONS:
            self._buckets.popitem(last=False)
        return bucket


def _is_small(length: bytes) -> bool:
    return length.isdigit() and int(length[:9]) <= MOST_COMMAND_BYTES and len(length) < 9


async def _refuse(scope: Scope, send: Send, status: int, sentence: str) -> None:
    """Answer with a status and one sentence; a handshake alike."""
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    body = json.dumps({"error": sentence}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": f"{kind}.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.body", "body": b"" if scope.get("method") == "HEAD" else body})
