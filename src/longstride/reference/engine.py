"""What a reference engine does: molecular dynamics in phases, and energies of given frames."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from longstride.errors import EngineError
from longstride.state import State
from longstride.units import NS

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Langevin:
    """A Langevin bath.

    Attributes:
        temperature: K.
        damping: relaxation time of the velocities (1/γ) in fs.
        seed: of the random forces, positive.
    """

    temperature: float
    damping: float
    seed: int

    def __post_init__(self) -> None:
        if not (self.temperature > 0 and self.damping > 0 and self.seed > 0):
            raise EngineError(f"a bath needs temperature, damping and seed above 0, not {self}")


@dataclass(frozen=True, slots=True)
class Barostat:
    """A barostat around the mean pressure; it acts beside a Langevin bath.

    Attributes:
        pressure: target in eV/Å³ (positive: compression).
        damping: relaxation time of the cell in fs.
        coupling: ``iso`` all axes together, ``xy`` x with y and z alone, ``aniso`` each axis alone.
    """

    pressure: float
    damping: float
    coupling: Literal["iso", "xy", "aniso"] = "iso"


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of dynamics under one ensemble.

    Without a bath it is velocity Verlet at constant energy and volume.

    Attributes:
        steps: number of time steps.
        time_step: fs.
        every: frames are recorded every so many steps, the phase's first and last state included
            where they fall on it; 0 records none.
        langevin: bath, or None.
        barostat: barostat, or None; only together with a bath.
        zero_momentum: remove the total linear momentum before the first step.
    """

    steps: int
    time_step: float
    every: int = 0
    langevin: Langevin | None = None
    barostat: Barostat | None = None
    zero_momentum: bool = False

    def __post_init__(self) -> None:
        if self.steps < 0 or self.every < 0 or not self.time_step > 0:
            raise EngineError(
                f"a phase needs steps >= 0, every >= 0 and time_step > 0, not steps {self.steps},"
                f" every {self.every}, time_step {self.time_step}"
            )
        if self.barostat is not None and self.langevin is None:
            raise EngineError("a barostat needs a Langevin bath beside it")

    @property
    def n_frames(self) -> int:
        """Number of frames this phase records."""
        return self.steps // self.every + 1 if self.every else 0


@dataclass(frozen=True, slots=True)
class Frames:
    """Consecutive frames of one phase; positions and velocities belong to the same times.

    Attributes:
        times: (F,) fs since the start of the phase.
        positions: (F, N, 3) unwrapped, Å.
        velocities: (F, N, 3) Å/fs.
        potential_energy: (F,) eV.
        stress: (F, 3, 3) full Cauchy stress (virial and kinetic part), eV/Å³, tension positive.
        cells: (F, 3, 3) Å.
    """

    times: Array
    positions: Array
    velocities: Array
    potential_energy: Array
    stress: Array
    cells: Array


Recorder = Callable[[int, Frames], None]
"""Receives the index of a phase and a block of its frames, blocks in order of time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a simulation ended.

    Attributes:
        state: the last state; its time is the start's plus the time of all phases.
        loop_seconds: wall time of the dynamics of each phase, without start-up.
    """

    state: State
    loop_seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Answers of the potential for given frames.

    Attributes:
        potential_energy: (F,) eV.
        forces: (F, N, 3) eV/Å.
        stress: (F, 3, 3) full Cauchy stress (virial and kinetic part), eV/Å³, tension positive.
    """

    potential_energy: Array
    forces: Array
    stress: Array


@runtime_checkable
class Engine(Protocol):
    """A program that integrates Newton's equations with a reference potential."""

    def describe(self) -> dict[str, Any]:
        """Provenance: name and version of the program, the potential and its checksum."""

    def simulate(
        self, state: State, phases: Sequence[Phase], record: Recorder | None = None
    ) -> Outcome:
        """Run the phases one after another; recorded frames go to ``record``."""

    def evaluate(self, states: Sequence[State]) -> Evaluation:
        """Energies, forces and stresses of frames of one system."""


def run(
    engine: Engine,
    state: State,
    steps: int,
    *,
    time_step: float,
    every: int = 0,
    langevin: Langevin | None = None,
    record: Callable[[Frames], None] | None = None,
) -> Outcome:
    """One phase: NVE velocity Verlet, or Langevin dynamics where a bath is given.

    Args:
        engine: who computes.
        state: start, with velocities.
        steps: number of time steps.
        time_step: fs.
        every: steps between frames given to ``record``; 0 for none.
        langevin: bath.
        record: receives blocks of frames.
    """
    phase = Phase(steps, time_step, every=every, langevin=langevin)
    return engine.simulate(state, [phase], None if record is None else lambda _, f: record(f))


def collect(blocks: Iterable[Frames]) -> Frames:
    """Blocks of frames joined along the frame axis."""
    parts = list(blocks)
    if not parts:
        raise EngineError("no frames were recorded: give the number of steps between frames")
    return Frames(
        times=np.concatenate([b.times for b in parts]),
        positions=np.concatenate([b.positions for b in parts]),
        velocities=np.concatenate([b.velocities for b in parts]),
        potential_energy=np.concatenate([b.potential_energy for b in parts]),
        stress=np.concatenate([b.stress for b in parts]),
        cells=np.concatenate([b.cells for b in parts]),
    )


def nanoseconds_per_day(steps: int, time_step: float, seconds: float) -> float:
    """Speed of a run in ns/day.

    Args:
        steps: time steps done.
        time_step: fs.
        seconds: wall time of them.
    """
    return steps * time_step / NS * 86400.0 / seconds
