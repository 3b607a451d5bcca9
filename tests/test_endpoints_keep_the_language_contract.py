"""Endpoints over a real socket keep the contract of a LanguageModel, whatever way of choosing they offer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cognition.language.endpoint.address import Address, Key
from cognition.language.endpoint.model import EndpointModel
from cognition.language.model import Way
from tests.contract.language_contract import CHECKS, Subject
from tests.misbehaving_endpoints import FULL, Behaviour, Endpoint, offering, serving

ENDPOINTS: dict[str, Behaviour] = {
    "logprobs": offering(*FULL),
    "schema": offering("json_schema"),
    "object, the rest refused": offering("json_object", refuses=True),
    "text": offering(),
    "text, the rest refused": offering(refuses=True),
}


@pytest.fixture(scope="module", params=ENDPOINTS)
def endpoint(request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    with serving(ENDPOINTS[request.param]) as server:
        yield server


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_an_endpoint_keeps_the_contract(endpoint: Endpoint, check: Callable[[Subject], None]) -> None:
    address = Address.of(endpoint.url)
    check(Subject("endpoint", lambda: EndpointModel(address, Key("")), ways=(Way.LABEL, Way.TEXT), many=40))
