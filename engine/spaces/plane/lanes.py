"""SIMD lanes: one small language in which work on neighbours is written once, for several at a time.

`scan` is for cheap work on most of those around: people of one cell stand in the lanes of vector registers, and the
others in reach go by one after the other, each copied to all lanes. `sift` and `each` are for dear work on few: those
around stand in the lanes and are sifted, then the work is done on as many pairs at a time as there are lanes.

Every lane computes what the plain loop would compute, and sums are added up in the plain loop's order, so they have its
bits for any number of lanes and on every CPU: LLVM cuts the lanes into what registers there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.registry import cpu_target
from numba.extending import intrinsic

LANES = 16 if "+avx512f" in cpu_target.target_context.codegen().magic_tuple()[2] else 8
"""How many people are looked at together; columns that are scanned have as many spare rows at their end.

Sixteen floats fill two of AVX2's registers; then sums spill to memory, which costs a quarter.
"""

_FLOAT, _INT, _WORD = ir.FloatType(), ir.IntType(64), ir.IntType(32)
_VECTOR = ir.VectorType(_FLOAT, LANES)
_ALIGNED = 4


class Lanes:
    """Float32 numbers at once, or flags, in the LLVM code being built. Other operands may be np.float32."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder = builder
        self.value = value

    def _with(self, other: Lanes | np.float32) -> Any:
        return other.value if isinstance(other, Lanes) else ir.Constant(_VECTOR, [float(other)] * LANES)

    def __add__(self, other: Lanes | np.float32) -> Lanes:
        return Lanes(self.builder, self.builder.fadd(self.value, self._with(other)))

    def __sub__(self, other: Lanes | np.float32) -> Lanes:
        return Lanes(self.builder, self.builder.fsub(self.value, self._with(other)))

    def __mul__(self, other: Lanes | np.float32) -> Lanes:
        return Lanes(self.builder, self.builder.fmul(self.value, self._with(other)))

    def __neg__(self) -> Lanes:
        return Lanes(self.builder, self.builder.fneg(self.value))

    def __lt__(self, other: Lanes | np.float32) -> Lanes:
        return Lanes(self.builder, self.builder.fcmp_ordered("<", self.value, self._with(other)))

    def __gt__(self, other: Lanes | np.float32) -> Lanes:
        return Lanes(self.builder, self.builder.fcmp_ordered(">", self.value, self._with(other)))

    def __and__(self, other: Lanes) -> Lanes:
        return Lanes(self.builder, self.builder.and_(self.value, other.value))

    def __or__(self, other: Lanes) -> Lanes:
        return Lanes(self.builder, self.builder.or_(self.value, other.value))

    def filled(self, number: np.float32) -> Lanes:
        """Return a number in all lanes."""
        return Lanes(self.builder, self._with(number))

    def over(self, numerator: np.float32) -> Lanes:
        """Return numerator / self."""
        return Lanes(self.builder, self.builder.fdiv(self._with(numerator), self.value))

    def root(self) -> Lanes:
        """Return the square roots, correctly rounded."""
        kind = ir.FunctionType(_VECTOR, [_VECTOR])
        function = cgutils.get_or_insert_function(self.builder.module, kind, f"llvm.sqrt.v{LANES}f32")
        return Lanes(self.builder, self.builder.call(function, [self.value]))

    def at_least(self, least: Lanes | np.float32) -> Lanes:
        """Return the larger of both."""
        return (self > least).choose(self, Lanes(self.builder, self._with(least)))

    def choose(self, yes: Lanes, no: Lanes) -> Lanes:
        """Return yes where the flag is set and no elsewhere."""
        return Lanes(self.builder, self.builder.select(self.value, yes.value, no.value))


Visit = Callable[[Sequence[Lanes], Sequence[Lanes], Sequence[Lanes]], Sequence[tuple[Lanes, Lanes]]]
"""(own columns, the other's columns, constants) -> (flag, addend) for each sum; written with the operators of Lanes."""


def scan(visit: Visit, count: int) -> Any:
    """Return a device function that adds up what `visit` says of each candidate, for `LANES` people at once.

    scan(own, others, at, first, last, shift_x, shift_y, sums, constants): own and others are tuples of float32 columns
    in cell order, the first two of them x and y; the people are at..at+LANES-1; the candidates first..last-1, seen as
    if the people stood at their place less the shift; sums float32[count * LANES] is added to, sum by sum; constants
    are a tuple of float32.
    """

    @intrinsic
    def scanned(
        typing: Any, own: Any, others: Any, at: Any, first: Any, last: Any,
        shift_x: Any, shift_y: Any, sums: Any, constants: Any,
    ) -> Any:  # fmt: skip
        real, index = types.float32, types.int64
        signature = types.void(own, others, index, index, index, real, real, sums, constants)
        return signature, lambda *code: _loop(visit, count, *code)

    return scanned


