"""Velocity Verlet, packed into strides."""

from collections.abc import Callable

import numpy as np

from longstride.errors import ConfigError
from longstride.state import Array, State
from longstride.units import MASS_VELOCITY_SQUARED


class VelocityVerlet:
    """Velocity Verlet as a propagator whose stride covers several time steps.

    One time step h, with forces f(q)::

        v ← v + (h/2) f(q)/m        (B)
        q ← q + h v                 (A)
        v ← v + (h/2) f(q)/m        (B)

    ========  ==============================  =========
    symbol    meaning                         unit
    ========  ==============================  =========
    h         ``time_step``                   fs
    f         ``forces(state)``               eV/Å
    m         mass                            amu
    τ         ``stride`` = h · ``steps``      fs
    ========  ==============================  =========

    Source: Swope et al., J. Chem. Phys. 76, 637 (1982).

    Args:
        forces: the forces (N, 3) in eV/Å on the atoms of a state.
        time_step: h in fs.
        steps: time steps in a stride.
        n_stages: evenly spaced states a stride reports; divides ``steps``.
    """

    def __init__(
        self,
        forces: Callable[[State], Array],
        time_step: float,
        steps: int = 1,
        n_stages: int = 1,
    ) -> None:
        if steps < 1 or n_stages < 1 or steps % n_stages:
            raise ConfigError(f"velocity Verlet: {n_stages} stages do not divide {steps} steps")
        self._forces = forces
        self._time_step = time_step
        self._steps = steps
        self._n_stages = n_stages

    @property
    def stride(self) -> float:
        """Time one step of the propagator covers, in fs."""
        return self._time_step * self._steps

    @property
    def stage_times(self) -> tuple[float, ...]:
        """Times of the reported states since the start of the stride, in fs."""
        per_stage = self._steps // self._n_stages
        return tuple(self._time_step * per_stage * (k + 1) for k in range(self._n_stages))

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The state one stride later; ``rng`` is not used."""
        return self.stages(state, rng)[-1]

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The states at ``stage_times``; ``rng`` is not used."""
        h = self._time_step
        acceleration = 1.0 / (MASS_VELOCITY_SQUARED * state.masses[:, None])
        q, v = state.positions, state.velocities
        force = self._forces(state)
        reported = []
        for step in range(1, self._steps + 1):
            v = v + 0.5 * h * force * acceleration
            q = q + h * v
            moved = state.with_(positions=q)
            force = self._forces(moved)
            v = v + 0.5 * h * force * acceleration
            if step % (self._steps // self._n_stages) == 0:
                reported.append(moved.with_(velocities=v, time=state.time + step * h))
        return tuple(reported)
