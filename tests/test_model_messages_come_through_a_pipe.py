"""What goes through the pipe of a model child comes out as it went in, or is an error; it never hangs."""

from __future__ import annotations

import contextlib
import io
import json
import random
import struct
from collections.abc import Callable
from typing import Any

import pytest

from cognition.language.llama.messages import (
    pack_answers,
    pack_info,
    pack_requests,
    read_answers,
    read_info,
    read_requests,
    suits,
)
from cognition.language.llama.pipe import MOST_BYTES, Message, PipeError, packed, read_frame, unpacked
from cognition.language.model import (
    Answer,
    Cause,
    Counts,
    Failure,
    Frame,
    ModelInfo,
    Option,
    Part,
    Profile,
    Request,
    Share,
    Way,
    Writing,
)
from tests.hamlet import SOAK
from tests.situations import situation

LINE = Writing(" Say:", 20, ("\n", "."), "root ::= [a-z]+")
REQUESTS = [
    *(situation(number, list(Way)[number % 3], then=LINE, thought=LINE, temperature=0.5) for number in range(9)),
    Request(1 << 60, (Part("\ud800 é \0", Share.PERSON, True, 3),), (1 << 64) - 1, words=LINE, adapter="leader"),
    Request(7, (Part("x", option=0),), 0, (Option("a"),), Way.MARK),
]
ANSWERS = [
    Answer(1, 2, (0.25, 0.5, 0.25), "words é", "thought", Counts(10, 5, 2), (1, 2, 3), (1,), 2.5),
    Answer(2, failure=Failure(Cause.TOO_LONG, "too long", 1.5, True)),
    Answer(3, -1, (), "only words"),
]
INFO = ModelInfo("m", "m.gguf", "llama", "Q8_0", "MIT", 3, 4, 5, 6, Frame("a", "b", "c"), Profile(Way.MARK, True, 0, 9))


def through(message: Message) -> Message:
    body = read_frame(io.BytesIO(packed(message)))
    assert body is not None
    return unpacked(body)


def test_messages_come_out_as_they_went_in() -> None:
    numbers = [request.number for request in REQUESTS]
    assert read_requests(through(pack_requests(REQUESTS, numbers))) == REQUESTS
    assert read_answers(through(pack_answers(ANSWERS))) == ANSWERS
    assert read_info(through({"info": pack_info(INFO)})["info"]) == INFO


def test_what_many_requests_share_is_sent_once() -> None:
    requests = [situation(number, Way.MARK, shared=2000) for number in range(20)]
    one = len(packed(pack_requests(requests[:1], [0])))
    assert len(packed(pack_requests(requests, range(20)))) < 3 * one


def test_a_stream_that_ends_between_messages_has_ended() -> None:
    assert read_frame(io.BytesIO(b"")) is None


def test_half_messages_are_errors_wherever_they_end() -> None:
    frame = packed(pack_answers(ANSWERS))
    for end in range(1, len(frame)):
        with pytest.raises(PipeError):
            read_frame(io.BytesIO(frame[:end]))


def test_messages_that_are_too_long_are_errors_on_both_sides() -> None:
    with pytest.raises(PipeError):
        read_frame(io.BytesIO(struct.pack("<4sI", b"SMND", MOST_BYTES + 1)))
    with pytest.raises(PipeError):
        packed({"x": "y" * MOST_BYTES})


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{", b'{"a": NaN}', b'{"a": Infinity}', b"[" * 100_000])
def test_what_is_not_a_json_object_is_an_error(body: bytes) -> None:
    with pytest.raises(PipeError):
        unpacked(body)


@pytest.mark.soak
def test_garbage_is_an_error() -> None:
    rng = random.Random(3)
    for _ in range(100_000 if SOAK else 2000):
        data = bytearray(packed(pack_answers(ANSWERS)))
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        with contextlib.suppress(PipeError):
            read_answers(unpacked(read_frame(io.BytesIO(bytes(data))) or b""))


@pytest.mark.soak
def test_any_field_may_be_anything() -> None:
    rng = random.Random(4)
    strange: list[Any] = [None, True, -1, 1 << 70, 0.5, 1e308, "", "x" * 200_000, [], {}, [[]], [None] * 70]

    def mutated(value: Any) -> Any:
        if isinstance(value, list | dict) and value and rng.random() < 0.9:
            keys = list(value) if isinstance(value, dict) else range(len(value))
            key = rng.choice(list(keys))
            value[key] = mutated(value[key])
            return value
        return rng.choice(strange)

    kinds: list[tuple[Message, Callable[[Message], object]]] = [
        (pack_requests(REQUESTS, range(len(REQUESTS))), read_requests),
        (pack_answers(ANSWERS), read_answers),
        ({"info": pack_info(INFO)}, lambda said: read_info(said["info"])),
    ]
    for _ in range(50_000 if SOAK else 3000):
        for pack, read in kinds:
            message = json.loads(json.dumps(pack))
            mutated(message)
            with contextlib.suppress(PipeError):
                read(message)


def test_an_answer_must_suit_its_request() -> None:
    request = situation(1, Way.MARK, options=2)
    assert suits(Answer(1, 1, (0.5, 0.5)), request) == ""
    assert suits(Answer(1, failure=Failure(Cause.DIED, "")), request) == ""
    for wrong in (
        Answer(1, 2),
        Answer(1, -1),
        Answer(1, 0, (1.0,)),
        Answer(1, 0, (0.5, 0.6)),
        Answer(1, 0, tokens=(1,)),
        Answer(1, 0, dropped=(200,)),
    ):
        assert suits(wrong, request)
