"""Elementary functions that compilers turn into vector instructions.

A call of the C library's ``tanh`` or ``exp`` stops vectorisation and costs more than a whole row of
a matrix product. In float32 they are short rational functions instead, accurate to a few units in
the last place; in float64, which serves to check, the library's functions are called.
"""

import math
from typing import Any

import numba
from numba import types
from numba.extending import overload

from longstride.kernels.compiler import FLAGS

compiled: Any = overload
"""Gives a function its compiled form (Numba's own types know no ``fastmath`` here)."""


def tanh(x: float) -> float:
    """Hyperbolic tangent (compiled code only)."""
    return math.tanh(x)


def exp_bounded(x: float) -> float:
    """Exponential of an argument inside ±3 (compiled code only)."""
    return math.exp(x)


@compiled(tanh, inline="always", fastmath=FLAGS)
def _tanh(x):  # type: ignore[no-untyped-def]
    if x != types.float32:
        return lambda x: math.tanh(x)

    def single(x):  # type: ignore[no-untyped-def]
        # Lambert's continued fraction at x/4, where it is exact to rounding, then twice
        # tanh 2y = 2 tanh y / (1 + tanh² y).
        f = numba.float32
        y = min(max(x, f(-9.5)), f(9.5)) * f(0.25)
        s = y * y
        top = y * (f(135135.0) + s * (f(17325.0) + s * (f(378.0) + s)))
        bottom = f(135135.0) + s * (f(62370.0) + s * (f(3150.0) + s * f(28.0)))
        half = f(2.0) * top * bottom / (bottom * bottom + top * top)
        return f(2.0) * half / (f(1.0) + half * half)

    return single


@compiled(exp_bounded, inline="always", fastmath=FLAGS)
def _exp_bounded(x):  # type: ignore[no-untyped-def]
    if x != types.float32:
        return lambda x: math.exp(x)

    def single(x):  # type: ignore[no-untyped-def]
        # Taylor's series at x/8, then three squarings.
        f = numba.float32
        y = x * f(0.125)
        p = f(1.0 / 720.0) + y * f(1.0 / 5040.0)
        p = f(1.0 / 120.0) + y * p
        p = f(1.0 / 24.0) + y * p
        p = f(1.0 / 6.0) + y * p
        p = f(0.5) + y * p
        p = f(1.0) + y * (f(1.0) + y * p)
        p = p * p
        p = p * p
        return p * p

    return single
