"""A harmonic crystal: every answer of mechanics and statistics is known exactly."""

import numpy as np

from longstride.errors import ConfigError
from longstride.propagator import Configuration
from longstride.state import Array, State, triangular
from longstride.testsystems.lattice import fcc_lattice
from longstride.testsystems.verlet import VelocityVerlet
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED


class HarmonicCrystal:
    """Atoms bound by H = ½ Σ M v² + ½ uᵀ Φ u with u = q − q₀, solved by its normal modes.

    In mass-weighted modes, M^{-1/2} Φ M^{-1/2} e_s = ω_s² e_s. Three of the modes are the crystal's
    translations (ω = 0); all others must be stable.

    A strained cell F₀ = cell₀⁻¹ · cell = L R, lower triangular times a rotation, moves the sites to
    q₀ F₀ and costs E_el = ½ V₀ Σ C_abcd e_ab e_cd, e = ½ (L Lᵀ − 1); in the frame of L, u has the
    same Φ at every strain. The modes do not feel the volume, so p(V) ∝ V exp(−(E_el + P V)/kT) at
    constant pressure, where the factor V is the centre of mass's.

    Args:
        lattice: the state at rest q₀; its masses, species, cell are those of every state.
        force_constants: (3N, 3N) symmetric Φ in eV/Å², translation invariant.
        elastic_constants: (3, 3, 3, 3) C in eV/Å³; None knows the lattice's own cell alone.
    """

    def __init__(
        self, lattice: State, force_constants: Array, elastic_constants: Array | None = None
    ) -> None:
        self.lattice = lattice
        self.force_constants = force_constants
        self.elastic_constants = elastic_constants
        self._inverse_cell = np.linalg.inv(lattice.cell)
        self._root_mass = np.sqrt(MASS_VELOCITY_SQUARED * np.repeat(lattice.masses, 3))
        dynamical = force_constants / np.outer(self._root_mass, self._root_mass)
        squares, self._modes = np.linalg.eigh(dynamical)
        tolerance = 1e-10 * squares[-1]
        if squares[0] < -tolerance or np.sum(squares < tolerance) != 3:
            raise ConfigError("harmonic crystal: the force constants do not give a stable crystal")
        squares[:3] = 0.0
        self.frequencies: Array = np.sqrt(squares)
        """(3N,) angular frequencies ω in 1/fs, ascending; the first three are zero."""

    @classmethod
    def fcc(
        cls,
        lattice_constant: float = 4.05,
        repeat: int = 3,
        *,
        spring: float = 1.3,
        mass: float = 26.9815385,
        species: int = 13,
    ) -> "HarmonicCrystal":
        """An fcc crystal with central springs (eV/Å²) between nearest neighbours.

        The defaults give a largest frequency near that of aluminium (10 THz).
        ``repeat`` is at least 2, so that no pair of atoms shares two springs.
        """
        if repeat < 2:
            raise ConfigError(f"harmonic crystal: repeat must be at least 2, not {repeat}")
        lattice = fcc_lattice(lattice_constant, repeat, species=species, mass=mass)
        edge = lattice.cell[0, 0]
        between = lattice.positions[None] - lattice.positions[:, None]
        between -= edge * np.round(between / edge)
        distance = np.linalg.norm(between, axis=-1)
        first, second = np.nonzero((distance > 0) & (distance < 0.85 * lattice_constant))
        unit = between[first, second] / distance[first, second, None]
        blocks = np.zeros((lattice.n_atoms, lattice.n_atoms, 3, 3))
        spring_tensors = spring * unit[:, :, None] * unit[:, None, :]
        blocks[first, second] = -spring_tensors
        np.add.at(blocks, (first, first), spring_tensors)
        size = 3 * lattice.n_atoms
        # Half of the springs' energy under a strain, since each is listed from both its ends.
        bonds = unit * distance[first, second, None]
        elastic = np.einsum("na,nb,nc,nd->abcd", unit, bonds, unit, bonds)
        elastic *= 0.5 * spring / lattice.volume
        return cls(lattice, blocks.transpose(0, 2, 1, 3).reshape(size, size), elastic)

    def forces(self, state: State) -> Array:
        """(N, 3) forces −Φu in eV/Å."""
        sites, _, rotation = self._strained(state)
        u = (state.positions - sites) @ rotation.T
        return -(self.force_constants @ u.ravel()).reshape(-1, 3) @ rotation

    def potential_energy(self, state: State) -> float:
        """½ uᵀ Φ u + E_el in eV."""
        sites, stretch, rotation = self._strained(state)
        u = ((state.positions - sites) @ rotation.T).ravel()
        return float(0.5 * u @ self.force_constants @ u) + self._elastic_energy(stretch)[0]

    def configuration(self, state: State) -> Configuration:
        """Energy and virial stress: how the energy changes when q and the cell are strained."""
        if self.elastic_constants is None:
            raise ConfigError("harmonic crystal: without elastic constants its stress is not known")
        sites, stretch, rotation = self._strained(state)
        u = (state.positions - sites) @ rotation.T
        force = (self.force_constants @ u.ravel()).reshape(-1, 3)
        elastic, tension = self._elastic_energy(stretch)
        # A symmetric strain η takes L to the triangular L (1 + 2 tril(η) − diag(η)) up to a
        # rotation, and u, which rotates with it, likewise.
        work = np.tril(u.T @ force) + np.tril(stretch.T @ tension @ stretch)
        work += np.tril(work, -1).T
        stress = rotation.T @ work @ rotation / state.volume
        return Configuration(float(0.5 * np.sum(u * force)) + elastic, stress)

    def sample(self, temperature: float, rng: np.random.Generator) -> State:
        """A canonical state at ``temperature`` (K), the centre of mass at rest at its place."""
        thermal = np.sqrt(BOLTZMANN * temperature)
        noise = rng.standard_normal((2, len(self.frequencies) - 3))
        modes = self._modes[:, 3:]
        positions = modes @ (thermal * noise[0] / self.frequencies[3:]) / self._root_mass
        velocities = modes @ (thermal * noise[1]) / self._root_mass
        return self.lattice.with_(
            positions=self.lattice.positions + positions.reshape(-1, 3),
            velocities=velocities.reshape(-1, 3),
        )

    def propagator(self, stride: float, n_stages: int = 1) -> "HarmonicPropagator":
        """The exact evolution over ``stride`` fs, any length, reporting evenly spaced stages."""
        return HarmonicPropagator(self, stride, n_stages)

    def verlet(self, time_step: float, steps: int = 1, n_stages: int = 1) -> VelocityVerlet:
        """The same crystal integrated by velocity Verlet."""
        return VelocityVerlet(self.forces, time_step, steps, n_stages)

    def evolve(self, state: State, duration: float) -> State:
        """The exact state ``duration`` fs later (of either sign)."""
        sites, _, rotation = self._strained(state)
        x = self._modes_of((state.positions - sites) @ rotation.T)
        p = self._modes_of(state.velocities @ rotation.T)
        omega = self.frequencies
        cosine = np.cos(omega * duration)
        # sinc keeps the translations, ω = 0, on the same formula: sin(ωt)/ω → t.
        sine_over_omega = duration * np.sinc(omega * duration / np.pi)
        positions = self._modes @ (cosine * x + sine_over_omega * p) / self._root_mass
        velocities = self._modes @ (cosine * p - omega**2 * sine_over_omega * x) / self._root_mass
        return state.with_(
            positions=sites + positions.reshape(-1, 3) @ rotation,
            velocities=velocities.reshape(-1, 3) @ rotation,
            time=state.time + duration,
        )

    def mode_energies(self, state: State) -> tuple[Array, Array]:
        """Potential and kinetic energy of each mode in eV, (3N,) each; kT/2 on average."""
        x, p = self._mode_coordinates(state)
        return 0.5 * (self.frequencies * x) ** 2, 0.5 * p**2

    def position_covariance(self, temperature: float) -> Array:
        """(3N, 3N) canonical covariance kT Φ⁺ of the displacements in Å², centre of mass fixed."""
        scaled = self._modes[:, 3:] / self._root_mass[:, None] / self.frequencies[3:]
        return BOLTZMANN * temperature * scaled @ scaled.T

    def mean_square_amplitude(self, temperature: float) -> float:
        """Canonical mean of |u|² per atom in Å²."""
        return float(np.trace(self.position_covariance(temperature)) / self.lattice.n_atoms)

    def velocity_autocorrelation(self, temperature: float, lags: Array) -> Array:
        """Canonical ⟨Σ m v(0)·v(t)⟩ / Σ m = Σ_s kT cos(ω_s t) / Σ m in Å²/fs² at ``lags`` (fs)."""
        waves = np.cos(np.multiply.outer(lags, self.frequencies[3:])).sum(axis=-1)
        total_mass = MASS_VELOCITY_SQUARED * self.lattice.masses.sum()
        return np.asarray(BOLTZMANN * temperature * waves / total_mass)

    def _strained(self, state: State) -> tuple[Array, Array, Array]:
        """The sites (N, 3) of the strained lattice in Å, L and R."""
        sites = self.lattice.positions
        if np.array_equal(state.cell, self.lattice.cell):
            return sites, np.eye(3), np.eye(3)
        deformation = self._inverse_cell @ state.cell
        return sites @ deformation, *triangular(deformation)

    def _modes_of(self, u: Array) -> Array:
        """(3N,) mode coordinates of (N, 3) displacements or velocities in the frame of L."""
        return np.asarray(self._modes.T @ (self._root_mass * u.ravel()))

    def _mode_coordinates(self, state: State) -> tuple[Array, Array]:
        sites, _, rotation = self._strained(state)
        u = (state.positions - sites) @ rotation.T
        return self._modes_of(u), self._modes_of(state.velocities @ rotation.T)

    def _elastic_energy(self, stretch: Array) -> tuple[float, Array]:
        """E_el in eV and its derivative by e, (3, 3)."""
        if self.elastic_constants is None:
            if not np.array_equal(stretch, np.eye(3)):
                raise ConfigError("harmonic crystal: a strained cell needs elastic constants")
            return 0.0, np.zeros((3, 3))
        strain = 0.5 * (stretch @ stretch.T - np.eye(3))
        tension = self.lattice.volume * np.tensordot(self.elastic_constants, strain)
        return float(0.5 * np.sum(tension * strain)), tension


class HarmonicPropagator:
    """The exact map of a harmonic crystal over one stride."""

    def __init__(self, crystal: HarmonicCrystal, stride: float, n_stages: int = 1) -> None:
        self._crystal = crystal
        self._stride = stride
        self._n_stages = n_stages

    @property
    def stride(self) -> float:
        """Time one step covers, in fs."""
        return self._stride

    @property
    def stage_times(self) -> tuple[float, ...]:
        """Evenly spaced times since the start of the stride, in fs; the last is the stride."""
        return tuple(self._stride * (k + 1) / self._n_stages for k in range(self._n_stages))

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The exact state one stride later; ``rng`` is not used."""
        return self._crystal.evolve(state, self._stride)

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The exact states at ``stage_times``; ``rng`` is not used."""
        return tuple(self._crystal.evolve(state, time) for time in self.stage_times)
