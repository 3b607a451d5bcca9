"""Which of the options an endpoint means: by the chances of labels, or by what it wrote."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from cognition.language.model import Request, Way
from engine.rng import Rng, purpose

_CHANCE = purpose("language.endpoint.choice")
_WRAPPING = " \t\r\n▁Ġ\"'`*([{"
_SPEECH = re.compile(r"^(?:my |the )?(?:answer|option|choice)(?: is)?\s*[:=]?\s*", re.I)
_MOST_TOP = 64


def shares(request: Request, top: Any) -> tuple[float, ...]:
    """Return the share of each option by `top_logprobs` of the first token; () when none of them is there.

    A token counts for an option when it is the label, with or without white space or a bracket before it.
    """
    labels = {option.answer: number for number, option in enumerate(request.options)}
    weights = [0.0] * len(request.options)
    for row in top[:_MOST_TOP] if isinstance(top, list) else ():
        token, logprob = (row.get("token"), row.get("logprob")) if isinstance(row, dict) else (None, None)
        if not isinstance(token, str) or not isinstance(logprob, int | float) or not -1e4 < logprob <= 1e-3:
            continue
        number = labels.get(token.strip(_WRAPPING))
        if number is not None:
            weights[number] += math.exp(min(logprob, 0.0))
    total = sum(weights)
    return tuple(weight / total for weight in weights) if total > 0 else ()


def drawn(request: Request, chances: Sequence[float]) -> int:
    """Return an option, drawn by its chances at the request's temperature and seed; the likeliest at temperature 0."""
    likely = np.asarray(chances)
    if request.temperature <= 0:
        return int(likely.argmax())
    heat = np.cumsum((likely / likely.max()) ** (1.0 / request.temperature))
    word = int(Rng(request.seed).words(_CHANCE, np.zeros(1, np.int32), 0)[0, 0])
    return int(np.searchsorted(heat, (word + 0.5) / 2**32 * heat[-1]))


def schema(request: Request) -> dict[str, Any]:
    """Return the JSON schema of an object that holds one of the options' answers."""
    answers = list(dict.fromkeys(option.answer for option in request.options))
    return {
        "type": "object",
        "properties": {"choice": {"type": "string", "enum": answers}},
        "required": ["choice"],
        "additionalProperties": False,
    }


def from_json(request: Request, content: str) -> int:
    """Return the option that a JSON object names exactly, -1 for none."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return -1
    choice = found.get("choice") if isinstance(found, dict) else None
    return next((i for i, option in enumerate(request.options) if option.answer == choice), -1)


def matched(request: Request, content: str) -> int:
    """Return the option that a text means, -1 where it means none or several.

    In this order: the answer itself; the answer, or what its part of the prompt lists, but for case and punctuation;
    a label with more behind it ("B) go home"); the beginning of one option only, or one option with more behind it.
    """
    bare = (content.strip(), content.strip(_WRAPPING).rstrip(".):,*]}"))
    exact = [i for i, option in enumerate(request.options) if option.answer in bare]
    if exact:
        return exact[0]
    text = _even(_SPEECH.sub("", content.strip(_WRAPPING + "#-")))
    if not text:
        return -1
    answers = [_even(option.answer) for option in request.options]
    listed = _listed(request) if request.way is Way.LABEL else answers
    whole = [f"{answer} {name}" for answer, name in zip(answers, listed, strict=True)]
    for names in (answers, listed, whole):
        found = [i for i, name in enumerate(names) if name == text]
        if len(found) == 1:
            return found[0]
    if request.way is Way.LABEL:
        head = re.match(r"(\S+?)\s*[).:,\]*\-–—\n]", _SPEECH.sub("", content.strip(_WRAPPING)) + "\n")
        found = [i for i, option in enumerate(request.options) if head is not None and option.answer == head[1]]
        if found:
            return found[0]
    begun = [i for i, name in enumerate(listed) if len(text) > 2 and name.startswith(text)]
    if len(begun) == 1:
        return begun[0]
    longer = [i for i, name in enumerate(listed) if len(name) > 2 and text.startswith(f"{name} ")]
    return max(longer, key=lambda i: len(listed[i]), default=-1)


def _listed(request: Request) -> list[str]:
    """Return what the prompt lists for each option, without its label, as `_even` makes it ("" for nothing)."""
    found = [""] * len(request.options)
    for part in request.parts:
        if 0 <= part.option < len(found):
            text = part.text.strip()
            label = request.options[part.option].answer
            found[part.option] = _even(text[len(label) :] if text.startswith(label) else text)
    return found


def _even(text: str) -> str:
    """Return a text in lower case, its words one space apart, without punctuation."""
    return " ".join(re.sub(r"[^\w+]+", " ", text.casefold()).split())
