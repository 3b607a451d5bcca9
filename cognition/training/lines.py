"""Spoken lines to learn from: our own small phrase grammar over who speaks to whom, about what, and how they feel.

Names, goods, news and places are slots ({you}, {it}, {place}) which the host fills, so that no line can name what is
not there. A line is an opening by the relation, a core by the topic, and now and then a close by what is wanted most.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from engine.values import Observation, Speech

LONGEST = 16
"""Words of a line."""

_WARM, _CLOSE, _KNOWN, _STRANGE, _COLD = "household", "friend", "acquaintance", "stranger", "distrust"

OPENINGS: Mapping[str, Sequence[str]] = {
    _WARM: ("{you}, my dear,", "Listen, {you},", "{you}, come here,", "Ah, {you},", "Dear {you},", "{you},"),
    _CLOSE: (
        "My friend,", "Good to see you, {you},", "{you}, old friend,", "Ah, {you}, my friend,", "{you}, dear friend,",
        "There you are, {you},",
    ),
    _KNOWN: ("Good day, {you},", "Hello, {you},", "Well met, {you},", "Ah, {you},", "{you}, tell me,", "Say, {you},"),
    _STRANGE: (
        "Pardon me,", "Good day to you,", "Excuse me, stranger,", "We have not met, but", "Greetings,", "Hello there,",
        "If I may,",
    ),
    _COLD: (
        "Hear me, {you},", "{you}, I will be plain,", "Listen well, {you},", "Hm, {you},", "I say this once, {you},",
    ),
}  # fmt: skip

CORES: Mapping[str, Sequence[str]] = {
    "need": (
        "I need {it} badly", "I have no {it} left", "could you spare some {it}", "where can one find {it} now",
        "we are short of {it}", "I am looking for {it}", "my store of {it} is low", "do you have {it} to spare",
        "I would trade much for {it}", "without {it} I cannot go on", "is there {it} to be had", "I lack {it} again",
    ),
    "price": (
        "{it} costs too much these days", "what do you ask for {it}", "the price of {it} has gone up",
        "I paid dearly for {it}", "is the price of {it} fair", "{it} was cheaper last spring",
        "who can afford {it} now", "I wonder what {it} will cost tomorrow", "they ask a lot for {it}",
        "have you seen the price of {it}",
    ),
    "news": (
        "have you heard: {it}", "they say this: {it}", "there is news: {it}", "did you know: {it}",
        "word is going round: {it}", "I just heard it: {it}", "everyone talks of it: {it}", "guess what: {it}",
    ),
    "person warm": (
        "I think well of {it}", "{it} has been good to me", "you can count on {it}", "I am glad that {it} is near",
        "have you seen {it} today", "{it} is a fine neighbour",
    ),
    "person plain": (
        "do you know {it}", "what do you make of {it}", "I met {it} a while ago", "have you spoken with {it}",
        "I hardly know {it} yet", "tell me about {it}",
    ),
    "person cold": (
        "beware of {it}", "I do not trust {it}", "{it} has wronged me", "keep away from {it}",
        "I would not lend to {it}", "{it} is no friend of mine",
    ),
    "hunger": (
        "I am so hungry", "my stomach is empty", "I have hardly eaten today", "I could eat a whole loaf",
        "hunger makes the day long", "I have had nothing since morning",
    ),
    "tiredness": (
        "I am so tired", "I can hardly stand", "I did not sleep enough", "my legs will not carry me",
        "I could fall asleep here", "every step is heavy today",
    ),
    "loneliness": (
        "I have been alone too long", "I am glad of some company", "nobody spoke to me all day",
        "it is good to hear a voice", "the days are quiet without friends", "I missed talking to someone",
    ),
    "call": (
        "Come to {place}, all of you", "Everyone, meet me at {place}", "Gather at {place}, friends",
        "Follow me to {place}", "To {place}, everyone", "I call you all to {place}", "People, come to {place}",
        "We meet at {place} now",
    ),
}  # fmt: skip

CLOSES: Mapping[str, Sequence[str]] = {
    "food": ("and I am hungry", "but first I must eat", "and my belly complains"),
    "rest": ("and I am tired", "but I need my rest", "and I long for my bed"),
    "company": ("and it is good to talk", "and I like the company", "so stay a while"),
    "trade": ("so let us trade", "and business is business", "what do you offer"),
    "craft": ("and my work is waiting", "my hands want work", "then back to work"),
    "supplies": ("and the store is low", "winter will come", "one must think ahead"),
    "materials": ("and there is much to fetch", "one must think ahead"),
    "order": ("as we were asked", "let us do our part"),
    "news": ("pass it on", "what have you heard", "tell the others"),
    "curiosity": ("and I wonder why", "who knows", "I want to know more"),
    "trust": ("I tell you as a friend", "between you and me"),
    "generosity": ("let us share what we have", "we help each other here"),
    "lead": ("we decide it together", "I count on you", "it concerns us all"),
}
_RELATIONS: Mapping[str, Sequence[str]] = {
    _COLD: ("whom you distrust",),
    _WARM: ("of your household",),
    _CLOSE: ("your good friend", "your friend"),
    _KNOWN: ("an acquaintance",),
    _STRANGE: ("whom you hardly know", "a stranger"),
}
"""How relations begin in words, by the manner that fits them."""
_ABOUT: Mapping[str, Sequence[str]] = {
    "need": ("the need for",),
    "price": ("the price of",),
    "news": ("the news:",),
    "person cold": tuple(f"{{it}}, {words}" for words in _RELATIONS[_COLD]),
    "person warm": tuple(f"{{it}}, {words}" for manner in (_WARM, _CLOSE) for words in _RELATIONS[manner]),
    "person plain": ("{it}",),
    "hunger": ("hunger",),
    "tiredness": ("tiredness",),
    "loneliness": ("loneliness",),
}
"""How topics begin in words; the first that fits counts."""


def grammar() -> Iterator[tuple[str, str, str]]:
    """Yield the rules that lines keep to, for `Profile.grammar`: phrases that fit who is spoken to and about what.

    A network of a million parameters breaks off or mistakes a topic now and then; it chooses among what fits.
    """
    yield "root", "say to ", '(opening " " core | begun) "\\""'
    yield "root", "call ", 'begun "\\""'
    for manner, beginnings in _RELATIONS.items():
        for begin in beginnings:
            yield "opening", f"{{you}}, {begin}", _one_of(OPENINGS[manner])
    yield "opening", "", _one_of(OPENINGS[_KNOWN])
    for topic, beginnings in _ABOUT.items():
        for begin in beginnings:
            yield "core", f" about {begin}", _said(CORES[topic], str)
            yield "begun", f" about {begin}", _said(CORES[topic], _begun)
    yield "begun", "call ", _said(CORES["call"], str)
    yield "told", "", '(", " close)? "."'
    yield "asked", "", '"?" | ", " close "."'
    yield "close", "", _one_of(close for some in CLOSES.values() for close in some)


def _said(cores: Sequence[str], begun: Callable[[str], str]) -> str:
    kinds = {"told": [core for core in cores if not _asks(core)], "asked": [core for core in cores if _asks(core)]}
    return " | ".join(f"({_one_of(map(begun, some))}) {name}" for name, some in kinds.items() if some)


def _one_of(some: Iterable[str]) -> str:
    return " | ".join(json.dumps(phrase) for phrase in dict.fromkeys(some))


def phrases() -> Iterator[str]:
    """Yield everything of which lines are made."""
    for some in (*OPENINGS.values(), *CORES.values(), *CLOSES.values()):
        yield from some


def relation_of(words: str) -> str:
    """Return which manner fits a relation in words: "your good friend" -> "friend"."""
    return next((manner for manner, some in _RELATIONS.items() if any(begin in words for begin in some)), _KNOWN)


def topic_of(speech: Speech) -> tuple[str, str]:
    """Return the key of the cores that fit what is said, and the manner towards whom it is said to ("" to everyone).

    Raises KeyError for speech that the grammar does not know.
    """
    if speech.lead.startswith("call "):
        return "call", ""
    found = re.fullmatch(r"say to \{you\}(?:, (?P<relation>[^{]*?),)? about (?P<topic>.*)", speech.lead)
    for topic, beginnings in _ABOUT.items() if found else ():
        if found and found["topic"].startswith(tuple(beginnings)):
            return topic, relation_of(found["relation"] or "")
    raise KeyError(speech.lead)


def line(speech: Speech, seen: Observation, chance: random.Random) -> str:
    """Return one line with its slots open. Raises KeyError for speech that the grammar does not know."""
    topic, relation = topic_of(speech)
    core = chance.choice(CORES[topic])
    parts = [core] if not relation or chance.random() < 0.1 else [chance.choice(OPENINGS[relation]), core]
    asks = _asks(core)
    strongest = max((name for name in seen.feels if name in CLOSES), key=lambda name: seen.feels[name], default="")
    if strongest and chance.random() < 0.45:
        parts.append(chance.choice(CLOSES[strongest]))
        asks = False
    said = ", ".join(part.rstrip(",") for part in parts).replace("We have not met, but,", "We have not met, but")
    return _begun(said) + ("?" if asks else ".")


def _begun(said: str) -> str:
    """Return a line with a capital; a slot that begins it gets its own when it is filled."""
    return said if said.startswith("{") else said[0].upper() + said[1:]


def _asks(core: str) -> bool:
    starts = (
        "could you",
        "where ",
        "do you",
        "is there",
        "what do",
        "is the",
        "who can",
        "have you seen",
        "have you sp",
    )
    return core.startswith(starts)


def fits(said: str, speech: Speech) -> bool:
    """Whether a line fits: only slots that there are, most words of a core of its topic, no other manner's opening."""
    topic, relation = topic_of(speech)
    told = set(words(said))
    if not set(re.findall(r"\{(\w+)\}", said)) <= set(speech.slots):
        return False
    if max(len(told & core_words(core)) / len(core_words(core)) for core in CORES[topic]) < 0.7:
        return False
    mine = {opening.lower() for opening in OPENINGS.get(relation, ())}
    foreign = {opening.lower() for some in OPENINGS.values() for opening in some} - mine
    return not any(
        said.lower().startswith(opening) for opening in foreign if not any(o.startswith(opening) for o in mine)
    )


def words(text: str) -> list[str]:
    """Return the words of a line, slots among them."""
    return re.findall(r"\{\w+\}|[a-z']+", text.lower())


def core_words(core: str) -> set[str]:
    """Return the words by which a core is known: all but one's own small ones."""
    return set(words(core)) - {"i", "a", "the", "to", "of", "is", "so", "me", "my", "you", "have", "has", "it", "do"}
