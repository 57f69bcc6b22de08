"""Independent Langevin oscillators: a stochastic system with a known transition density."""

import numpy as np

from longstride.errors import ConfigError
from longstride.state import Array, State
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED


class LangevinOscillator:
    """N particles, each bound to its site by a spring and coupled to a bath, propagated exactly.

    Each coordinate x = q − q₀ follows the Ornstein–Uhlenbeck process ::

        dx = v dt
        dv = −ω² x dt − γ v dt + sqrt(2 γ kT/m) dW

    so that (x, v)(t) is Gaussian with mean E(t) (x, v)(0) and covariance Σ − E(t) Σ E(t)ᵀ, where
    E(t) = exp(A t), A = ((0, 1), (−ω², −γ)) and Σ = diag(kT/k, kT/m) is the canonical covariance.

    ========  =================================  =========
    symbol    meaning                            unit
    ========  =================================  =========
    k         ``spring``                         eV/Å²
    m         ``mass``                           amu
    ω         sqrt(k/m)                          1/fs
    γ         1 / ``friction_time``              1/fs
    T         ``temperature``                    K
    ========  =================================  =========

    Source: Uhlenbeck and Ornstein, Phys. Rev. 36, 823 (1930);
    Chandrasekhar, Rev. Mod. Phys. 15, 1 (1943).

    Args:
        sites: (N, 3) rest positions q₀ in Å.
        spring: k.
        mass: m.
        friction_time: 1/γ in fs.
        temperature: T.
        stride: time one step covers, in fs.
    """

    def __init__(
        self,
        sites: Array,
        *,
        spring: float,
        mass: float,
        friction_time: float,
        temperature: float,
        stride: float,
    ) -> None:
        if min(spring, mass, friction_time, temperature, stride) <= 0:
            raise ConfigError("Langevin oscillator: all parameters must be positive")
        self.sites = sites
        self._mass = mass
        self._stride = stride
        self._square = spring / (mass * MASS_VELOCITY_SQUARED)
        self._friction = 1.0 / friction_time
        thermal = BOLTZMANN * temperature
        self.covariance: Array = np.diag(
            [thermal / spring, thermal / (mass * MASS_VELOCITY_SQUARED)]
        )
        """(2, 2) stationary covariance of (x, v) in Å, Å/fs."""
        self._evolution = self.response(stride)
        spread = self.covariance - self._evolution @ self.covariance @ self._evolution.T
        self._noise = np.linalg.cholesky(spread)

    @property
    def stride(self) -> float:
        """Time one step covers, in fs."""
        return self._stride

    def response(self, time: float) -> Array:
        """(2, 2) E(t) = exp(A t) at ``time`` in fs, of the mean of (x, v)."""
        half = 0.5 * self._friction
        # Complex, so that one formula serves the under- and the overdamped case.
        root = np.sqrt(complex(half**2 - self._square))
        sinh_over_root = np.sinh(root * time) / root if root != 0 else complex(time)
        traceless = np.array([[half, 1.0], [-self._square, -half]])
        evolution = np.cosh(root * time) * np.eye(2) + sinh_over_root * traceless
        return np.asarray(np.exp(-half * time) * evolution.real)

    def autocovariance(self, time: float) -> Array:
        """(2, 2) stationary ⟨(x, v)(t) (x, v)(0)ᵀ⟩ = E(t) Σ."""
        return self.response(time) @ self.covariance

    def sample(self, rng: np.random.Generator) -> State:
        """A state of the stationary distribution."""
        spread = np.sqrt(np.diag(self.covariance))
        noise = rng.standard_normal((2, *self.sites.shape))
        return self._state(spread[0] * noise[0], spread[1] * noise[1], 0.0)

    def step(self, state: State, rng: np.random.Generator) -> State:
        """A draw from the exact transition density over one stride."""
        x = state.positions - self.sites
        noise = rng.standard_normal((2, *self.sites.shape))
        moved = np.einsum("ab,bnk->ank", self._evolution, np.stack([x, state.velocities]))
        moved += np.einsum("ab,bnk->ank", self._noise, noise)
        return self._state(moved[0], moved[1], state.time + self._stride)

    def _state(self, x: Array, v: Array, time: float) -> State:
        n_atoms = len(self.sites)
        return State(
            positions=self.sites + x,
            velocities=v,
            masses=np.full(n_atoms, self._mass),
            species=np.ones(n_atoms, dtype=np.int64),
            cell=np.zeros((3, 3)),
            pbc=np.zeros(3, dtype=bool),
            time=time,
        )
