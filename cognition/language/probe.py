"""A short probe of a model here: choices as people of a village have them, counted for some seconds."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import psutil

from cognition.language.model import LanguageModel, ModelInfo, Option, Part, Request, Share, Way
from cognition.prompts.prompt import INSTRUCTION, LABELS, line, role_text
from engine.errors import MindError

SECONDS, PATIENCE = 2.0, 30.0
"""How long is measured, and how long the first answers are waited for."""
OPTIONS = 8
_TOLD = "A village by a river. People live by what they gather and make, and meet on the market in the morning."
_NAMES = ("Mira", "Jonas", "Tala", "Karim", "Lena", "Olu", "Petra", "Ravi")
_PLACES = ("Market", "East Wood", "the Fields", "Square", "Bridge Lane 4")
_DEEDS = (
    "go to Market: good company wanted badly, at little effort", "rest: much rest wanted a little",
    "gather berries: some food wanted much, at some effort", "eat 1 bread: much food wanted much",
    "trade plenty of wood for bread with your friend Mira: food wanted much", "wander: a little curiosity",
    "talk with Jonas about the harvest: company wanted badly", "craft a tool of wood and stone: wealth wanted a little",
    "go home: rest wanted a little, at little effort", "give 1 bread to Tala, a stranger: standing wanted little",
)  # fmt: skip


def measure(model: LanguageModel, processes: int, seconds: float = SECONDS, patience: float = PATIENCE) -> float:
    """Return decisions a second of a model that works in so many processes, 0.0 when it is slower than `patience`.

    Raises MindError when it fails instead of choosing.
    """
    begun = time.perf_counter()
    done = _round(model, range(processes), patience)
    first = done / (time.perf_counter() - begun)
    if not done:
        return 0.0
    size = max(processes, min(model.info.at_once * processes, int(first * seconds)))
    begun, number, done, spent = time.perf_counter(), processes, 0, 0.0
    while spent < seconds or not spent:
        done += _round(model, range(number, number + size), patience)
        number += size
        spent = time.perf_counter() - begun
    return done / spent


def _round(model: LanguageModel, numbers: range, patience: float) -> int:
    """Ask a batch and return how many were answered in time."""
    until, done = time.monotonic() + patience, 0
    model.ask([question(number, model.info) for number in numbers])
    while done < len(numbers) and (left := until - time.monotonic()) > 0:
        for answer in model.answers(left):
            if answer.failure is not None:
                raise MindError(f"{model.info.source}: it cannot choose, {answer.failure.why}; use another model")
            done += 1
    model.forget(numbers)
    return done


def question(number: int, info: ModelInfo) -> Request:
    """Return a choice out of eight, in a prompt as people of a village get it; its words depend on its number alone."""
    draw, way, frame = random.Random(number), info.profile.way, info.frame
    deeds = [f"{deed} ({draw.choice(_NAMES)})" for deed in draw.sample(_DEEDS, OPTIONS)]
    here = f"\nIt is late morning. You are at {draw.choice(_PLACES)}, beside {draw.choice(_NAMES)}; you are free."
    asks = {Way.LABEL: "Answer with the letter of one.\n", Way.TEXT: "Answer with one of these lines.\n", Way.MARK: ""}
    parts = (
        Part(frame.before_system, Share.EVERYONE, is_frame=True),
        Part(f"{_TOLD}\n{INSTRUCTION}\n", Share.EVERYONE),
        Part(role_text("citizen", "does what is needed"), Share.ROLE),
        Part(frame.before_user, Share.ROLE, is_frame=True),
        Part(f"Your name is {draw.choice(_NAMES)}. You are talkative, curious.", Share.PERSON),
        Part(f"{here}\nYou want food much, company badly.\nYou can:\n"),
        *(Part(line(way, place, deed), option=place) for place, deed in enumerate(deeds)),
        Part(asks[way]),
        Part(frame.before_answer, is_frame=True),
    )
    options = tuple(Option(LABELS[place] if way is Way.LABEL else deed) for place, deed in enumerate(deeds))
    return Request(number, tuple(part for part in parts if part.text), seed=number, options=options, way=way)


def memory_of(processes: Sequence[int]) -> int:
    """Return the bytes of memory of some processes together; pages that they share count once where that is known."""
    total = 0
    for number in processes:
        try:
            process = psutil.Process(number)
            try:
                total += int(process.memory_full_info().pss)
            except (AttributeError, psutil.AccessDenied):
                total += int(process.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return total
