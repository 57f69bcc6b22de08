"""One stride of crystals of several sizes and temperatures, and a short run of a large one."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from longstride.dynamics import draw_velocities, langevin, rollout, with_model_masses
from longstride.kernels import ModelPropagator
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.units import PS
from longstride.validation.reuse import fingerprint
from measurements import stride_errors
from measurements.guard_cases import crystal
from measurements.lattice_constant import constant_at
from measurements.system import seed_of

STRIDE = 60.0
LARGE = (29, 29, 30)
"""Cubic cells of the largest crystal: 100,920 atoms."""

LARGE_TIME = 2.4 * PS
LARGE_BATH = 0.2 * PS


@dataclass(frozen=True, slots=True)
class Crystal:
    """A perfect crystal.

    Attributes:
        cells: cubic cells along each axis.
        temperature: K.
        settle: time in the bath from the lattice, fs.
        apart: time between strides, fs.
        count: of strides.
    """

    cells: tuple[int, int, int]
    temperature: float
    settle: float = 3.0 * PS
    apart: float = 0.5 * PS
    count: int = 8

    @property
    def name(self) -> str:
        """Of files."""
        return f"crystal-{4 * int(np.prod(self.cells))}-{self.temperature:g}K"


SIZES = (
    Crystal((2, 2, 2), 600.0, count=16),
    Crystal((5, 5, 5), 600.0),
    Crystal((10, 10, 10), 600.0, settle=2.0 * PS, apart=0.3 * PS, count=4),
    Crystal((20, 20, 20), 600.0, settle=1.0 * PS, apart=0.2 * PS, count=2),
)

TEMPERATURES = tuple(Crystal((4, 4, 4), t) for t in (150.0, 300.0, 450.0, 600.0, 750.0, 900.0))


def built(given: Crystal, constants: dict[float, float], seed: int) -> State:
    """On the lattice, with velocities of twice the temperature, half of which it keeps."""
    state = crystal(constant_at(constants, given.temperature), given.cells)
    return draw_velocities(state, 2.0 * given.temperature, np.random.default_rng(seed))


def measure(
    given: Crystal,
    constants: dict[float, float],
    scratch: Path,
    engine: Engine,
    model: ModelPropagator,
) -> dict[str, Any]:
    """Errors of one stride and the guard's verdict."""
    seed = seed_of(given.name)
    phases = stride_errors.phases(
        given.temperature,
        STRIDE,
        settle=given.settle,
        apart=given.apart,
        count=given.count,
        seed=seed,
    )
    path = scratch / f"{given.name}.h5"
    mark = fingerprint(crystal=given.name, phases=[asdict(phase) for phase in phases])
    start = built(given, constants, seed)
    return stride_errors.relative_errors(
        model, stride_errors.windows(path, mark, engine, start, phases)
    )


def large(constants: dict[float, float], engine: Engine, model: ModelPropagator) -> dict[str, Any]:
    """Temperature and energy of a crystal of 100,920 atoms at 600 K after a short run of the model.

    Returns:
        ``temperature`` in K and ``energy`` by the reference in eV per atom, of the last frame.
    """
    start = built(Crystal(LARGE, 600.0), constants, seed_of("large"))
    state = with_model_masses(model.regime, start)
    ensemble = langevin(model, 600.0, LARGE_BATH)
    rng = np.random.default_rng(seed_of("large", "bath"))
    strides = round(LARGE_TIME / model.stride)
    for stride in rollout(
        ensemble, state, rng, strides, shortest_distance=model.regime.shortest_distance
    ):
        state = stride.end
    energy = engine.evaluate([state]).potential_energy[0] / state.n_atoms
    return {
        "n_atoms": state.n_atoms,
        "picoseconds": LARGE_TIME / PS,
        "temperature": state.temperature,
        "energy": float(energy),
    }
