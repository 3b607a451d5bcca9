"""One request as a conversation with an endpoint: a thought, a choice, and the words that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from cognition.language.endpoint.choosing import drawn, from_json, matched, schema, shares
from cognition.language.endpoint.faults import Fault, nonsense, quoted
from cognition.language.endpoint.line import Json, Line
from cognition.language.endpoint.messages import Message, bytes_of, cut, followed, messages, server_stops
from cognition.language.endpoint.offers import TOP, Kind, Missed, Offers, Unoffered, may_be_unoffered
from cognition.language.model import Answer, Cause, Counts, Failure, Request, Writing

MOST_SHORTENINGS = 4
FRAME_BYTES = 64
"""The most tokens that an endpoint puts around one message."""
ASIDE_BYTES = 2048
"""The most that the house says itself, and that a schema adds."""
MOST_FIELDS = 6
"""Requests that can be sent again because of a field that an endpoint refuses."""

_NOW_CHOOSE = "Now choose. Answer with one of the choices and nothing else."
_NOW_SAY = "Now write what goes with it, and nothing else."


@dataclass(frozen=True, slots=True)
class Said:
    """What an endpoint wrote: the words, and the likeliest first tokens where it tells of them."""

    content: str
    top: Any = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice: the option, the shares where they are known, and how it was written."""

    option: int
    shares: tuple[float, ...] = ()


class Conversation:
    """Puts one request to an endpoint. `counts` is what was used, also when it fails in the end."""

    def __init__(self, line: Line, offers: Offers, model: str, request: Request, warmth: float) -> None:
        self.counts = Counts()
        self._line = line
        self._offers = offers
        self._model = model
        self._request = request
        self._warmth = warmth

    async def answer(self) -> Answer:
        """Return the answer. Raises Fault. Where the prompt is too long, its least parts are left out, by weight."""
        dropped: set[int] = set()
        for _ in range(MOST_SHORTENINGS):
            try:
                return await self._answer(dropped)
            except Fault as fault:
                parts = self._request.parts
                light = {i: p.weight for i, p in enumerate(parts) if p.weight < 100 and not p.is_frame}
                left = {i: weight for i, weight in light.items() if i not in dropped}
                if fault.failure.cause is not Cause.TOO_LONG or not left or self.counts != Counts():
                    raise
                dropped |= {i for i, weight in left.items() if weight == min(left.values())}
        return await self._answer(dropped)

    async def _answer(self, dropped: AbstractSet[int]) -> Answer:
        request = self._request
        said = messages(request.parts, dropped)
        thought = ""
        if request.thought is not None:
            asked = [*said[:-1], {"role": "user", "content": said[-1]["content"] + request.thought.lead}]
            thought = await self._words(asked, request.thought)
            said = followed(said, thought or "…", _NOW_CHOOSE if request.options else _NOW_SAY)
        chosen, words, writing = Chosen(-1), "", request.words
        if request.options:
            chosen = await self._choose(said)
            option = request.options[chosen.option]
            writing = option.then
            if writing is not None:
                said = followed(said, option.answer, writing.lead if writing.lead.strip() else _NOW_SAY)
        elif writing is not None and writing.lead:
            said = [*said[:-1], {"role": "user", "content": said[-1]["content"] + writing.lead}]
        if writing is not None:
            words = await self._words(said, writing)
        return Answer(
            request.number, chosen.option, chosen.shares, words, thought, self.counts, dropped=tuple(sorted(dropped))
        )

    async def _words(self, said: Sequence[Message], writing: Writing) -> str:
        """Return words as they were asked for; they may be none."""
        body: Json = {"max_tokens": writing.tokens, "temperature": self._warmth, "seed": self._seed()}
        stops = server_stops(writing)
        return cut(writing, (await self._say(said, body | ({"stop": stops} if stops else {}))).content)

    async def _choose(self, said: Sequence[Message]) -> Chosen:
        """Choose in the best way that is offered; which that is, the first to choose finds out for all."""
        offers = self._offers
        if offers.proven:
            return await self._choose_by(said, offers.kinds(self._request.way))
        if offers.is_trying:
            await offers.tried.wait()
            return await self._choose_by(said, offers.kinds(self._request.way))
        offers.is_trying = True
        try:
            return await self._choose_by(said, offers.kinds(self._request.way))
        finally:
            offers.tried.set()

    async def _choose_by(self, said: Sequence[Message], kinds: Sequence[Kind]) -> Chosen:
        failed: set[Kind] = set()
        for kind in kinds:
            try:
                chosen = await self._attempt(said, kind)
            except Missed:
                continue
            except Unoffered:
                failed.add(kind)
                continue
            except Fault as fault:
                if kind is Kind.TEXT or kind in self._offers.proven or not may_be_unoffered(fault):
                    raise
                failed.add(kind)
                continue
            self._offers.learn(kind, failed)
            return chosen
        raise nonsense(self._line.base, "chooses in none of the ways that are known")

    async def _attempt(self, said: Sequence[Message], kind: Kind) -> Chosen:
        """Return a choice made in one way. Raises Unoffered or Missed where it leads to none."""
        request = self._request
        if kind is Kind.TEXT:
            return await self._choose_by_text(said)
        room = 24 + max(_size(option.answer) for option in request.options)
        body: Json = {"max_tokens": room, "temperature": request.temperature, "seed": self._seed()}
        if kind is Kind.LOGPROBS:
            body = {"max_tokens": 1, "temperature": 1.0, "logprobs": True, "top_logprobs": TOP}
            top = (await self._say(said, body, may_be_empty=True)).top
            if not isinstance(top, list) or not top:
                raise Unoffered
            chances = shares(request, top)
            self._offers.hit_or_missed(bool(chances))
            if not chances:
                raise Missed
            return Chosen(drawn(request, chances), chances)
        if kind is Kind.SCHEMA:
            form = {"name": "choice", "strict": True, "schema": schema(request)}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        else:
            body["response_format"] = {"type": "json_object", "schema": schema(request)}
        option = from_json(request, (await self._say(said, body, may_be_empty=True)).content)
        if option < 0:
            raise Unoffered
        return Chosen(option)

    async def _choose_by_text(self, said: Sequence[Message]) -> Chosen:
        """Match what the model writes to an option; where that fails ask once more, with the mistake told."""
        request = self._request
        answers = [option.answer for option in request.options]
        room = min(256, 32 + max(_size(answer) for answer in answers))
        body: Json = {"max_tokens": room, "temperature": request.temperature, "seed": self._seed()}
        first = (await self._say(said, body, may_be_empty=True)).content
        option = matched(request, first)
        if option >= 0:
            return Chosen(option)
        mistake = f"“{quoted(first)}” is none of the choices." if first.strip() else "You answered nothing."
        told = f"{mistake} Answer with exactly one of these and nothing else: {' / '.join(answers)}"
        again = await self._say(followed(said, quoted(first) or "…", told), body)
        option = matched(request, again.content)
        if option < 0:
            raise nonsense(self._line.base, f"chose nothing that was listed, twice: “{quoted(again.content)[:80]}”")
        return Chosen(option)

    async def _say(self, said: Sequence[Message], body: Json, may_be_empty: bool = False) -> Said:
        """Send a conversation; return what came. Fields that the endpoint refuses are left out from then on."""
        whole = {"model": self._model, "messages": list(said), "stream": False, **body}
        for _ in range(MOST_FIELDS):
            try:
                reply = await self._line.post("/chat/completions", self._offers.fitted(whole))
            except Fault as fault:
                if not self._offers.relents(whole, fault):
                    raise
                continue
            return self._read(said, body, reply, may_be_empty)
        raise nonsense(self._line.base, "refuses one field of a request after the other")

    def _read(self, said: Sequence[Message], body: Json, reply: Json, may_be_empty: bool) -> Said:
        """Count and return what came. Raises Fault where there is nothing in it."""
        base = self._line.base
        self.counts += _counts(reply.get("usage"), bytes_of(said) + FRAME_BYTES * len(said), body["max_tokens"])
        name = reply.get("model")
        if isinstance(name, str) and name and not _is_same(self._model, name):
            why = (
                f"{base}: answered with model {quoted(name)} instead of {self._model}; name one that is there after a #"
            )
            raise Fault(Failure(Cause.REFUSED, why, is_lasting=True))
        choices = reply.get("choices")
        first = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        message = first.get("message")
        if not isinstance(message, dict):
            raise nonsense(base, "answered without a message")
        if isinstance(message.get("refusal"), str) and message["refusal"]:
            raise Fault(Failure(Cause.REFUSED, f"{base}: declines: {quoted(message['refusal'])}", is_lasting=True))
        content = message.get("content")
        content = content if isinstance(content, str) else ""
        if not content.strip() and not may_be_empty:
            raise nonsense(base, "answered with nothing")
        return Said(content, _top(first.get("logprobs")))

    def _seed(self) -> int:
        return self._request.seed & 0x7FFFFFFF


