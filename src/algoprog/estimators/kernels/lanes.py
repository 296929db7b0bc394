"""Sums of products and exponentials of rows, the same bytes whatever vectors a processor has.

A compiler that may reorder a sum adds in as many lanes as the processor has, and rounds a product
before it is added where there is no fused multiply-add; so another processor gives other digits.
Here both are written down: a vector is four rows, every multiply-add rounds once (``llvm.fma``, in
software where the processor has none), and lanes are added at the end in one order. Vectors wider
or narrower than four change the speed and nothing else.

They know rows, a multiple of :data:`algoprog.model.design.LANES` of them; they know no law.
"""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from algoprog.model.design import LANES

WIDTH = 4  # rows of a vector
WIDEST = 5  # columns that one pass takes beside two others: what sixteen registers hold
_DOUBLE, _INDEX = ir.DoubleType(), ir.IntType(64)
_VECTOR = ir.VectorType(_DOUBLE, WIDTH)
_BITS = ir.VectorType(_INDEX, WIDTH)


def _number(value: float) -> Any:
    return ir.Constant(_VECTOR, [value] * WIDTH)


def _index(value: int) -> Any:
    return ir.Constant(_INDEX, value)


def _fused(builder: Any, *numbers: Any) -> Any:
    """Return a b + c of vectors, rounded once."""
    kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{WIDTH}f64")
    return builder.call(function, numbers)


def _place(builder: Any, pointer: Any, row: Any) -> Any:
    return builder.bitcast(builder.gep(pointer, [row]), _VECTOR.as_pointer())


def _load(builder: Any, pointer: Any, row: Any) -> Any:
    return builder.load(_place(builder, pointer, row), align=8)


def _total(builder: Any, vector: Any) -> Any:
    """Return (l0 + l1) + (l2 + l3) of the lanes of a vector."""
    lanes = [builder.extract_element(vector, ir.Constant(ir.IntType(32), k)) for k in range(WIDTH)]
    return builder.fadd(builder.fadd(lanes[0], lanes[1]), builder.fadd(lanes[2], lanes[3]))


def _array(context: Any, builder: Any, kind: Any, value: Any) -> tuple[Any, list[Any]]:
    """Return the first element's address and the shape of an array."""
    array = context.make_array(kind)(context, builder, value)
    return array.data, cgutils.unpack_tuple(builder, array.shape)


def _rows(builder: Any, n: Any, step: int, starts: list[Any], body: Any) -> list[Any]:
    """Write a loop over n rows, ``step`` at a time, that carries vectors; return them after it.

    ``body(row, carried)`` returns what is carried on. There is a pass even where n is 0: no law
    has no rows.
    """
    before, loop = builder.block, builder.append_basic_block("rows")
    after = builder.append_basic_block("after")
    builder.branch(loop)
    builder.position_at_end(loop)
    row = builder.phi(_INDEX)
    row.add_incoming(_index(0), before)
    carried = [builder.phi(start.type) for start in starts]
    for value, start in zip(carried, starts, strict=True):
        value.add_incoming(start, before)
    new: list[Any] = body(row, carried)
    following = builder.add(row, _index(step))
    row.add_incoming(following, builder.block)
    for value, one in zip(carried, new, strict=True):
        value.add_incoming(one, builder.block)
    builder.cbranch(builder.icmp_signed("<", following, n), loop, after)
    builder.position_at_end(after)
    return new


