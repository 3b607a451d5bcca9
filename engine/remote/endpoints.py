"""The two ends of the wire: questions by GET, and the live end by WebSocket. docs/wire.md is its page."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response, WebSocket
from starlette.exceptions import HTTPException
from starlette.websockets import WebSocketDisconnect

from engine.errors import RemoteError, SociariumError
from engine.remote.auth import Bucket
from engine.remote.bounds import read_command, sentence
from engine.remote.service import Desk
from engine.remote.watching import Reply, Watcher
from engine.remote.wire import PREFIX, Message, pack, pack_head

if TYPE_CHECKING:
    from engine.remote.live import Live

MOST_FRAMES = 60
"""Frames a second that anybody gets at most."""
STATUS_EVERY = 1.0
OPENING_SECONDS = 300.0
QUESTIONS_WAITING = 64
MOST_PARAMETER = 4_096


def application(desk: Desk) -> FastAPI:
    """Return the application that serves a desk."""
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    waiting = 0

    async def question(question: str, request: Request) -> Response:
        nonlocal waiting
        if len(request.url.query) > MOST_PARAMETER:
            return _error(413, "the question is too long; ask for less at once")
        if question == "status":
            return _packed(pack(Message({"kind": "status", "status": _status(desk)})))
        if waiting >= QUESTIONS_WAITING:
            return _error(429, "too many questions wait already; ask again")
        waiting += 1
        try:
            await _opened(desk)
            loop = asyncio.get_running_loop()
            return _packed(await loop.run_in_executor(desk.pool, desk.ask, question, dict(request.query_params)))
        except SociariumError as error:
            return _error(404 if type(error).__name__ == "UnknownQuestion" else 422, sentence(error))
        except TimeoutError:
            return _error(503, "the society is still being prepared; ask again")
        except Exception as error:  # one question that cannot be answered must not cost the others
            return _error(500, f"the answer failed ({sentence(error)}); this is a fault of ours")
        finally:
            waiting -= 1

    async def live_end(socket: WebSocket) -> None:
        await socket.accept()
        await View(desk, socket).serve()

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        what = {404: "there is no such page", 405: "only GET is answered here"}.get(error.status_code, error.detail)
        return _error(error.status_code, f"{what}; docs/wire.md lists the questions", error.headers)

    made.add_api_route(PREFIX + "/{question}", question, methods=["GET"], response_class=Response)
    made.add_api_websocket_route(PREFIX + "/live", live_end)
    made.add_exception_handler(HTTPException, refused)
    return made


def _packed(data: bytes) -> Response:
    return Response(data, media_type="application/octet-stream")


def _error(status: int, what: str, headers: Any = None) -> Response:
    body = json.dumps({"error": what}, ensure_ascii=False)
    return Response(body, status, headers, media_type="application/json")


def _status(desk: Desk) -> dict[str, Any]:
    status = desk.status()
    return {name: getattr(status, name) for name in status.__slots__}


async def _opened(desk: Desk) -> None:
    """Wait until the society is open. Raises what its opening failed with."""
    if not desk.opened.done():
        await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(desk.opened)), OPENING_SECONDS)


class View:
    """One WebSocket: pushes the newest frame, status and replies; takes commands."""

    def __init__(self, desk: Desk, socket: WebSocket) -> None:
        self._desk, self._socket = desk, socket
        self._live: Live | None = None
        self._loop = asyncio.get_running_loop()
        self._stirred = asyncio.Event()
        self._replies: deque[tuple[str, Reply]] = deque()
        self._sent_at = self._framed_at = float("-inf")
        self._watcher: Watcher | None = None

    async def serve(self) -> None:
        """Serve until either side leaves."""
        self._pulse = self._loop.call_later(STATUS_EVERY, self._beat)
        tasks = [asyncio.create_task(self._push()), asyncio.create_task(self._hear())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if error is not None and not isinstance(error, WebSocketDisconnect | RuntimeError | OSError):
                    raise error
        finally:
            self._pulse.cancel()
            if self._live is not None and self._watcher is not None:
                self._live.leave(self._watcher)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _wake(self) -> None:
        """Wake the pushing task; from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._stirred.set)
        except RuntimeError:  # the loop has ended, and with it the view
            return

    async def _push(self) -> None:
        """Push what there is, the newest first of all; a status at least once a second."""
        if not await self._open():
            return
        while True:
            await self._tell_replies()
            taken = None if self._watcher is None else self._watcher.take()
            if taken is not None and taken.picture is not None:
                head = {
                    "kind": "frame",
                    "tick": taken.picture.tick,
                    "status": _status(self._desk),
                    "said": list(taken.said),
                    "measures": list(taken.measures),
                }
                self._framed_at = self._sent_at = self._loop.time()
                await self._socket.send_bytes(pack_head(head, taken.picture.columns))
            elif (taken is not None and taken.news) or self._loop.time() - self._sent_at >= STATUS_EVERY:
                await self._send_status()
            await self._rest()

    async def _open(self) -> bool:
        """Tell how the preparing goes, then what the society is; False where it came to nothing."""
        self._desk.opened.add_done_callback(lambda opened: self._wake())
        while not self._desk.opened.done():
            await self._send_status()
            await self._rest()
        try:
            self._live = self._desk.live
            about = await self._loop.run_in_executor(self._desk.pool, self._desk.ask, "about", {})
            await self._socket.send_bytes(about)
            if self._live is not None:
                self._watcher = self._live.watch(self._wake)
            else:
                newest = self._desk.opened.result()
                frame = await self._loop.run_in_executor(self._desk.pool, newest.answer, "frame", {})
                head = {**frame.head, "kind": "frame", "status": _status(self._desk), "measures": []}
                await self._send(Message(head, frame.columns))
        except Exception as error:  # whatever it is, who watches is told
            await self._send(Message({"kind": "failed", "error": sentence(error)}))
            self._desk.told.set()
            await self._socket.close(1011)
            return False
        return True

    async def _rest(self) -> None:
        """Sleep until something stirs; the pulse does, once in a while."""
        await self._stirred.wait()
        self._stirred.clear()

    def _beat(self) -> None:
        """Stir, and again when the next status is due."""
        self._stirred.set()
        due = max(self._sent_at + STATUS_EVERY - self._loop.time(), STATUS_EVERY / 4)
        self._pulse = self._loop.call_later(due, self._beat)

    async def _tell_replies(self) -> None:
        while self._replies:
            number, reply = self._replies.popleft()
            await self._send(Message({"kind": "done", "id": number, "tick": reply.tick, "refusal": reply.refusal}))

    async def _send_status(self) -> None:
        await self._send(Message({"kind": "status", "status": _status(self._desk)}))
        self._sent_at = self._loop.time()

    async def _send(self, message: Message) -> None:
        await self._socket.send_bytes(pack(message))

    async def _hear(self) -> None:
        """Take what the view says."""
        bucket = Bucket()
        await _opened(self._desk)
        while True:
            text = await self._socket.receive_text()
            if not bucket.take():
                await self._socket.close(1008, "too many messages a second")
                return
            try:
                number, do, what = read_command(text)
            except RemoteError as error:
                self._done("", Reply(0, str(error)))
                continue
            if do == "seen":
                self._seen()
            elif not number:
                self._done("", Reply(0, "a command needs an id of its own; give it one"))
            elif self._live is None:
                self._done(number, Reply(0, "a recorded run cannot be driven; go on from a tick of it as a branch"))
            else:
                self._live.command(number, do, what, partial(self._done, number))

    def _done(self, number: str, reply: Reply) -> None:
        """Keep a reply until it is pushed; from any thread."""
        self._replies.append((number, reply))
        self._wake()

    def _seen(self) -> None:
        """Let the next frame come, not sooner than the rate allows."""
        if self._live is None or self._watcher is None:
            return
        wait = self._framed_at + 1 / MOST_FRAMES - self._loop.time()
        if wait > 0:
            self._loop.call_later(wait, _ready, self._live, self._watcher)
        else:
            _ready(self._live, self._watcher)


def _ready(live: Live, watcher: Watcher) -> None:
    live.ready(watcher)
