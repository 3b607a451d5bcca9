"""The pool of llama.cpp's children keeps the contract of a language model, with either kind of tokeniser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cognition.language.llama.pool import LlamaPool
from tests.contract.language_contract import CHECKS, Subject
from tests.tiny_models import Shape, write_model

LONG = Shape(context=2048)


@pytest.fixture(scope="module", params=["bpe", "spm"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / f"{request.param}.gguf"
    return write_model(path, LONG, tokenizer=request.param)


@pytest.mark.parametrize("lockstep", [True, False], ids=["lockstep", "live"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_pool_keeps_the_contract(check: Callable[[Subject], None], model: Path, lockstep: bool) -> None:
    check(Subject("llama.cpp", lambda: LlamaPool(model, children=2, lockstep=lockstep)))