@intrinsic
def fused(context, a, b, c):
    """Return a b + c, rounded once."""

    def write(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return types.float64(a, b, c), write


def _sum(builder: Any, factors: list[Any], n: Any) -> Any:
    """Return the sum over rows of two factors or three, as fused (w_i a_i) b_i in sixteen lanes."""

    def body(row, sums):
        new = []
        for k, s in enumerate(sums):
            at = builder.add(row, _index(WIDTH * k))
            *left, last = (_load(builder, factor, at) for factor in factors)
            v = left[0] if len(left) == 1 else builder.fmul(*left)
            new.append(_fused(builder, v, last, s))
        return new

    s = _rows(builder, n, LANES, [_number(0.0)] * (LANES // WIDTH), body)
    return _total(builder, builder.fadd(builder.fadd(s[0], s[1]), builder.fadd(s[2], s[3])))


@intrinsic
def dot(context, a, b):
    """Return sum_i a_i b_i."""

    def write(context, builder, signature, arguments):
        pairs = zip(signature.args, arguments, strict=True)
        found = [_array(context, builder, *pair) for pair in pairs]
        return _sum(builder, [pointer for pointer, _ in found], found[0][1][0])

    return types.float64(a, b), write


@intrinsic
def weighted_dot(context, w, a, b):
    """Return sum_i w_i a_i b_i."""

    def write(context, builder, signature, arguments):
        pairs = zip(signature.args, arguments, strict=True)
        found = [_array(context, builder, *pair) for pair in pairs]
        return _sum(builder, [pointer for pointer, _ in found], found[0][1][0])

    return types.float64(w, a, b), write


def _products(height: int, width: int) -> Any:
    """Return a function that fills out[i width + j] with sum_r c_r x[a + i, r] x[b + j, r].

    ``height`` of 0: with sum_r c_r x[b + j, r].
    """
    tall = max(height, 1)
    # so many sums at once that none waits for the one before it, as far as registers go
    deep = next(d for d in (4, 2, 1) if d * tall * width <= 2 * WIDEST or d == 1)

    @intrinsic
    def products(context, c, x, a, b, out):
        def write(context, builder, signature, arguments):
            kinds = signature.args
            c, _ = _array(context, builder, kinds[0], arguments[0])
            x, (_, n) = _array(context, builder, kinds[1], arguments[1])
            out, _ = _array(context, builder, kinds[4], arguments[4])

            def column(first, further):
                index = builder.add(first, _index(further))
                return builder.gep(x, [builder.mul(index, n)])

            left = [column(arguments[2], i) for i in range(height)]
            right = [column(arguments[3], j) for j in range(width)]

            def body(row, sums):
                new = []
                for d in range(deep):
                    at = builder.add(row, _index(WIDTH * d))
                    v = _load(builder, c, at)
                    scaled = [builder.fmul(v, _load(builder, one, at)) for one in left] or [v]
                    others = [_load(builder, one, at) for one in right]
                    for i in range(tall):
                        for j in range(width):
                            s = sums[(d * tall + i) * width + j]
                            new.append(_fused(builder, scaled[i], others[j], s))
                return new

            count = tall * width
            zeros = [_number(0.0)] * (deep * count)
            sums = _rows(builder, n, WIDTH * deep, zeros, body)
            for k in range(count):
                s = sums[k]
                for d in range(1, deep):
                    s = builder.fadd(s, sums[d * count + k])
                builder.store(_total(builder, s), builder.gep(out, [_index(k)]))
            return context.get_dummy_value()

        return types.void(c, x, a, b, out), write

    return products


_sums1, _sums2, _sums3, _sums4, _sums5 = (_products(0, width) for width in range(1, WIDEST + 1))
_one1, _one2, _one3, _one4, _one5 = (_products(1, width) for width in range(1, WIDEST + 1))
_two1, _two2, _two3, _two4, _two5 = (_products(2, width) for width in range(1, WIDEST + 1))


@njit(cache=True, error_model="numpy")
def columns_at_once(left):
    """Return how many of the columns that are left one pass takes: no pass takes one of six."""
    return min(left, WIDEST) if left != WIDEST + 1 else (WIDEST + 1) // 2


@njit(cache=True, error_model="numpy")
def column_sums(c, x, b, width, out):
    """Fill out[j] with sum_r c_r x[b + j, r], j below ``width``."""
    if width == 5:
        _sums5(c, x, 0, b, out)
    elif width == 4:
        _sums4(c, x, 0, b, out)
    elif width == 3:
        _sums3(c, x, 0, b, out)
    elif width == 2:
        _sums2(c, x, 0, b, out)
    else:
        _sums1(c, x, 0, b, out)


@njit(cache=True, error_model="numpy")
def column_products(c, x, a, height, b, width, out):
    """Fill out[i width + j] with sum_r c_r x[a + i, r] x[b + j, r], i below ``height``, 1 or 2."""
    if height == 2:
        if width == 5:
            _two5(c, x, a, b, out)
        elif width == 4:
            _two4(c, x, a, b, out)
        elif width == 3:
            _two3(c, x, a, b, out)
        elif width == 2:
            _two2(c, x, a, b, out)
        else:
            _two1(c, x, a, b, out)
    elif width == 5:
        _one5(c, x, a, b, out)
    elif width == 4:
        _one4(c, x, a, b, out)
    elif width == 3:
        _one3(c, x, a, b, out)
    elif width == 2:
        _one2(c, x, a, b, out)
    else:
        _one1(c, x, a, b, out)


def _exponential(builder: Any, x: Any) -> Any:
    """Return exp(x) of a vector, to one unit in the last place.

    Cody and Waite's reduction x = k ln2 + r, |r| <= ln2 / 2, a Taylor polynomial of degree 13 for
    exp(r) (remainder below 4e-18) by Estrin's scheme, and 2^k written into the bits of a double
    (Muller, Elementary Functions, chapters 4 and 11). Arguments are clamped to [-708, 709.7]: small
    results stay normal numbers, large ones become inf. NaN stays NaN.
    """
    for sign, bound in (("<", _number(-708.0)), (">", _number(709.7))):
        x = builder.select(builder.fcmp_ordered(sign, x, bound), bound, x)
    # adding 1.5 * 2^52 rounds to an integer and leaves it in the low bits
    magic = _number(6755399441055744.0)
    shifted = _fused(builder, x, _number(1.4426950408889634), magic)
    k = builder.fsub(shifted, magic)
    r = _fused(builder, k, _number(-0.693147180369123816490), x)
    r = _fused(builder, k, _number(-1.90821492927058770002e-10), r)
    level, power = [_number(1.0 / math.factorial(i)) for i in range(14)], r
    while len(level) > 1:
        pairs = [
            _fused(builder, power, level[i + 1], level[i]) for i in range(0, len(level) - 1, 2)
        ]
        level = pairs + level[2 * len(pairs) :]
        power = builder.fmul(power, power)
    bits = builder.add(builder.bitcast(shifted, _BITS), ir.Constant(_BITS, [1023] * WIDTH))
    bits = builder.shl(bits, ir.Constant(_BITS, [52] * WIDTH))
    return builder.fmul(level[0], builder.bitcast(bits, _VECTOR))


@intrinsic
def exponentials(context, e):
    """Write e = exp(e) in place."""

    def write(context, builder, signature, arguments):
        e, (n,) = _array(context, builder, signature.args[0], arguments[0])

        def body(row, carried):
            places = [
                _place(builder, e, builder.add(row, _index(WIDTH * k)))
                for k in range(LANES // WIDTH)
            ]
            values = [builder.load(place, align=8) for place in places]
            for place, value in zip(places, values, strict=True):
                builder.store(_exponential(builder, value), place, align=8)
            return []

        _rows(builder, n, LANES, [], body)
        return context.get_dummy_value()

    return types.void(e), write


@intrinsic
def exponential(context, x):
    """Return exp(x), as :func:`exponentials` does."""

    def write(context, builder, signature, arguments):
        vector = builder.insert_element(_number(0.0), arguments[0], ir.Constant(ir.IntType(32), 0))
        found = _exponential(builder, vector)
        return builder.extract_element(found, ir.Constant(ir.IntType(32), 0))

    return types.float64(x), write


@njit(cache=True, error_model="numpy")
def log_of_one_plus(t):
    """Return log(1 + t), 0 <= t <= 1, to a few units in the last place.

    It is 2 artanh(s), s = t / (2 + t) <= 1/3, whose series is cut where a term is below 2e-17.
    """
    s = t / (2.0 + t)
    square, total = s * s, 0.0
    for k in range(16, 0, -1):
        total = square * (1.0 / (2 * k + 1) + total)
    return 2.0 * fused(s, total, s)
