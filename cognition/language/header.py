"""What a GGUF file says of itself, read without llama.cpp and with every length checked before it is believed.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian.
"""

from __future__ import annotations

import json
import os
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.errors import MindError

PROFILE_KEY = "sociarium.profile"
_MAGIC = b"GGUF"
_MOST_FIELDS, _MOST_TENSORS, _MOST_ELEMENTS = 4096, 65_536, 4_194_304
_LONGEST_NAME, _LONGEST_TEXT, _LONGEST_HEADER = 1024, 1 << 20, 1 << 28
_MOST_DIMENSIONS = 4
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of the simple types of a field."""
_READ = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 11: "<q", 12: "<d"}
_TEXT, _ARRAY = 8, 9
_TENSOR_TYPES = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 16: (256, 66), 17: (256, 74), 18: (256, 98),
    19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4),
    27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip
"""Type of a tensor -> (weights in a block, bytes of a block)."""
_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS",
    21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S",
    29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4",
}  # fmt: skip
_TEMPLATES = (
    ("<|im_start|>", "ChatML"), ("<|start_header_id|>", "Llama 3"), ("<start_of_turn>", "Gemma"),
    ("<|start|>", "Harmony"), ("[INST]", "Llama 2 or Mistral"), ("<|assistant|>", "Phi or Zephyr"),
    ("<|START_OF_TURN_TOKEN|>", "Command R"), ("<｜Assistant｜>", "DeepSeek"),
)  # fmt: skip
"""What a chat template is known by; the first that is found."""
_ENCODERS = re.compile(r"bert|^t5|encoder|^clip$|embedding")
_PART = re.compile(r"-\d{5}-of-(\d{5})\.gguf$")
_OTHERS = (
    (b"PK\x03\x04", "a PyTorch or zip file; convert it to GGUF first"),
    (b"version https://git-lfs", "a pointer of Git LFS in the place of the file; fetch it with `git lfs pull`"),
    (b"<", "a web page, it seems; fetch the file itself"),
    (b"ggjt", "a model in the format before GGUF; fetch it as GGUF"),
    (b"lmgg", "a model in the format before GGUF; fetch it as GGUF"),
)
"""Beginnings of what people take for a GGUF file."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file says of itself; "" and 0 where it says nothing. `size` is in bytes, `context` in tokens."""

    name: str
    size: int
    architecture: str = ""
    parameters: int = 0
    quantisation: str = ""
    context: int = 0
    licence: str = ""
    template: str = ""
    """The name of its chat template where that is a known one, else "its own"; "" for none."""
    way: str = "label"
    """How it chooses: label, text or mark."""
    cell_bytes: int = 0
    """Bytes of one token in a KV cache of 16-bit floats."""


