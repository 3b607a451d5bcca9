"""A model child that misbehaves: speaks the real pipe, has no model. `fake_mind.py MODE TIMES FILE`

It does wrong as MODE says in every second message of requests, the first one among them, until it has done so TIMES
times; FILE counts the messages over all its lives. All others it answers well.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cognition.language.llama.messages import pack_answers, pack_info, read_requests
from cognition.language.llama.pipe import packed, read_frame, unpacked
from cognition.language.model import Answer, Counts, ModelInfo, Request


def right(requests: Sequence[Request]) -> list[Answer]:
    """Return the answers that a good child gives: the first option, or the word that was led to."""
    return [
        Answer(
            request.number,
            0 if request.options else -1,
            tuple(float(i == 0) for i in range(len(request.options))),
            counts=Counts(10, 5, 0),
        )
        for request in requests
    ]


class Fake:
    """One life of it."""

    def __init__(self, mode: str, times: int, path: Path) -> None:
        self.mode, self.times, self.path = mode, times, path
        self.random = random.Random()

    def is_wrong_now(self) -> bool:
        count = len(self.path.read_bytes()) if self.path.exists() else 0
        with self.path.open("ab") as file:
            file.write(b".")
        return count % 2 == 0 and count < 2 * self.times

    def put(self, data: bytes) -> None:
        os.write(1, data)

    def say(self, **message: object) -> None:
        self.put(packed(message))

    def answers(self, answers: Sequence[Answer]) -> None:
        self.say(say="answers", busy=1.0, **pack_answers(answers))

    def live(self) -> None:
        source = os.fdopen(os.dup(0), "rb", buffering=0)
        assert read_frame(source)
        if self.mode == "dies before it is ready" and self.is_wrong_now():
            os._exit(1)
        self.say(say="ready", info=pack_info(ModelInfo("fake", "fake")), gpu=False)
        while (body := read_frame(source)) is not None:
            message = unpacked(body)
            if message["do"] == "forget":
                self.say(say="forgot", numbers=message["numbers"])
                continue
            requests = read_requests(message)
            if self.mode != "dies before it is ready" and self.is_wrong_now():
                self.do_wrong(requests)
            else:
                self.answers(right(requests))

    def do_wrong(self, requests: Sequence[Request]) -> None:
        good = right(requests)
        frame = packed({"say": "answers", "busy": 1.0, **pack_answers(good)})
        match self.mode:
            case "hangs":
                time.sleep(3600)
            case "dies":
                self.answers(good[: self.random.randrange(len(good))])
                os._exit(self.random.choice([0, 1, 139]))
            case "crashes":
                os.abort()
            case "dies in the middle of an answer":
                self.put(frame[: self.random.randrange(1, len(frame))])
                os._exit(0)
            case "stops in the middle of an answer":
                self.put(frame[: self.random.randrange(1, len(frame))])
                time.sleep(3600)
            case "says garbage":
                self.put(self.random.randbytes(self.random.randrange(8, 4096)))
                time.sleep(3600)
            case "prints among its answers":
                print("llama_model_loader: loaded meta data", flush=True)
                self.put(frame)
            case "says broken JSON":
                self.put(frame.replace(b'"answers":[', b'"answers":{'))
            case "says what is too long":
                self.put(b"SMND\xff\xff\xff\xff" + b"x" * 1000)
                time.sleep(3600)
            case "answers another's":
                self.answers([Answer(answer.number + 1_000_000, 0, (1.0,)) for answer in good])
                self.answers(good)
            case "answers twice":
                self.answers(good)
                self.answers(good)
            case "answers with what is no option":
                self.answers([Answer(answer.number, 63) for answer in good])
            case "answers with what are no probabilities":
                self.answers([Answer(answer.number, 0, (0.9,) * len(answer.probabilities)) for answer in good])
            case "answers too late":
                time.sleep(self.random.uniform(0.3, 0.5))
                self.answers(good)


if __name__ == "__main__":
    Fake(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])).live()
