"""What the host and a model child say to each other, as JSON and back, every field checked.

Texts stand once in a message, in `texts`, and are named by their place there: what many requests share is sent once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from cognition.language.llama.pipe import Message, PipeError, each, flag, listed, number, text, whole
from cognition.language.model import (
    LONGEST_GRAMMAR,
    LONGEST_PART,
    MOST_OPTIONS,
    MOST_PARTS,
    MOST_RULES,
    MOST_TOKENS,
    Answer,
    Cause,
    Counts,
    Failure,
    Frame,
    ModelInfo,
    Option,
    Part,
    Profile,
    Request,
    Share,
    Way,
    Writing,
)
from engine.errors import MindError

MOST_REQUESTS = 65_536
LONGEST_WORDS = 65_536
_MOST_TEXTS = 1 << 22
_MOST_STOPS = 16
_LONGEST_LINE = 4096
_LAST_NUMBER = (1 << 63) - 1
_LAST_SEED = (1 << 64) - 1
_MOST_COUNT = 1 << 40
_LINES = ("name", "source", "architecture", "quantisation", "licence")
_COUNTS = ("parameters", "size", "context", "vocabulary", "at_once")
_WAYS, _CAUSES = tuple(Way), tuple(Cause)


class _Texts:
    """Collects the texts of a message."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self._places: dict[str, int] = {}

    def place(self, text: str) -> int:
        """Return where a text stands."""
        found = self._places.get(text)
        if found is None:
            found = self._places[text] = len(self.rows)
            self.rows.append(text)
        return found


def pack_requests(requests: Sequence[Request], numbers: Sequence[int]) -> Message:
    """Return requests as fields of a message, under the numbers given."""
    texts = _Texts()

    def writing(words: Writing | None) -> list[Any] | None:
        if words is None:
            return None
        return [
            texts.place(words.lead),
            words.tokens,
            [texts.place(stop) for stop in words.stops],
            texts.place(words.grammar),
        ]

    rows = [
        [
            own,
            request.seed,
            _WAYS.index(request.way),
            request.temperature,
            texts.place(request.adapter),
            [[texts.place(p.text), int(p.share), int(p.is_frame), p.weight, p.option] for p in request.parts],
            [[texts.place(option.answer), writing(option.then)] for option in request.options],
            writing(request.thought),
            writing(request.words),
        ]
        for own, request in zip(numbers, requests, strict=True)
    ]
    return {"texts": texts.rows, "requests": rows}


def read_requests(message: Message) -> list[Request]:
    """Return the requests of a message. Raises PipeError when they are not as they must be."""
    texts = each(message.get("texts"), _MOST_TEXTS, lambda value: text(value, LONGEST_PART))

    def named(value: object) -> str:
        return texts[whole(value, 0, len(texts) - 1)]

    def writing(value: object) -> Writing | None:
        if value is None:
            return None
        lead, tokens, stops, grammar = listed(value, 4, 4)
        return Writing(named(lead), whole(tokens, 1, MOST_TOKENS), each(stops, _MOST_STOPS, named), named(grammar))

    def part(value: object) -> Part:
        words, share, is_frame, weight, option = listed(value, 5, 5)
        return Part(
            named(words),
            Share(whole(share, 0, max(Share))),
            bool(whole(is_frame, 0, 1)),
            whole(weight, -_MOST_COUNT, _MOST_COUNT),
            whole(option, -1, MOST_OPTIONS - 1),
        )

    def option(value: object) -> Option:
        answer, then = listed(value, 2, 2)
        return Option(named(answer), writing(then))

    def request(value: object) -> Request:
        own, seed, way, temperature, adapter, parts, options, thought, words = listed(value, 9, 9)
        return Request(
            whole(own, 0, _LAST_NUMBER),
            each(parts, MOST_PARTS, part),
            whole(seed, 0, _LAST_SEED),
            each(options, MOST_OPTIONS, option),
            _WAYS[whole(way, 0, len(_WAYS) - 1)],
            writing(thought),
            writing(words),
            number(temperature, 0),
            named(adapter),
        )

    try:
        return list(each(message.get("requests"), MOST_REQUESTS, request))
    except PipeError:
        raise
    except MindError as problem:
        raise PipeError(f"a request is none: {problem}") from None


