"""Kinetic temperature: of the whole cell over time, and of each wavevector."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.analysis.checks import frames, mass_vector, positive
from longstride.analysis.statistics import mean_with_error
from longstride.errors import LongstrideError
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KineticTemperature:
    """Kinetic temperature of a trajectory.

    Attributes:
        value: mean in K.
        error: standard error of the mean in K, from the statistical inefficiency of the series.
        inefficiency: statistical inefficiency of the series, in frames.
        series: (F,) temperature of each frame in K.
    """

    value: float
    error: float
    inefficiency: float
    series: Array


def kinetic_temperature(velocities: ArrayLike, masses: ArrayLike) -> KineticTemperature:
    """``T = Σ_i m_i |v_i - V|² / ((3N - 3) k_B)``, V the velocity of the center of mass.

    Taking V out makes the value right whether or not the thermostat acts on the total momentum.
    Source: Allen and Tildesley (2017), sec. 2.4.

    Args:
        velocities: (F, N, 3) velocities in Å/fs; F >= 2, N >= 2.
        masses: (N,) masses in amu.
    """
    v = frames("velocities", velocities, at_least=2)
    weights = mass_vector(masses, v.shape[1])
    if len(weights) < 2:
        raise LongstrideError(
            "one atom has no temperature beside its center of mass: give at least two atoms"
        )
    kinetic = np.einsum("i,fia,fia->f", weights, v, v)
    momentum = np.einsum("i,fia->fa", weights, v)
    kinetic -= np.sum(momentum**2, axis=1) / weights.sum()
    series = MASS_VELOCITY_SQUARED * kinetic / ((3 * len(weights) - 3) * BOLTZMANN)
    estimate = mean_with_error(series)
    return KineticTemperature(estimate.value, estimate.error, estimate.inefficiency, series)


@dataclass(frozen=True, slots=True)
class WavevectorTemperature:
    """Kinetic temperature of the velocity field, resolved by wavevector.

    Attributes:
        k: (B,) mean length of the wavevectors of each bin in 1/Å.
        value: (B,) temperature in K, all polarisations.
        error: (B,) its standard error in K.
        longitudinal, transverse: (B,) temperature of the components along and across the wavevector
            in K.
        counts: (B,) wavevectors in each bin.
    """

    k: Array
    value: Array
    error: Array
    longitudinal: Array
    transverse: Array
    counts: NDArray[np.int64]


def commensurate_wavevectors(cell: ArrayLike, k_max: float) -> Array:
    """(K, 3) wavevectors of the cell with 0 < |k| <= k_max in 1/Å, one of each pair ±k, sorted by
    length.

    ``k = 2π h cell^-T`` with integer h; only these are periodic in the cell.
    """
    box = np.asarray(cell, dtype=np.float64)
    limit = positive("k_max", k_max, "1/Å")
    reciprocal = 2.0 * np.pi * np.linalg.inv(box).T
    # |h_i| = |k·a_i| / 2π is at most k_max |a_i| / 2π.
    reach = np.floor(limit * np.linalg.norm(box, axis=1) / (2.0 * np.pi)).astype(int)
    h = np.stack(
        np.meshgrid(*(np.arange(-n, n + 1) for n in reach), indexing="ij"), axis=-1
    ).reshape(-1, 3)
    half = (
        (h[:, 0] > 0)
        | ((h[:, 0] == 0) & (h[:, 1] > 0))
        | ((h[:, 0] == 0) & (h[:, 1] == 0) & (h[:, 2] > 0))
    )
    k = h[half] @ reciprocal
    length = np.linalg.norm(k, axis=1)
    k, length = k[length <= limit], length[length <= limit]
    return np.asarray(k[np.argsort(length, kind="stable")], dtype=np.float64)


def wavevector_temperature(
    positions: ArrayLike,
    velocities: ArrayLike,
    masses: ArrayLike,
    cell: ArrayLike,
    *,
    k_max: float | None = None,
    n_bins: int = 10,
    per_bin: int = 12,
) -> WavevectorTemperature:
    """Equipartition over wavevectors: ``T(k) = <|Σ_i sqrt(m_i) v_i e^{-ik·q_i}|²> / (3 N k_B)``.

    In equilibrium velocities are Gaussian and independent of positions, so T(k) = T for every k >
    0. A global thermostat holds only the mean of T(k); a surrogate that cools long waves and heats
    short ones shows here.
    Source: the kinetic part of the current correlations of Hansen and McDonald, Theory of Simple
    Liquids (2013), sec. 8.1.

    Args:
        positions: (F, N, 3) positions in Å; or (N, 3) lattice sites, which is faster and resolves a
            crystal's modes.
        velocities: (F, N, 3) velocities in Å/fs.
        masses: (N,) masses in amu.
        cell: (3, 3) cell vectors as rows in Å.
        k_max: largest wavevector in 1/Å; default the Debye wavevector ``(6π² N/V)^(1/3)``.
        n_bins: bins of equal width in |k|; empty ones are left out.
        per_bin: at most this many wavevectors of a bin, evenly taken.

    Raises:
        LongstrideError: no wavevector of the cell below ``k_max``.
    """
    v = frames("velocities", velocities, at_least=2)
    n_atoms = v.shape[1]
    weights = mass_vector(masses, n_atoms)
    q = np.asarray(positions, dtype=np.float64)
    if q.shape not in ((n_atoms, 3), v.shape) or not np.isfinite(q).all():
        raise LongstrideError(
            f"positions have shape {q.shape}:"
            f" give {v.shape} or the sites {(n_atoms, 3)}, all finite"
        )
    box = np.asarray(cell, dtype=np.float64)
    debye = float((6.0 * np.pi**2 * n_atoms / abs(np.linalg.det(box))) ** (1.0 / 3.0))
    limit = debye if k_max is None else float(k_max)
    vectors = commensurate_wavevectors(box, limit)
    if not len(vectors):
        raise LongstrideError(
            f"the cell has no wavevector below {limit:g} 1/Å: raise k_max or use a larger cell"
        )
    weighted = v * np.sqrt(weights)[:, None]
    weighted -= (
        np.sqrt(weights)[:, None] * (np.einsum("i,fia->fa", weights, v) / weights.sum())[:, None]
    )
    lengths = np.linalg.norm(vectors, axis=1)
    bins = np.minimum((lengths / limit * n_bins).astype(int), n_bins - 1)
    rows = []
    for b in np.unique(bins):
        members = np.flatnonzero(bins == b)
        chosen = members[np.linspace(0, len(members) - 1, min(per_bin, len(members))).astype(int)]
        field, taken = _field(vectors[chosen], q, weighted, np.sqrt(weights))
        unit = vectors[chosen] / lengths[chosen, None]
        along = np.abs(np.einsum("ka,fka->fk", unit, field)) ** 2
        across = np.sum(np.abs(field) ** 2, axis=2) - along
        # What the motion of the center of mass, taken out, would have had: nothing in a crystal
        # of one species at its sites, one atom's share in a gas.
        scale = MASS_VELOCITY_SQUARED / ((n_atoms - taken) * BOLTZMANN)
        along, across = scale * along, scale * across
        estimate = mean_with_error((along + across).mean(axis=1) / 3.0)
        rows.append(
            (
                lengths[chosen].mean(),
                estimate.value,
                estimate.error,
                along.mean(),
                across.mean() / 2.0,
                len(chosen),
            )
        )
    k, value, error, longitudinal, transverse, counts = np.array(rows).T
    return WavevectorTemperature(k, value, error, longitudinal, transverse, counts.astype(np.int64))


def _field(
    k: Array, q: Array, weighted: Array, root: Array
) -> tuple[NDArray[np.complex128], Array]:
    """(F, K, 3) Fourier components of the mass-weighted velocities at the wavevectors, and (K,) the
    degrees of freedom of each direction that the center of mass has there,
    ``<|Σ_i sqrt(m_i / M) e^{-ik·q_i}|²>``.
    """
    uniform = root / np.sqrt(root @ root)
    if q.ndim == 2:
        phase = np.exp(-1j * (q @ k.T))
        real = np.einsum("ik,fia->fka", phase.real, weighted, optimize=True)
        imaginary = np.einsum("ik,fia->fka", phase.imag, weighted, optimize=True)
        return np.asarray(real + 1j * imaginary), np.abs(uniform @ phase) ** 2
    components = np.empty((len(q), len(k), 3), dtype=np.complex128)
    taken = np.zeros(len(k))
    for f, (points, velocities) in enumerate(zip(q, weighted, strict=True)):
        phase = np.exp(-1j * (k @ points.T))
        components[f] = phase @ velocities
        taken += np.abs(phase @ uniform) ** 2 / len(q)
    return components, taken
