"""Lennard-Jones atoms in a small periodic cell: a chaotic liquid or crystal without any network."""

import numpy as np
from numpy.typing import NDArray

from longstride.errors import ConfigError
from longstride.propagator import Configuration
from longstride.state import Array, State
from longstride.testsystems.lattice import fcc_lattice
from longstride.testsystems.verlet import VelocityVerlet

ARGON = 18
ARGON_MASS = 39.948


class LennardJones:
    """Pairs with φ(r) = 4ε((σ/r)¹² − (σ/r)⁶), cut at r_c with value and slope brought to zero.

    The pair energy is u(r) = φ(r) − φ(r_c) − (r − r_c) φ'(r_c) for r < r_c (shifted force).

    The pairs are kept in a list with a skin, rebuilt once an atom has moved half the skin. The list
    never changes a result, not even by rounding: its pairs are in a fixed order and those
    beyond the cutoff add exact zeros. The cell may have any shape.

    Source: Lennard-Jones, Proc. R. Soc. A 106, 463 (1924); shifted force: Toxvaerd and Dyre,
    J. Chem. Phys. 134, 081102 (2011). Argon's ε and σ: Rahman, Phys. Rev. 136, A405 (1964).

    Args:
        epsilon: ε in eV.
        sigma: σ in Å.
        cutoff: r_c in Å.
        skin: how far beyond the cutoff the list reaches, in Å.
    """

    def __init__(
        self,
        epsilon: float = 0.01032,
        sigma: float = 3.405,
        cutoff: float = 7.0,
        skin: float = 0.7,
    ) -> None:
        self.epsilon, self.sigma, self.cutoff, self.skin = epsilon, sigma, cutoff, skin
        self._energy_at_cutoff, self._slope_at_cutoff = self._unshifted(np.array([cutoff]))
        self._reference: State | None = None
        self._pairs = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))

    def crystal(self, repeat: int = 3, lattice_constant: float = 5.4) -> State:
        """An fcc argon crystal at rest, 4·repeat³ atoms."""
        return fcc_lattice(lattice_constant, repeat, species=ARGON, mass=ARGON_MASS)

    def verlet(self, time_step: float = 4.0, steps: int = 5, n_stages: int = 1) -> VelocityVerlet:
        """Velocity Verlet over this potential."""
        return VelocityVerlet(self.forces, time_step, steps, n_stages)

    def pair_energy(self, r: Array) -> tuple[Array, Array]:
        """Energy u (eV) and slope u' (eV/Å) of pairs at distances ``r`` (Å)."""
        energy, slope = self._unshifted(r)
        energy = energy - self._energy_at_cutoff - (r - self.cutoff) * self._slope_at_cutoff
        inside = r < self.cutoff
        return np.where(inside, energy, 0.0), np.where(inside, slope - self._slope_at_cutoff, 0.0)

    def forces(self, state: State) -> Array:
        """(N, 3) forces in eV/Å."""
        first, second, between, r = self._geometry(state)
        _, slope = self.pair_energy(r)
        push = (slope / r)[:, None] * between
        forces = np.empty((state.n_atoms, 3))
        for axis in range(3):
            forces[:, axis] = np.bincount(first, push[:, axis], state.n_atoms)
            forces[:, axis] -= np.bincount(second, push[:, axis], state.n_atoms)
        return forces

    def potential_energy(self, state: State) -> float:
        """Energy of the cell in eV."""
        return self.configuration(state).energy

    def configuration(self, state: State) -> Configuration:
        """Energy, and the virial stress (1/V) Σ u' r rᵀ/r over the pairs."""
        _, _, between, r = self._geometry(state)
        # A sum over all pairs of the list would be grouped, and so rounded, by its length.
        inside = r < self.cutoff
        between, r = between[inside], r[inside]
        energy, slope = self.pair_energy(r)
        stress = between.T @ ((slope / r)[:, None] * between) / state.volume
        return Configuration(float(np.sum(energy)), 0.5 * (stress + stress.T))

    def lattice_energy(self, lattice_constant: float) -> float:
        """Energy per atom (eV) of the perfect fcc crystal: ½ Σ u over its shells inside r_c."""
        reach = int(np.ceil(2 * self.cutoff / lattice_constant))
        steps = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 3, indexing="ij"), axis=-1)
        sites = steps.reshape(-1, 3)
        # fcc sites are the points of half-integer multiples whose sum of indices is even.
        sites = sites[(sites.sum(axis=1) % 2 == 0) & np.any(sites != 0, axis=1)]
        distances = 0.5 * lattice_constant * np.linalg.norm(sites, axis=1)
        return float(0.5 * np.sum(self.pair_energy(distances)[0]))

    def _unshifted(self, r: Array) -> tuple[Array, Array]:
        # Products only: a vectorised power may round by an element's place in the array.
        square = (self.sigma / r) * (self.sigma / r)
        sixth = square * square * square
        energy = 4 * self.epsilon * (sixth * sixth - sixth)
        return energy, -24 * self.epsilon * (2 * sixth * sixth - sixth) / r

    def _geometry(self, state: State) -> tuple[NDArray[np.int64], NDArray[np.int64], Array, Array]:
        """Pairs i < j of the list, r_ij = r_j − r_i to the nearest image, and its length."""
        if self._stale(state):
            self._rebuild(state)
        first, second = self._pairs
        between = self._nearest_image(state, state.positions[second] - state.positions[first])
        return first, second, between, np.linalg.norm(between, axis=1)

    def _stale(self, state: State) -> bool:
        reference = self._reference
        if reference is None or reference.n_atoms != state.n_atoms:
            return True
        if not np.array_equal(reference.cell, state.cell):
            return True
        moved = state.positions - reference.positions
        return bool(np.max(np.sum(moved**2, axis=1)) > (0.5 * self.skin) ** 2)

    def _rebuild(self, state: State) -> None:
        reach = self.cutoff + self.skin
        if not np.all(state.pbc):
            raise ConfigError("Lennard-Jones: the cell must be periodic")
        lowest = state.heights.min()
        if lowest < 2 * reach:
            raise ConfigError(
                f"Lennard-Jones: the cell's smallest height is {lowest:.2f} Å; "
                f"cutoff and skin need {2 * reach:.2f} Å"
            )
        first, second = np.triu_indices(state.n_atoms, 1)
        between = self._nearest_image(state, state.positions[second] - state.positions[first])
        near = np.sum(between**2, axis=1) < reach**2
        self._pairs = (first[near], second[near])
        self._reference = state

    @staticmethod
    def _nearest_image(state: State, between: Array) -> Array:
        """The image nearer than half the cell's smallest height, where there is one."""
        edges = np.diag(state.cell)
        if np.array_equal(np.diag(edges), state.cell):
            return np.asarray(between - edges * np.round(between / edges))
        return np.asarray(between - np.round(between @ np.linalg.inv(state.cell)) @ state.cell)
