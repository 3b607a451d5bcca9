"""The reference of the scenario as Markdown (docs/scenario.md), made from the sections themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from inspect import getdoc
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.scenario.describe import PARTS, alternatives, range_of, section_of
from engine.scenario.document import Scenario

TAGS = ("do", "kind")
"""Fields by which sections are told apart where there may be one of several."""

_INTRODUCTION = """\
# The scenario

A scenario is one YAML file, `NAME.scenario.yaml`, that says everything a run starts from. This page lists every field;
`assets/scenarios/settlement.scenario.yaml` is a whole one, with comments, and `city.scenario.yaml` beside it one on a
plane. `sociarium scenario check FILE` reports all that is wrong with a file, each as `file:line: path: what. Mend`, and
`sociarium scenario schema` prints the JSON Schema for editors. This page is made from the program: do not edit it,
change the field's own description.

The file is UTF-8 and holds one document of at most 1 MiB, 50,000 values (aliases written out) and 24 levels. Only
`true` and `false` are switches: `yes`, `on` and `06:00` are texts. Tags, merge keys (`<<`) and doubled keys are errors.
`NAME` in a path stands for a name of your choosing, `[]` for each entry of a list. A module is on when it is listed
below `modules`; `{}` takes its defaults and `false` is the same as leaving it out.

A setting is named by its path, in errors as in `sociarium branch RUN --at TICK --set PATH=VALUE`: `space.width`,
`roles.leader.weights.food`, `places[0].radius` or, by name, `places.market.radius`.
"""


def scenario_reference(sections: Mapping[str, type[BaseModel]]) -> str:
    """Return the whole reference: the document, the settings of each module, and those of the minds (`minds.NAME`)."""
    pages = [_INTRODUCTION, *_section(Scenario, "", "The document")]
    for name in sorted(sections):
        path = f"modules.{name}" if not name.startswith("minds.") else f"cognition.minds[].settings ({name[6:]})"
        pages += _section(sections[name], path, path)
    return "\n".join(pages)


def _section(model: type[BaseModel], path: str, title: str) -> Iterator[str]:
    yield f"## {title}\n\n{(getdoc(model) or '').strip()}\n"
    if model.model_fields:
        yield "| field | what it is | range | default |\n|---|---|---|---|"
        for name, field in model.model_fields.items():
            yield f"| `{name}` | {field.description or ''} | {_cell(range_of(field))} | {_cell(_default(field))} |"
    else:
        yield "It has no settings."
    yield ""
    for name, field in model.model_fields.items():
        for below, section in _below(field, f"{path}.{name}".removeprefix(".")):
            yield from _section(section, below, below)


def _below(field: FieldInfo, path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """Return the sections that a field holds, each with its path."""
    kinds = alternatives(field.annotation)
    if get_origin(kinds[0]) is dict:
        yield from _below(FieldInfo.from_annotation(get_args(kinds[0])[1]), f"{path}.NAME")
    elif get_origin(kinds[0]) in PARTS:
        yield from _below(FieldInfo.from_annotation(get_args(kinds[0])[0]), f"{path}[]")
    else:
        for section in filter(None, map(section_of, kinds)):
            tag = next((name for name in TAGS if name in section.model_fields), None)
            if tag is not None and len(kinds) > 1:
                yield f"{path} with {tag}: {get_args(section.model_fields[tag].annotation)[0]}", section
            else:
                yield path, section


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be there"
    if field.default_factory_takes_validated_data:
        return "see left"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel):
        return "its defaults"
    if isinstance(value, Mapping) and any(isinstance(part, BaseModel) for part in value.values()):
        return ", ".join(f"`{key}`" for key in value)
    words = json.dumps(_plain(value), ensure_ascii=False)
    return f"`{words}`" if len(words) <= 80 else f"{len(value)} of them"


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _cell(words: str) -> str:
    return words.replace("|", "\\|")
