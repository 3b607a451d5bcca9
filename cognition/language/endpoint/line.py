"""HTTP with one endpoint: bounded in time and size, led nowhere else, and silent about the key."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cognition.language.endpoint.address import Address, Key
from cognition.language.endpoint.faults import Fault, died, nonsense, refused, retry_after, said
from cognition.language.model import Cause, Failure

if TYPE_CHECKING:
    import httpx

MOST_BYTES = 1 << 20
"""Of one answer: a decision is a few hundred, and the list of a large service's models some 100 KB."""
CONNECT_SECONDS = 10.0

Json = dict[str, Any]


class Line:
    """Speaks HTTP to one endpoint, within one event loop. All that goes wrong is raised as a Fault."""

    def __init__(self, address: Address, key: Key, connections: int, seconds: float) -> None:
        import httpx

        for library in ("httpx", "httpcore"):  # they would write down what an endpoint says, which may be the key
            logging.getLogger(library).setLevel(logging.WARNING)
        self.base = address.base
        self._key = key
        self._seconds = seconds
        self._free_at = 0.0
        self._client = httpx.AsyncClient(
            headers={**key.headers(), "Accept-Encoding": "identity", "User-Agent": "sociarium"},
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            follow_redirects=False,
            trust_env=not address.is_here,  # a proxy cannot reach this machine
        )

    async def post(self, path: str, body: Mapping[str, Any]) -> Json:
        """Return the endpoint's answer."""
        text = json.dumps(body, ensure_ascii=True, separators=(",", ":"))
        return await self._ask("POST", path, str(body.get("model", "")), text.encode())

    async def models(self) -> list[str]:
        """Return the names of the models that the endpoint lists."""
        data = (await self._ask("GET", "/models", "", None)).get("data")
        names = [row.get("id") for row in data if isinstance(row, dict)] if isinstance(data, list) else []
        found = [name for name in names if isinstance(name, str) and 0 < len(name) <= 500 and name.isprintable()]
        if not found:
            raise nonsense(self.base, "lists no models; name the one to use after a #")
        return found

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _ask(self, method: str, path: str, model: str, body: bytes | None) -> Json:
        """Return a JSON object; first wait until the endpoint, if it was short of room, wants to be asked again."""
        while (pause := self._free_at - time.monotonic()) > 0:
            if pause > self._seconds:
                raise refused(self.base, model, 503, "", pause)
            await asyncio.sleep(pause)
        try:
            async with asyncio.timeout(self._seconds):
                status, header, data = await self._exchange(method, path, body)
        except TimeoutError as error:
            raise Fault(Failure(Cause.TIMEOUT, f"{self.base}: no whole answer within {self._seconds:g} s")) from error
        if status != 200:
            after = retry_after(header) if status in (429, 503) else 0.0
            self._free_at = max(self._free_at, time.monotonic() + after)
            raise refused(self.base, model, status, self._key.hidden_in(said(data)), after)
        try:
            found = self._without_key(json.loads(data))
        except (ValueError, RecursionError) as error:
            raise nonsense(self.base, "answered with what is not JSON") from error
        if not isinstance(found, dict):
            raise nonsense(self.base, "answered with JSON that is no object")
        return found

    def _without_key(self, data: Any) -> Any:
        """Return JSON with the key taken out of all its texts: whatever tells it back, it goes no further."""
        if isinstance(data, str):
            return self._key.hidden_in(data)
        if isinstance(data, dict):
            return {self._key.hidden_in(name): self._without_key(value) for name, value in data.items()}
        return [self._without_key(value) for value in data] if isinstance(data, list) else data

    async def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, str, bytes]:
        """Return status, Retry-After and body."""
        import httpx

        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            async with self._client.stream(method, self.base + path, content=body, headers=headers) as response:
                return response.status_code, response.headers.get("retry-after", ""), await self._read(response)
        except httpx.TimeoutException as error:
            raise Fault(Failure(Cause.TIMEOUT, f"{self.base}: no answer within {self._seconds:g} s")) from error
        except httpx.ConnectError as error:
            raise died(self.base, f"cannot be reached ({_reason(error)})") from error
        except httpx.RemoteProtocolError as error:
            raise died(self.base, "broke off in mid-answer, or does not speak HTTP") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise died(self.base, f"the connection failed ({_reason(error)})") from error

    async def _read(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
            raise nonsense(self.base, "answered in a packing that was not asked for")
        data = bytearray()
        async for chunk in response.aiter_raw():
            data += chunk
            if len(data) > MOST_BYTES:
                raise nonsense(self.base, f"answered with more than {MOST_BYTES // 1024} KiB")
        return bytes(data)


def _reason(error: Exception) -> str:
    """Return why, in few words: the innermost reason that has any."""
    inner: BaseException | None = error
    text = ""
    while inner is not None:
        text = str(inner) or text
        inner = inner.__cause__ or inner.__context__
    return " ".join(text.split())[:120] or type(error).__name__
