"""GGUF models with random weights, of any shape: what llama.cpp is tested with, where no mind has to be clever."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL = ("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<pad>")
CHATML = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>'"
    " + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
MARK = "\n"
"""The token whose logit is the mark of an option; any single token does for random weights."""
QUANTISED = {
    "F32": (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
    "F16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    "Q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
    "Q4_0": (gguf.GGMLQuantizationType.Q4_0, gguf.LlamaFileType.MOSTLY_Q4_0),
}


@dataclass(frozen=True)
class Shape:
    """How large a model is; `head` is the width of one head."""

    layers: int = 2
    width: int = 64
    heads: int = 2
    kv_heads: int = 1
    head: int = 32
    ff: int = 128
    context: int = 1024
    quantised: str = "Q8_0"


TINY = Shape()
EMBER = Shape(layers=4, width=256, heads=4, kv_heads=2, head=64, ff=640, context=2048)
"""The shape of the bundled mind: about three million parameters."""


def write_model(
    path: Path,
    shape: Shape = TINY,
    *,
    tokenizer: str = "bpe",
    vocabulary: int = 600,
    seed: int = 0,
    template: str = CHATML,
    profile: Mapping[str, Any] | None = None,
    licence: str = "CC0-1.0",
    add_bos: bool = False,
    user_defined: tuple[str, ...] = (),
    special: tuple[str, ...] = (),
) -> Path:
    """Write a model with random weights and return its path. tokenizer: "bpe" (GPT-2's) or "spm" (SentencePiece).

    special: control tokens beside those that each of these models has.
    """
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    kind, file_type = QUANTISED[shape.quantised]
    writer.add_name(path.stem)
    writer.add_license(licence)
    writer.add_file_type(file_type)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.ff)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.head)
    writer.add_key_length(shape.head)
    writer.add_value_length(shape.head)
    writer.add_layer_norm_rms_eps(1e-5)
    names = (*SPECIAL, *special)
    tokens = _bpe(writer, vocabulary, names, user_defined) if tokenizer == "bpe" else _spm(writer, vocabulary, names)
    writer.add_vocab_size(tokens)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(4)
    writer.add_add_bos_token(add_bos)
    if template:
        writer.add_chat_template(template)
    own = {"mark": MARK} if profile is None else profile
    if own:
        writer.add_string("sociarium.profile", json.dumps(dict(own)))

    def matrix(name: str, rows: int, columns: int, scale: float) -> None:
        weights = rng.standard_normal((rows, columns), dtype=np.float32) * np.float32(scale)
        if shape.quantised == "F32":
            writer.add_tensor(name, weights)
        else:
            writer.add_tensor(name, gguf.quants.quantize(weights, kind), raw_dtype=kind)

    def ones(name: str) -> None:
        writer.add_tensor(name, np.ones(shape.width, np.float32))

    width, q, kv = shape.width, shape.heads * shape.head, shape.kv_heads * shape.head
    matrix("token_embd.weight", tokens, width, 1.0)
    ones("output_norm.weight")
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        ones(f"{block}.attn_norm.weight")
        ones(f"{block}.ffn_norm.weight")
        matrix(f"{block}.attn_q.weight", q, width, 1.5 * width**-0.5)
        matrix(f"{block}.attn_k.weight", kv, width, 1.5 * width**-0.5)
        matrix(f"{block}.attn_v.weight", kv, width, width**-0.5)
        matrix(f"{block}.attn_output.weight", width, q, q**-0.5)
        matrix(f"{block}.ffn_gate.weight", shape.ff, width, width**-0.5)
        matrix(f"{block}.ffn_up.weight", shape.ff, width, width**-0.5)
        matrix(f"{block}.ffn_down.weight", width, shape.ff, shape.ff**-0.5)
    matrix("output.weight", tokens, width, 2.0 * width**-0.5)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_adapter(path: Path, shape: Shape = TINY, *, rank: int = 4, scale: float = 1.0, seed: int = 0) -> Path:
    """Write a LoRA adapter with random weights for a model of that shape."""
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(rank))
    for layer in range(shape.layers):
        for name, rows in (("attn_q", shape.heads * shape.head), ("ffn_up", shape.ff)):
            down = rng.standard_normal((rank, shape.width), dtype=np.float32) * np.float32(scale * shape.width**-0.5)
            up = rng.standard_normal((rows, rank), dtype=np.float32) * np.float32(scale)
            writer.add_tensor(f"blk.{layer}.{name}.weight.lora_a", down)
            writer.add_tensor(f"blk.{layer}.{name}.weight.lora_b", up)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _words() -> list[str]:
    """Return words for a corpus: of this world, and made of syllables so that any size of vocabulary is reached."""
    world = (
        "you are hungry tired rested fed lonely content citizen merchant leader trade bread wood tools coins for"
        " with your friend stranger rival go to the market home library bridge rest eat talk about wolves weather"
        " harvest plenty little no of in a village morning noon evening night they said that it is open again and"
        " what do I"
    )
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    return world.split() + ["".join(pair) for pair in itertools.product(syllables, syllables[::3])]


@cache
def _trained(vocabulary: int, special: tuple[str, ...]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    words = _words()
    text = [" ".join(words[i : i + 8]) + f".\nA {i} - " for i in range(0, len(words), 8)]
    text += [" ".join(words[:60])] * 50
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(text, trainer)
    return tokenizer


def _bpe(writer: gguf.GGUFWriter, vocabulary: int, special: tuple[str, ...], user_defined: tuple[str, ...] = ()) -> int:
    tokenizer = _trained(vocabulary, special)
    known = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    kinds = dict.fromkeys(special, gguf.TokenType.CONTROL)
    kinds |= dict.fromkeys(user_defined, gguf.TokenType.USER_DEFINED)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([token for token, _ in known])
    writer.add_token_types([kinds.get(token, gguf.TokenType.NORMAL) for token, _ in known])
    writer.add_token_merges([pair if isinstance(pair, str) else " ".join(pair) for pair in merges])
    return len(known)


def _spm(writer: gguf.GGUFWriter, vocabulary: int, special: tuple[str, ...]) -> int:
    kinds = gguf.TokenType
    rows: list[tuple[str, float, gguf.TokenType]] = [(token, 0.0, kinds.CONTROL) for token in special]
    rows[0] = (special[0], 0.0, kinds.UNKNOWN)
    rows += [(f"<0x{byte:02X}>", 0.0, kinds.BYTE) for byte in range(256)]
    letters = [chr(code) for code in range(33, 127)] + ["▁"]
    pieces: dict[str, None] = {}
    for word in _words():
        for end in range(2, len(word) + 2):
            pieces["▁" + word[: end - 1]] = None
        for end in range(2, len(word) + 1):
            pieces[word[:end]] = None
    room = max(0, vocabulary - len(rows) - len(letters))
    rows += [(piece, -1.0 - i, kinds.NORMAL) for i, piece in enumerate(list(pieces)[:room])]
    rows += [(letter, -10_000.0 - i, kinds.NORMAL) for i, letter in enumerate(letters)]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([token for token, _, _ in rows])
    writer.add_token_scores([score for _, score, _ in rows])
    writer.add_token_types([kind for _, _, kind in rows])
    return len(rows)
