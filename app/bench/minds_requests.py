"""What the minds that are measured are asked: real prompts of the settlement, and made ones of a known length.

They are kept in a file, so that every process asks the very same, whichever way it asks it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from app.bench import minds_vocabulary
from app.bench.minds_vocabulary import LABELS
from app.bench.sizes import Society
from app.bench.societies import settlement
from app.compose import change, compose
from app.language import CHILD
from app.minds import weights_by_name
from cognition.language.llama.messages import pack_requests, read_requests
from cognition.language.llama.pool import LlamaPool
from cognition.language.model import MOST_OPTIONS, ModelInfo, Option, Part, Request, Share, Way, Writing
from cognition.prompts.prompt import Prompts
from engine.values import Observations

DRAWN = 20260404
ASK = "ask"
EACH_TICK = 6
"""People taken of a tick, so that a set of prompts spans a good part of the day."""
SHARED_WORDS, OWN_WORDS, OPTIONS, OPTION_WORDS = 400, 31, 8, 3
"""A made prompt: 400 tokens that everyone shares and 80 of one's own; an option is a label, a stop, words, an end."""
WORDS = 12
"""Words of a spoken line."""
MOST_LINE_TOKENS, MOST_ANSWER_TOKENS, MOST_SPOKEN_TOKENS = 64, 24, 128
WORD_RULE = "word ::= [a-zA-Z',.!?{}-]+"
LINE_RULE = " ".join(["line ::=", *['" " word'] * WORDS])
LINE_PATTERN = f"^( [a-zA-Z',.!?{{}}-]+){{{WORDS}}}$"
"""The same as a regular expression."""
SAID = Writing('\nYou say: "', MOST_LINE_TOKENS, ('"',), f'root ::= line "\\""\n{LINE_RULE}\n{WORD_RULE}\n')


def keep(path: Path, requests: Sequence[Request]) -> None:
    """Write requests into a file."""
    path.write_text(json.dumps(pack_requests(requests, range(len(requests)))), encoding="utf-8")


def kept(path: Path) -> list[Request]:
    """Return the requests of a file."""
    return read_requests(json.loads(path.read_text(encoding="utf-8")))


def make_requests(given: Mapping[str, Any]) -> dict[str, Any]:
    """Write a file of requests: of a settlement where a society is given, else made ones."""
    count, society = given["count"], given.get("society")
    if society is None:
        requests = of_words(count)
    else:
        requests = of_settlement(Society(**society), info_of(Path(given["model"])), count, given["warm_up"])
    keep(Path(given["path"]), requests)
    return {"options": sum(len(request.options) for request in requests) / len(requests)}


def info_of(model: Path) -> ModelInfo:
    """Return what a model says of itself."""
    pool = LlamaPool(model, children=1, command=CHILD)
    try:
        return pool.info
    finally:
        pool.close()


def of_settlement(society: Society, info: ModelInfo, count: int, warm_up: int) -> list[Request]:
    """Return what people of a settlement are asked who have a choice, as a reflex run comes by them."""
    scenario = change(settlement(society), "cognition.attention.everyone", False)
    laboratory = compose(scenario)
    laboratory.found()
    prompts = Prompts(scenario, weights_by_name(scenario, laboratory.society), info)
    draw, found = random.Random(DRAWN), list[Request]()
    mind = laboratory.runner.mind
    ask = mind.ask

    def noting(batch: Observations) -> None:
        ask(batch)
        some = sorted(draw.sample(range(batch.size), min(EACH_TICK, batch.size)))
        for seen in batch.take(np.array(some, np.int64)).views() if laboratory.society.world.tick >= warm_up else ():
            if len(seen.choices) > 1 and len(found) < count:
                order = draw.sample(range(len(seen.choices)), len(seen.choices))
                found.append(prompts.of(len(found), seen, order, draw.getrandbits(64)).request)

    setattr(mind, ASK, noting)
    while len(found) < count:
        laboratory.runner.tick()
    return [silent(request) for request in found]


