"""A model behind llama-cpp-python's own server keeps the contract: by the chances of labels, and by JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app import headless
from app.compose import compose, rules_version
from app.mind_files import BUNDLED
from cognition.language.endpoint.address import Address, Key
from cognition.language.endpoint.messages import messages
from cognition.language.endpoint.model import EndpointModel
from cognition.language.model import Answer, Cause, Option, Way, Writing
from engine.errors import MindError
from engine.record.reader import RunReader
from engine.record.replay import verify
from tests.contract.language_contract import CHECKS, Subject, question
from tests.hamlet import changed, hamlet
from tests.llama_servers import NAME, llama_server
from tests.tiny_models import write_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="module", params=[True, False], ids=["logprobs", "schema"])
def url(request: pytest.FixtureRequest, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with llama_server(model, log, logprobs=request.param, context=4096) as found:
        yield found


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_keeps_the_contract(url: str, check: Callable[[Subject], None]) -> None:
    address = Address.of(url)
    check(Subject("llama.cpp", lambda: EndpointModel(address, Key("")), ways=(Way.LABEL, Way.TEXT), many=12))


def test_each_choice_is_legal_and_tokens_are_counted(url: str) -> None:
    mind = EndpointModel(Address.of(f"{url}#{NAME}"), Key(""))
    mind.ask([question(number, 4, then=Writing("Say: ", 6)) for number in range(10)])
    found: list[Answer] = []
    while len(found) < 10:
        found += mind.answers(120)
    ways, most = mind.ways_found, mind.most_used(question(1, 4, then=Writing("Say: ", 6)))
    mind.close()
    assert all(a.counts.prompt <= most.prompt and a.counts.generated <= most.generated for a in found)
    assert all(answer.failure is None and 0 <= answer.option < 4 for answer in found)
    assert all(answer.counts.prompt > 50 and answer.counts.generated > 0 for answer in found)
    assert "a JSON object with a schema" in ways or any(answer.probabilities for answer in found)


def test_the_chances_of_labels_are_those_of_the_model(model: Path, tmp_path: Path) -> None:
    """Random weights seldom like letters, so the labels are what they do like."""
    request = question(1)
    body = {"model": NAME, "messages": messages(request.parts), "max_tokens": 1, "logprobs": True, "top_logprobs": 20}
    with llama_server(model, tmp_path / "log.txt", logprobs=True) as url:
        told = httpx.post(f"{url}/chat/completions", json=body, timeout=60).json()
        rows = {row["token"]: row["logprob"] for row in told["choices"][0]["logprobs"]["content"][0]["top_logprobs"]}
        liked = {token: value for token, value in rows.items() if re.fullmatch(r"\w+", token)}
        liked = {token: value for token, value in liked.items() if f" {token}" not in rows}
        mind = EndpointModel(Address.of(url), Key(""))
        mind.ask([replace(request, options=tuple(Option(token) for token in liked))])
        answer = mind.answers(60)[0]
        ways = mind.ways_found
        mind.close()
    assert len(liked) > 1 and answer.failure is None and ways == ("the chances of the labels",)
    total = sum(math.exp(value) for value in liked.values())
    assert answer.probabilities == pytest.approx([math.exp(value) / total for value in liked.values()], rel=1e-3)


def test_a_wrong_key_and_a_long_prompt_are_told(model: Path, tmp_path: Path) -> None:
    with llama_server(model, tmp_path / "log.txt", logprobs=False, key="right", context=512) as url:
        wrong = EndpointModel(Address.of(f"{url}#{NAME}"), Key("wrong"))
        with pytest.raises(MindError, match="wants another key"):
            wrong.check()
        wrong.close()
        right = EndpointModel(Address.of(url), Key("right"))
        long = question(1)
        right.ask([long, question(2, said="wind " * 3000)])
        found = {answer.number: answer for _ in range(2) for answer in right.answers(120)}
        assert right.info.name == NAME
        right.close()
    assert found[1].failure is None
    assert found[2].failure is not None and found[2].failure.cause is Cause.TOO_LONG


def test_ember_behind_the_server_decides_for_a_hamlet(tmp_path: Path) -> None:
    path = tmp_path / "served.sociarium"
    with llama_server(BUNDLED / "ember.gguf", tmp_path / "log.txt", logprobs=False, context=4096) as url:
        scenario = changed(hamlet(), cognition__minds=f"[{{mind: '{url}'}}]", time__ticks="2", population__count="20")
        result = headless.run(scenario, path, quiet=True)
    (mind,) = result.report()["minds"]
    with RunReader(path) as reader:
        thoughts = [thought for tick in (1, 2) for thought in reader.thoughts(tick)]
        verdict = verify(compose(scenario, replay=True).runner, reader, rules_version(scenario))
    assert len(thoughts) == mind["answered"] > 10 and mind["fallbacks"] == {} and verdict.parted_at is None
    assert all(0 <= thought.chosen < len(thought.choices) and thought.generated_tokens > 0 for thought in thoughts)
