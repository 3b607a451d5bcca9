"""What a language model is to us: it is given batches of requests and answers each of them once, in any order.

A request is a prompt made of parts, from what everyone shares to what is one person's own, and then up to three things
in this order: a bounded thought, one choice out of listed options, and words that go with the option chosen. A model
can answer only with an option that was listed. `tests/contract/language_contract.py` holds the suite for all models
and wrappers; wrappers (timeout, retry, breaker, budget, cache, recording) are models that pass requests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol

from engine.errors import MindError

MOST_OPTIONS = 64
MOST_PARTS = 256
LONGEST_PART = 100_000
LONGEST_GRAMMAR = 65_536
MOST_RULES = 1024
MOST_TOKENS = 1024


class Share(IntEnum):
    """For whom a part of a prompt is the same; parts come in this order, so that what is shared can be kept."""

    EVERYONE = 0
    ROLE = 1
    PERSON = 2
    MOMENT = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a prompt. The prompt is the texts of its parts, one after the other, and nothing else.

    is_frame: it belongs to the model's chat template, and only there do special tokens count as such. `weight`: when
    all does not fit, parts with the least weight are left out first; those of 100 stay. `option` is the number of the
    option that this part lists, or -1; such a part ends its line.
    """

    text: str
    share: Share = Share.MOMENT
    is_frame: bool = False
    weight: int = 100
    option: int = -1

    def __post_init__(self) -> None:
        if len(self.text) > LONGEST_PART:
            raise MindError(f"a part of a prompt has {len(self.text):,} characters; keep it below {LONGEST_PART:,}")


class Way(StrEnum):
    """How a model chooses; see DESIGN.md, "Choices, not free-form JSON"."""

    LABEL = "label"
    TEXT = "text"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Writing:
    """Words to be written: `lead` is put before them and belongs to the prompt, `tokens` is the most that may come.

    They end at the first of `stops` (which is left out), at the model's end of turn, or after `tokens`. `grammar` is
    GBNF with a rule `root`, "" for none.
    """

    lead: str
    tokens: int
    stops: tuple[str, ...] = ("\n",)
    grammar: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.tokens <= MOST_TOKENS:
            raise MindError(f"{self.tokens} tokens are asked for; ask for 1 to {MOST_TOKENS}")


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen. `answer` is what a model says to choose it (a label or its text; unused by marks).

    `then` are the words that go with it, if it is chosen.
    """

    answer: str
    then: Writing | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One question. `number` names it in its answer; `seed` is where all chance in it comes from, 0..2^64-1.

    thought: what may be written before the choice; temperature: 0 takes the likeliest. `way` must be one that the
    model's profile allows. Raises MindError when there is nothing to do, or too much.
    """

    number: int
    parts: tuple[Part, ...]
    seed: int
    options: tuple[Option, ...] = ()
    way: Way = Way.LABEL
    thought: Writing | None = None
    words: Writing | None = None
    """Words that are wanted without any choice (only where there are no options)."""
    temperature: float = 1.0
    adapter: str = ""

    def __post_init__(self) -> None:
        if not self.parts or len(self.parts) > MOST_PARTS:
            raise MindError(f"a prompt of {len(self.parts)} parts; use 1 to {MOST_PARTS}")
        if len(self.options) > MOST_OPTIONS or (not self.options and self.words is None):
            raise MindError(f"a request with {len(self.options)} options and no words; offer 1 to {MOST_OPTIONS}")
        if self.options and self.words is not None:
            raise MindError("a request has options and words of its own; give the words to the options")
        if self.way is Way.MARK and sorted(p.option for p in self.parts if p.option >= 0) != list(
            range(len(self.options))
        ):
            raise MindError("a choice by marks needs each option listed once, in a part of its own")


class Cause(StrEnum):
    """Why a model did not answer."""

    TIMEOUT = "timeout"
    DIED = "died"
    NONSENSE = "nonsense"
    BUDGET = "budget"
    TOO_LONG = "too long"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request has no answer: the cause for counting, and one clear line.

    after: seconds that whoever failed wants to be left alone, 0 where it named none; is_lasting: asking again cannot
    help (a wrong key, an unknown model).
    """

    cause: Cause
    why: str
    after: float = 0.0
    is_lasting: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens: of the whole prompt, of it those that came from the cache, and those that were generated."""

    prompt: int = 0
    cached: int = 0
    generated: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.prompt + other.prompt, self.cached + other.cached, self.generated + other.generated)


