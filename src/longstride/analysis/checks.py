"""Checks of the arrays every analysis starts from."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.errors import LongstrideError

Array = NDArray[np.float64]


def frames(name: str, values: ArrayLike, at_least: int = 1) -> Array:
    """``values`` as a finite float64 array of shape (F, N, 3).

    Raises:
        LongstrideError: another shape, fewer than ``at_least`` frames, no atoms, or a value that is
            not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 3 or array.shape[2] != 3 or array.shape[1] < 1:
        raise LongstrideError(f"{name} have shape {array.shape}: give (frames, atoms, 3)")
    if len(array) < at_least:
        raise LongstrideError(
            f"{name} hold {len(array)} frames, at least {at_least} are needed:"
            " store frames more often"
        )
    if not np.isfinite(array).all():
        bad = int(np.flatnonzero(~np.isfinite(array).all(axis=(1, 2)))[0])
        raise LongstrideError(
            f"{name} are not finite from frame {bad} on: analyse the frames before it"
        )
    return array


def series(name: str, values: ArrayLike, at_least: int = 2) -> Array:
    """``values`` as a finite float64 series of shape (F,).

    Raises:
        LongstrideError: another shape, fewer than ``at_least`` values, or a value that is not
            finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or len(array) < at_least:
        raise LongstrideError(
            f"{name} has shape {array.shape}: give a series of at least {at_least} values"
        )
    if not np.isfinite(array).all():
        bad = int(np.flatnonzero(~np.isfinite(array))[0])
        raise LongstrideError(
            f"{name} is not finite from value {bad} on: analyse the values before it"
        )
    return array


def mass_vector(masses: ArrayLike, n_atoms: int) -> Array:
    """``masses`` as a positive float64 vector of shape (n_atoms,).

    Raises:
        LongstrideError: another length, or a mass that is not positive.
    """
    vector = np.asarray(masses, dtype=np.float64)
    if vector.shape != (n_atoms,):
        raise LongstrideError(
            f"masses have shape {vector.shape}: give one mass for each of the {n_atoms} atoms"
        )
    if not (np.isfinite(vector) & (vector > 0)).all():
        raise LongstrideError(f"masses must be positive, got {vector.min()}: check the structure")
    return vector


def positive(name: str, value: float, unit: str = "fs") -> float:
    """``value`` if it is a positive finite number.

    Raises:
        LongstrideError: otherwise.
    """
    if not (np.isfinite(value) and value > 0):
        raise LongstrideError(f"{name} is {value} {unit}: give a positive number")
    return float(value)