def pack_answers(answers: Sequence[Answer]) -> Message:
    """Return answers as fields of a message."""
    return {
        "answers": [
            [
                answer.number,
                answer.option,
                list(answer.probabilities),
                answer.words,
                answer.thought,
                [answer.counts.prompt, answer.counts.cached, answer.counts.generated],
                list(answer.tokens),
                list(answer.dropped),
                answer.milliseconds,
                _pack_failure(answer.failure),
            ]
            for answer in answers
        ]
    }


def _pack_failure(failure: Failure | None) -> list[Any] | None:
    if failure is None:
        return None
    return [_CAUSES.index(failure.cause), failure.why[:_LONGEST_LINE], failure.after, failure.is_lasting]


def read_answers(message: Message) -> list[Answer]:
    """Return the answers of a message. Raises PipeError when they are not as they must be."""

    def count(value: object) -> int:
        return whole(value, 0, _MOST_COUNT)

    def failure(value: object) -> Failure | None:
        if value is None:
            return None
        cause, why, after, is_lasting = listed(value, 4, 4)
        known = _CAUSES[whole(cause, 0, len(_CAUSES) - 1)]
        return Failure(known, text(why, _LONGEST_LINE), number(after, 0), flag(is_lasting))

    def answer(value: object) -> Answer:
        own, option, probabilities, words, thought, counts, tokens, dropped, took, failed = listed(value, 10, 10)
        return Answer(
            whole(own, 0, _LAST_NUMBER),
            whole(option, -1, MOST_OPTIONS - 1),
            each(probabilities, MOST_OPTIONS, lambda value: number(value, 0, 1)),
            text(words, LONGEST_WORDS),
            text(thought, LONGEST_WORDS),
            Counts(*(count(value) for value in listed(counts, 3, 3))),
            each(tokens, MOST_PARTS, count),
            each(dropped, MOST_PARTS, lambda value: whole(value, 0, MOST_PARTS - 1)),
            number(took, 0),
            failure(failed),
        )

    return list(each(message.get("answers"), MOST_REQUESTS, answer))


def suits(answer: Answer, request: Request) -> str:
    """Return why an answer cannot be one to this request, "" when it can."""
    if answer.failure is not None:
        return ""
    count = len(request.options)
    if not (0 <= answer.option < count if count else answer.option == -1):
        return f"option {answer.option} of {count}"
    if answer.probabilities and (len(answer.probabilities) != count or abs(sum(answer.probabilities) - 1) > 1e-6):
        return "probabilities that are none"
    if len(answer.tokens) not in (0, len(request.parts)) or any(p >= len(request.parts) for p in answer.dropped):
        return "token counts of other parts"
    return ""


def pack_info(info: ModelInfo) -> Message:
    """Return what a model says of itself as a JSON object."""
    row: Message = {field.name: getattr(info, field.name) for field in fields(info)}
    row["frame"] = [info.frame.before_system, info.frame.before_user, info.frame.before_answer]
    row["profile"] = {field.name: getattr(info.profile, field.name) for field in fields(info.profile)}
    return row


def read_info(value: object) -> ModelInfo:
    """Return what a model says of itself. Raises PipeError when it is not as it must be."""
    if not isinstance(value, dict) or not isinstance(value.get("profile"), dict):
        raise PipeError("a model does not say what it is")
    frame = each(value.get("frame"), 3, lambda entry: text(entry, LONGEST_PART))
    if len(frame) != 3:
        raise PipeError("a model's frame has three texts")

    def rule(entry: object) -> tuple[str, str, str]:
        name, words, body = listed(entry, 3, 3)
        return text(name, LONGEST_GRAMMAR), text(words, LONGEST_GRAMMAR), text(body, LONGEST_GRAMMAR)

    own = value["profile"]
    if own.get("way") not in _WAYS:
        raise PipeError("a model does not say how it chooses")
    profile = Profile(
        Way(own["way"]),
        flag(own.get("slots")),
        whole(own.get("thought"), 0, MOST_TOKENS),
        whole(own.get("words"), 0, MOST_TOKENS),
        number(own.get("temperature"), 0),
        number(own.get("word_temperature"), 0),
        each(own.get("grammar"), MOST_RULES, rule),
    )
    name, source, architecture, quantisation, licence = (text(value.get(key), _LONGEST_LINE) for key in _LINES)
    parameters, size, context, vocabulary, at_once = (whole(value.get(key), 0, 1 << 60) for key in _COUNTS)
    return ModelInfo(
        name,
        source,
        architecture,
        quantisation,
        licence,
        parameters,
        size,
        context,
        vocabulary,
        Frame(*frame),
        profile,
        at_once,
    )
