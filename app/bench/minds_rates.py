"""Jobs of the minds: how many decisions a second a model makes, through our pool and through plain llama-cpp-python."""

from __future__ import annotations

import json
import math
import os
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import psutil

from app.bench.minds_requests import (
    FORMS,
    LINE_PATTERN,
    MOST_ANSWER_TOKENS,
    MOST_SPOKEN_TOKENS,
    SHARED_WORDS,
    few_options,
    keep,
    kept,
    of_words,
)
from app.bench.minds_weights import MEGABYTE, SHAPES, made
from app.language import CHILD
from cognition.language.llama.pool import LlamaPool
from cognition.language.model import Answer, Counts, Request
from engine.errors import MindError

if TYPE_CHECKING:
    from llama_cpp import Llama
    from llama_cpp.llama_grammar import LlamaGrammar

PATIENCE = 300.0
NICER = 10
"""As niced as model children are, so that whatever else runs on the machine counts against both alike."""
SPACE_RULE = "space ::="
CONTEXT = 4096
FIELDS = ("choice", "say")
"""The fields of an answer in JSON."""
GPU_SLOTS = 64
OWN, TOGETHER = 80, 6
"""Tokens of a made prompt that are one's own, behind `SHARED_WORDS`, and how many people's fill a batch of 512."""
READINGS = 9


class Asking:
    """Puts requests to a pool and checks what comes back: any answer that is none is counted in `invalid`."""

    def __init__(self, pool: LlamaPool, requests: Sequence[Request]) -> None:
        self.pool, self.requests = pool, requests
        self.answered = self.invalid = 0
        self.counts = Counts()
        self._next = 0

    def ask(self, at_once: int) -> None:
        """Ask so many at once, the next of the requests, and wait for all."""
        places = range(self._next, self._next + at_once)
        batch = [replace(self.requests[place % len(self.requests)], number=place) for place in places]
        self._next += at_once
        self.put(batch)

    def put(self, batch: Sequence[Request]) -> None:
        """Ask these and wait for all. Raises MindError when they do not come."""
        waiting = {request.number: request for request in batch}
        self.pool.ask(batch)
        until = time.monotonic() + PATIENCE
        while waiting:
            if time.monotonic() > until:
                raise MindError(f"a model left {len(waiting)} requests unanswered; look at the machine's load")
            for answer in self.pool.answers(1.0):
                self.answered += 1
                self.invalid += not is_valid(waiting.pop(answer.number), answer)
                self.counts += answer.counts


def is_valid(request: Request, answer: Answer) -> bool:
    """Whether an answer names an option that was offered, with probabilities, or has the words that were asked for."""
    if answer.failure is not None:
        return False
    if not request.options:
        speaks = request.words is not None and request.words.tokens == MOST_SPOKEN_TOKENS
        return is_json(answer.words, FIELDS if speaks else FIELDS[:1])
    chances = answer.probabilities
    return (
        0 <= answer.option < len(request.options)
        and len(chances) == len(request.options)
        and all(0 <= chance <= 1 for chance in chances)
        and math.isclose(sum(chances), 1, abs_tol=1e-6)
    )


def is_json(text: str, fields: Sequence[str]) -> bool:
    """Whether a text is a JSON object with these fields."""
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and tuple(found) == tuple(fields)


