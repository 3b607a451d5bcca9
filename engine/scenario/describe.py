"""Say in words what a field of a section may hold; errors and the reference use the same words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.scenario.fields import SLUG_PATTERN
from engine.scenario.reading import shorten

_UNSAID = ("seed", "agent")
PARTS = (tuple, list, set, frozenset)


def unit_of(field: FieldInfo) -> str:
    """Return a field's unit, or an empty text."""
    extra = field.json_schema_extra
    unit = extra.get("unit") if isinstance(extra, Mapping) else None
    return unit if isinstance(unit, str) else ""


def constraint(field: FieldInfo, name: str) -> Any:
    """Return a constraint (`ge`, `le`, `gt`, `lt`, `min_length`, `max_length`, `pattern`) of a field, or None."""
    for part in field.metadata:
        found = getattr(part, name, None)
        if found is not None:
            return found
    return None


def alternatives(annotation: object) -> tuple[Any, ...]:
    """Return the types that an annotation allows, `None` left out."""
    if get_origin(annotation) is Annotated:
        return alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return tuple(part for part in get_args(annotation) if part is not type(None))
    return (annotation,)


def allows_null(field: FieldInfo) -> bool:
    """Whether a field may be null."""
    return type(None) in get_args(field.annotation)


def section_of(annotation: object) -> type[BaseModel] | None:
    """Return the section that an annotation names, if it names one alone."""
    parts = alternatives(annotation)
    if len(parts) == 1 and isinstance(parts[0], type) and issubclass(parts[0], BaseModel):
        return parts[0]
    return None


def range_of(field: FieldInfo) -> str:
    """Return what a field may hold: `4 to 1000 hexes`, `bounded or torus`, `a list of 1 to 6 kinds`."""
    kinds = alternatives(field.annotation)
    if get_origin(kinds[0]) is Annotated and not field.metadata:
        return f"{range_of(FieldInfo.from_annotation(kinds[0]))}{', or null' if allows_null(field) else ''}"
    words = _range_of(field, kinds)
    return f"{words}, or null" if allows_null(field) else words


def _range_of(field: FieldInfo, kinds: tuple[Any, ...]) -> str:
    unit = unit_of(field)
    kind = kinds[0]
    if unit == "moment":
        return "a tick, or a text such as `day 2 09:00`"
    if kind is Any:
        return "a text, a number, true, false or null"
    if get_origin(kind) is Literal:
        return _either(f"`{word}`" for word in get_args(kind))
    if kind is bool:
        return "true or false"
    if kind in (int, float):
        return f"{_span(field)} {'' if unit in _UNSAID else unit}".strip()
    if kind is str:
        return _text(field)
    if get_origin(kind) is dict:
        return f"a mapping of {_sizes(field)}entries"
    if get_origin(kind) in PARTS:
        members = get_args(kind)
        if members and members[-1] is not Ellipsis and get_origin(kind) is tuple:
            return f"a list of {len(members)} values"
        return f"a list of {_sizes(field)}{unit if unit not in ('', 'sections') else 'entries'}"
    if any(section_of(part) is not None for part in kinds):
        return "a section"
    return unit or "a value"


def _span(field: FieldInfo) -> str:
    least, most = constraint(field, "ge"), constraint(field, "le")
    above, below = constraint(field, "gt"), constraint(field, "lt")
    low = f"{least}" if least is not None else f"more than {above}" if above is not None else ""
    high = f"{most}" if most is not None else f"less than {below}" if below is not None else ""
    if low and high:
        return f"{low} to {high}"
    if low:
        return f"{low} or more" if least is not None else low
    return (f"at most {high}" if most is not None else high) or "a number"


def _sizes(field: FieldInfo) -> str:
    least, most = constraint(field, "min_length"), constraint(field, "max_length")
    if most is None:
        return f"{least} or more " if least else ""
    return f"{least} to {most} " if least else f"at most {most} "


def _text(field: FieldInfo) -> str:
    pattern = constraint(field, "pattern")
    if pattern == SLUG_PATTERN:
        return "a name of small letters, digits, `_` and `-`, 40 at most"
    least, most = constraint(field, "min_length"), constraint(field, "max_length")
    if least is not None and least == most:
        return f"a text of {most} characters"
    if most is None:
        return "a text"
    return f"a text of {f'{least} to' if least else 'at most'} {most} characters"


def _either(words: Iterable[str]) -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def show(value: object) -> str:
    """Return a value as a person would write it, short and in one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"`{shorten(value, 40)}`" if value else "empty"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, PARTS):
        return "a list"
    return shorten(str(value), 40)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the mend for an unknown word: the nearest known one, or what is known."""
    names = list(known)
    close = get_close_matches(word[:80], names, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    if not names:
        return "delete it: nothing is known here"
    rest = f" and {len(names) - 24} more" if len(names) > 24 else ""
    return f"known: {', '.join(names[:24])}{rest}"


def field_at(model: type[BaseModel], location: tuple[str | int, ...]) -> FieldInfo | None:
    """Return the field at a location as pydantic gives it (names, indices, tags of unions), if there is one."""
    current = FieldInfo.from_annotation(model)
    for part in location:
        kinds = alternatives(current.annotation)
        section = _member(kinds, part)
        if section is not None and part in section.model_fields:
            current = section.model_fields[part]
        elif len(kinds) > 1 and section is not None:
            current = FieldInfo.from_annotation(section)
        elif get_origin(kinds[0]) is dict:
            current = FieldInfo.from_annotation(get_args(kinds[0])[1])
        elif get_origin(kinds[0]) in PARTS:
            current = FieldInfo.from_annotation(get_args(kinds[0])[0])
        else:
            return None
    return current


def _member(kinds: tuple[Any, ...], part: str | int) -> type[BaseModel] | None:
    sections = [section for section in map(section_of, kinds) if section is not None]
    if len(sections) == 1:
        return sections[0]
    for section in sections:
        for field in section.model_fields.values():
            if get_origin(field.annotation) is Literal and part in get_args(field.annotation):
                return section
    return None
