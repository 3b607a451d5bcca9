"""Bytes made small by zstd and sealed by a checksum; read back within stated bounds."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import zstandard
from xxhash import xxh3_64_digest

from engine.errors import RunFileError

LIMIT = 1 << 30
"""No block of a run file unpacks to more bytes than this."""

_FORMAT = zstandard.FORMAT_ZSTD1_MAGICLESS


class Squeezer:
    """A zstd compressor for many blocks. They carry their size, no magic number and no checksum (`seal` is ours).

    A `dictionary` is text like that of the blocks, which the `Unsqueezer` must be given too.
    """

    def __init__(self, level: int, dictionary: bytes = b"") -> None:
        known = _dictionary(dictionary)
        if known is not None:
            known.precompute_compress(level)
        parameters = zstandard.ZstdCompressionParameters.from_level(
            level, format=_FORMAT, write_content_size=1, write_checksum=0, write_dict_id=0
        )
        self.squeeze: Callable[[Any], bytes] = zstandard.ZstdCompressor(
            dict_data=known, compression_params=parameters
        ).compress
        """Returns a block (bytes, or uint8 in one piece) made small."""


class Unsqueezer:
    """The way back. Raises RunFileError for what is no such block or would be larger than the limit."""

    def __init__(self, dictionary: bytes = b"") -> None:
        self._unsqueeze = zstandard.ZstdDecompressor(
            dict_data=_dictionary(dictionary), format=_FORMAT, max_window_size=1 << 27
        ).decompress

    def unsqueeze(self, data: bytes, limit: int = LIMIT) -> bytes:
        """Return the block as it was, at most `limit` bytes."""
        try:
            size = zstandard.get_frame_parameters(data, _FORMAT).content_size
            if size > limit:
                raise RunFileError(f"a block says that it holds {size} bytes, more than {limit}")
            block = self._unsqueeze(data, max_output_size=limit, allow_extra_data=False)
        except zstandard.ZstdError as error:
            raise RunFileError(f"a block does not unpack ({error})") from error
        if len(block) != size:
            raise RunFileError(f"a block holds {len(block)} bytes and says {size}")
        return block


def _dictionary(data: bytes) -> zstandard.ZstdCompressionDict | None:
    return zstandard.ZstdCompressionDict(data, zstandard.DICT_TYPE_RAWCONTENT) if data else None


def seal(*parts: bytes) -> bytes:
    """Return the 8-byte XXH3 checksum of the parts in order (each of known length, or the last)."""
    return xxh3_64_digest(b"".join(parts))


def sealed_numbers(*numbers: int) -> bytes:
    """Return integers as the bytes that go under a seal, so that a row cannot stand in another's place."""
    return struct.pack(f"<{len(numbers)}q", *numbers)
