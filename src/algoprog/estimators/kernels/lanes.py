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
from itertools import product
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from algoprog.estimators.kernels.compiling import kernel
from algoprog.model.design import LANES

WIDTH = 4  # rows of a vector
WIDEST = 5  # columns that one pass takes beside two others: what sixteen registers hold
# Of an exponential's argument. What is below 1e-100 adds nothing to a sum; its square, weighted and
# damped, must stay a normal number: processors take a hundred cycles for one below 1e-308, and a
# descent whose term vanishes is full of them.
LOWEST = -230.0
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


def _sum_of(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Write the sum over rows of the product of all arguments."""
    pairs = zip(signature.args, arguments, strict=True)
    found = [_array(context, builder, *pair) for pair in pairs]
    return _sum(builder, [pointer for pointer, _ in found], found[0][1][0])


@intrinsic
def dot(context, a, b):
    """Return sum_i a_i b_i."""
    return types.float64(a, b), _sum_of


@intrinsic
def weighted_dot(context, w, a, b):
    """Return sum_i w_i a_i b_i."""
    return types.float64(w, a, b), _sum_of


def _add_up(builder: Any, n: Any, factor: Any, left: list[Any], right: list[Any], out: Any) -> None:
    """Write out[i width + j] = sum_r factor_r left[i]_r right[j]_r; no left: factor_r right[j]_r.

    Columns are the addresses of their first of n rows.
    """
    tall, width = max(len(left), 1), len(right)
    count = tall * width
    # so many sums at once that none waits for the one before it, as far as registers go
    deep = next(d for d in (4, 2, 1) if d * count <= 2 * WIDEST or d == 1)

    def body(row, sums):
        new = []
        for d in range(deep):
            at = builder.add(row, _index(WIDTH * d))
            v = _load(builder, factor, at)
            scaled = [builder.fmul(v, _load(builder, one, at)) for one in left] or [v]
            others = [_load(builder, one, at) for one in right]
            pairs = [(a, b) for a in scaled for b in others]
            before = sums[d * count : (d + 1) * count]
            new += [_fused(builder, *pair, s) for pair, s in zip(pairs, before, strict=True)]
        return new

    sums = _rows(builder, n, WIDTH * deep, [_number(0.0)] * (deep * count), body)
    for k in range(count):
        s = sums[k]
        for d in range(1, deep):
            s = builder.fadd(s, sums[d * count + k])
        builder.store(_total(builder, s), builder.gep(out, [_index(k)]))


@intrinsic
def _products(context, c, x, a, height, b, width, out):
    """Write a loop for each height (0 to 2) and width (1 to WIDEST), and the choice among them."""

    def write(context, builder, signature, arguments):
        kinds = signature.args
        factor, _ = _array(context, builder, kinds[0], arguments[0])
        x, (_, n) = _array(context, builder, kinds[1], arguments[1])
        sums, _ = _array(context, builder, kinds[6], arguments[6])
        _, _, first, height, second, width, _ = arguments

        def columns(start, number):
            at = [builder.add(start, _index(i)) for i in range(number)]
            return [builder.gep(x, [builder.mul(one, n)]) for one in at]

        after = builder.append_basic_block("summed")
        key = builder.add(builder.mul(height, _index(WIDEST + 1)), width)
        choice = builder.switch(key, after)
        for tall, wide in product(range(3), range(1, WIDEST + 1)):
            block = builder.append_basic_block(f"{tall}.{wide}")
            choice.add_case(_index(tall * (WIDEST + 1) + wide), block)
            builder.position_at_end(block)
            _add_up(builder, n, factor, columns(first, tall), columns(second, wide), sums)
            builder.branch(after)
        builder.position_at_end(after)
        return context.get_dummy_value()

    return types.void(c, x, a, height, b, width, out), write


@kernel
def columns_at_once(left):
    """Return how many of the columns that are left one pass takes: no pass takes one of six."""
    return min(left, WIDEST) if left != WIDEST + 1 else (WIDEST + 1) // 2


@kernel
def column_products(c, x, a, height, b, width, out):
    """Fill out[i width + j] with sum_r c_r x[a + i, r] x[b + j, r], i below ``height``, 1 or 2.

    ``height`` of 0: with sum_r c_r x[b + j, r]. The width is at most WIDEST.
    """
    _products(c, x, a, height, b, width, out)


def _vectors(builder: Any, count: Any, body: Any) -> None:
    """Write a loop over ``count`` vectors, at least one: ``body(offset of its first number)``."""

    def one(row: Any, carried: list[Any]) -> list[Any]:
        body(row)
        return []

    _rows(builder, builder.mul(count, _index(WIDTH)), WIDTH, [], one)


def _row_of(context: Any, builder: Any, row: Any, first: Any) -> Any:
    """Return the address of number ``first`` of a row, (kind, matrix, number of the row)."""
    kind, matrix, i = row
    pointer, (_, width) = _array(context, builder, kind, matrix)
    return builder.gep(pointer, [builder.add(builder.mul(i, width), first)])


def _change_row(context: Any, builder: Any, row: Any, span: Any, change: Any) -> Any:
    """Replace vectors of a row by ``change(vector, offset of its first number)``.

    ``row`` is as :func:`_row_of` takes it, ``span`` (first number, count of vectors).
    """
    first, count = span
    start = _row_of(context, builder, row, first)

    def body(at):
        place = _place(builder, start, at)
        builder.store(change(builder.load(place, align=8), at), place, align=8)

    _vectors(builder, count, body)
    return context.get_dummy_value()


@intrinsic
def scale_row(context, matrix, i, first, count, c):
    """Multiply ``count`` vectors of row i, from number ``first`` on, by c."""

    def write(context, builder, signature, arguments):
        matrix, i, first, count, c = arguments
        factor = _same(builder, c)

        def scaled(value, at):
            return builder.fmul(value, factor)

        row = signature.args[0], matrix, i
        return _change_row(context, builder, row, (first, count), scaled)

    return types.void(matrix, i, first, count, c), write


@intrinsic
def add_row(context, matrix, j, i, first, count, c):
    """Add c times row i to row j, each rounded once: ``count`` vectors from ``first`` on."""

    def write(context, builder, signature, arguments):
        matrix, j, i, first, count, c = arguments
        kind, factor = signature.args[0], _same(builder, c)
        source = _row_of(context, builder, (kind, matrix, i), first)

        def added(value, at):
            return _fused(builder, factor, _load(builder, source, at), value)

        return _change_row(context, builder, (kind, matrix, j), (first, count), added)

    return types.void(matrix, j, i, first, count, c), write


def _same(builder: Any, number: Any) -> Any:
    """Return a vector of one number."""
    vector = ir.Constant(_VECTOR, ir.Undefined)
    for k in range(WIDTH):
        vector = builder.insert_element(vector, number, ir.Constant(ir.IntType(32), k))
    return vector


def _exponential(builder: Any, x: Any) -> Any:
    """Return exp(x) of a vector, to one unit in the last place.

    Cody and Waite's reduction x = k ln2 + r, |r| <= ln2 / 2, a Taylor polynomial of degree 13 for
    exp(r) (remainder below 4e-18) by Estrin's scheme, and 2^k written into the bits of a double
    (Muller, Elementary Functions, chapters 4 and 11). Arguments are clamped to [LOWEST, 709.7]:
    large results become inf. NaN stays NaN.
    """
    for sign, bound in (("<", _number(LOWEST)), (">", _number(709.7))):
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


@kernel
def log_of_one_plus(t):
    """Return log(1 + t), 0 <= t <= 1, to a few units in the last place.

    It is 2 artanh(s), s = t / (2 + t) <= 1/3, whose series is cut where a term is below 2e-17.
    """
    s = t / (2.0 + t)
    square, total = s * s, 0.0
    for k in range(16, 0, -1):
        total = square * (1.0 / (2 * k + 1) + total)
    return 2.0 * fused(s, total, s)