def read_header(path: Path) -> Header:
    """Read the header of a model. Raises MindError that names the file, what is wrong with it and the mend."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            return _read(path, file, size)
    except IsADirectoryError:
        raise MindError(f"{path}: a folder; give the path of a GGUF file") from None
    except FileNotFoundError:
        raise MindError(f"{path}: there is no such file; give the path of a GGUF model") from None
    except OSError as error:
        raise MindError(f"{path}: cannot be read ({error.strerror}); make it readable") from None


def _read(path: Path, file: BinaryIO, size: int) -> Header:
    if why := _other(file, size):
        raise MindError(f"{path}: {why}")
    source = _Source(file, size)
    try:
        tensors, fields = source.beginning()
        known = {name: value for name, value in (source.field() for _ in range(fields)) if value is not None}
        _suits(path, known)
        parameters, end = source.tensors(tensors, known)
    except _Damaged as damage:
        mend = "fetch the file again, or use another"
        raise MindError(f"{path}: damaged, or no GGUF file of this time ({damage}); {mend}") from None
    if end > size:
        raise MindError(f"{path}: cut off or damaged, {size:,} of {end:,} bytes are there; fetch the file again")
    return _header(path, size, known, parameters)


def _other(file: BinaryIO, size: int) -> str:
    """Return what a file is that is no GGUF, with the mend, or ""."""
    begin = file.read(64)
    file.seek(0)
    if begin.startswith(_MAGIC):
        return ""
    if not size:
        return "empty; fetch the file again"
    for magic, what in _OTHERS:
        if begin.lstrip().startswith(magic):
            return what
    if len(begin) > 9 and begin[8:9] == b"{":
        return "a safetensors file; convert it to GGUF with llama.cpp's convert_hf_to_gguf.py"
    return "not a GGUF file (it does not begin with GGUF); give the path of a GGUF model"


class _Damaged(Exception):
    """The bytes are not what the format says."""


Value = str | int | float | list[int]
"""A field as far as anybody here asks for it; of an array its length, as a list of one."""


class _Source:
    """Reads the format from a file, within its size and within bounds."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, min(size, _LONGEST_HEADER)

    def _take(self, count: int) -> bytes:
        self._spend(count)
        data = self._file.read(count)
        if len(data) != count:
            raise _Damaged("it ends within its header")
        return data

    def _spend(self, count: int) -> None:
        if count > self._left:
            raise _Damaged("it ends within its header")
        self._left -= count

    def _skip(self, count: int) -> None:
        self._spend(count)
        self._file.seek(count, os.SEEK_CUR)

    def _number(self, layout: str) -> int:
        (value,) = struct.unpack(layout, self._take(struct.calcsize(layout)))
        return int(value)

    def _count(self, most: int, what: str) -> int:
        value = self._number("<Q")
        if value > most:
            raise _Damaged(f"{what}: {value:,}")
        return value

    def _text(self, most: int, what: str) -> str:
        return self._take(self._count(most, f"length of {what}")).decode("utf-8", "replace")

    def beginning(self) -> tuple[int, int]:
        """Return how many tensors and fields there are."""
        self._skip(len(_MAGIC))
        version = self._number("<I")
        if version not in (2, 3):
            raise _Damaged(f"version {version}")
        return self._count(_MOST_TENSORS, "tensors"), self._count(_MOST_FIELDS, "fields")

    def field(self) -> tuple[str, Value | None]:
        """Return the name and value of a field."""
        name = self._text(_LONGEST_NAME, "a field's name")
        kind = self._number("<I")
        if kind == _TEXT:
            return name, self._text(_LONGEST_TEXT, ascii(name[:60]))
        if kind == _ARRAY:
            return name, self._array(ascii(name[:60]))
        if kind not in _SIZES:
            raise _Damaged(f"type {kind} of field {name[:60]!a}")
        (value,) = struct.unpack(_READ[kind], self._take(_SIZES[kind]))
        return name, value

    def _array(self, name: str) -> list[int]:
        kind, count = self._number("<I"), self._count(_MOST_ELEMENTS, f"length of {name}")
        if kind in _SIZES:
            self._skip(count * _SIZES[kind])
        elif kind == _TEXT:
            for _ in range(count):
                self._skip(self._count(_LONGEST_TEXT, f"length in {name}"))
        else:
            raise _Damaged(f"type {kind} within field {name}")
        return [count]

    def tensors(self, count: int, known: Mapping[str, Value]) -> tuple[int, int]:
        """Return how many weights there are, and how long the file has to be as far as can be told."""
        weights = end = 0
        for _ in range(count):
            name = self._text(_LONGEST_NAME, "a tensor's name")
            dimensions = self._number("<I")
            if dimensions > _MOST_DIMENSIONS:
                raise _Damaged(f"{dimensions} dimensions of tensor {name[:60]!a}")
            own = 1
            for _ in range(dimensions):
                own *= self._number("<Q")
            if own >= 1 << 48:
                raise _Damaged(f"size of tensor {name[:60]!a}")
            kind, offset = self._number("<I"), self._number("<Q")
            weights += own
            block, width = _TENSOR_TYPES.get(kind, (1, 0))
            end = max(end, offset + own // block * width)
        alignment = known.get("general.alignment", 32)
        if type(alignment) is not int or not 1 <= alignment <= 1 << 20:
            raise _Damaged(f"alignment {str(alignment)[:20]}")
        start = self._file.tell()
        return weights, -(-start // alignment) * alignment + end


def _suits(path: Path, known: Mapping[str, Value]) -> None:
    """Raise MindError when a sound file is of a kind that cannot serve as a mind."""
    part, parts = _PART.search(path.name), known.get("split.count", 0)
    if part or (isinstance(parts, int) and parts > 1):
        mend = "join them with llama.cpp's `llama-gguf-split --merge` and give the whole"
        raise MindError(f"{path}: one of {int(part[1]) if part else parts} files of a split model; {mend}")
    kind = known.get("general.type", "model")
    if kind != "model":
        raise MindError(f"{path}: no model, by its own word {str(kind)[:40]!a}; give the model itself")
    architecture = known.get("general.architecture")
    if not isinstance(architecture, str) or not architecture:
        raise MindError(f"{path}: does not say what it is (general.architecture); use another file")
    if _ENCODERS.search(architecture) or known.get(f"{architecture}.attention.causal", 1) == 0:
        what = "it turns text into numbers and writes none"
        raise MindError(f"{path}: {architecture[:40]!a} is no text generator ({what}); use another model")
    tokens = known.get("tokenizer.ggml.tokens")
    if known.get("tokenizer.ggml.model") in (None, "none", "no_vocab") or not isinstance(tokens, list) or not tokens[0]:
        mend = "convert the model again together with its tokenizer"
        raise MindError(f"{path}: has no tokenizer; {mend}")


def _header(path: Path, size: int, known: Mapping[str, Value], parameters: int) -> Header:
    def text(key: str) -> str:
        value = known.get(key)
        shown = "".join(c if c.isprintable() else " " for c in value[:400]) if isinstance(value, str) else ""
        return " ".join(shown.split())[:120]

    def whole(key: str) -> int:
        value = known.get(key)
        return value if type(value) is int and 0 <= value < 1 << 40 else 0

    kind = text("general.architecture")
    heads = max(1, whole(f"{kind}.attention.head_count"))
    width = whole(f"{kind}.attention.key_length") or whole(f"{kind}.embedding_length") // heads
    kept = whole(f"{kind}.attention.head_count_kv") or heads
    template = known.get("tokenizer.chat_template")
    return Header(
        name=text("general.name") or path.stem,
        size=size,
        architecture=kind,
        parameters=parameters,
        quantisation=_FILE_TYPES.get(whole("general.file_type"), "") if "general.file_type" in known else "",
        context=whole(f"{kind}.context_length"),
        licence=text("general.license"),
        template=_template(template) if isinstance(template, str) else "",
        way=_way(known.get(PROFILE_KEY)),
        cell_bytes=min(4 * whole(f"{kind}.block_count") * kept * width, 1 << 40),
    )


def _template(text: str) -> str:
    return next((name for mark, name in _TEMPLATES if mark in text), "its own") if text.strip() else ""


def _way(profile: Value | None) -> str:
    """Return the way of choosing that a profile names; what is wrong with one is said when the model is loaded."""
    try:
        found = json.loads(profile) if isinstance(profile, str) else {}
    except (ValueError, RecursionError):
        found = {}
    way = found.get("way", "label") if isinstance(found, dict) else "label"
    return way if way in ("label", "text", "mark") else "label"
