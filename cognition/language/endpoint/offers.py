"""What an endpoint offers, found out by trying and remembered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cognition.language.endpoint.faults import Fault
from cognition.language.model import Cause, Way

TOP = 20
FEWER = 5
"""Likeliest tokens that are asked for, and that are asked for where so many are too many."""
MOST_MISSES = 3
"""Choices missed one after the other until a way counts as not offered: so a model answers that thinks aloud first."""


class Kind(StrEnum):
    """How an endpoint can be made to choose, from the best on."""

    LOGPROBS = "the chances of the labels"
    SCHEMA = "a JSON schema"
    OBJECT = "a JSON object with a schema"
    """As llama.cpp's servers take it."""
    TEXT = "text"


class Unoffered(Exception):
    """The endpoint answered, but takes no notice of the way that was tried."""


class Missed(Exception):
    """The endpoint answered in the way that was tried, but with none of the choices."""


@dataclass
class Offers:
    """What is known of one endpoint.

    lacks: kinds that it does not offer; proven: kinds that worked; left_out: fields of a request that it refuses to
    see; top: how many likeliest tokens it tells of; misses: choices missed in a row; tried: set when the first try to
    choose has ended.
    """

    lacks: set[Kind] = field(default_factory=set)
    proven: set[Kind] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)
    top: int = TOP
    misses: int = 0
    tried: asyncio.Event = field(default_factory=asyncio.Event)
    is_trying: bool = False

    def kinds(self, way: Way) -> list[Kind]:
        """Return the kinds to try, the best first. Only labels are single tokens, whose chances can be asked for."""
        return [kind for kind in Kind if kind not in self.lacks and (way is Way.LABEL or kind is not Kind.LOGPROBS)]

    def learn(self, worked: Kind, failed: set[Kind]) -> None:
        """Remember that a kind worked where others, never proven, had failed on the same question."""
        self.proven.add(worked)
        self.lacks |= failed - self.proven - {Kind.TEXT}

    def hit_or_missed(self, is_hit: bool) -> None:
        """Count choices that the chances of labels missed; give that way up when it misses time and again."""
        self.misses = 0 if is_hit else self.misses + 1
        if self.misses >= MOST_MISSES:
            self.proven.discard(Kind.LOGPROBS)
            self.lacks.add(Kind.LOGPROBS)

    def fitted(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return a request without the fields that the endpoint refuses, and with the name it has for others."""
        fitted = {name: value for name, value in body.items() if name not in self.left_out}
        if "max_tokens" in self.left_out and "max_tokens" in body:
            fitted["max_completion_tokens"] = body["max_tokens"]
        if "top_logprobs" in fitted:
            fitted["top_logprobs"] = min(self.top, body["top_logprobs"])
        return fitted

    def relents(self, body: Mapping[str, Any], fault: Fault) -> bool:
        """Return whether a refused request is worth sending again without the field that the refusal names."""
        if fault.status not in (400, 422) or fault.failure.cause is Cause.TOO_LONG:
            return False
        if "top_logprobs" in fault.says and "top_logprobs" in body and self.top > FEWER:
            self.top = FEWER
            return True
        for name in ("max_tokens", "temperature", "seed", "stop"):
            if name in body and name not in self.left_out and re.search(rf"\b{name}\b", fault.says):
                self.left_out.add(name)
                return True
        return False


def may_be_unoffered(fault: Fault) -> bool:
    """Return whether a refusal may be meant for the way of asking, and not for the asker."""
    return fault.status in (400, 405, 415, 422, 500, 501) and fault.failure.cause is not Cause.TOO_LONG
