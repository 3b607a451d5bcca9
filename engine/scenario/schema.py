"""The JSON Schema of a scenario, with the settings of the given modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from engine.scenario.document import VERSION, Scenario
from engine.scenario.fields import SLUG_PATTERN


def scenario_schema(sections: Mapping[str, type[BaseModel]] | None = None) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of scenario files; `unit` is added to the fields that have one."""
    modules = {name: model for name, model in (sections or {}).items() if not name.startswith("minds.")}
    references, shared = models_json_schema(
        [(Scenario, "validation"), *((model, "validation") for model in modules.values())],
        ref_template="#/$defs/{model}",
    )
    definitions: dict[str, Any] = shared["$defs"]
    root_name = str(references[(Scenario, "validation")]["$ref"]).rsplit("/", 1)[1]
    root: dict[str, Any] = definitions.pop(root_name)
    if sections is not None:
        properties = {
            name: {"anyOf": [references[(modules[name], "validation")], {"enum": [False, True, None]}]}
            for name in sorted(modules)
        }
        described = root["properties"]["modules"]
        described.update({"properties": properties, "additionalProperties": False})
        described.pop("propertyNames", None)
    for named in ("roles", "place_kinds"):
        root["properties"][named].setdefault("propertyNames", {"pattern": SLUG_PATTERN})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:sociarium:scenario:{VERSION}",
        **root,
        "title": "Sociarium scenario",
        "$defs": dict(sorted(definitions.items())),
    }
