"""A real HTTP server on loopback that speaks as an OpenAI-compatible endpoint, well or badly."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
Behaviour = Callable[["Handler", Json], None]
"""Answers a POST, whose body is given, by the handler's methods."""

MODEL = "tiny-7b-instruct"
OTHERS = ("tiny-70b", "embedder")
FULL = ("logprobs", "json_schema", "json_object")


class Handler(BaseHTTPRequestHandler):
    """One connection. `tell` and its kin are for behaviours."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Endpoint

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.server.listed(self)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.paths.append(self.path)
            self.server.asked.append(body)
            self.server.keys.append(self.headers.get("Authorization", ""))
            self.server.now_open += 1
            self.server.most_open = max(self.server.most_open, self.server.now_open)
        try:
            self.server.behave(self, body)
        finally:
            with self.server.lock:
                self.server.now_open -= 1

    def tell(self, status: int, body: object, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status: int, message: str = "", **headers: str) -> None:
        self.tell(status, {"error": {"message": message, "type": "invalid_request_error"}}, **headers)

    def hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def say(self, content: str | None, logprobs: object = None, **more: object) -> None:
        body = reply(content, logprobs)
        body.update(more)
        self.tell(200, body)

    def log_message(self, format: str, *args: object) -> None:
        """Be silent."""


class Endpoint(ThreadingHTTPServer):
    """The server: what it was asked is in `asked`, and how it answers is `behave` for POST and `listed` for GET."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, behave: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behave = behave
        self.listed: Callable[[Handler], None] = list_models
        self.asked: list[Json] = []
        self.keys: list[str] = []
        self.paths: list[str] = []
        self.lock = threading.Lock()
        self.now_open = self.most_open = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: object, client_address: object) -> None:
        """Be silent about those who hang up."""


@contextmanager
def serving(behave: Behaviour) -> Iterator[Endpoint]:
    with Endpoint(behave) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def list_models(handler: Handler) -> None:
    handler.tell(200, {"object": "list", "data": [{"id": name} for name in (MODEL, *OTHERS)]})


def reply(content: str | None, logprobs: object = None) -> Json:
    usage = {"prompt_tokens": 20, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 12}}
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    if logprobs is not None:
        choice["logprobs"] = logprobs
    return {"id": "x", "object": "chat.completion", "model": MODEL, "choices": [choice], "usage": usage}


def likely(labels: Sequence[str], first: float = -0.1) -> Json:
    """Return logprobs with these labels, each a tenth as likely as the one before."""
    top = [{"token": label, "logprob": first - 2.3 * i, "bytes": None} for i, label in enumerate(labels)]
    return {"content": [{"token": labels[0], "logprob": first, "bytes": None, "top_logprobs": top}]}


def offering(*kinds: str, refuses: bool = False) -> Behaviour:
    """Return a sound endpoint that offers these of FULL; it refuses the others, or takes no notice of them."""

    def behave(handler: Handler, body: Json) -> None:
        form = body.get("response_format", {}).get("type", "")
        asked = [name for name in (form, "logprobs" if body.get("logprobs") else "") if name]
        if refuses and any(name not in kinds for name in asked):
            handler.refuse(400, f"{asked[0]} is not supported")
            return
        text = "\n".join(message["content"] for message in body["messages"])
        labels = re.findall(r"^([A-Za-z0-9+-])\. ", text, re.M)
        drawn = zlib.crc32(json.dumps([body["messages"], body.get("seed", 0)]).encode())
        told = body["messages"][-1]["content"].partition("and nothing else: ")[2].split(" / ")
        if form in kinds:
            answers = _schema(body["response_format"])["properties"]["choice"]["enum"]
            handler.say(json.dumps({"choice": answers[drawn % len(answers)]}))
        elif labels and body["max_tokens"] == 1 and "logprobs" in kinds:
            turned = labels[drawn % len(labels) :] + labels[: drawn % len(labels)]
            handler.say(turned[0], likely(turned[: body["top_logprobs"]]))
        elif (labels and len(body["messages"]) <= 2) or "Now choose" in body["messages"][-1]["content"]:
            handler.say(f" {labels[drawn % len(labels)]}.")
        elif told != [""]:
            handler.say(f"**{told[drawn % len(told)]}**")
        else:
            handler.say("Well, I would say yes")

    return behave


def _schema(form: Json) -> Json:
    found: Json = form["json_schema"]["schema"] if "json_schema" in form else form["schema"]
    return found


def drip(handler: Handler, body: Json) -> None:
    """Send one byte after the other, for as long as anybody listens."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    with suppress(OSError):
        for _ in range(6000):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.02)
