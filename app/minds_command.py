"""`sociarium minds`: which minds there are and what each is, and adding a model from a file."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.amounts import amount, rate
from app.language import CHILD
from app.mind_files import BUNDLED, known_minds, shelf
from cognition.language.header import read_header
from cognition.language.shelf import CARD, Found, add, check, keep_card, look, name_of
from engine.errors import MindError

RULES = {
    "reflex": "takes the choice of the greatest utility",
    "script": "does as a file says, named in the scenario (settings.file)",
    "recorded": "does what was done in a run file, named in the scenario (settings.file)",
}
"""The minds without a model."""
WAYS = {"label": "by letter", "text": "by the text of a choice", "mark": "by mark"}
MEASURED_AT_ONCE = 100 << 20
"""Bytes of a model that `list` measures without being asked to."""
TELL_EVERY = 1.0
"""Seconds between two lines about a copy."""


def command_minds(options: argparse.Namespace) -> int:
    """List minds, or add one."""
    if options.what == "pull":
        print(
            "sociarium: fetching a model (`sociarium minds pull`) is not in this version yet; fetch the GGUF file "
            "yourself and `sociarium minds add` it",
            file=sys.stderr,
        )
        return 2
    if options.what == "add":
        return _add(options.file, options.json)
    return _list(options.measure, options.json)


def _list(anew: bool, as_json: bool) -> int:
    found = [_measured(look(path, name, shelf()), anew, as_json) for name, path in known_minds().items()]
    if as_json:
        rules = [{"name": name, "kind": "rule", "about": about} for name, about in RULES.items()]
        print(json.dumps({"minds": [*rules, *(facts(mind) for mind in found)]}, ensure_ascii=False))
        return 0
    width = max(len(name) for name in (*RULES, *(mind.name for mind in found)))
    for name, about in RULES.items():
        print(f"{name:<{width}}  rules: {about}")
    for mind in found:
        print(told(mind, width))
    print(f"{'':<{width}}  more: `sociarium minds add FILE.gguf`, or an endpoint: --mind http://host:port/v1")
    return 0


def _measured(mind: Found, anew: bool, quiet: bool) -> Found:
    """Return a mind with its card, measured now where that is wanted, or takes a moment only."""
    if mind.header is None or not (anew or (mind.card is None and mind.header.size <= MEASURED_AT_ONCE)):
        return mind
    if not quiet:
        print(f"{mind.name} is measured ...", file=sys.stderr, flush=True)
    try:
        card = check(mind.path, CHILD)
    except MindError as error:
        return replace(mind, fault=str(error))
    keep_card(card, shelf() / f"{mind.name}{CARD}")
    return replace(mind, card=card)


def _add(file: Path, as_json: bool) -> int:
    read_header(file.expanduser())
    name_of(file, {*known_minds(), *RULES})
    if not as_json:
        print(f"{file} is loaded and asked in a process of its own ...", file=sys.stderr, flush=True)
    teller = _Teller(file, as_json)
    mind = add(file, shelf(), {*known_minds(), *RULES}, CHILD, teller.tell)
    if as_json:
        print(json.dumps(facts(mind), ensure_ascii=False))
    else:
        print(told(mind, len(mind.name)))
        print(f"{'':<{len(mind.name)}}  try it: sociarium run settlement --mind {json.dumps(mind.name)} --estimate")
    return 0


class _Teller:
    """Says now and then how much of a file is copied."""

    def __init__(self, file: Path, quiet: bool) -> None:
        self._file, self._quiet = file, quiet
        self._told = time.monotonic()

    def tell(self, done: int, total: int) -> None:
        """Take how many bytes of how many are copied."""
        if not self._quiet and time.monotonic() - self._told >= TELL_EVERY:
            self._told = time.monotonic()
            share = f"{done / max(1, total):.0%} of {total / 2**20:,.0f} MB"
            print(f"{self._file} is copied: {share}", file=sys.stderr, flush=True)


def facts(mind: Found) -> dict[str, Any]:
    """Return what is known of a model file as a JSON-able object."""
    told: dict[str, Any] = {
        "name": mind.name,
        "kind": "bundled" if mind.path.is_relative_to(BUNDLED) else "added",
        "file": str(mind.path),
        "fault": mind.fault,
    }
    if mind.header is not None:
        header = mind.header
        told |= {
            "architecture": header.architecture,
            "parameters": header.parameters,
            "bytes": header.size,
            "quantisation": header.quantisation,
            "context": header.context,
            "template": header.template,
            "licence": header.licence,
            "chooses": header.way,
        }
    if mind.card is not None:
        card = mind.card
        told |= {
            "decisions_per_s": card.decisions_per_s, "memory_bytes": card.memory, "processes": card.processes
        }  # fmt: skip
    return told


def told(mind: Found, width: int) -> str:
    """Return what a person reads about a model file."""
    header, card = mind.header, mind.card
    kind = "bundled" if mind.path.is_relative_to(BUNDLED) else "added"
    if header is None:
        return f"{mind.name:<{width}}  {kind}; cannot be used: {mind.fault}"
    template = f"chat template {header.template}" if header.template else "no chat template"
    about = (
        f"{header.architecture}, {amount(header.parameters)} parameters", header.quantisation or "mixed weights",
        f"{header.size / 2**20:,.1f} MB", f"context {header.context:,}", template, f"chooses {WAYS[header.way]}",
        f"licence {header.licence or 'not said'}",
    )  # fmt: skip
    here = f"not measured; `sociarium minds list --measure` does, or `run --mind {mind.name} --estimate`"
    if mind.fault:
        here = f"cannot be used: {mind.fault}"
    elif card is not None:
        fast = f"about {rate(card.decisions_per_s)} decisions/s"
        speed = fast if card.decisions_per_s else "less than a decision in 30 s"
        here = f"{speed} and {card.memory / 2**20:,.0f} MB of memory in {card.processes} processes"
    return f"{mind.name:<{width}}  {kind}: {', '.join(about)}\n{'':<{width}}  here: {here}"
