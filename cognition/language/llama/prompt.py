"""A request's prompt as tokens: which part has how many, where what is shared ends, and what is left out to fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cognition.language.llama.vocabulary import Vocabulary
from cognition.language.model import Part, Request, Share, Way, Writing

_STAYS = 100
_WORTH_SHARING = 8
"""A prefix of fewer tokens costs more to keep than it saves."""


class TooLong(Exception):
    """A prompt does not fit, whatever may be left out is left out."""


class Unfit(Exception):
    """A request that this model cannot take; says why."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """tokens: all of the prompt; counts: tokens of each part; dropped: parts left out.

    marks: where each option's line ends, by option; pieces: the shared beginning, cut where (share, tokens) ends;
    written: the most tokens that may still come after the prompt.
    """

    tokens: tuple[int, ...]
    counts: tuple[int, ...]
    dropped: tuple[int, ...]
    marks: tuple[int, ...]
    pieces: tuple[tuple[Share, tuple[int, ...]], ...]
    written: int


def lay_out(request: Request, vocabulary: Vocabulary, context: int) -> Prompt:
    """Tokenise a request and leave out its least parts until it fits. Raises TooLong, and Unfit for an empty line."""
    parts = request.parts
    begin = (vocabulary.begin,) if vocabulary.adds_begin else ()
    rows = [vocabulary.tokens(part.text, is_frame=part.is_frame, first=i == 0) for i, part in enumerate(parts)]
    if begin and rows[0][:1] != begin:
        rows[0] = begin + rows[0]
    written = _written(request, vocabulary)
    total = sum(len(row) for row in rows) + written
    dropped: set[int] = set()
    # Of equal weight the last goes first: what stands before it may be shared with others.
    spare = sorted((part.weight, -i) for i, part in enumerate(parts) if part.weight < _STAYS and part.option < 0)
    for _, minus in spare:
        if total <= context:
            break
        total -= len(rows[-minus])
        dropped.add(-minus)
        rows[-minus] = ()
        if minus == 0 and begin:
            rows[0] = begin
            total += 1
    if total > context:
        raise TooLong(f"{total - written:,} tokens and {written:,} to be written; the context has {context:,}")
    tokens = tuple(token for row in rows for token in row)
    if not tokens:
        raise Unfit("the prompt is empty")
    marks = _marks(parts, rows, len(request.options)) if request.way is Way.MARK and request.options else ()
    first_read = min(marks) if marks else len(tokens) - 1
    counts = tuple(len(row) for row in rows)
    return Prompt(tokens, counts, tuple(sorted(dropped)), marks, _pieces(parts, rows, first_read), written)


def _marks(parts: Sequence[Part], rows: Sequence[Sequence[int]], options: int) -> tuple[int, ...]:
    marks = [0] * options
    at = 0
    for part, row in zip(parts, rows, strict=True):
        at += len(row)
        if part.option >= 0:
            if not row:
                raise Unfit(f"the line of option {part.option} is empty")
            marks[part.option] = at - 1
    return tuple(marks)


def _pieces(
    parts: Sequence[Part], rows: Sequence[tuple[int, ...]], first_read: int
) -> tuple[tuple[Share, tuple[int, ...]], ...]:
    """Cut the shared beginning where its share widens; what is read must not lie in it."""
    pieces: list[tuple[Share, tuple[int, ...]]] = []
    gathered: tuple[int, ...] = ()
    at, share = 0, parts[0].share
    for part, row in zip(parts, rows, strict=True):
        if part.share > share:
            if at > first_read:
                break
            if len(gathered) >= _WORTH_SHARING:
                pieces.append((share, gathered))
                gathered = ()
            share = part.share
        if part.share >= Share.MOMENT or part.share < share:
            break
        gathered += row
        at += len(row)
    else:
        if at <= first_read and len(gathered) >= _WORTH_SHARING:
            pieces.append((share, gathered))
    return tuple(pieces)


def _written(request: Request, vocabulary: Vocabulary) -> int:
    def most(writing: Writing | None) -> int:
        return 0 if writing is None else writing.tokens + len(vocabulary.tokens(writing.lead)) + 4

    answers = 0
    if request.way is not Way.MARK:
        answers = max((len(vocabulary.tokens(option.answer)) + 2 for option in request.options), default=0)
    then = max((most(option.then) for option in request.options), default=0)
    return most(request.thought) + answers + then + most(request.words)
