"""llama-cpp-python's own OpenAI-compatible server, as a child process on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cognition.language.endpoint.address import Address, Key
from cognition.language.endpoint.model import EndpointModel
from engine.errors import MindError

NAME = "served"
PATIENCE = 120.0


@contextmanager
def llama_server(model: Path, log: Path, *, logprobs: bool, key: str = "", context: int = 1024) -> Iterator[str]:
    """Serve a GGUF under the name NAME; yield the endpoint's URL once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = {
        "model": model,
        "model_alias": NAME,
        "host": "127.0.0.1",
        "port": port,
        "n_ctx": context,
        "n_threads": 1,
    }
    arguments |= {"logits_all": logprobs, "verbose": False, "seed": 1} | ({"api_key": key} if key else {})
    command = [sys.executable, "-m", "llama_cpp.server", *(f"--{name}={value}" for name, value in arguments.items())]
    with log.open("wb") as out:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=os.environ | {"NO_COLOR": "1"}
        )
        try:
            url = f"http://127.0.0.1:{port}/v1"
            _wait_until_it_answers(url, key, child, log)
            yield url
        finally:
            child.kill()
            child.wait()


def _wait_until_it_answers(url: str, key: str, child: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        mind = EndpointModel(Address.of(f"{url}#{NAME}"), Key(key))
        try:
            mind.check()
            return
        except MindError:
            assert child.poll() is None and time.monotonic() < end, log.read_text("utf-8", "replace")[-2000:]
            time.sleep(0.1)
        finally:
            mind.close()
