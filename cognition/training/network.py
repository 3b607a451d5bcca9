"""A small Llama (Touvron et al. 2023, "LLaMA: Open and Efficient Foundation Language Models") in plain torch.

Pre-norm blocks with RMSNorm, grouped-query attention with rotary positions (Su et al. 2021) on neighbouring pairs as
llama.cpp has them, SwiGLU, tied embeddings. One prefix serves a whole batch: its keys and values are computed once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

EPSILON = 1e-5
ROPE_BASE = 10_000.0


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a network; `heads` of query, each of width `head`, share `groups` of key and value."""

    vocabulary: int
    width: int = 192
    layers: int = 2
    heads: int = 2
    head: int = 32
    groups: int = 1
    hidden: int = 384
    context: int = 4096

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)


class Norm(nn.Module):
    """Root-mean-square normalisation (Zhang and Sennrich 2019)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """Return x over its root mean square, times the weights."""
        return functional.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), EPSILON)


class Block(nn.Module):
    """One layer: attention and feed-forward, each after a norm and added to what came in."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        asks, keys = shape.heads * shape.head, shape.groups * shape.head
        self.attention_norm, self.feed_norm = Norm(shape.width), Norm(shape.width)
        self.query = nn.Linear(shape.width, asks, bias=False)
        self.key = nn.Linear(shape.width, keys, bias=False)
        self.value = nn.Linear(shape.width, keys, bias=False)
        self.out = nn.Linear(asks, shape.width, bias=False)
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(
        self, x: Tensor, turns: Tensor, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return what comes out for x [batch, n, width], and its keys and values; `past` are those of the prefix."""
        shape, (batch, length, _) = self.shape, x.shape
        h = self.attention_norm(x)
        query = turned(self.query(h).view(batch, length, shape.heads, shape.head), turns).transpose(1, 2)
        key = turned(self.key(h).view(batch, length, shape.groups, shape.head), turns).transpose(1, 2)
        value = self.value(h).view(batch, length, shape.groups, shape.head).transpose(1, 2)
        own = key, value
        mask = None
        if past is not None:
            before = past[0].shape[2]
            key = torch.cat((past[0].expand(batch, -1, -1, -1), key), 2)
            value = torch.cat((past[1].expand(batch, -1, -1, -1), value), 2)
            mask = torch.ones(length, before + length, dtype=torch.bool).tril(before)
        met = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, is_causal=mask is None, enable_gqa=True
        )
        x = x + self.out(met.transpose(1, 2).reshape(batch, length, -1))
        h = self.feed_norm(x)
        return x + self.down(functional.silu(self.gate(h)) * self.up(h)), own


class Network(nn.Module):
    """The whole: embedding, blocks, norm; the embedding is also the way out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width)
        self.register_buffer("turns", _turns(shape), persistent=False)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.04)

    def forward(self, prefix: Tensor, own: Tensor) -> Tensor:
        """Return the last hidden states [batch, n, width] of `own` int64[batch, n] after `prefix` int64[p]."""
        turns: Tensor = self.turns
        before = prefix.shape[0]
        start = self.embedding(prefix)[None]
        x = self.embedding(own)
        for block in self.blocks:
            start, past = block(start, turns[:before], None)
            x, _ = block(x, turns[before : before + own.shape[1]], past)
        out: Tensor = self.norm(x)
        return out

    def logits(self, hidden: Tensor) -> Tensor:
        """Return logits float32[..., vocabulary]."""
        return functional.linear(hidden, self.embedding.weight.to(hidden.dtype)).float()


def _turns(shape: Shape) -> Tensor:
    rates = ROPE_BASE ** (-torch.arange(0, shape.head, 2).double() / shape.head)
    angles = torch.arange(shape.context).double()[:, None] * rates
    return torch.stack((angles.cos(), angles.sin()), -1).float()


def turned(x: Tensor, turns: Tensor) -> Tensor:
    """Turn neighbouring pairs of x [batch, n, heads, head] by the angles of their positions: turns [n, head / 2, 2]."""
    even, odd = x[..., 0::2], x[..., 1::2]
    cos, sin = turns[:, None, :, 0].to(x.dtype), turns[:, None, :, 1].to(x.dtype)
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)
