"""GGUF models with random weights in the shapes of real ones, made once and kept: for speed the weights do not matter.

All logits are of a size that trained models have. One dimension of the embedding holds how likely a token is to be
written, so that whole words and whole pieces of JSON are preferred to their beginnings, as trained models do: made of
random bits alone, a text under a grammar would take twice the tokens.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.bench import minds_vocabulary
from app.bench.minds_vocabulary import BEGIN, END, PIECE, PLAIN, SPECIAL

if TYPE_CHECKING:
    import gguf

BYTES_VERSION = 1
"""Raise it when the same shape would be written otherwise: what was made before is made anew."""
BLOCK = 32
LEVEL = 4.0
"""The embedding's first dimension: so much for every token, and its rank more."""
NIBBLE_SPREAD, BYTE_SPREAD = 4.61, 73.9
"""Standard deviations of uniform 4-bit and 8-bit integers."""
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a model is; `head` is the width of one head, `marks` whether it chooses by marks."""

    name: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    ff: int
    vocabulary: int
    tokenizer: str = "bpe"
    head: int = 64
    marks: bool = False

    @property
    def parameters(self) -> int:
        """How many weights it has, embeddings included (they serve as output too)."""
        q, kv = self.heads * self.head, self.kv_heads * self.head
        return self.vocabulary * self.width + self.layers * self.width * (2 * q + 2 * kv + 3 * self.ff)

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}-{self.tokenizer}-{BYTES_VERSION}.gguf"


SHAPES: Mapping[str, Shape] = {
    shape.file.rsplit("-", 1)[0]: shape
    for shape in (
        Shape("tiny", 2, 64, 2, 1, 128, 8_000, head=32),
        Shape("tiny", 2, 64, 2, 1, 128, 8_000, "spm", head=32),
        Shape("ember-shape", 2, 192, 2, 1, 384, 4_096, head=32, marks=True),
        Shape("135m", 30, 576, 9, 3, 1_536, 49_152),
        Shape("135m", 30, 576, 9, 3, 1_536, 32_000, "spm"),
        Shape("500m", 24, 896, 14, 2, 4_864, 151_936),
        Shape("500m", 24, 896, 14, 2, 4_864, 32_000, "spm"),
        Shape("7b", 32, 4_096, 32, 8, 14_336, 32_000, "spm", head=128),
    )
}
"""By "name-tokenizer": SmolLM's 135M, Qwen 2.5's 0.5B and Mistral's 7B, and small ones for tests."""


def make_weights(given: Mapping[str, Any]) -> dict[str, Any]:
    """Write the file of a shape into a folder if it is not there yet; return its path and size."""
    path = made(SHAPES[given["shape"]], Path(given["folder"]))
    return {"path": str(path), "bytes": path.stat().st_size}


def made(shape: Shape, folder: Path) -> Path:
    """Return the file of a shape, written if it is not in the folder yet."""
    path = folder / shape.file
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            _write(shape, part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return path


def _write(shape: Shape, path: Path) -> None:
    import gguf

    kinds = gguf.GGMLQuantizationType
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, shape)
    ranks = _bpe(writer, shape) if shape.tokenizer == "bpe" else _spm(writer, shape)
    weights = _Weights(shape, np.random.default_rng(len(shape.file)))
    writer.add_tensor("token_embd.weight", weights.embedding(ranks), raw_dtype=kinds.Q8_0)
    last = np.full(shape.width, shape.width**-0.5, np.float32)
    last[0] = 1.0
    writer.add_tensor("output_norm.weight", last)
    width, q, kv, deep = shape.width, shape.heads * shape.head, shape.kv_heads * shape.head, (2 * shape.layers) ** -0.5
    norm = np.ones(width, np.float32)
    norm[0] = 0.0
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}.{name}.weight", norm)
        for name, rows, columns, scale in (
            ("attn_q", q, width, 1.0),
            ("attn_k", kv, width, 1.0),
            ("attn_v", kv, width, 1.0),
            ("attn_output", width, q, deep),
            ("ffn_gate", shape.ff, width, 1.0),
            ("ffn_up", shape.ff, width, 1.0),
            ("ffn_down", width, shape.ff, deep),
        ):
            data = weights.matrix(rows, columns, scale * columns**-0.5)
            writer.add_tensor(f"{block}.{name}.weight", data, raw_dtype=kinds.Q4_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: gguf.GGUFWriter, shape: Shape) -> None:
    import gguf

    writer.add_name(f"random weights, {shape.name}")
    writer.add_license("CC0-1.0")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    writer.add_context_length(4096)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.ff)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.head)
    writer.add_key_length(shape.head)
    writer.add_value_length(shape.head)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_bos_token_id(BEGIN)
    writer.add_eos_token_id(END)
    writer.add_add_bos_token(True)
    profile: dict[str, Any] = {"words": 48}
    if shape.marks:
        profile |= {"way": "mark", "mark": "\n", "slots": True}
    writer.add_string("sociarium.profile", json.dumps(profile))