@dataclass(frozen=True, slots=True)
class Answer:
    """The one answer to a request.

    option: the option chosen, -1 where none was asked for or on a failure; probabilities: of the options, in their
    order, summing to 1 (empty where the model cannot tell); words and thought: what was written; tokens: how many each
    part of the prompt had (empty where unknown); dropped: numbers of the parts that did not fit and were left out;
    milliseconds: from when the model took it up to its end.
    """

    number: int
    option: int = -1
    probabilities: tuple[float, ...] = ()
    words: str = ""
    thought: str = ""
    counts: Counts = Counts()
    tokens: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    milliseconds: float = 0.0
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """How a model is to be asked.

    way: how it chooses; slots: whether names and goods in its words are slots such as {you} that the host fills;
    thought: tokens of thought before a choice, 0 for none; words: tokens of a spoken line; temperature of choices, and
    `word_temperature` of words; grammar: what its spoken lines keep to, see `grammar_for`.
    """

    way: Way = Way.LABEL
    slots: bool = False
    thought: int = 0
    words: int = 48
    temperature: float = 1.0
    word_temperature: float = 0.7
    grammar: tuple[tuple[str, str, str], ...] = ()
    """Rules of GBNF as (name, words, body); a line keeps to `root`, with the `"` that ends it."""

    def grammar_for(self, lead: str) -> str:
        """Return the grammar of a line with this lead: of the rules of a name the first whose words are in the lead.

        "" when none of them is called `root`.
        """
        bodies: dict[str, str] = {}
        for name, words, body in self.grammar:
            if words in lead:
                bodies.setdefault(name, body)
        return "".join(f"{name} ::= {body}\n" for name, body in bodies.items()) if "root" in bodies else ""


@dataclass(frozen=True, slots=True)
class Frame:
    """A model's chat template around one turn: what comes before the system's text, the user's, and the answer.

    `before_user` is put between the two, `before_answer` after the user's text. All empty for a model without one.
    """

    before_system: str = ""
    before_user: str = ""
    before_answer: str = ""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model says of itself. `context` is in tokens; parameters and bytes are 0 where unknown.

    at_once: how many requests it does well to have in hand; more of them only wait.
    """

    name: str
    source: str
    architecture: str = ""
    quantisation: str = ""
    licence: str = ""
    parameters: int = 0
    size: int = 0
    context: int = 0
    vocabulary: int = 0
    frame: Frame = Frame()
    profile: Profile = Profile()
    at_once: int = 8


@dataclass(frozen=True, slots=True)
class Usage:
    """What a model has done since it was made. `waiting` requests have no answer yet; `busy` is seconds of work.

    `failures` holds (cause, count); `cost` is money in `currency` for endpoints that have a price.
    """

    asked: int = 0
    answered: int = 0
    waiting: int = 0
    counts: Counts = Counts()
    busy: float = 0.0
    restarts: int = 0
    failures: tuple[tuple[Cause, int], ...] = ()
    cost: float = 0.0
    currency: str = ""
    fault: str = ""
    """The last thing that went wrong, in one line."""


class LanguageModel(Protocol):
    """Takes batches of requests and answers each exactly once, by an option, by words, or by a failure.

    It is used from one thread. Nothing that a model does raises out of these methods except `MindError` from `ask` for
    a request that no model could take.
    """

    @property
    def info(self) -> ModelInfo:
        """What the model is."""
        ...

    def ask(self, requests: Sequence[Request]) -> None:
        """Take a batch of requests, each with a number that is not in use; return at once."""
        ...

    def answers(self, wait: float) -> list[Answer]:
        """Return what is ready; with none ready wait up to `wait` seconds for the first. [] when nothing comes."""
        ...

    def forget(self, numbers: Sequence[int]) -> None:
        """Give up requests; no answer to them comes any more."""
        ...

    def usage(self) -> Usage:
        """Return what was done so far."""
        ...

    def close(self) -> None:
        """End all that works for it, at once. What waits is never answered."""
        ...
