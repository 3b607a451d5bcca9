"""Kernels that turn integer columns into few small bytes and back, before zstd sees them.

A packed column is a tag byte and its values as planes: all lowest bytes, then all second bytes, and so on up to the
last plane that is not all zero. The tag says how values were made small (as they are, zigzag, or zigzag of the
difference to the value before) and whether only those that are not zero follow, with the gaps between them. What suits
a column best is found by counting. Reading checks every step against the end of the data: nothing read is trusted.
"""

from __future__ import annotations

import numpy as np

from engine.kernels import inlined, kernel
from engine.values import Bytes, Int64s

PLAIN, ZIGZAG, DIFFERENCE = 0, 1, 2
SPARSE = 64
"""Tag = way + 4 * planes, + SPARSE where only values that are not zero follow."""

ROOM = 16
"""Bytes that a packed column may take beyond (width + 1) for each of its values."""


@inlined
def planes_of(bits: int) -> int:
    """Return how many bytes hold all bits of the (unsigned) values whose bitwise or this is."""
    rest, planes = np.uint64(bits), 0
    while rest != np.uint64(0):
        rest >>= np.uint64(8)
        planes += 1
    return planes


@inlined
def put_number(value: int, out: Bytes, at: int) -> int:
    """Write a number of 0 or more in 7-bit groups; return the offset after it."""
    while value > 127:
        out[at] = np.uint8(value & 127 | 128)
        value >>= 7
        at += 1
    out[at] = np.uint8(value)
    return at + 1


@kernel
def take_number(data: Bytes, at: int) -> tuple[int, int]:
    """Return (number, offset after it); offset -1 when the data ends too early or the number is over 2^42."""
    value = 0
    for k in range(6):
        if at < 0 or at >= data.size:
            return 0, -1
        byte = int(data[at])
        value |= (byte & 127) << (7 * k)
        at += 1
        if byte < 128:
            return value, at
    return 0, -1


@inlined
def make_small(work: Int64s, count: int) -> tuple[int, int, int]:
    """Make values small in place, the way that costs least; return (way, planes, values that are not zero)."""
    if count == 0:
        return PLAIN, 0, 0
    first = int((work[0] << 1) ^ (work[0] >> 63))
    plain, zigzagged, differences = int(work[0]), first, first
    filled = changes = int(work[0] != 0)
    for i in range(1, count):
        value = int(work[i])
        difference = int(value - work[i - 1])
        plain |= value
        zigzagged |= (value << 1) ^ (value >> 63)
        differences |= (difference << 1) ^ (difference >> 63)
        filled += int(value != 0)
        changes += int(difference != 0)
    way, planes, kept = PLAIN, planes_of(plain), filled
    if planes_of(zigzagged) < planes:
        way, planes = ZIGZAG, planes_of(zigzagged)
    steep = planes_of(differences)
    if min(changes * (steep + 1), count * steep) < min(kept * (planes + 1), count * planes):
        way, planes, kept = DIFFERENCE, steep, changes
    if way == ZIGZAG:
        for i in range(count):
            work[i] = (work[i] << 1) ^ (work[i] >> 63)
    elif way == DIFFERENCE:
        for i in range(count - 1, 0, -1):
            difference = int(work[i] - work[i - 1])
            work[i] = (difference << 1) ^ (difference >> 63)
        work[0] = first
    return way, planes, kept


@kernel
def put_column(work: Int64s, count: int, out: Bytes, at: int) -> int:
    """Pack the first `count` values of `work`, which is used up; return the offset after them.

    `out` needs room for ROOM + count * (w + 1) bytes, where the values lie within w signed bytes.
    """
    way, planes, kept = make_small(work, count)
    if kept == 0:
        out[at] = 0
        return at + 1
    if kept * (planes + 1) < count * planes:
        out[at] = np.uint8(way + 4 * planes + SPARSE)
        at = put_number(kept, out, at + 1)
        gap, row = 0, 0
        for i in range(count):
            if work[i] == 0:
                gap += 1
                continue
            while gap >= 255:
                out[at] = 255
                at += 1
                gap -= 255
            out[at] = np.uint8(gap)
            at += 1
            gap = 0
            work[row] = work[i]
            row += 1
    else:
        out[at] = np.uint8(way + 4 * planes)
        at += 1
        kept = count
    for k in range(planes):
        for i in range(kept):
            out[at + i] = np.uint8(work[i] >> (8 * k) & 255)
        at += kept
    return at


@kernel
def take_column(data: Bytes, at: int, count: int, work: Int64s) -> int:
    """Unpack `count` values into `work`; return the offset after them, or -1 when the data is not such a column."""
    if at < 0 or at >= data.size:
        return -1
    tag = int(data[at])
    at += 1
    way, planes, kept = tag & 3, tag >> 2 & 15, count
    if tag > 127 or way > DIFFERENCE or planes > 8:
        return -1
    work[:count] = 0
    gaps = at
    if tag & SPARSE:
        kept, at = take_number(data, at)
        gaps, i, row = at, 0, 0
        if at < 0 or kept > count:
            return -1
        while row < kept:
            if at >= data.size:
                return -1
            gap = int(data[at])
            at += 1
            i += gap
            if i >= count:
                return -1
            if gap < 255:
                i += 1
                row += 1
    if planes * kept > data.size - at:
        return -1
    place = -1
    for row in range(kept):
        value = 0
        for k in range(planes):
            value |= int(data[at + k * kept + row]) << (8 * k)
        if tag & SPARSE:
            while data[gaps] == 255:
                place += 255
                gaps += 1
            place += int(data[gaps]) + 1
            gaps += 1
            work[place] = value
        else:
            work[row] = value
    restore(work, count, way)
    return at + planes * kept


