"""Thoughts of language models as a view is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from engine.record.thoughts import Usage
from engine.remote.people import Json
from engine.remote.wording import Wording, source_words
from engine.society.society import Society
from engine.values import Thought

SHARES = ("everyone", "role", "person", "moment")
"""For whom a part of a prompt is the same, by its number."""


def thought_told(thought: Thought, actions: Sequence[str], words: Wording) -> Json:
    """Return a thought as `thought` tells it."""
    return {
        "agent": thought.agent,
        "tick": thought.tick,
        "landed": thought.landed,
        "model": thought.model,
        "parts": _parts(thought),
        "choices": [
            {
                "action": actions[choice.action] if 0 <= choice.action < len(actions) else "",
                "args": list(choice.args),
                "text": words.decision(choice.action, choice.args),
                "probability": choice.probability,
            }
            for choice in thought.choices
        ],
        "chosen": thought.chosen,
        "words_lead": thought.words_lead,
        "words": thought.words,
        "thinking": thought.thinking,
        "prompt_tokens": thought.prompt_tokens,
        "cached_tokens": thought.cached_tokens,
        "generated_tokens": thought.generated_tokens,
        "milliseconds": thought.milliseconds,
        "source": source_words(thought.source),
        "why": thought.why,
    }


def _parts(thought: Thought) -> list[Json]:
    """Return the parts of a prompt; what came from the cache is its beginning."""
    cached, told = thought.cached_tokens, list[Json]()
    for part in thought.parts:
        known = 0 if part.dropped else max(0, min(cached, part.tokens))
        cached -= known
        share = SHARES[part.share] if 0 <= part.share < len(SHARES) else ""
        told.append({**asdict(part), "share": share, "cached": known})
    return told


def usage_told(usage: Usage) -> Json:
    """Return what a model took as `minds` tells it."""
    return {**asdict(usage), "source": source_words(usage.source)}


def serving(society: Society) -> Json:
    """Return the minds of a society as it is now, by the numbers of `people.mind`: names, whom they serve and await."""
    people, living = society.people, society.world.living()
    mine, count = people.mind[living], len(society.minds)
    awaited = mine[people.thinking[living] >= 0]
    return {
        "tick": society.world.tick,
        "names": list(society.minds),
        "people": np.bincount(mine, minlength=count).tolist(),
        "thinking": np.bincount(awaited, minlength=count).tolist(),
    }


def awaited(society: Society) -> int:
    """Return about how many people an answer of their mind is awaited."""
    return int(np.count_nonzero((society.people.thinking >= 0) & society.people.alive))