class _Weights:
    """Draws blocks of quantised weights as they lie in a file: a scale in half precision, then 32 integers."""

    def __init__(self, shape: Shape, rng: np.random.Generator) -> None:
        self._shape, self._rng = shape, rng

    def matrix(self, rows: int, columns: int, scale: float) -> NDArray[np.uint8]:
        """Return Q4_0 weights of mean 0 and this standard deviation."""
        blocks = rows * columns // BLOCK
        out = np.empty((blocks, 2 + BLOCK // 2), np.uint8)
        # The 4-bit numbers lean to one side, -8 to 7: signs of the scales even that out.
        signs = self._rng.integers(0, 2, blocks, np.int8) * 2 - 1
        out[:, :2] = (signs * np.float16(scale / NIBBLE_SPREAD)).astype(np.float16).view(np.uint8).reshape(-1, 2)
        out[:, 2:] = self._rng.integers(0, 256, (blocks, BLOCK // 2), np.uint8)
        return out.reshape(rows, -1)

    def embedding(self, ranks: NDArray[np.int8]) -> NDArray[np.uint8]:
        """Return the embedding in Q8_0: standard deviation 1, the first dimension by the tokens' ranks."""
        rows, blocks = ranks.size, self._shape.width // BLOCK
        out = np.empty((rows, blocks, 2 + BLOCK), np.uint8)
        out[:, :, :2] = np.array([1 / BYTE_SPREAD], np.float16).view(np.uint8)
        out[:, :, 2:] = self._rng.integers(0, 256, (rows, blocks, BLOCK), np.uint8)
        # The first block has a larger scale, so its other weights are drawn from fewer integers.
        step = np.float16(2 * LEVEL / 127)
        out[:, 0, :2] = np.array([step], np.float16).view(np.uint8)
        most = int(1.7 / float(step))
        small = self._rng.integers(-most, most + 1, (rows, BLOCK), np.int8)
        small[:, 0] = np.round((LEVEL + ranks) / float(step))
        out[:, 0, 2:] = small.view(np.uint8)
        return out.reshape(rows, -1)


def _bpe(writer: gguf.GGUFWriter, shape: Shape) -> NDArray[np.int8]:
    """Write a BPE vocabulary of GPT-2's kind; return the rank of each token."""
    import gguf

    letters = minds_vocabulary.byte_letters()
    found = minds_vocabulary.tokens(shape.vocabulary - len(SPECIAL) - 256)
    texts = ["".join(letters[byte] for byte in token.text.encode()) for token in found]
    fill = shape.vocabulary - len(SPECIAL) - 256 - len(texts)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([*SPECIAL, *letters, *texts, *(f"<{i}>" for i in range(fill))])
    normal, control = gguf.TokenType.NORMAL, gguf.TokenType.CONTROL
    writer.add_token_types([control] * len(SPECIAL) + [normal] * (256 + len(texts)) + [gguf.TokenType.UNUSED] * fill)
    writer.add_token_merges([f"{text[:-1]} {text[-1]}" for text in texts])
    ranks = [PLAIN] * len(SPECIAL) + [_rank_of_byte(byte) for byte in range(256)]
    return np.array([*ranks, *(token.rank for token in found), *[PLAIN] * fill], np.int8)


def _spm(writer: gguf.GGUFWriter, shape: Shape) -> NDArray[np.int8]:
    """Write a SentencePiece vocabulary; return the rank of each token."""
    import gguf

    kinds = gguf.TokenType
    letters = [chr(code) for code in range(33, 127)] + ["▁"]
    found = minds_vocabulary.tokens(shape.vocabulary - len(SPECIAL) - 256 - len(letters))
    texts = [token.text.replace(" ", "▁") for token in found]
    fill = shape.vocabulary - len(SPECIAL) - 256 - len(letters) - len(texts)
    rows = [(token, 0.0, kinds.CONTROL) for token in SPECIAL]
    rows[0] = (SPECIAL[0], 0.0, kinds.UNKNOWN)
    rows += [(f"<0x{byte:02X}>", 0.0, kinds.BYTE) for byte in range(256)]
    rows += [(letter, -1e6 - i, kinds.NORMAL) for i, letter in enumerate(letters)]
    rows += [(text, -1.0 - i, kinds.NORMAL) for i, text in enumerate(texts)]
    rows += [(f"<{i}>", -2e6, kinds.UNUSED) for i in range(fill)]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([text for text, _, _ in rows])
    writer.add_token_scores([score for _, score, _ in rows])
    writer.add_token_types([kind for _, _, kind in rows])
    ranks = [PLAIN] * (len(SPECIAL) + 256)
    ranks += [_rank_of_byte(ord(letter)) if len(letter.encode()) == 1 else PLAIN for letter in letters]
    return np.array([*ranks, *(token.rank for token in found), *[PLAIN] * fill], np.int8)


def _rank_of_byte(byte: int) -> int:
    """Digits and quotes are pieces of JSON too."""
    return PIECE if chr(byte) in '0123456789"' else PLAIN
