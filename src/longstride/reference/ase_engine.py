"""Any ASE calculator as a reference engine.

NVE is velocity Verlet. A Langevin bath is the symmetric splitting O B A B O, with the friction and
random force applied exactly over half a step at both ends, so velocities and positions of a frame
belong to the same time (Leimkuhler and Matthews, J. Chem. Phys. 138, 174102 (2013), discuss the
splittings). The barostat scales the cell by the deviation of the pressure (Berendsen et al.,
J. Chem. Phys. 81, 3684 (1984)): its mean pressure is the target, and only its mean cell is used.
"""

import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import ase
import numpy as np
from ase import Atoms

from longstride.errors import EngineError
from longstride.reference.engine import (
    Array,
    Barostat,
    Evaluation,
    Frames,
    Langevin,
    Outcome,
    Phase,
    Recorder,
    collect,
)
from longstride.reference.settings import AseSettings
from longstride.state import State
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

_BLOCK = 64
_COMPRESSIBILITY = 2.0
"""Å³/eV, of the order of a metal's; it only sets how fast the barostat works."""


class AseEngine:
    """A calculator of ASE.

    Args:
        settings: import path and arguments of the calculator.

    Raises:
        EngineError: it cannot be imported or made.
    """

    def __init__(self, settings: AseSettings) -> None:
        self.settings = settings
        module, name = settings.calculator.split(":")
        try:
            factory = getattr(import_module(module), name)
            self._calculator = factory(**settings.arguments)
        except (ImportError, AttributeError, TypeError) as error:
            raise EngineError(f"calculator {settings.calculator}: {error}") from None

    def describe(self) -> dict[str, Any]:
        """Version of ASE, the calculator with its arguments, integrator and bath."""
        return {
            "engine": "ase",
            "version": ase.__version__,
            "potential": self.settings.calculator,
            "arguments": self.settings.arguments,
            "integrator": "velocity Verlet",
            "thermostat": "Langevin (OBABO)",
            "barostat": "Berendsen beside Langevin",
        }

    def simulate(
        self, state: State, phases: Sequence[Phase], record: Recorder | None = None
    ) -> Outcome:
        """Run the phases; see ``Engine.simulate``.

        Raises:
            EngineError: the calculator failed or returned values that are not finite.
        """
        system = _System(state, self._calculator, self.settings.calculator)
        seconds: list[float] = []
        for index, phase in enumerate(phases):
            start = time.perf_counter()
            if phase.zero_momentum:
                system.velocities -= np.average(system.velocities, axis=0, weights=state.masses)
            rng = np.random.default_rng(phase.langevin.seed if phase.langevin else 0)
            block: list[Frames] = []
            for step in range(phase.steps + 1):
                if step:
                    system.step(phase, rng)
                if record is not None and phase.every and step % phase.every == 0:
                    block.append(system.frame(step * phase.time_step))
                    if len(block) == _BLOCK or step + phase.every > phase.steps:
                        record(index, collect(block))
                        block = []
            seconds.append(time.perf_counter() - start)
        end = state.with_(
            positions=system.positions,
            velocities=system.velocities,
            cell=system.cell,
            time=state.time + sum(p.steps * p.time_step for p in phases),
        )
        return Outcome(end, tuple(seconds))

    def evaluate(self, states: Sequence[State]) -> Evaluation:
        """Energies, forces and stresses of frames; see ``Engine.evaluate``."""
        if not states:
            raise EngineError("evaluate needs at least one frame")
        blocks: list[Frames] = []
        forces: list[Array] = []
        for state in states:
            system = _System(state, self._calculator, self.settings.calculator)
            blocks.append(system.frame(0.0))
            forces.append(system.forces)
        frames = collect(blocks)
        return Evaluation(frames.potential_energy, np.array(forces), frames.stress)


class _System:
    """What changes during the dynamics; the forces (eV/Å) belong to the positions."""

    def __init__(self, state: State, calculator: Any, name: str) -> None:
        self._name = name
        self._masses = state.masses
        self._inertia = MASS_VELOCITY_SQUARED * state.masses[:, None]
        self.positions = state.positions.copy()
        self.velocities = state.velocities.copy()
        self.cell = state.cell.copy()
        self._atoms = Atoms(
            numbers=state.species, positions=state.positions, cell=state.cell, pbc=state.pbc
        )
        self._atoms.calc = calculator
        self.forces = self._ask(self._atoms.get_forces)

    def step(self, phase: Phase, rng: np.random.Generator) -> None:
        """One time step of the phase's ensemble."""
        dt = phase.time_step
        if phase.langevin is not None:
            self._bath(phase.langevin, 0.5 * dt, rng)
        self.velocities += 0.5 * dt * self.forces / self._inertia
        self.positions += dt * self.velocities
        if phase.barostat is not None:
            self._scale(phase.barostat, dt)
        self._atoms.set_cell(self.cell)
        self._atoms.positions = self.positions
        self.forces = self._ask(self._atoms.get_forces)
        self.velocities += 0.5 * dt * self.forces / self._inertia
        if phase.langevin is not None:
            self._bath(phase.langevin, 0.5 * dt, rng)

    def frame(self, when: float) -> Frames:
        """The present state as one frame."""
        energy = self._ask(lambda: self._atoms.get_potential_energy())
        # The energy whose gradient the forces are, where a calculator tells it from another.
        energy = self._atoms.calc.results.get("free_energy", energy)
        return Frames(
            times=np.array([when]),
            positions=self.positions[None].copy(),
            velocities=self.velocities[None].copy(),
            potential_energy=np.array([float(energy)]),
            stress=self._stress()[None],
            cells=self.cell[None].copy(),
        )

    def _bath(self, bath: Langevin, duration: float, rng: np.random.Generator) -> None:
        """Friction and noise for a duration in fs; the noise has no total momentum."""
        keep = np.exp(-duration / bath.damping)
        width = np.sqrt((1 - keep**2) * BOLTZMANN * bath.temperature / self._inertia)
        noise = width * rng.standard_normal(self.velocities.shape)
        noise -= np.average(noise, axis=0, weights=self._masses)
        self.velocities = keep * self.velocities + noise

    def _scale(self, barostat: Barostat, dt: float) -> None:
        """Scale cell and positions by the pressure of the last evaluated geometry."""
        pressures = -np.diag(self._stress())
        if barostat.coupling == "iso":
            pressures = np.full(3, pressures.mean())
        elif barostat.coupling == "xy":
            pressures = np.array([pressures[:2].mean()] * 2 + [pressures[2]])
        rate = _COMPRESSIBILITY * dt / (3.0 * barostat.damping)
        factors = np.exp(np.clip(rate * (pressures - barostat.pressure), -0.01, 0.01))
        self.cell = self.cell * factors
        self.positions = self.positions * factors

    def _stress(self) -> Array:
        """Virial of the last evaluated geometry and kinetic part of the velocities, (3, 3)."""
        virial = self._ask(lambda: self._atoms.get_stress(voigt=False))
        kinetic = (self._inertia * self.velocities).T @ self.velocities
        return np.asarray(virial - kinetic / self._atoms.get_volume(), dtype=np.float64)

    def _ask(self, question: Any) -> Array:
        """The calculator's answer, finite, as float64."""
        try:
            answer = np.array(question(), dtype=np.float64)
        except Exception as error:  # a calculator is foreign code that may raise anything
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise EngineError(f"calculator {self._name} failed: {reason}") from error
        if not np.isfinite(answer).all():
            raise EngineError(f"calculator {self._name} returned values that are not finite")
        return answer
