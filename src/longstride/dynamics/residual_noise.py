"""What one stride of a learned map leaves unexplained, given back as noise.

A map that was fitted predicts the mean of what can follow from what its features see. The rest, its
residual, has a covariance that is measured on data that was not fitted (``training/residuals.py``).
What to do with it depends on what the map does to a distribution.

*A conditional mean* (a free regression) maps a distribution to one that is too narrow: by the law
of total variance the true next state has the variance of the prediction plus that of the residual.
:class:`PlainNoise` adds a residual of the measured covariance, and the second moments of each atom
are again those of the data.

*A symplectic map* keeps phase-space volume whatever it was fitted to: it loses no variance, its
residual is an error of the force and not a shrinkage, and plain noise only heats.
:class:`RotationNoise` gives the velocities the same random change and takes back, by a
contraction, exactly the energy that it brings: fluctuation with its dissipation. What is left is
the walk of the total energy under the kicks, and the heating that belongs to it
(:mod:`~longstride.dynamics.heating`); where that was measured, friction takes it away.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from longstride.dynamics.followed import FollowedPropagator
from longstride.dynamics.target import Target, value_at
from longstride.propagator import Propagator
from longstride.state import Array, State


class Residuals(Protocol):
    """The measured covariance of a map's residual. Checkpoints carry it."""

    def covariance(self, species: int, temperature: float) -> Array:
        """(2, 2) covariance of one component of (Δd, Δw) of an atom: Å², Å²/fs, Å²/fs².

        Args:
            species: atomic number.
            temperature: K.
        """

    def heating_at(self, temperature: float) -> float:
        """Share of the kinetic energy that map and noise gain a stride at a temperature (K)."""


class ResidualNoise(Protocol):
    """A random map of a state, drawn once a stride."""

    def apply(self, state: State, temperature: float, rng: np.random.Generator) -> State:
        """The state with the noise of a temperature (K)."""


class PlainNoise:
    """Independent Gaussian changes of positions and velocities, without total momentum::

        (δq, δv) = L ξ,  L Lᵀ = C(species, T);   q ← q + δq − ⟨δq⟩,  v ← v + δv − ⟨δv⟩

    with ξ standard normal (2,) for each atom and direction and ⟨·⟩ the mean by mass: the centre of
    mass keeps its place and its velocity.

    Args:
        residuals: tells C.
    """

    def __init__(self, residuals: Residuals) -> None:
        self._residuals = residuals

    def apply(self, state: State, temperature: float, rng: np.random.Generator) -> State:
        """The state with noise added."""
        changes = np.zeros((2, state.n_atoms, 3))
        for number, atoms in _kinds(state):
            root = _root(self._residuals.covariance(number, temperature))
            drawn = rng.standard_normal((2, len(atoms), 3))
            changes[:, atoms] = np.einsum("ab,bnx->anx", root, drawn)
        changes -= np.average(changes, axis=1, weights=state.masses)[:, None]
        return state.with_(
            positions=state.positions + changes[0], velocities=state.velocities + changes[1]
        )


class RotationNoise:
    """A random rotation of the velocities of each species, all their components at once::

        u = v − ⟨v⟩;   u' = u + δ − ⟨δ⟩,  δ = sqrt(C_ww) ξ;   v ← ⟨v⟩ + u' |u|/|u'|

    |u| is the length in all 3n − 3 dimensions of the n atoms of a species and ⟨·⟩ their mean.
    The direction of u does a random walk on its sphere whose steps know no direction: the uniform
    distribution on it is left invariant, and detailed balance holds. Microcanonical and canonical
    distributions are uniform in that direction, so both stay as they are, exactly and for any
    noise, and so do kinetic energy and momentum of each species, and the positions: an
    Ornstein-Uhlenbeck process on the sphere whose contraction |u|/|u'| is the partner of δ.

    The covariance's parts of Δd have no such partner without a force, and are left out.

    Then friction: all velocities, seen from the centre of mass V, lose the share h of their energy
    that a map, with this noise, was measured to gain a stride::

        v ← V + sqrt(1 − h) (v − V)

    so that the total energy has no drift in the mean. It still walks: friction that pulled it back
    to anywhere would be a bath.

    Args:
        residuals: tells C and h.
    """

    def __init__(self, residuals: Residuals) -> None:
        self._residuals = residuals

    def apply(self, state: State, temperature: float, rng: np.random.Generator) -> State:
        """The state with velocities turned, and slowed."""
        velocities = state.velocities.copy()
        for number, atoms in _kinds(state):
            spread = np.sqrt(self._residuals.covariance(number, temperature)[1, 1])
            own = velocities[atoms]
            middle = own.mean(axis=0)
            drawn = spread * rng.standard_normal(own.shape)
            before = own - middle
            after = before + drawn - drawn.mean(axis=0)
            length = np.linalg.norm(after)
            if length > 0.0:
                velocities[atoms] = middle + after * (np.linalg.norm(before) / length)
        centre = np.average(velocities, axis=0, weights=state.masses)
        kept = np.sqrt(1.0 - self._residuals.heating_at(temperature))
        return state.with_(velocities=centre + kept * (velocities - centre))


class NoisyPropagator(FollowedPropagator):
    """A map whose every stride is followed by the noise of its residual.

    Args:
        propagator: the map.
        noise: drawn after each of its strides.
        temperature: that the covariance is taken at, K; None takes the state's own kinetic
            temperature, as where there is no bath to set one.
    """

    def __init__(
        self, propagator: Propagator, noise: ResidualNoise, temperature: Target | None = None
    ) -> None:
        super().__init__(propagator)
        self._noise = noise
        self._temperature = temperature

    def follow(self, start: State, end: State, rng: np.random.Generator) -> State:
        """``end`` with noise."""
        set_to = self._temperature
        temperature = end.temperature if set_to is None else value_at(set_to, end.time)
        return self._noise.apply(end, temperature, rng)


def residual_noise(residuals: Residuals, *, symplectic: bool) -> ResidualNoise:
    """The noise that leaves a map's distribution stationary: rotations, or plain noise."""
    return RotationNoise(residuals) if symplectic else PlainNoise(residuals)


def _kinds(state: State) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Atoms alike in species and mass: the number of the species, and which they are."""
    pairs = np.stack([state.species.astype(np.float64), state.masses], axis=1)
    kinds, which = np.unique(pairs, axis=0, return_inverse=True)
    for index, (number, _) in enumerate(kinds):
        yield int(number), np.flatnonzero(which.ravel() == index)


def _root(covariance: Array) -> Array:
    """(2, 2) lower triangular root of a covariance that may be singular."""
    (a, b), (_, c) = covariance
    first = np.sqrt(a)
    mixed = b / first if first > 0.0 else 0.0
    return np.array([[first, 0.0], [mixed, np.sqrt(max(c - mixed**2, 0.0))]])
