"""Counter-based random numbers: a function of the atom and the stride, not of who asks.

Philox 4×32-10 (Salmon, Moraes, Dror, Shaw, *Parallel random numbers: as easy as 1, 2, 3*, SC11
(2011), doi:10.1145/2063384.2063405): ten rounds of multiplications that turn a counter of 128 bits
into four random words under a key of 64 bits. No state goes from one number to the next, so atoms
draw the same numbers on whatever rank they are.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Words = NDArray[np.uint64]

_ROUNDS: Final = 10
_MULTIPLIERS: Final = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL: Final = (0x9E3779B9, 0xBB67AE85)
_LOW: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)


def philox(counter: tuple[Words, Words, Words, Words], key: int) -> tuple[Words, ...]:
    """Four random words for each counter.

    Args:
        counter: four words of 32 bits each, as arrays of unsigned 64-bit integers that broadcast.
        key: 64 bits.

    Returns:
        Four arrays of 32-bit words.
    """
    a, b, c, d = counter
    keys = [key & 0xFFFFFFFF, key >> 32 & 0xFFFFFFFF]
    for _ in range(_ROUNDS):
        first, second = a * _MULTIPLIERS[0], c * _MULTIPLIERS[1]
        a = (second >> _HALF) ^ b ^ np.uint64(keys[0])
        c = (first >> _HALF) ^ d ^ np.uint64(keys[1])
        b, d = second & _LOW, first & _LOW
        keys = [(word + step) & 0xFFFFFFFF for word, step in zip(keys, _WEYL, strict=True)]
    return a, b, c, d


def normals(seed: int, atoms: NDArray[np.int64], stride: int, draw: int) -> Array:
    """(N, 3) standard normal numbers of atoms, by the Box–Muller transformation.

    Args:
        seed: of the run; its lower 64 bits are the key.
        atoms: (N,) numbers of the atoms, not negative.
        stride: number of the stride; its lower 32 bits count.
        draw: tells several draws of one stride apart.
    """
    numbers = atoms.astype(np.uint64)
    words = philox(
        (
            numbers & _LOW,
            numbers >> _HALF,
            np.full(len(numbers), stride & 0xFFFFFFFF, dtype=np.uint64),
            np.full(len(numbers), draw, dtype=np.uint64),
        ),
        seed,
    )
    # Half a step off the ends: never 0, never 1.
    uniform = [(word + 0.5) * 2.0**-32 for word in words]
    radius, angle = np.sqrt(-2.0 * np.log(uniform[0])), 2.0 * np.pi * uniform[1]
    third = np.sqrt(-2.0 * np.log(uniform[2])) * np.cos(2.0 * np.pi * uniform[3])
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), third], axis=1)