def of_words(count: int) -> list[Request]:
    """Return made prompts, answered by a label: about 480 tokens in a vocabulary of `minds_vocabulary`."""
    draw, known = random.Random(DRAWN), minds_vocabulary.words()

    def some(size: int) -> str:
        return "".join(f" {word}" for word in draw.choices(known, k=size))

    shared = Part(f"{some(SHARED_WORDS - 2)}.\n", Share.EVERYONE)
    options = tuple(Option(label) for label in LABELS[:OPTIONS])
    return [
        Request(
            number,
            (
                shared,
                Part(f"{some(OWN_WORDS)}\n"),
                *(Part(f"{LABELS[k]}.{some(OPTION_WORDS)}\n", option=k) for k in range(OPTIONS)),
            ),
            draw.getrandbits(64),
            options,
        )
        for number in range(count)
    ]


def silent(request: Request) -> Request:
    """Return the request without words."""
    return replace(request, options=tuple(replace(option, then=None) for option in request.options))


def spoken(request: Request) -> Request:
    """Return the request with a line of twelve words, whatever is chosen."""
    return replace(request, options=tuple(replace(option, then=SAID) for option in request.options))


def unshared(request: Request) -> Request:
    """Return the request as if nobody shared any of its prompt."""
    return replace(request, parts=tuple(replace(part, share=Share.MOMENT) for part in request.parts))


def in_json(request: Request) -> Request:
    """Return the request with its choice to be written out, as JSON under a grammar."""
    writing = Writing("", MOST_ANSWER_TOKENS, (), f'root ::= {choice_rule(request)} "}}"\n')
    return _written(request, writing)


def spoken_in_json(request: Request) -> Request:
    """Return the request with its choice and its line to be written out, as JSON under a grammar."""
    rules = f'root ::= {choice_rule(request)} ",\\"say\\":\\"" line "\\"}}"\n{LINE_RULE}\n{WORD_RULE}\n'
    return _written(request, Writing("", MOST_SPOKEN_TOKENS, (), rules))


def choice_rule(request: Request) -> str:
    """Return the beginning of the JSON that an option is chosen by, as GBNF."""
    numbers = " | ".join(f'"{k}"' for k in range(len(request.options)))
    return f'"{{\\"choice\\":" ({numbers})'


def _written(request: Request, writing: Writing) -> Request:
    parts = tuple(replace(part, option=-1) for part in request.parts)
    return replace(request, parts=parts, options=(), way=Way.LABEL, words=writing)


def by_text(request: Request) -> Request:
    """Return the request with its choice to be made by the options' own texts."""
    lines = {part.option: part.text for part in request.parts if part.option >= 0}
    options = tuple(Option(lines[k].partition(" ")[2].strip(), option.then) for k, option in enumerate(request.options))
    return replace(request, options=options, way=Way.TEXT)


def few_options(request: Request, draw: random.Random) -> Request:
    """Return the request with some of its options only, in an order drawn anew."""
    listed = [part for part in request.parts if part.option >= 0]
    some = draw.sample(listed, draw.randint(2, min(6, len(listed), MOST_OPTIONS)))
    first = request.parts.index(listed[0])
    lines = [replace(part, option=k) for k, part in enumerate(some)]
    others = [part for part in request.parts if part.option < 0]
    options = tuple(request.options[part.option] for part in some)
    return replace(
        request, parts=(*others[:first], *lines, *others[first:]), options=options, seed=draw.getrandbits(64)
    )


FORMS: Mapping[str, Callable[[Request], Request]] = {
    "choice": lambda request: request,
    "line": spoken,
    "choice, nothing shared": unshared,
    "choice by text": by_text,
    "choice in JSON": in_json,
    "line in JSON": spoken_in_json,
    "line, nothing shared": lambda request: unshared(spoken(request)),
}
"""How the same prompt is asked, by name."""