def _loop(visit: Visit, count: int, context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Build the loop over the candidates, with the sums in registers."""
    own_type, others_type, *_, sums_type, constants_type = signature.args
    own, others, at, first, last, shift_x, shift_y, sums, constants = arguments
    own_columns = _pointers(context, builder, own_type, own)
    columns = _pointers(context, builder, others_type, others)
    totals = context.make_array(sums_type)(context, builder, sums).data
    mine = [_load(builder, column, at) for column in own_columns]
    mine[0] = mine[0] - _spread(builder, shift_x)
    mine[1] = mine[1] - _spread(builder, shift_y)
    given = [_spread(builder, builder.extract_value(constants, k)) for k in range(len(constants_type))]

    before = builder.block
    head, body, end = (builder.append_basic_block(name) for name in ("candidates", "candidate", "done"))
    starts = [_load(builder, totals, ir.Constant(_INT, LANES * k)) for k in range(count)]
    builder.branch(head)

    builder.position_at_end(head)
    candidate = builder.phi(_INT)
    candidate.add_incoming(first, before)
    running = [builder.phi(_VECTOR) for _ in starts]
    for total, start in zip(running, starts, strict=True):
        total.add_incoming(start.value, before)
    builder.cbranch(builder.icmp_signed("<", candidate, last), body, end)

    builder.position_at_end(body)
    theirs = [_spread(builder, builder.load(builder.gep(column, [candidate]))) for column in columns]
    for total, (flag, addend) in zip(running, visit(mine, theirs, given), strict=True):
        old = Lanes(builder, total)
        total.add_incoming(flag.choose(old + addend, old).value, builder.block)
    candidate.add_incoming(builder.add(candidate, ir.Constant(_INT, 1)), builder.block)
    builder.branch(head)

    builder.position_at_end(end)
    for k, total in enumerate(running):
        builder.store(total, _vector_at(builder, totals, ir.Constant(_INT, LANES * k)), align=_ALIGNED)
    return context.get_dummy_value()


Test = Callable[[Sequence[Lanes], Sequence[Lanes]], Lanes]
"""(the candidates' columns, constants) -> flags; written with the operators of Lanes."""


def sift(test: Test) -> Any:
    """Return a device function that tests `LANES` candidates at once.

    sift(columns, at, last, constants): columns are a tuple of float32 columns in cell order; the candidates are those
    of at..at+LANES-1 below last; constants are a tuple of float32. Returns a word in which bit k is set where candidate
    at+k passes; see `lowest`.
    """

    @intrinsic
    def sifted(typing: Any, columns: Any, at: Any, last: Any, constants: Any) -> Any:
        return types.uint64(columns, types.int64, types.int64, constants), lambda *code: _sift(test, *code)

    return sifted


def _sift(test: Test, context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    columns_type, _, _, constants_type = signature.args
    columns, at, last, constants = arguments
    theirs = [_load(builder, column, at) for column in _pointers(context, builder, columns_type, columns)]
    given = [_spread(builder, builder.extract_value(constants, k)) for k in range(len(constants_type))]
    left = _copied(builder, builder.trunc(builder.sub(last, at), _WORD))
    there = builder.icmp_signed("<", ir.Constant(left.type, list(range(LANES))), left)
    flags = builder.and_(test(theirs, given).value, there)
    return builder.zext(builder.bitcast(flags, ir.IntType(LANES)), _INT)


@intrinsic
def lowest(typing: Any, word: Any) -> Any:
    """Return the number of the lowest bit that is set in a word that is not 0: a device function."""
    return types.int64(types.uint64), lambda _, builder, __, words: builder.cttz(words[0], ir.IntType(1)(1))


Work = Callable[[Sequence[Lanes]], Sequence[Lanes]]
"""The columns of pairs -> what comes out for each pair; written with the operators of Lanes."""


def each(work: Work, columns: int) -> Any:
    """Return a device function that works on `LANES` pairs at once.

    each(pairs, out): pairs float32[columns, LANES]; what comes out is written to the rows of out float32[..., LANES].
    """

    @intrinsic
    def done(typing: Any, pairs: Any, out: Any) -> Any:
        return types.void(pairs, out), lambda *code: _each(work, columns, *code)

    return done


def _each(work: Work, columns: int, context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    data, out = (
        context.make_array(kind)(context, builder, array).data
        for kind, array in zip(signature.args, arguments, strict=True)
    )
    rows = [ir.Constant(_INT, LANES * k) for k in range(columns)]
    for row, result in zip(rows, work([_load(builder, data, row) for row in rows]), strict=False):
        builder.store(result.value, _vector_at(builder, out, row), align=_ALIGNED)
    return context.get_dummy_value()


def _pointers(context: Any, builder: Any, columns: Any, value: Any) -> list[Any]:
    """Return where the data of a tuple's arrays begin."""
    return [
        context.make_array(column)(context, builder, builder.extract_value(value, k)).data
        for k, column in enumerate(columns)
    ]


def _vector_at(builder: Any, data: Any, index: Any) -> Any:
    return builder.bitcast(builder.gep(data, [index]), ir.PointerType(_VECTOR))


def _load(builder: Any, data: Any, index: Any) -> Lanes:
    return Lanes(builder, builder.load(_vector_at(builder, data, index), align=_ALIGNED))


def _spread(builder: Any, number: Any) -> Lanes:
    return Lanes(builder, _copied(builder, number))


def _copied(builder: Any, number: Any) -> Any:
    """Copy one number to all lanes."""
    nothing = ir.Constant(ir.VectorType(number.type, LANES), ir.Undefined)
    single = builder.insert_element(nothing, number, ir.Constant(_WORD, 0))
    return builder.shuffle_vector(single, nothing, ir.Constant(ir.VectorType(_WORD, LANES), [0] * LANES))
