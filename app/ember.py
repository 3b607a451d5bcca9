"""Makes the bundled mind from nothing: `python -m app.ember` (needs the extra `training`; half an hour of one core).

It lives societies of the bundled scenarios, asks the reflex mind what it thinks of every choice in many situations,
teaches a small network by them, writes it as GGUF, examines it in the program that serves it on societies that it never
saw, and writes its card and its SHA-256.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.compose import change, find_scenario
from app.ember_lives import situations
from app.mind_files import BUNDLED
from cognition.language.header import read_header
from cognition.language.llama.pool import LlamaPool
from cognition.training import learn
from cognition.training.card import Findings, card
from cognition.training.examine import agreement, baselines, choices_of, in_drawn_order, lines_of, prompts_for
from cognition.training.export import write_gguf
from cognition.training.situations import Situation
from cognition.training.tokens import Tokens, train_tokens
from engine.scenario import Scenario

SCENARIO = "settlement"
SOCIETIES, TICKS = 16, 900
"""How many societies are lived for situations, and how long."""
EXAMINED, EXAMINED_TICKS = (9001, 9002), 600
"""Seeds of the societies of the examination."""
FRESH = 1024
"""Situations that are drawn at a time."""
RETOLD = 24

TITLES = (
    "A harbour town", "The camp", "Two hamlets", "An island", "The colony", "A mountain village", "The old quarter",
)  # fmt: skip
SCENES = (
    "People live by what they gather and make.", "The winter was long.", "Ships come in when the wind is right.",
    "Nobody rules here.", "Everyone knows everyone.", "The market is the heart of it.", "Strangers are rare.",
    "There is work for all hands.", "The land is poor and the people are proud.", "A river runs through it.",
    "They came here a year ago.", "Old quarrels sleep.", "There is much to build.", "Food is short in spring.",
)  # fmt: skip
DEEDS = (
    "does what is needed", "keeps accounts", "tends the fields", "goes far and comes back with tales",
    "makes things of wood and clay", "", "settles quarrels", "buys and sells", "looks after the young and the old",
    "fishes and mends nets", "guards the gate",
)  # fmt: skip


def retold(scenario: Scenario, chance: random.Random) -> Scenario:
    """Return the scenario told in other words, so that a mind does not hang on those of the bundled ones."""
    told = " ".join(chance.sample(SCENES, chance.randrange(1, 5)))
    changes = {"title": chance.choice(TITLES), "description": told}
    changes |= {f"roles.{role}.description": chance.choice(DEEDS) for role in scenario.roles}
    for path, value in changes.items():
        scenario = change(scenario, path, value)
    return scenario


def teach(scenario: Scenario, known: Sequence[Situation], folder: Path, course: learn.Course) -> tuple[Path, Path]:
    """Train tokenizer and network; return their files."""
    chance = random.Random(2)
    words, weights = folder / "tokens.json", folder / "weights.pt"
    some = chance.sample(known, min(6000, len(known)))
    train_tokens(learn.texts(scenario, some, chance), words)
    tokens = Tokens(words)
    told = [scenario, *(retold(scenario, random.Random(k)) for k in range(RETOLD))]
    examples = learn.Examples(told, tokens, course.speech, course.other_wants, few=True)
    network = learn.new_network(tokens.size)

    def fresh() -> list[learn.Example]:
        return examples.some(chance.sample(known, min(FRESH, len(known))), chance)

    told_at = time.monotonic()

    def watch(gone: float, step: int, choosing: float, speaking: float) -> None:
        nonlocal told_at
        if time.monotonic() - told_at > 60:
            told_at = time.monotonic()
            _say(f"{gone:.0%} learnt, step {step:,}: choosing {choosing:.3f}, speaking {speaking:.3f}")

    learn.learn(network, fresh, course, watch)
    learn.save(network, weights)
    return words, weights


def examine(path: Path, scenario: Scenario, facts: dict[str, str]) -> Findings:
    """Examine a mind's file on societies that it never saw."""
    held = [s for seed in EXAMINED for s in situations(SCENARIO, seed, EXAMINED_TICKS, held_out=True)]
    model = LlamaPool(path)
    prompts = prompts_for(scenario, model.info)
    found, sizes = {}, {}
    try:
        for setting, is_natural in (("as they come", True), ("troubled", False)):
            some = in_drawn_order([s for s in held if s.natural is is_natural][:1500], 1)
            sizes[setting] = len(some)
            found[setting] = {"ember": agreement(some, choices_of(model, prompts, some)), **baselines(some, 2)}
        troubled = [s for s in held if not s.natural]
        spoken = lines_of(model, prompts, troubled, 1000)
        free = replace(model.info, profile=replace(model.info.profile, grammar=()))
        freely = lines_of(model, prompts_for(scenario, free), troubled, 1000)
    finally:
        model.close()
    return Findings(found, sizes, spoken, freely, facts)


def facts_of(path: Path, course: learn.Course, known: int) -> dict[str, str]:
    """Return what the card says of how a mind was made."""
    shape = learn.SHAPE
    return {
        "architecture": f"Llama, {shape.layers} layers, width {shape.width}, {shape.heads} heads of {shape.head}",
        "size": f"{path.stat().st_size / 1e6:.1f} MB, {read_header(path).quantisation}; context {shape.context} tokens",
        "vocabulary": f"{shape.vocabulary} tokens of a BPE of its own, whose pieces span words",
        "way of choosing": "by marks: one score at the end of each listed choice",
        "made from": f"{known:,} situations of {SOCIETIES} societies, half of the time with other wants drawn for them",
        "learnt for": f"{course.seconds / 60:.0f} minutes of wall time on one core",
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the mind, its card and its checksum."""
    parser = argparse.ArgumentParser(prog="python -m app.ember", description="Make the bundled mind from nothing.")
    parser.add_argument("--out", type=Path, default=BUNDLED, help="the folder for ember.gguf, ember.md and SHA256SUMS")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long to learn")
    parser.add_argument("--societies", type=int, default=SOCIETIES, help="how many societies to live for situations")
    parser.add_argument("--ticks", type=int, default=TICKS, help="how long to live each of them")
    options = parser.parse_args(arguments)
    scenario, course = find_scenario(SCENARIO), learn.Course(60 * options.minutes)
    known: list[Situation] = []
    for seed in range(1000, 1000 + options.societies):
        known += situations(SCENARIO, seed, options.ticks)
        _say(f"{len(known):,} situations")
    with tempfile.TemporaryDirectory() as folder:
        words, weights = teach(scenario, known, Path(folder), course)
        options.out.mkdir(parents=True, exist_ok=True)
        path = options.out / "ember.gguf"
        write_gguf(
            path, learn.SHAPE, learn.load(weights), words, "ember", "The bundled mind of Sociarium", learn.PROFILE
        )
    publish(path, scenario, facts_of(path, course, len(known)))
    return 0


def publish(path: Path, scenario: Scenario, facts: dict[str, str]) -> None:
    """Examine a mind's file and write its card and checksum beside it."""
    findings = examine(path, scenario, facts)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".md").write_text(card(path.stem, digest, findings), encoding="utf-8")
    (path.parent / "SHA256SUMS").write_text(f"{digest}  {path.name}\n", encoding="ascii")
    _say(f"{path}: {findings.settings['troubled']['ember']} troubled, {findings.settings['as they come']['ember']}")


def _say(line: str) -> None:
    print(f"ember: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
