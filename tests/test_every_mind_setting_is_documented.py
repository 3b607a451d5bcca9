"""docs/minds.md has every setting of a language model, every field of a profile, their defaults, and every cause."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from app.language import PATIENCE_IN_LOCKSTEP, PATIENCE_LIVE, ModelSettings
from app.minds import RULES
from cognition.language.endpoint.address import OWN_KEY, SHARED_KEY
from cognition.language.endpoint.prices import Prices
from cognition.language.header import PROFILE_KEY
from cognition.language.llama.loading import PROFILE_KEY as LOADED_KEY
from cognition.language.model import Profile, Way
from cognition.minds.deliberate import SOURCES

PAGE = (Path(__file__).parents[1] / "docs" / "minds.md").read_text(encoding="utf-8")


def table(first: str) -> dict[str, str]:
    """Return the rows of the table whose head begins so: what stands first, without quotes, to the next column."""
    (rows,) = re.findall(rf"^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    cells = [row.strip().strip("|").split("|") for row in rows.splitlines()]
    return {row[0].strip().strip("`"): row[1].strip() for row in cells}


def shown(value: Any) -> str:
    return f"`{value}`" if isinstance(value, str) else json.dumps(value)


def test_every_setting_is_there_and_no_other() -> None:
    told = table("setting")
    assert set(told) == set(ModelSettings.model_fields)
    assert told["timeout"] == f"{PATIENCE_IN_LOCKSTEP:g}, live {PATIENCE_LIVE:g}"
    assert told["threads"] == str(ModelSettings.model_fields["threads"].default)


@pytest.mark.parametrize("field", [field.name for field in fields(Prices)])
def test_every_price_is_there(field: str) -> None:
    assert re.search(rf"\| `prices` \|.*\b{field}: ", PAGE)


def test_every_field_of_a_profile_is_there_with_its_default() -> None:
    told = table("field")
    usual = Profile()
    assert set(told) == {field.name for field in fields(Profile)} | {"mark"}
    for field in fields(Profile):
        assert told[field.name] == shown(getattr(usual, field.name)), field.name
    for way in Way:
        assert f"`{way.value}`" in PAGE
    assert PROFILE_KEY == LOADED_KEY and f"`{PROFILE_KEY}`" in PAGE


def test_every_rule_cause_and_key_is_named() -> None:
    for name in (*RULES, OWN_KEY, SHARED_KEY):
        assert f"`{name}`" in PAGE
    for source in SOURCES.values():
        assert f"`{source.name.removeprefix('FALLBACK_').lower()}`" in PAGE
