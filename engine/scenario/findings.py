"""Turn what pydantic complains about into findings with a place, and findings into problems with a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from engine.errors import Problem
from engine.scenario.describe import alternatives, field_at, nearest, range_of, section_of, show
from engine.scenario.reading import Node, shorten

Location = tuple[str | int, ...]

MOST_PROBLEMS = 100
_YES_OR_NO = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a location of the document (keys and indices), not yet tied to a line."""

    location: Location
    what: str
    mend: str


def path_of(location: Location) -> str:
    """Return a location as people write it: `modules.goods.recipes[2].output`."""
    words = (f"[{part}]" if isinstance(part, int) else f".{shorten(part)}" for part in location)
    return "".join(words).removeprefix(".")


def problems_of(findings: Iterable[Finding], root: Node | None) -> list[Problem]:
    """Tie findings to lines; ordered by line, each once, at most `MOST_PROBLEMS` of them."""
    unique = dict.fromkeys(findings)
    problems = [
        Problem(path_of(one.location), None if root is None else root.line_of(*one.location), one.what, one.mend)
        for one in unique
    ]
    problems.sort(key=lambda problem: problem.line or 0)
    if len(problems) > MOST_PROBLEMS:
        problems[MOST_PROBLEMS:] = [Problem("", problems[-1].line, "there are more problems", "mend these first")]
    return problems


def findings_of(
    complaints: Sequence[ErrorDetails], model: type[BaseModel], data: object, prefix: Location
) -> list[Finding]:
    """Return the findings of a failed validation of `data`, which lies at `prefix` of the document.

    Only so many of pydantic's complaints are looked at as could be shown.
    """
    details = complaints[: 2 * MOST_PROBLEMS]
    above = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
    findings = []
    for detail in details:
        # what follows from another complaint: a list is called too short when some of its entries are wrong
        follows = detail["type"] in ("too_short", "too_long") and detail["loc"] in above
        if not follows and detail["type"] != "default_factory_not_called":
            findings.append(_finding(detail, model, data, prefix))
    return findings


def _finding(detail: ErrorDetails, model: type[BaseModel], data: object, prefix: Location) -> Finding:
    kind, location, given = detail["type"], detail["loc"], detail.get("input")
    context: Mapping[str, Any] = detail.get("ctx", {})
    where = prefix + _document_location(location, data)
    if location and location[-1] == "[key]":
        where = prefix + _document_location(location[:-1], data)
        return Finding(where, "is not a name", "write small letters, digits, `_` and `-`, 40 at most")
    if kind.startswith("scenario_"):
        field = str(context.get("field", ""))
        at = prefix + _document_location((*location, field), data) if field else where
        what = str(context["what"])
        if kind in ("scenario_moment", "scenario_at", "scenario_scalar", "scenario_settings", "scenario_role_part"):
            what = f"is {show(given)}; it {what}" if what.startswith("must") else f"{show(given)} {what}"
        return Finding(at, what, str(context["mend"]))
    if kind == "extra_forbidden":
        owner = _owner(model, location)
        known = list(owner.model_fields) if owner is not None else []
        return Finding(where, "is not known here", nearest(str(location[-1]), known))
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _unknown_tag(kind, where, model, location, given, context)
    expected = _expected(model, location)
    if kind == "missing":
        return Finding(where, "is missing", f"add it: {expected}")
    return Finding(where, _what(kind, given, context, detail["msg"]), _mend(model, location, given, expected))


def _what(kind: str, given: object, context: Mapping[str, Any], message: str) -> str:
    if kind in ("greater_than_equal", "greater_than"):
        return f"is {show(given)}, which is too small"
    if kind in ("less_than_equal", "less_than"):
        return f"is {show(given)}, which is too large"
    if kind in ("too_long", "too_short"):
        return f"has {context.get('actual_length', 'too many')} entries, which is {kind.replace('_', ' ')}"
    if kind in ("string_too_long", "string_too_short"):
        length = len(given) if isinstance(given, str) else 0
        return f"is {show(given)}, {length} characters, which is {kind.removeprefix('string_').replace('_', ' ')}"
    if kind in ("value_error", "assertion_error"):
        return f"is {show(given)}: {shorten(message.split(',', 1)[-1], 200)}"
    return f"is {show(given)}, which does not fit"


def _mend(model: type[BaseModel], location: Location, given: object, expected: str) -> str:
    field = field_at(model, location)
    if field is not None and isinstance(given, str):
        kinds = alternatives(field.annotation)
        if kinds[0] is bool and given.lower() in _YES_OR_NO:
            return f"write {_YES_OR_NO[given.lower()]}"
        if get_origin(kinds[0]) is Literal:
            suggestion = nearest(given, [str(word) for word in get_args(kinds[0])])
            if suggestion.startswith("did"):
                return suggestion
    return f"write {expected}"


def _expected(model: type[BaseModel], location: Location) -> str:
    """Return what belongs at a location, with the description of the nearest field that has one."""
    field = field_at(model, location)
    if field is None:
        return "what the reference says"
    words = range_of(field)
    for depth in range(len(location), 0, -1):
        described = field_at(model, location[:depth])
        if described is not None and described.description:
            return f"{words} ({described.description})"
    return words


def _unknown_tag(
    kind: str, where: Location, model: type[BaseModel], location: Location, given: object, context: Mapping[str, Any]
) -> Finding:
    tag = str(context.get("discriminator", "kind")).strip("'")
    field = field_at(model, location)
    words: list[str] = []
    for part in alternatives(field.annotation) if field is not None else ():
        section = section_of(part)
        if section is not None and tag in section.model_fields:
            words += [str(word) for word in get_args(section.model_fields[tag].annotation)]
    if kind == "union_tag_not_found" or not isinstance(given, Mapping):
        return Finding((*where, tag), "is missing", f"add it: one of {', '.join(words)}")
    return Finding((*where, tag), f"is {show(given.get(tag))}, which is not known", nearest(str(given.get(tag)), words))


def _owner(model: type[BaseModel], location: Location) -> type[BaseModel] | None:
    """Return the section in which the last part of a location stands."""
    if len(location) == 1:
        return model
    field = field_at(model, location[:-1])
    return section_of(field.annotation) if field is not None else None


def _document_location(location: Location, data: object) -> Location:
    """Take the tags of unions, which are no keys of the document, out of a location."""
    kept: list[str | int] = []
    current = data
    for index, part in enumerate(location):
        if isinstance(current, Mapping):
            if index > 0 and part not in current and index + 1 < len(location):
                continue
            kept.append(part)
            current = current.get(part)
        elif isinstance(current, list | tuple) and isinstance(part, int) and part < len(current):
            kept.append(part)
            current = current[part]
        elif current is None or not isinstance(part, str) or not kept:
            kept.append(part)
            current = None
    return tuple(kept)