def mind_rate(given: dict[str, Any]) -> dict[str, Any]:
    """Measure decisions a second through the pool, for each number of people at a time in `at_once`.

    Also processor time of the children (`cpu`, ms for each decision, most at a time); tokens of a prompt, of them from
    the cache, and written; invalid answers; and the most memory of a child, MB.
    """
    form = FORMS[given["form"]]
    requests = [form(request) for request in kept(Path(given["requests"]))]
    pool = LlamaPool(
        Path(given["model"]),
        children=given["children"],
        threads=given["threads"],
        slots=given["slots"],
        command=CHILD,
    )
    try:
        asking = Asking(pool, requests)
        asking.ask(min(8, given["decisions"]))
        asking.counts, asking.answered = Counts(), 0
        found: dict[str, Any] = {}
        for at_once in given["at_once"]:
            rounds = max(1, given["decisions"] // at_once)
            begun, busy = time.perf_counter(), _processor_time(pool)
            for _ in range(rounds):
                asking.ask(at_once)
            found[f"rate_{at_once}"] = rounds * at_once / (time.perf_counter() - begun)
            found["cpu"] = 1000 * (_processor_time(pool) - busy) / (rounds * at_once)
        memory = max(psutil.Process(pid).memory_info().rss for pid in pool.processes) / MEGABYTE
        counts, answered = asking.counts, asking.answered
        return {
            **found, "answered": answered, "invalid": asking.invalid, "memory": memory,
            "prompt": counts.prompt / answered, "cached": counts.cached / answered,
            "written": counts.generated / answered,
        }  # fmt: skip
    finally:
        pool.close()


def _processor_time(pool: LlamaPool) -> float:
    """Return the seconds that the children of a pool have worked."""
    times = [psutil.Process(pid).cpu_times() for pid in pool.processes]
    return sum(float(one.user) + float(one.system) for one in times)


def mind_check(given: dict[str, Any]) -> dict[str, Any]:
    """Count the invalid ones among many decisions, on prompts of the settlement with few of their options."""
    requests, draw = kept(Path(given["requests"])), random.Random(given["decisions"])
    pool = LlamaPool(Path(given["model"]), command=CHILD)
    try:
        asking = Asking(pool, requests)
        while asking.answered < given["decisions"]:
            batch = [few_options(draw.choice(requests), draw) for _ in range(64)]
            asking.put([replace(request, number=asking.answered + k) for k, request in enumerate(batch)])
        return {"answered": asking.answered, "invalid": asking.invalid}
    finally:
        pool.close()


def sequential_rate(given: dict[str, Any]) -> dict[str, Any]:
    """Measure decisions a second of `Llama.create_completion` with a JSON grammar, one after the other.

    The prompts are the same; the beginning that a prompt has in common with the last one is not read again, as is its
    default. The grammar leaves no room for white space, which only makes it quicker.
    """
    from llama_cpp import Llama

    if hasattr(os, "nice"):
        os.nice(NICER)
    requests = kept(Path(given["requests"]))
    model = Llama(
        given["model"], n_ctx=CONTEXT, n_threads=given["threads"], n_threads_batch=given["threads"],
        n_gpu_layers=given["gpu_layers"], seed=given["seed"], verbose=False,
    )  # fmt: skip
    fields = FIELDS if given["line"] else FIELDS[:1]
    grammars: dict[int, LlamaGrammar] = {}
    for request in requests:
        count = len(request.options)
        grammars[count] = grammars.get(count) or _grammar(count, given["line"])
    written, invalid = 0, 0
    for request in requests[-2:]:
        _complete(model, request, grammars, given["line"])
    begun, busy = time.perf_counter(), time.process_time()
    for request in requests[: given["decisions"]]:
        said, tokens = _complete(model, request, grammars, given["line"])
        written += tokens
        invalid += not is_json(said, fields)
    took, busy = time.perf_counter() - begun, time.process_time() - busy
    count = min(given["decisions"], len(requests))
    return {"rate": count / took, "cpu": 1000 * busy / count, "written": written / count, "invalid": invalid}


def reading_rate(given: dict[str, Any]) -> dict[str, Any]:
    """Measure how many decisions a second llama.cpp alone reads, on `children` cores at once: a limit of any program.

    It reads the own tokens of made prompts in full batches, behind the tokens that all share; it answers nothing.
    """
    count = given["children"]
    with ProcessPoolExecutor(count, get_context("spawn")) as processes:
        return {"rate": sum(processes.map(_read, [given["model"]] * count))}


def _read(path: str) -> float:
    from llama_cpp import Llama

    own = OWN * TOGETHER
    model: Any = Llama(
        path, n_ctx=2 * (SHARED_WORDS + own), n_threads=1, n_threads_batch=1, n_batch=512, n_ubatch=512, n_gpu_layers=0,
        flash_attn=True, verbose=False,
    )  # fmt: skip
    tokens = [100 + place % 900 for place in range(SHARED_WORDS + own)]
    took = list[float]()
    for _ in range(READINGS):
        model.reset()
        model.eval(tokens[:SHARED_WORDS])
        begun = time.perf_counter()
        model.eval(tokens[SHARED_WORDS:])
        took.append(time.perf_counter() - begun)
    return TOGETHER / median(took)


def _complete(model: Llama, request: Request, grammars: dict[int, LlamaGrammar], line: bool) -> tuple[str, int]:
    prompt = "".join(part.text for part in request.parts)
    most = MOST_SPOKEN_TOKENS if line else MOST_ANSWER_TOKENS
    found: Any = model.create_completion(prompt, max_tokens=most, grammar=grammars[len(request.options)])
    return str(found["choices"][0]["text"]), int(found["usage"]["completion_tokens"])


def _grammar(options: int, line: bool) -> LlamaGrammar:
    """Return the grammar of an answer from its JSON schema."""
    from llama_cpp.llama_grammar import LlamaGrammar, json_schema_to_gbnf

    fields: dict[str, Any] = {"choice": {"enum": list(range(options))}}
    if line:
        fields["say"] = {"type": "string", "pattern": LINE_PATTERN}
    schema = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    rules = json_schema_to_gbnf(json.dumps(schema), prop_order=list(fields)).splitlines()
    tight = [f'{SPACE_RULE} ""' if rule.startswith(SPACE_RULE) else rule for rule in rules]
    return LlamaGrammar.from_string("\n".join(tight), verbose=False)


def mind_on_gpu(given: dict[str, Any]) -> dict[str, Any]:
    """Measure a shape on a graphics card, from nothing: makes its weights and the prompts in a folder, asks 64 at once.

    Decisions a second with a choice only, with a line, and of plain llama-cpp-python with a choice only.
    """
    folder = Path(given["folder"])
    model = made(SHAPES[given["shape"]], folder)
    requests = folder / "words.requests.json"
    keep(requests, of_words(4 * GPU_SLOTS))
    common = {
        "model": str(model), "requests": str(requests), "at_once": [GPU_SLOTS], "children": 1, "threads": 1,
        "slots": GPU_SLOTS, "decisions": given["decisions"],
    }  # fmt: skip
    ours = {form: mind_rate({**common, "form": form}) for form in ("choice", "line")}
    sequential = sequential_rate(
        {"model": str(model), "requests": str(requests), "decisions": given["sequential"], "line": False,
         "threads": 1, "gpu_layers": -1, "seed": 1}
    )  # fmt: skip
    return {
        **{form: found[f"rate_{GPU_SLOTS}"] for form, found in ours.items()}, "sequential": sequential["rate"],
        "prompt": ours["choice"]["prompt"], "cached": ours["choice"]["cached"],
        "invalid": sum(found["invalid"] for found in ours.values()),
    }  # fmt: skip


def graphics_memory(given: dict[str, Any]) -> dict[str, Any]:
    """Return the free bytes of the graphics cards that this build of llama.cpp can use, 0 without any."""
    from cognition.language.llama.device import free_memory
    from cognition.language.llama.library import NativeLog

    log = NativeLog()
    return {"free": 0 if log.error else free_memory()}