def most_used(request: Request) -> Counts:
    """Return the most tokens that the conversation about a request can use, for a budget: no token is below a byte.

    That is a thought, every way of choosing, a question asked again and words, each with all that was said before.
    """
    told = [option.then for option in request.options if option.then is not None]
    alone = [writing for writing in (request.thought, request.words) if writing is not None]
    written = sum(w.tokens for w in alone) + max((w.tokens for w in told), default=0)
    leads = sum(_size(w.lead) for w in alone) + max((_size(w.lead) for w in told), default=0)
    longest = max((_size(option.answer) for option in request.options), default=0)
    listed = sum(_size(option.answer) + 3 for option in request.options)
    prompt = bytes_of(messages(request.parts)) + leads + 4 * written + 8 * FRAME_BYTES
    exchanges = len(alone) + bool(told)
    if request.options:
        prompt += longest + listed + ASIDE_BYTES
        written += 1 + 2 * (24 + longest) + 2 * (32 + longest)
        exchanges += len(Kind) + 1
    return Counts(prompt=prompt * exchanges, generated=written)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _top(logprobs: Any) -> Any:
    """Return the likeliest first tokens, None where there are none."""
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    first = content[0] if isinstance(content, list) and content else None
    return first.get("top_logprobs") if isinstance(first, dict) else None


def _counts(usage: Any, most_prompt: int, most_generated: int) -> Counts:
    """Return the tokens used; of an endpoint that does not count, the most they can be."""
    found = usage if isinstance(usage, dict) else {}
    details = found.get("prompt_tokens_details")
    prompt = _count(found.get("prompt_tokens"), most_prompt)
    cached = _count(details.get("cached_tokens") if isinstance(details, dict) else 0, 0)
    return Counts(prompt, min(cached, prompt), _count(found.get("completion_tokens"), most_generated))


def _count(value: Any, otherwise: int) -> int:
    return value if type(value) is int and 0 <= value < 10**9 else otherwise


def _is_same(asked: str, given: str) -> bool:
    """Return whether a name may stand for the model asked for: services add dates, and leave out folders."""
    one, other = (name.casefold().replace("\\", "/").rsplit("/", 1)[-1] for name in (asked, given))
    return one in other or other in one
