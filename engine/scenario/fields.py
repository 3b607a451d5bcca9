"""How a section of the scenario is written: one base class, and a describer for each sort of field.

Every field says what it is, its unit and its range, once; errors, the JSON Schema and docs/scenario.md are made
from that. Modules write their own `Settings` with the same words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

SLUG_PATTERN = r"^[a-z][a-z0-9_-]{0,39}$"
"""Names inside a scenario: a small letter, then small letters, digits, `_` or `-`; 40 at most."""

LARGEST_WHOLE = 2**63 - 1

Slug = Annotated[str, StringConstraints(strict=True, pattern=SLUG_PATTERN)]
Appeal = Slug
"""The name of an appeal, such as `food` or `company`."""


class Section(BaseModel):
    """A part of the scenario: frozen, refusing keys that it does not know and numbers that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=False)


def whole(meaning: str, unit: str, least: int, most: int) -> FieldInfo:
    """Describe a whole number (`bool` and `5.0` are refused): what it is, its unit, its smallest and largest value."""
    field: FieldInfo = Field(description=meaning, ge=least, le=most, strict=True, json_schema_extra={"unit": unit})
    return field


def number(meaning: str, unit: str, least: float, most: float) -> FieldInfo:
    """Describe a number that may have decimals: what it is, its unit, its smallest and largest value."""
    field: FieldInfo = Field(description=meaning, ge=least, le=most, strict=True, json_schema_extra={"unit": unit})
    return field


def text(meaning: str, most: int, least: int = 0, pattern: str | None = None) -> FieldInfo:
    """Describe a text: what it says and how many characters it may have."""
    field: FieldInfo = Field(
        description=meaning,
        min_length=least,
        max_length=most,
        pattern=pattern,
        strict=True,
        json_schema_extra={"unit": "text"},
    )
    return field


def switch(meaning: str) -> FieldInfo:
    """Describe a field that is `true` or `false`."""
    field: FieldInfo = Field(description=meaning, strict=True, json_schema_extra={"unit": "true or false"})
    return field


def listed(meaning: str, unit: str, most: int, least: int = 0) -> FieldInfo:
    """Describe a list or a mapping: what it holds, in what unit, and how many entries it may have."""
    field: FieldInfo = Field(description=meaning, min_length=least, max_length=most, json_schema_extra={"unit": unit})
    return field


def about(meaning: str, unit: str) -> FieldInfo:
    """Describe a field whose type says its range already (a choice of words, a section)."""
    field: FieldInfo = Field(description=meaning, json_schema_extra={"unit": unit})
    return field


def refuse(kind: str, what: str, mend: str, field: str = "") -> PydanticCustomError:
    """Make the error that a validator raises: what is wrong, how to mend it, and at which field below the section."""
    context: dict[str, Any] = {"what": what, "mend": mend, "field": field}
    return PydanticCustomError("scenario_" + kind, "{what}. {mend}", context)


def _scalar(value: object) -> object:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int) and abs(value) <= LARGEST_WHOLE:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise refuse("scalar", "must be a single word or number", "write a text, a number, true, false or null")


Scalar = Annotated[
    Any,
    PlainValidator(_scalar),
    WithJsonSchema({"type": ["string", "integer", "number", "boolean", "null"]}),
]
"""One text, number, `true`, `false` or `null`."""


def _free(value: object) -> object:
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return value
    raise refuse("settings", "must be a mapping of names to values", "write `name: value` lines, or {}")


FreeSettings = Annotated[dict[str, Any], PlainValidator(_free), WithJsonSchema({"type": "object"})]
"""Settings that another part of the program checks."""
