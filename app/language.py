"""From a mind's name to a language model that works: bundled, on the shelf, a GGUF file, or an endpoint."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from app import preferences
from app.host_process import this_program
from app.mind_files import SUFFIX, known_minds
from cognition.language.endpoint.address import Address, find_key
from cognition.language.endpoint.model import EndpointModel
from cognition.language.endpoint.prices import Prices
from cognition.language.header import read_header
from cognition.language.llama.pool import LlamaPool
from cognition.language.model import LanguageModel
from cognition.language.wrappers.breaker import Breaker
from cognition.language.wrappers.budget import Budget, Limits
from cognition.language.wrappers.retry import Retry
from cognition.language.wrappers.timeout import Timeout
from engine.errors import MindError
from engine.scenario.fields import Section

CHILD = (*this_program(), "mind-child")
"""How a child with a model is started."""
PATIENCE_IN_LOCKSTEP, PATIENCE_LIVE = 120.0, 20.0
"""Seconds after which a request is given up, unless the scenario says otherwise."""
FAILURES_IN_A_ROW, REST_SECONDS = 40, 10.0
REPEATS = 2


class ModelSettings(Section):
    """What a scenario may say of a mind with a language model, under `cognition.minds[].settings`."""

    timeout: float | None = Field(None, gt=0, le=3600)
    children: int | None = Field(None, ge=1, le=256)
    threads: int = Field(1, ge=1, le=256)
    context: int | None = Field(None, ge=128, le=1_000_000)
    at_once: int | None = Field(None, ge=1, le=256)
    most_tokens: int | None = Field(None, ge=0)
    most_decisions: int | None = Field(None, ge=0)
    most_money: float | None = Field(None, ge=0)
    prices: Prices | None = None


def find_model(name: str) -> Path:
    """Return the file of a mind by its name or path. Raises MindError when there is none."""
    known = known_minds()
    if name in known:
        return known[name]
    path = Path(name).expanduser()
    if path.is_dir():
        raise MindError(f"{name}: a folder; name the GGUF file in it")
    if name.lower().endswith(SUFFIX) or os.sep in name:
        if path.is_file():
            return path
        raise MindError(f"{name}: there is no such file; give the path of a GGUF model")
    names = ["reflex", "recorded", "script", *known]
    near = get_close_matches(name, names, 1)
    meant = f"did you mean {near[0]}?" if near else f"known: {', '.join(names)}."
    raise MindError(f"there is no mind {name!r}; {meant} Or name a GGUF file, or the URL of an endpoint")


def open_model(name: str, settings: Mapping[str, Any], lockstep: bool) -> LanguageModel:
    """Return the model of a mind, wrapped so that every request is answered in time whatever happens.

    Raises MindError when there is no such mind, when it cannot work, or when settings do not fit.
    """
    try:
        wished = ModelSettings.model_validate(dict(settings))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MindError(f"mind {name}: settings.{where}: {first['msg']}; see docs/minds.md under Settings") from error
    patience = wished.timeout or (PATIENCE_IN_LOCKSTEP if lockstep else PATIENCE_LIVE)
    limits = Limits(wished.most_tokens, wished.most_decisions, wished.most_money)
    model: LanguageModel
    if name.startswith(("http://", "https://")):
        model = Breaker(_endpoint(name, wished, limits), FAILURES_IN_A_ROW, REST_SECONDS, time.monotonic)
    else:
        path = find_model(name)
        read_header(path)  # what is wrong with a file is said more plainly than llama.cpp can
        model = LlamaPool(
            path, children=wished.children, threads=wished.threads, context=wished.context,
            slots=wished.at_once, lockstep=lockstep, command=CHILD,
        )  # fmt: skip
        # No breaker here: a child that dies fails all that it has in hand at once, and the pool sees to its rest.
        model = model if limits == Limits() else Budget(model, limits)
    model = Retry(model, REPEATS, time.monotonic, time.sleep)
    return Timeout(model, patience, time.monotonic, time.sleep)


def _endpoint(name: str, wished: ModelSettings, limits: Limits) -> LanguageModel:
    """Return the endpoint of an address. Raises MindError when it does not answer, or has no such model."""
    address = Address.of(name)
    key = find_key(address, os.environ, lambda: preferences.load().endpoint_key)
    endpoint = EndpointModel(address, key, concurrency=wished.at_once or 8, prices=wished.prices)
    try:
        endpoint.check()
    except BaseException:
        endpoint.close()
        raise
    return endpoint if limits == Limits() else Budget(endpoint, limits, endpoint.most_used, endpoint.cost)
