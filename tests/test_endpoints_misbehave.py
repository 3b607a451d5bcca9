"""Whatever an endpoint does wrong, over a real socket, becomes one Failure with one clear line."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from cognition.language.endpoint.address import Address, Key
from cognition.language.endpoint.faults import retry_after
from cognition.language.endpoint.model import EndpointModel
from cognition.language.model import Answer, Cause, Request
from cognition.language.wrappers.retry import Retry
from engine.errors import MindError
from tests.contract.language_contract import question
from tests.misbehaving_endpoints import (
    FULL,
    MODEL,
    Behaviour,
    Endpoint,
    Handler,
    Json,
    drip,
    likely,
    offering,
    reply,
    serving,
)


@contextmanager
def asked_of(behave: Behaviour, model: str = "", seconds: float = 20.0) -> Iterator[tuple[EndpointModel, Endpoint]]:
    with serving(behave) as server:
        mind = EndpointModel(Address.of(f"{server.url}#{model}"), Key(""), seconds=seconds)
        try:
            yield mind, server
        finally:
            mind.close()


def one(mind: EndpointModel, request: Request | None = None) -> Answer:
    mind.ask([request or question(1)])
    answers = mind.answers(60)
    assert len(answers) == 1 and mind.answers(0) == []
    return answers[0]


def refusing(status: int, message: str = "", **headers: str) -> Behaviour:
    return lambda handler, body: handler.refuse(status, message, **headers)


def telling(body: object, status: int = 200, **headers: str) -> Behaviour:
    return lambda handler, _: handler.tell(status, body, **headers)


def breaking_off(handler: Handler, body: Json) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.hang_up()


def endless(handler: Handler, body: Json) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(1 << 40))
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 65536)
    except OSError:
        handler.close_connection = True


def bomb(handler: Handler, body: Json) -> None:
    handler.tell(200, gzip.compress(b" " * (1 << 26)), Content_Encoding="gzip")


def no_http(handler: Handler, body: Json) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    handler.hang_up()


def other_model(handler: Handler, body: Json) -> None:
    handler.say("A", model="gpt-9-huge")


def declining(handler: Handler, body: Json) -> None:
    said = reply("")
    said["choices"][0]["message"]["refusal"] = "I cannot help with bread."
    handler.tell(200, said)


MISDEEDS: dict[str, tuple[Behaviour, Cause, str]] = {
    "401": (refusing(401, "bad key sk-123"), Cause.REFUSED, "wants another key (401); set SOCIARIUM_KEY to one"),
    "403": (refusing(403), Cause.REFUSED, "wants another key (403)"),
    "400": (refusing(400, "messages: odd"), Cause.REFUSED, "refuses the request (400) (messages: odd)"),
    "404": (refusing(404), Cause.REFUSED, "has no such place, or no model 'tiny-7b-instruct' (404)"),
    "413": (refusing(413), Cause.TOO_LONG, "the prompt is too long for tiny-7b-instruct"),
    "418": (
        refusing(418, "a\nteapot\x1b[31m " + "x" * 5000),
        Cause.REFUSED,
        "refuses the request (418) (a teapot [31m x",
    ),
    "429": (refusing(429, "slow down"), Cause.REFUSED, "has no room now (429) (slow down)"),
    "429 after": (
        refusing(429, Retry_After="1"),
        Cause.REFUSED,
        "has no room now (429), wants to be left alone for 1 s",
    ),
    "500": (refusing(500, "CUDA out of memory"), Cause.DIED, "failed (500) (CUDA out of memory)"),
    "500 page": (telling(b"<html>oh no</html>", 500), Cause.DIED, "failed (500)"),
    "502": (telling(b"", 502), Cause.DIED, "failed (502)"),
    "context": (
        refusing(400, "This model's maximum context length is 2048 tokens"),
        Cause.TOO_LONG,
        "the prompt is too long for",
    ),
    "redirect": (
        telling(b"", 307, Location="http://127.0.0.1:1/v1/chat/completions"),
        Cause.REFUSED,
        "sends elsewhere (307), which is not",
    ),
    "slow drip": (drip, Cause.TIMEOUT, "no whole answer within 0.5 s"),
    "endless": (endless, Cause.NONSENSE, "answered with more than 1024 KiB"),
    "bomb": (bomb, Cause.NONSENSE, "answered in a packing that was not asked for"),
    "not JSON": (telling(b"{'choices': []}"), Cause.NONSENSE, "answered with what is not JSON"),
    "deep JSON": (telling(b"[" * 200_000), Cause.NONSENSE, "answered with what is not JSON"),
    "a list": (telling([1, 2]), Cause.NONSENSE, "answered with JSON that is no object"),
    "no choices": (telling({"choices": []}), Cause.NONSENSE, "answered without a message"),
    "odd choices": (
        telling({"choices": {"0": 1}, "usage": [1], "model": 5}),
        Cause.NONSENSE,
        "answered without a message",
    ),
    "empty answer": (telling(reply("")), Cause.NONSENSE, "answered with nothing"),
    "null answer": (telling(reply(None)), Cause.NONSENSE, "answered with nothing"),
    "none listed": (
        telling(reply("I would rather\nnot.")),
        Cause.NONSENSE,
        "chose nothing that was listed, twice: “I would rather not.”",
    ),
    "other model": (other_model, Cause.REFUSED, "answered with model gpt-9-huge instead of tiny-7b-instruct; name one"),
    "declines": (declining, Cause.REFUSED, "declines: I cannot help with bread."),
    "closed at once": (lambda handler, body: handler.hang_up(), Cause.DIED, "broke off in mid-answer"),
    "closed in mid-answer": (breaking_off, Cause.DIED, "broke off in mid-answer"),
    "no HTTP": (no_http, Cause.DIED, "broke off in mid-answer, or does not speak HTTP"),
}


@pytest.mark.parametrize("misdeed", MISDEEDS)
def test_each_misdeed_is_told_in_one_line(misdeed: str) -> None:
    behave, cause, line = MISDEEDS[misdeed]
    with asked_of(behave, MODEL, seconds=0.5 if misdeed == "slow drip" else 20.0) as (mind, server):
        answer = one(mind)
        assert answer.failure is not None
        assert (answer.failure.cause, answer.option) == (cause, -1)
        assert answer.failure.why.startswith(f"{server.url}: {line}")
        assert len(answer.failure.why.splitlines()) == 1 and len(answer.failure.why) < 450
        assert "sk-123" not in answer.failure.why
        usage = mind.usage()
        assert usage.failures == ((cause, 1),) and usage.fault == answer.failure.why
        server.behave = offering(*FULL)
        assert one(mind).failure is None


def test_nobody_at_the_address_is_told_in_one_line() -> None:
    with serving(offering()) as server:
        url = server.url
    mind = EndpointModel(Address.of(url + "#x"), Key(""))
    answer = one(mind)
    assert answer.failure and answer.failure.cause is Cause.DIED
    assert answer.failure.why.startswith(f"{url}: cannot be reached (") and "is it running?" in answer.failure.why
    with pytest.raises(MindError, match="cannot be reached"):
        mind.check()
    mind.close()


def test_a_server_that_does_not_speak_tls_is_told_in_one_line() -> None:
    with serving(offering()) as server:
        mind = EndpointModel(Address.of(server.url.replace("http:", "https:") + "#x"), Key(""))
        answer = one(mind)
        mind.close()
    assert answer.failure and answer.failure.cause is Cause.DIED and "cannot be reached (" in answer.failure.why


def test_an_unknown_model_is_told_with_those_that_are_there() -> None:
    with asked_of(refusing(404), "tiny-8b") as (mind, server):
        answer = one(mind)
        assert answer.failure and answer.failure.is_lasting
        expected = f"{server.url}: has no model tiny-8b; name one after a #: {MODEL}, tiny-70b, embedder"
        assert answer.failure.why == expected
        with pytest.raises(MindError, match="has no model tiny-8b; name one after a #"):
            mind.check()


def test_the_first_model_is_taken_where_none_is_named() -> None:
    with asked_of(offering()) as (mind, server):
        assert mind.info.name == server.url
        mind.ask([question(number) for number in range(20)])
        while mind.usage().waiting:
            assert all(answer.failure is None for answer in mind.answers(60))
        assert mind.info.name == MODEL and mind.check() == MODEL
        assert {body["model"] for body in server.asked} == {MODEL}
        assert server.paths.count("/v1/models") == 2


@pytest.mark.parametrize("body", [b"", b"[]", {"data": []}, {"data": [{"id": 7}, 3, {"id": "a\nb"}]}, {"data": "x"}])
def test_a_list_of_models_that_is_none_is_told(body: object) -> None:
    with asked_of(offering()) as (mind, server):
        server.listed = lambda handler: handler.tell(200, body)
        assert one(mind).failure is not None
        with pytest.raises(MindError):
            mind.check()
        server.listed = lambda handler: handler.tell(200, {"data": [{"id": MODEL}]})
        assert one(mind).failure is None


def test_an_endpoint_without_a_list_is_believed() -> None:
    with asked_of(offering(), MODEL) as (mind, server):
        server.listed = lambda handler: handler.refuse(404)
        assert mind.check() == MODEL
        server.listed = lambda handler: handler.refuse(401)
        with pytest.raises(MindError, match="wants another key"):
            mind.check()


def test_retry_after_holds_back_all_that_wait_and_is_handed_on() -> None:
    sound = offering(*FULL)
    times: list[float] = []

    def behave(handler: Handler, body: Json) -> None:
        times.append(time.monotonic())
        if len(times) == 2:
            handler.refuse(429, Retry_After="1")
        else:
            sound(handler, body)

    with asked_of(behave, MODEL) as (mind, _):
        assert one(mind).failure is None
        held = Retry(mind, 3, time.monotonic, time.sleep)
        held.ask([question(1)])
        first = held.answers(60)
        assert first[0].failure is None and len(times) == 3
        assert times[2] - times[1] >= 1


def test_an_endpoint_that_wants_long_rest_is_not_asked_meanwhile() -> None:
    with asked_of(refusing(503, Retry_After="3000"), MODEL) as (mind, server):
        first, second = one(mind), one(mind)
        assert first.failure and second.failure and first.failure.after == 3000
        assert 2990 < second.failure.after <= 3000 and second.failure.cause is Cause.REFUSED
        assert len(server.asked) == 1


def test_retry_after_is_read_as_the_standard_has_it() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    assert retry_after("120") == 120 and retry_after(" 1.5 ") == 1.5
    assert retry_after(format_datetime(now + timedelta(seconds=90), usegmt=True), now) == 90
    assert retry_after(format_datetime(now - timedelta(days=9), usegmt=True), now) == 0
    odd = ("", "soon", "-5", "nan", "inf", "1e99", "9" * 400)
    assert [retry_after(text) for text in odd] == [0, 0, 0, 0, 0, 3600, 3600]


def test_no_more_are_asked_at_once_than_allowed() -> None:
    gate = threading.Barrier(8)
    sound = offering(*FULL)

    def behave(handler: Handler, body: Json) -> None:
        if len(server.asked) > 1:
            gate.wait(30)
        sound(handler, body)

    with asked_of(behave, MODEL) as (mind, server):
        assert one(mind).failure is None
        mind.ask([question(number) for number in range(2, 42)])
        found: list[Answer] = []
        while len(found) < 40:
            found += mind.answers(60)
        assert server.most_open == 8 and all(answer.failure is None for answer in found)


def test_what_is_forgotten_on_its_way_is_broken_off_and_leaves_room() -> None:
    stuck = threading.Event()

    def behave(handler: Handler, body: Json) -> None:
        stuck.wait(30)
        offering(*FULL)(handler, body)

    with asked_of(behave, MODEL) as (mind, server):
        mind.ask([question(number) for number in range(8)])
        while len(server.asked) < 1:
            time.sleep(0.01)
        mind.forget(range(8))
        server.behave = offering(*FULL)
        assert one(mind, question(9)).failure is None
        stuck.set()


def test_closing_ends_the_thread_while_answers_are_awaited() -> None:
    def behave(handler: Handler, body: Json) -> None:
        time.sleep(0.2)

    with serving(behave) as server:
        mind = EndpointModel(Address.of(server.url + "#x"), Key(""))
        mind.ask([question(number) for number in range(30)])
        while not server.asked:
            time.sleep(0.01)
        mind.close()
        assert not [thread for thread in threading.enumerate() if thread.name == "sociarium-endpoint"]


def test_unknown_counts_are_the_most_they_can_be() -> None:
    def behave(handler: Handler, body: Json) -> None:
        said = reply("B", likely(["B"]))
        del said["usage"]
        handler.tell(200, said)

    with asked_of(behave, MODEL) as (mind, server):
        answer = one(mind)
        size = sum(len(message["content"]) for message in server.asked[0]["messages"])
        assert size < answer.counts.prompt < size + 200 and answer.counts.generated == 1
        assert answer.counts.prompt <= mind.most_used(question(1)).prompt


def test_a_program_that_forgets_to_close_ends_all_the_same() -> None:
    with serving(drip) as server:
        program = f"""
from cognition.language.endpoint.address import Address, Key
from cognition.language.endpoint.model import EndpointModel
from tests.contract.language_contract import question
mind = EndpointModel(Address.of("{server.url}#x"), Key(""))
mind.ask([question(number) for number in range(20)])
print(mind.answers(0.5))
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
