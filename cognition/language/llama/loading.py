"""From a file to an engine: what the model says of itself, how large its context is, how it is to be asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from cognition.language.llama.engine import Engine, Settings
from cognition.language.llama.library import MOST_SEQUENCES, Context, Model, NativeLog, Room
from cognition.language.llama.prompt import Unfit
from cognition.language.llama.solving import Solver
from cognition.language.llama.template import frame_of
from cognition.language.llama.vocabulary import Vocabulary
from cognition.language.llama.writing import Grammars, Writer
from cognition.language.model import LONGEST_GRAMMAR, MOST_OPTIONS, MOST_RULES, MOST_TOKENS, ModelInfo, Profile, Way
from engine.errors import MindError

PROFILE_KEY = "sociarium.profile"
_CPU_CACHE, _GPU_CACHE = 256 << 20, 8 << 30
"""Bytes that a KV cache may take without being asked for more."""
_LONGEST, _SMALLEST = 4096, 256
_FEW_SEQUENCES = 128
_LARGE = 300_000_000
"""Parameters from which a CPU's memory is slower than its arithmetic, so that more slots pay."""
_OWN_ROOM, _PEOPLE_ROOM = 512, 16_384
_CPU_BATCH, _CPU_FILL, _GPU_BATCH = 512, 192, 2048


@dataclass(frozen=True, slots=True)
class Options:
    """What a child is told: the file, threads, the most tokens of a request and slots (0: by the model), adapters."""

    path: Path
    threads: int = 1
    context: int = 0
    slots: int = 0
    adapters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that can be asked."""

    engine: Engine
    info: ModelInfo
    model: Model
    context: Context
    vocabulary: Vocabulary


def load(options: Options, log: NativeLog) -> Loaded:
    """Load a model and all that it needs. Raises MindError that names the file and the mend."""
    model = Model(options.path, log)
    if model.unusable:
        raise MindError(f"{options.path}: {model.unusable}; use another model")
    vocabulary = Vocabulary(model)
    profile, mark = read_profile(model, vocabulary)
    longest = context_length(options, model)
    slots = options.slots or slots_of(model)
    room = room_for(model, longest, slots, options.threads)
    context = Context(model, room)
    grammars = Grammars(vocabulary, model.vocabulary)
    try:
        for rule in profile.grammar:
            grammars.check(_with(profile, rule))
    except Unfit as problem:
        raise MindError(f"{options.path}: `grammar` of `{PROFILE_KEY}` in the file: {problem}") from None
    writer = Writer(vocabulary, grammars, profile.word_temperature)
    settings = Settings(longest, slots, _GPU_BATCH if model.gpu else _CPU_FILL, model.gpu)
    adapters = {name: Path(path) for name, path in options.adapters}
    engine = Engine(vocabulary, context, Solver(vocabulary, writer, mark), room, settings, adapters)
    info = ModelInfo(
        name=model.meta.get("general.name") or options.path.stem,
        source=str(options.path),
        architecture=model.meta.get("general.architecture", ""),
        quantisation=model.quantisation,
        licence=model.meta.get("general.license", ""),
        parameters=model.parameters,
        size=model.size,
        context=longest,
        vocabulary=vocabulary.size,
        frame=frame_of(model, vocabulary),
        profile=profile,
        at_once=2 * slots,
    )
    return Loaded(engine, info, model, context, vocabulary)


def context_length(options: Options, model: Model) -> int:
    """Return the most tokens of one request: as asked for, within what the model was trained for."""
    trained = model.trained_context or _LONGEST
    wanted = options.context or min(trained, _LONGEST)
    return max(_SMALLEST, min(wanted, trained))


def slots_of(model: Model) -> int:
    """Return how many requests run at a time.

    On a CPU attention computes over all that lies in the cache, other requests' tokens too: measured with 3 and with
    130 million parameters, 4 at a time write words 1.3 to 1.5 times as fast as 16.
    """
    if model.gpu:
        return 64
    return 8 if model.parameters >= _LARGE else 4


def room_for(model: Model, longest: int, slots: int, threads: int) -> Room:
    """Return the room of a context: cells by memory, a batch by the speed of the device."""
    least = longest + MOST_OPTIONS * 8
    budget = min(_GPU_CACHE, model.free_memory // 2) if model.gpu else _CPU_CACHE
    cells = longest + slots * _OWN_ROOM + (_PEOPLE_ROOM if model.gpu else 0)
    cells = max(least, min(cells, budget // max(1, model.cell_bytes)))
    # llama.cpp wants room for an output of each sequence.
    sequences = MOST_SEQUENCES if model.gpu else _FEW_SEQUENCES
    return Room((cells + 255) // 256 * 256, _GPU_BATCH if model.gpu else _CPU_BATCH, sequences, sequences, threads)


def read_profile(model: Model, vocabulary: Vocabulary) -> tuple[Profile, int | None]:
    """Return the profile that a file brings along and the token of its mark. Raises MindError where it is unusable."""
    text = model.meta.get(PROFILE_KEY, "")
    if not text:
        return Profile(), None
    where = f"{model.path}: `{PROFILE_KEY}` in the file"
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("it is no object")
        mark = found.pop("mark", None)
        profile = _profile(found)
    except (ValueError, TypeError, RecursionError) as problem:
        raise MindError(f"{where} is not a profile ({problem}); write it as the documentation of minds says") from None
    if mark is None:
        if profile.way is Way.MARK:
            raise MindError(f"{where} chooses by mark but names none; add `mark`, the token whose logit it is")
        return profile, None
    tokens = _mark_tokens(mark, vocabulary) if isinstance(mark, str) else ()
    if len(tokens) != 1:
        raise MindError(f"{where}: the mark {mark!r} is not a single token of this model; name one that is")
    return profile, tokens[0]


def _with(profile: Profile, rule: tuple[str, str, str]) -> str:
    """Return a grammar that has this rule, and of all other names the first: which lines there will be nobody knows."""
    rules = ((name, "", body) for name, _, body in (rule, *profile.grammar))
    return replace(profile, grammar=tuple(rules)).grammar_for("")


def _mark_tokens(mark: str, vocabulary: Vocabulary) -> tuple[int, ...]:
    """Return a mark's tokens: a special one by its name, or a word as it stands in the middle of a text."""
    special = vocabulary.tokens(mark, is_frame=True)
    return special if len(special) == 1 else vocabulary.tokens(mark)


