"""A client that is closed while an answer is on its way wakes whoever waits for it, with one sentence."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from engine.errors import RemoteError
from engine.remote.client import Client

ROUNDS = 40
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"


@pytest.mark.parametrize("come_so_far", [b"", HEAD, HEAD + b"x" * 50_000])
def test_who_waits_for_an_answer_is_told_that_it_will_not_come(come_so_far: bytes) -> None:
    heard: list[str] = []

    def ask(client: Client) -> None:
        try:
            client.ask("person", agent=3)
        except RemoteError as error:
            heard.append(str(error))

    with socket.create_server(("127.0.0.1", 0)) as host:
        for _ in range(ROUNDS):
            client = Client(f"127.0.0.1:{host.getsockname()[1]}", "token")
            asker = threading.Thread(target=ask, args=(client,))
            asker.start()
            line, _ = host.accept()
            with line:
                line.recv(4096)
                line.sendall(come_so_far)
                time.sleep(0.002)
                client.close()
                asker.join(10)
    assert len(heard) == ROUNDS
