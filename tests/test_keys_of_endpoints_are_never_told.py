"""The key of an endpoint goes to the endpoint, in a header, and nowhere else."""

from __future__ import annotations

import copy
import logging
import pickle

import pytest

from cognition.language.endpoint.address import Address, Key, find_key
from cognition.language.endpoint.model import EndpointModel
from cognition.language.endpoint.prices import Prices
from cognition.language.model import Counts, Writing
from engine.errors import MindError
from tests.contract.language_contract import question
from tests.misbehaving_endpoints import MODEL, Behaviour, Handler, Json, likely, reply, serving

SECRET = "sk-do-not-tell-0123456789"


def echoing(status: int) -> Behaviour:
    """Return an endpoint that tells the key back, wherever it can."""

    def behave(handler: Handler, body: Json) -> None:
        if status == 200 and body["max_tokens"] == 1:
            handler.say("B", likely(["B", SECRET]))
        elif status == 200:
            handler.say(f"psst, {SECRET}!")
        else:
            handler.refuse(
                status, f"Incorrect API key provided: {SECRET}. Location {SECRET}", Location=f"http://{SECRET}/"
            )

    return behave


BEHAVIOURS: dict[str, Behaviour] = {str(status): echoing(status) for status in (200, 302, 400, 401, 404, 413, 429, 500)}
BEHAVIOURS["model"] = lambda handler, body: handler.say("B", model=SECRET)
BEHAVIOURS["refusal"] = lambda handler, body: handler.tell(
    200, {**reply(""), "choices": [{"message": {"refusal": f"no {SECRET}"}}]}
)
BEHAVIOURS["text"] = lambda handler, body: handler.say(f"I say {SECRET}")
BEHAVIOURS["closed"] = lambda handler, body: handler.hang_up()


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_no_answer_failure_usage_or_log_tells_the_key(behaviour: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(BEHAVIOURS[behaviour]) as server:
        server.listed = lambda handler: handler.tell(200, {"data": [{"id": SECRET}, {"id": MODEL}]})
        mind = EndpointModel(Address.of(f"{server.url}#{MODEL}"), Key(SECRET))
        mind.ask([question(number, then=Writing("Say: ", 9)) for number in range(3)])
        told: list[object] = []
        while mind.usage().waiting:
            told += mind.answers(60)
        told += [mind.info, mind.usage(), vars(mind), mind.ways_found]
        try:
            told.append(mind.check())
        except MindError as error:
            told += [str(error), repr(error)]
        mind.close()
    assert server.keys and set(server.keys) == {f"Bearer {SECRET}"}
    assert SECRET not in repr(told)
    assert SECRET not in caplog.text and SECRET not in repr([vars(record) for record in caplog.records])
    assert SECRET not in repr(server.asked)


def test_a_key_shows_and_packs_itself_for_nobody() -> None:
    key = Key(f"  {SECRET}\n")
    assert SECRET not in f"{key} {key!r} {[key]}" and bool(key) and not Key("")
    assert Key("").headers() == {}
    for pack in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            pack(key)
    with pytest.raises(MindError) as caught:
        Key("sk-\x00 bad")
    assert "bad" not in str(caught.value)


def test_the_key_is_looked_for_in_its_places() -> None:
    here, far, sealed = (Address.of(f"{base}/v1") for base in ("http://localhost:1", "http://lab:1", "https://lab"))
    both = {"SOCIARIUM_KEY": "own", "OPENAI_API_KEY": "shared"}

    def found(address: Address, environment: dict[str, str], preferred: str = "kept") -> str:
        return find_key(address, environment, lambda: preferred).headers().get("Authorization", "")

    assert found(sealed, both) == found(far, both) == "Bearer own"
    assert found(sealed, {"OPENAI_API_KEY": "shared"}) == found(here, {"OPENAI_API_KEY": "shared"}) == "Bearer shared"
    assert found(far, {"OPENAI_API_KEY": "shared"}) == "Bearer kept"
    assert found(far, {}, "") == ""


@pytest.mark.parametrize(
    "text, model, here, sealed",
    [
        ("http://127.0.0.1:8000/v1", "", True, False),
        ("http://127.0.0.1:8000/v1/#llama-3", "llama-3", True, False),
        ("http://[::1]:8000/v1", "", True, False),
        ("http://LOCALHOST/v1", "", True, False),
        ("https://api.example.org/v1#org/model:free", "org/model:free", False, True),
        ("http://10.0.0.7:8000", "", False, False),
    ],
)
def test_addresses_are_read(text: str, model: str, here: bool, sealed: bool) -> None:
    address = Address.of(text)
    assert (address.model, address.is_here, address.is_sealed) == (model, here, sealed)
    assert address.base == text.partition("#")[0].rstrip("/")


@pytest.mark.parametrize(
    "text",
    ["", "ember", "ftp://host/v1", "http://", "http://host:port/v1", "http://host:99999/v1", "http://[::1/v1",
     "http://a b/v1", "http://host/v1?key=1", "x" * 3000, "http://ho\nst/v1", f"https://user:{SECRET}@host/v1",
     f"http://host/v1?api_key={SECRET}"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_the_mend(text: str) -> None:
    with pytest.raises(MindError, match=r"write it as http://host:port/v1|put the key into SOCIARIUM_KEY") as caught:
        Address.of(text)
    assert SECRET not in str(caught.value) and len(str(caught.value)) < 300 and "\n" not in str(caught.value)


def test_tokens_have_prices() -> None:
    prices = Prices(prompt=3.0, cached=0.3, generated=15.0, currency="EUR")
    assert prices.cost(Counts(1_000_000, 400_000, 100_000)) == pytest.approx(1.8 + 0.12 + 1.5)
    with serving(lambda handler, body: handler.say("B", likely(["B"]))) as server:
        mind = EndpointModel(Address.of(f"{server.url}#{MODEL}"), Key(""), prices=prices)
        mind.ask([question(1)])
        mind.answers(60)
        usage = mind.usage()
        mind.close()
    assert usage.counts == Counts(20, 12, 3) and usage.currency == "EUR"
    assert usage.cost == pytest.approx((8 * 3 + 12 * 0.3 + 3 * 15) / 1e6) == mind.cost(usage.counts)
    for wrong in ((-1.0, 0.0, 0.0), (1.0, 2.0, 0.0), (float("nan"), 0.0, 0.0), (0.0, 0.0, float("inf"))):
        with pytest.raises(MindError):
            Prices(*wrong)
