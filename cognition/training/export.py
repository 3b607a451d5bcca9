"""A trained network as a GGUF file that llama.cpp reads: weights, tokenizer, and how it is to be asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import gguf
import numpy as np
import torch

from cognition.language.model import Profile
from cognition.training.network import EPSILON, ROPE_BASE, Shape
from cognition.training.tokens import MARK, SPECIAL, add_vocabulary

NAMES: Mapping[str, str] = {
    "attention_norm": "attn_norm",
    "feed_norm": "ffn_norm",
    "query": "attn_q",
    "key": "attn_k",
    "value": "attn_v",
    "out": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}
"""Our names of a block's weights, and GGUF's."""


def write_gguf(
    path: Path,
    shape: Shape,
    weights: Mapping[str, torch.Tensor],
    tokenizer: Path,
    name: str,
    about: str,
    profile: Profile,
) -> None:
    """Write weights (Q4_0, embedding Q8_0, norms in float32) and the BPE of `tokenizer` (its JSON) into one file.

    The layout is of neighbouring pairs, as `network` has it, so nothing is permuted.
    """
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name(name)
    writer.add_description(about)
    writer.add_license("MIT")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.groups)
    writer.add_key_length(shape.head)
    writer.add_value_length(shape.head)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    writer.add_string("sociarium.profile", json.dumps({**asdict(profile), "mark": SPECIAL[MARK]}))
    add_vocabulary(writer, tokenizer)
    for key, tensor in weights.items():
        _add(writer, key, tensor.detach().float().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add(writer: gguf.GGUFWriter, key: str, weight: np.ndarray) -> None:
    if key == "embedding.weight":
        name = "token_embd.weight"
    elif key == "norm.weight":
        name = "output_norm.weight"
    else:
        _, block, ours, _ = key.split(".")
        name = f"blk.{block}.{NAMES[ours]}.weight"
    if weight.ndim == 1:
        writer.add_tensor(name, weight)
        return
    types = gguf.GGMLQuantizationType
    kind = types.Q8_0 if key == "embedding.weight" else types.Q4_0
    writer.add_tensor(name, gguf.quantize(weight, kind), raw_dtype=kind)
