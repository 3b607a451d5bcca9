"""Requests to a language model as tests make them: one situation, its options, in each way of choosing."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from cognition.language.model import Option, Part, Request, Share, Way, Writing

LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WORDS = re.findall(
    r"\w+",
    "hungry tired rested fed lonely content citizen merchant leader trade bread wood tools coins friend stranger rival"
    " market home library bridge wolves weather harvest morning evening",
)
OPEN = Part("<|im_start|>user\n", Share.EVERYONE, is_frame=True)
CLOSE = Part("<|im_end|>\n<|im_start|>assistant\n", Share.MOMENT, is_frame=True)


def words(rng: random.Random, count: int) -> str:
    """Return so many words."""
    return " ".join(rng.choice(WORDS) for _ in range(count))


def choices(rng: random.Random, count: int) -> list[str]:
    """Return texts of options, all different; some begin alike."""
    return [f"{words(rng, 1 + i % 3)} {WORDS[i % len(WORDS)]}{LABELS[i]}" for i in range(count)]


def situation(
    number: int,
    way: Way,
    *,
    options: Sequence[str] | int = 6,
    shared: int = 40,
    own: int = 20,
    then: Writing | None = None,
    thought: Writing | None = None,
    share: bool = True,
    seed: int | None = None,
    temperature: float = 1.0,
    adapter: str = "",
) -> Request:
    """Return a request whose words depend on its number alone."""
    rng = random.Random(number)
    texts = choices(rng, options) if isinstance(options, int) else list(options)
    parts = [OPEN, Part(words(random.Random(0), shared) + ".\n", Share.EVERYONE)]
    parts += [Part(f"You are a {WORDS[number % 3]} citizen of the village by the bridge, as ever.\n", Share.ROLE)]
    parts += [Part(words(rng, own) + ".\n", Share.PERSON), Part(words(rng, own) + ".\n", Share.MOMENT)]
    if not share:
        parts = [Part(part.text, Share.MOMENT, part.is_frame) for part in parts]
    for i, text in enumerate(texts):
        parts.append(Part(f"{LABELS[i]} {text}\n" if way is Way.LABEL else f"- {text}\n", option=i))
    answers = LABELS if way is Way.LABEL else texts
    return Request(
        number,
        (*parts, CLOSE),
        seed=number * 7919 if seed is None else seed,
        options=tuple(Option(answers[i], then) for i in range(len(texts))),
        way=way,
        thought=thought,
        temperature=temperature,
        adapter=adapter,
    )
