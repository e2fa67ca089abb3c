"""exp and the largest of 32-bit floats, in forms that compilers turn into vector instructions.

exp(x) = 2ⁿ exp(r), |r| ≤ ln 2 / 2, with the polynomial of Cephes' `expf` (S. Moshier, 1992); its relative error is
below 2e-7. The largest is found among whole numbers that are ordered as the floats are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

_LOWEST, _HIGHEST = np.float32(-87.0), np.float32(88.0)
_LOG2_E = np.float32(1.44269504088896341)
_ROUNDS = np.float32(12582912.0)
"""1.5 × 2²³: what is added to it is rounded to a whole number."""
_LN2_HIGH, _LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_C0, _C1, _C2 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3), np.float32(8.3334519073e-3)
_C3, _C4, _C5 = np.float32(4.1665795894e-2), np.float32(1.6666665459e-1), np.float32(5.0000001201e-1)
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
_ALL_BUT_SIGN, _SIGN = np.int32(0x7FFFFFFF), np.int32(31)


def _power(_: Any, _exponent: Any) -> Any:
    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        bits = ir.IntType(32)
        whole = builder.fptosi(arguments[0], bits)
        return builder.bitcast(
            builder.shl(builder.add(whole, ir.Constant(bits, 127)), ir.Constant(bits, 23)), ir.FloatType()
        )

    return types.float32(types.float32), code


_power_of_two: Any = intrinsic(_power)
"""2ⁿ, given n as a 32-bit float that is a whole number between -126 and 127."""


@njit(fastmath={"contract"}, error_model="numpy")
def exponential(value: Any) -> Any:
    """exp(x) of a 32-bit float; that of -87 below it and of 88 above it. What is no number stays none."""
    bounded = _LOWEST if value < _LOWEST else value
    bounded = _HIGHEST if bounded > _HIGHEST else bounded
    whole = (bounded * _LOG2_E + _ROUNDS) - _ROUNDS
    rest = bounded - whole * _LN2_HIGH
    rest = rest - whole * _LN2_LOW
    series = _C0 * rest + _C1
    series = series * rest + _C2
    series = series * rest + _C3
    series = series * rest + _C4
    series = series * rest + _C5
    return (series * rest * rest + rest + _ONE) * _power_of_two(whole)


def _cast(of: Any, to: Any, size: Any) -> Any:
    def typed(_: Any, _value: Any) -> Any:
        def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            return builder.bitcast(arguments[0], size)

        return to(of), code

    return intrinsic(typed)


_bits: Any = _cast(types.float32, types.int32, ir.IntType(32))
_float: Any = _cast(types.int32, types.float32, ir.FloatType())


@njit(error_model="numpy")
def _ordered(bits: Any) -> Any:
    """Bits of a float as a whole number whose order is that of the floats, and back: it is its own inverse."""
    return np.int32(bits ^ np.int32(np.int32(bits >> _SIGN) & _ALL_BUT_SIGN))


@njit(error_model="numpy")
def largest(values: Any, start: Any) -> Any:
    """The largest of some 32-bit floats [N] and of one more. A positive NaN counts as larger than all."""
    result = _ordered(_bits(start))
    for index in range(values.size):
        value = _ordered(_bits(values[index]))
        result = value if value > result else result
    return _float(_ordered(result))


@njit(fastmath={"contract"}, error_model="numpy")
def total(values: Any) -> Any:
    """The sum of 32-bit floats [N], in an order that is written down.

    A compiler that may choose the order chooses another one in the next process, and with it other last bits.
    """
    one, two, three, four = _ZERO, _ZERO, _ZERO, _ZERO
    whole = values.size - values.size % 4
    for index in range(0, whole, 4):
        one += values[index]
        two += values[index + 1]
        three += values[index + 2]
        four += values[index + 3]
    for index in range(whole, values.size):
        one += values[index]
    return (one + two) + (three + four)


@njit(fastmath={"contract"}, error_model="numpy")
def inner(values: Any, others: Any) -> Any:
    """Σ values ⊙ others of 32-bit floats, both [N], in the order of `total`."""
    one, two, three, four = _ZERO, _ZERO, _ZERO, _ZERO
    whole = values.size - values.size % 4
    for index in range(0, whole, 4):
        one += values[index] * others[index]
        two += values[index + 1] * others[index + 1]
        three += values[index + 2] * others[index + 2]
        four += values[index + 3] * others[index + 3]
    for index in range(whole, values.size):
        one += values[index] * others[index]
    return (one + two) + (three + four)
