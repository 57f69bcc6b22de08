"""Any ASE calculator as a reference engine.

NVE is velocity Verlet. A Langevin bath is the symmetric splitting O B A B O, with the friction and
random force applied exactly over half a step at both ends, so velocities and positions of a frame
belong to the same time (Leimkuhler and Matthews, J. Chem. Phys. 138, 174102 (2013), discuss the
splittings). The barostat scales the cell by the deviation of the pressure (Berendsen et al.,
J. Chem. Phys. 81, 3684 (1984)): its mean pressure is the target, and only its mean cell is used.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import ase
import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.stress import voigt_6_to_full_3x3_stress

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


@dataclass(slots=True)
class _System:
    """What changes during the dynamics; forces in eV/Å belong to the positions."""

    positions: Array
    velocities: Array
    cell: Array
    forces: Array


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
            self._calculator: Calculator = factory(**settings.arguments)
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
            EngineError: the calculator failed, or the dynamics is not finite.
        """
        atoms = _atoms(state)
        forces = self._forces(atoms)
        system = _System(state.positions.copy(), state.velocities.copy(), state.cell.copy(), forces)
        seconds: list[float] = []
        for index, phase in enumerate(phases):
            start = time.perf_counter()
            if phase.zero_momentum:
                system.velocities -= np.average(system.velocities, axis=0, weights=state.masses)
            rng = np.random.default_rng(phase.langevin.seed if phase.langevin else 0)
            block: list[Frames] = []
            for step in range(phase.steps + 1):
                if step:
                    self._step(atoms, system, phase, rng)
                if record is not None and phase.every and step % phase.every == 0:
                    block.append(self._frame(atoms, system, step * phase.time_step))
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
        energies, forces, stresses = [], [], []
        for state in states:
            atoms = _atoms(state)
            system = _System(
                state.positions, state.velocities, state.cell, self._forces(atoms)
            )
            frame = self._frame(atoms, system, 0.0)
            energies.append(frame.potential_energy[0])
            stresses.append(frame.stress[0])
            forces.append(system.forces)
        return Evaluation(np.array(energies), np.array(forces), np.array(stresses))

    def _step(
        self, atoms: Atoms, system: _System, phase: Phase, rng: np.random.Generator
    ) -> None:
        dt = phase.time_step
        half_kick = 0.5 * dt / (MASS_VELOCITY_SQUARED * atoms.get_masses())[:, None]
        if phase.langevin is not None:
            _bath(system, atoms.get_masses(), phase.langevin, 0.5 * dt, rng)
        system.velocities += half_kick * system.forces
        system.positions += dt * system.velocities
        if phase.barostat is not None:
            self._scale(atoms, system, phase.barostat, dt)
        atoms.set_cell(system.cell)
        atoms.positions = system.positions
        system.forces = self._forces(atoms)
        system.velocities += half_kick * system.forces
        if phase.langevin is not None:
            _bath(system, atoms.get_masses(), phase.langevin, 0.5 * dt, rng)

    def _scale(self, atoms: Atoms, system: _System, barostat: Barostat, dt: float) -> None:
        """Scale cell and positions by the pressure of the last evaluated geometry."""
        pressures = -np.diag(self._stress(atoms, system))
        if barostat.coupling == "iso":
            pressures = np.full(3, pressures.mean())
        elif barostat.coupling == "xy":
            pressures = np.array([pressures[:2].mean()] * 2 + [pressures[2]])
        rate = _COMPRESSIBILITY * dt / (3.0 * barostat.damping)
        factors = np.exp(np.clip(rate * (pressures - barostat.pressure), -0.01, 0.01))
        system.cell = system.cell * factors
        system.positions = system.positions * factors

    def _forces(self, atoms: Atoms) -> Array:
        self._calculator.calculate(atoms, ["energy", "forces", "stress"], all_changes)
        forces = np.array(self._calculator.results["forces"], dtype=np.float64)
        if not np.isfinite(forces).all():
            raise EngineError(f"{self.settings.calculator} returned forces that are not finite")
        return forces

    def _stress(self, atoms: Atoms, system: _System) -> Array:
        """Virial of the last evaluated geometry and kinetic part of the velocities, (3, 3)."""
        virial = np.asarray(self._calculator.results["stress"])
        if virial.shape == (6,):
            virial = voigt_6_to_full_3x3_stress(virial)
        volume = abs(np.linalg.det(np.asarray(atoms.cell)))
        momenta = MASS_VELOCITY_SQUARED * atoms.get_masses()[:, None] * system.velocities
        return np.asarray(virial - momenta.T @ system.velocities / volume, dtype=np.float64)

    def _frame(self, atoms: Atoms, system: _System, when: float) -> Frames:
        return Frames(
            times=np.array([when]),
            positions=system.positions[None].copy(),
            velocities=system.velocities[None].copy(),
            potential_energy=np.array([float(self._calculator.results["energy"])]),
            stress=self._stress(atoms, system)[None],
            cells=system.cell[None].copy(),
        )


def _atoms(state: State) -> Atoms:
    return Atoms(
        numbers=state.species,
        positions=state.positions,
        masses=state.masses,
        cell=state.cell,
        pbc=state.pbc,
    )


def _bath(
    system: _System, masses: Array, bath: Langevin, time_: float, rng: np.random.Generator
) -> None:
    """Friction and noise for a time; the total momentum of the noise is taken out."""
    keep = np.exp(-time_ / bath.damping)
    width = np.sqrt((1 - keep**2) * BOLTZMANN * bath.temperature / (MASS_VELOCITY_SQUARED * masses))
    noise = width[:, None] * rng.standard_normal(system.velocities.shape)
    noise -= np.average(noise, axis=0, weights=masses)
    system.velocities = keep * system.velocities + noise


