"""The language of the search box: `role == "merchant" and coins < 5`, or simply part of a name. See docs/desktop.md.

Text is split into tokens, which `app.models.grammar` makes a tree of `app.models.conditions` of; nothing is ever
executed, and length and depth are bounded. Every mistake is a FilterError.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

from app.models.conditions import EVERYBODY, All, Condition, Filter, Named, Numbered
from app.models.fields import Fields, Kind
from app.models.grammar import JOINTS, FilterError, Grammar, Token

translate = QCoreApplication.translate

LONGEST = 1000
"""Characters in a filter."""

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?|\.\d+)|
    (?P<word>[^\W\d][\w.]*)|
    (?P<text>"[^"]*"|'[^']*'|“[^”]*”)|
    (?P<open>["'“])|
    (?P<sign>==|!=|<=|>=|[=<>()+\-*/%,])|
    (?P<odd>&&?|\|\|?|!|≠|≤|≥|.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_NAME = re.compile(r"[\w#][\w\s#.'’-]*")
_MENDS = {"&": "and", "&&": "and", "|": "or", "||": "or", "!": "not", "≠": "!=", "≤": "<=", "≥": ">="}


def parse(text: str, fields: Fields) -> Filter:
    """Return what a text filters by; raises FilterError. Words without signs search names; an empty text finds all."""
    if len(text) > LONGEST:
        raise FilterError(
            translate("Filter", "this is longer than {most} characters; leave something out").format(most=LONGEST),
            LONGEST,
        )
    plain = text.strip()
    if not plain:
        return EVERYBODY
    if _NAME.fullmatch(plain) and not _is_condition(plain, fields):
        return _search(plain, fields)
    return Grammar(_tokens(text), fields).whole()


def _is_condition(plain: str, fields: Fields) -> bool:
    """Return whether words without signs are a condition all the same: `driven`, `not alive`."""
    words = [word.casefold() for word in plain.split()]
    if len(words) > 1 and any(word in JOINTS for word in words):
        return True
    found = [fields.find(word) for word in words]
    return all(one is not None and one.kind is Kind.CHECK for one in found)


def _search(plain: str, fields: Fields) -> Filter:
    """Return a search for people whose name has every word; `#12` is the person of that id."""
    name = fields.find("name")
    used = frozenset([name]) if name is not None else frozenset()
    number = re.fullmatch(r"#(\d{1,9})", plain)
    if number is not None:
        return Filter(Numbered(int(number[1])), frozenset(), True)
    parts: list[Condition] = [Named("in", word) for word in plain.casefold().split()]
    return Filter(All(tuple(parts)), used, True)


def _tokens(text: str) -> list[Token]:
    tokens, end = [], len(text.rstrip())
    at = 0
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:  # cannot be: `odd` takes any character
            break
        kind, piece = match.lastgroup, match[match.lastgroup]
        at = match.end()
        start = at - len(piece)
        if kind == "open":
            raise FilterError(translate("Filter", "the quotation mark is never closed; close it"), start, end - start)
        if kind == "odd":
            mend = _MENDS.get(piece)
            said = translate("Filter", "`{piece}` means nothing here").format(piece=piece)
            if mend:
                said += translate("Filter", "; write `{mend}`").format(mend=mend)
            else:
                said += translate("Filter", "; leave it out")
            raise FilterError(said, start, len(piece))
        tokens.append(Token(kind, piece[1:-1] if kind == "text" else piece, start, len(piece)))
    tokens.append(Token("end", "", end, 1))
    return tokens