def _profile(found: Mapping[str, Any]) -> Profile:
    names = {field.name for field in fields(Profile)}
    if unknown := sorted(set(found) - names):
        raise ValueError(f"unknown field {unknown[0]!r}")
    profile = replace(Profile(), **found)
    whole = (profile.thought, profile.words)
    heats = (profile.temperature, profile.word_temperature)
    if not isinstance(profile.slots, bool) or any(type(value) is not int for value in whole):
        raise ValueError("`slots` is true or false, `thought` and `words` are whole numbers")
    if not _are_rules(profile.grammar):
        raise ValueError("`grammar` is a list of rules, each of three texts: name, words, body")
    if not all(0 <= value <= MOST_TOKENS for value in whole):
        raise ValueError(f"`thought` and `words` are 0 to {MOST_TOKENS}")
    if any(isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 10 for value in heats):
        raise ValueError("temperatures are 0 to 10")
    return replace(
        profile,
        way=Way(profile.way),
        grammar=tuple((name, words, body) for name, words, body in profile.grammar),
        temperature=float(profile.temperature),
        word_temperature=float(profile.word_temperature),
    )


def _are_rules(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) <= MOST_RULES
        and all(isinstance(rule, list | tuple) and len(rule) == 3 for rule in value)
        and all(isinstance(text, str) and len(text) <= LONGEST_GRAMMAR for rule in value for text in rule)
    )