@inlined
def restore(work: Int64s, count: int, way: int) -> None:
    """Undo what made the values small, in place."""
    if way != PLAIN:
        for i in range(count):
            work[i] = np.int64(np.uint64(work[i]) >> np.uint64(1)) ^ -(work[i] & 1)
    if way == DIFFERENCE:
        for i in range(1, count):
            work[i] += work[i - 1]


@inlined
def load(
    raw: Bytes, start: int, step: int, count: int, width: int, shift: int, work: Int64s, kept: int, sign: int
) -> None:
    """Put a column of `raw`, without its low `shift` bits, into `work`.

    Signed little-endian integers of `width` bytes at start, start + step, ...; both are multiples of the width, and the
    size of `raw` is a multiple of 8. kept 0 puts them in place of what `work` holds; kept -1 adds them, or with sign -1
    takes them away (bit masks, so that one loop serves all).
    """
    if width == 1:
        bytes_ = raw.view(np.int8)
        for i in range(count):
            work[i] = (work[i] & kept) + ((np.int64(bytes_[start + i * step]) >> shift) ^ sign) - sign
    elif width == 2:
        shorts = raw.view(np.int16)
        for i in range(count):
            work[i] = (work[i] & kept) + ((np.int64(shorts[(start + i * step) >> 1]) >> shift) ^ sign) - sign
    elif width == 4:
        words = raw.view(np.int32)
        for i in range(count):
            work[i] = (work[i] & kept) + ((np.int64(words[(start + i * step) >> 2]) >> shift) ^ sign) - sign
    else:
        longs = raw.view(np.int64)
        for i in range(count):
            work[i] = (work[i] & kept) + ((longs[(start + i * step) >> 3] >> shift) ^ sign) - sign


@inlined
def keep(state: Bytes, start: int, step: int, count: int, width: int, shift: int, work: Int64s) -> None:
    """Write `work` into a column of `state`, wrapped around to its width; the way back of `load`."""
    if width == 1:
        bytes_ = state.view(np.int8)
        for i in range(count):
            bytes_[start + i * step] = np.int8(work[i] << shift)
    elif width == 2:
        shorts = state.view(np.int16)
        for i in range(count):
            shorts[(start + i * step) >> 1] = np.int16(work[i] << shift)
    elif width == 4:
        words = state.view(np.int32)
        for i in range(count):
            words[(start + i * step) >> 2] = np.int32(work[i] << shift)
    else:
        longs = state.view(np.int64)
        for i in range(count):
            longs[(start + i * step) >> 3] = work[i] << shift


@inlined
def is_same(raw: Bytes, previous: Bytes, start: int, end: int) -> bool:
    """Whether two blocks hold the same bytes from start to end; most columns do from tick to tick."""
    first, last = (start + 7) >> 3, end >> 3
    words, others = raw.view(np.int64), previous.view(np.int64)
    different = np.int64(0)
    for i in range(first, last):
        different |= words[i] ^ others[i]
    for i in range(start, min(8 * first, end)):
        different |= np.int64(raw[i] != previous[i])
    for i in range(max(8 * last, start), end):
        different |= np.int64(raw[i] != previous[i])
    return bool(different == 0)


@kernel
def pack_columns(raw: Bytes, previous: Bytes, layout: Int64s, fresh: bool, work: Int64s, out: Bytes, at: int) -> int:
    """Pack columns that lie in `raw`, each against `previous` unless `fresh`; return the offset after them.

    layout int64[c,5]: (start, step, count, width, shift) as `load` takes them. `work` holds the longest column, `out`
    the sum of what `put_column` asks.
    """
    for c in range(layout.shape[0]):
        start, step, count, width, shift = layout[c, 0], layout[c, 1], layout[c, 2], layout[c, 3], layout[c, 4]
        if not fresh and step == width and is_same(raw, previous, start, start + count * width):
            out[at] = 0
            at += 1
            continue
        load(raw, start, step, count, width, shift, work, 0, 0)
        if not fresh:
            load(previous, start, step, count, width, shift, work, -1, -1)
        at = put_column(work, count, out, at)
    return at


@kernel
def unpack_columns(data: Bytes, at: int, layout: Int64s, fresh: bool, work: Int64s, state: Bytes) -> int:
    """Unpack columns into `state`, on top of what it holds unless `fresh`; return the offset after them, or -1."""
    for c in range(layout.shape[0]):
        start, step, count, width, shift = layout[c, 0], layout[c, 1], layout[c, 2], layout[c, 3], layout[c, 4]
        at = take_column(data, at, count, work)
        if at < 0:
            return -1
        if not fresh:
            load(state, start, step, count, width, shift, work, -1, 0)
        keep(state, start, step, count, width, shift, work)
    return at
