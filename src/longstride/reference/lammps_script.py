"""Input of LAMMPS: the box it wants, the data file and the script of a run.

LAMMPS (``units metal``) wants the cell as a lower-triangular matrix L with a positive diagonal.
Any cell is C = L Q with an orthogonal Q, so ``x_lammps = x Qᵀ``; Q is exactly the identity for
cells that are of that form already, and then coordinates pass unchanged to the last bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase.data import atomic_numbers
from numpy.typing import NDArray

from longstride.errors import EngineError
from longstride.reference.engine import Array, Barostat, Phase
from longstride.reference.settings import LammpsSettings
from longstride.state import State, triangular
from longstride.units import BAR, METAL_VELOCITY, PS

THERMO = "step pe pxx pyy pzz pxy pxz pyz lx ly lz xy xz yz"
"""Columns of the log that ``lammps_output`` reads."""


@dataclass(frozen=True, slots=True)
class Box:
    """A cell as LAMMPS holds it.

    Attributes:
        lower: (3, 3) lower-triangular cell rows in Å.
        rotation: (3, 3) orthogonal Q with ``cell = lower @ rotation``.
    """

    lower: Array
    rotation: Array

    @property
    def triclinic(self) -> bool:
        """Whether any tilt is non-zero."""
        return bool(np.any(self.lower != np.diag(np.diag(self.lower))))

    def inside(self, vectors: Array) -> Array:
        """Row vectors (..., 3) in the frame of LAMMPS."""
        return vectors @ self.rotation.T

    def outside(self, vectors: Array) -> Array:
        """Row vectors (..., 3) of LAMMPS in the user's frame."""
        return vectors @ self.rotation

    def outside_tensor(self, tensors: Array) -> Array:
        """Rank-2 tensors (..., 3, 3) of LAMMPS in the user's frame."""
        return self.rotation.T @ tensors @ self.rotation


def box_of(cell: Array) -> Box:
    """The LAMMPS box of a cell.

    Raises:
        EngineError: the cell has no volume.
    """
    if not np.isfinite(cell).all() or abs(np.linalg.det(cell)) < 1e-6:
        raise EngineError(f"LAMMPS needs a cell with volume, not {np.asarray(cell).tolist()}")
    return Box(*triangular(cell))


def atom_types(state: State, settings: LammpsSettings) -> tuple[NDArray[np.int64], Array]:
    """LAMMPS types (N,) counted from 1, and the mass of each type in amu.

    Raises:
        EngineError: the potential lacks an element, or one element has several masses.
    """
    numbers = [atomic_numbers[symbol] for symbol in settings.elements]
    lacking = sorted(set(state.species.tolist()) - set(numbers))
    if lacking:
        raise EngineError(
            f"the structure has atomic numbers {lacking} that are not among the potential's"
            f" elements {list(settings.elements)}"
        )
    types = np.zeros(state.n_atoms, dtype=np.int64)
    masses = np.ones(len(numbers))
    for index, number in enumerate(numbers):
        mine = state.species == number
        types[mine] = index + 1
        if mine.any():
            masses[index] = state.masses[mine][0]
            if np.any(state.masses[mine] != masses[index]):
                raise EngineError(f"element {settings.elements[index]} has atoms of several masses")
    return types, masses


def data_file(state: State, box: Box, types: NDArray[np.int64], n_types: int) -> str:
    """A LAMMPS data file with positions and velocities to the last bit."""
    low = box.lower
    positions = box.inside(state.positions)
    lines = ["longstride", "", f"{state.n_atoms} atoms", f"{n_types} atom types"]
    for name, (start, end) in zip("xyz", _extent(positions, box, state.pbc), strict=True):
        lines.append(f"{start:.17g} {end:.17g} {name}lo {name}hi")
    if box.triclinic:
        lines.append(f"{low[1, 0]:.17g} {low[2, 0]:.17g} {low[2, 1]:.17g} xy xz yz")
    lines += ["", "Atoms # atomic", ""]
    lines += [
        f"{i + 1} {types[i]} {x:.17g} {y:.17g} {z:.17g}" for i, (x, y, z) in enumerate(positions)
    ]
    lines += ["", "Velocities", ""]
    velocities = box.inside(state.velocities) / METAL_VELOCITY
    lines += [f"{i + 1} {x:.17g} {y:.17g} {z:.17g}" for i, (x, y, z) in enumerate(velocities)]
    return "\n".join(lines) + "\n"


def _extent(positions: Array, box: Box, pbc: NDArray[np.bool_]) -> Array:
    """(3, 2) low and high end of the box; open sides are moved out until all atoms are inside."""
    ends = np.stack([np.zeros(3), np.diag(box.lower)], axis=1)
    reach = np.stack([positions.min(axis=0) - 1.0, positions.max(axis=0) + 1.0], axis=1)
    ends[~pbc, 0] = np.minimum(ends, reach)[~pbc, 0]
    ends[~pbc, 1] = np.maximum(ends, reach)[~pbc, 1]
    return ends


def system_commands(state: State, settings: LammpsSettings, masses: Array) -> list[str]:
    """Commands that read ``system.data`` and set the potential, whose files lie beside it.

    The masses are set last: EAM potentials bring masses of their own, rounded otherwise.
    """
    files = [Path(name).name for name in settings.potential]
    default = (" ".join(["* *", *files, *settings.elements]),)
    boundary = " ".join("p" if periodic else "s" for periodic in state.pbc)
    return [
        "units metal",
        "atom_style atomic",
        f"boundary {boundary}",
        "box tilt large",
        "read_data system.data",
        f"pair_style {settings.pair_style}",
        *(f"pair_coeff {arguments}" for arguments in settings.pair_coeff or default),
        *(f"mass {i + 1} {mass:.17g}" for i, mass in enumerate(masses)),
        f"thermo_style custom {THERMO}",
        "thermo_modify format float %.17g norm no",
    ]


def run_script(
    state: State, settings: LammpsSettings, masses: Array, phases: Sequence[Phase]
) -> str:
    """The script of a simulation: one ``run`` and one dump file a phase, then the last state."""
    lines = system_commands(state, settings, masses)
    for index, phase in enumerate(phases):
        lines += [f"timestep {phase.time_step / PS:.17g}", "reset_timestep 0"]
        if phase.zero_momentum:
            lines.append("velocity all zero linear")
        lines.append(_integrator(phase.barostat))
        if phase.langevin is not None:
            bath = phase.langevin
            lines.append(
                f"fix bath all langevin {bath.temperature:.17g} {bath.temperature:.17g}"
                f" {bath.damping / PS:.17g} {bath.seed} zero yes"
            )
        if phase.every:
            lines += [
                f"dump frames all custom {phase.every} {dump_name(index)} id xu yu zu vx vy vz",
                "dump_modify frames sort id",
            ]
        lines += [f"thermo {phase.every}", f"run {phase.steps}"]
        lines += ["undump frames"] if phase.every else []
        lines += ["unfix bath"] if phase.langevin is not None else []
        lines.append("unfix integrate")
    lines.append("write_dump all custom last.bin id xu yu zu vx vy vz modify sort id")
    return "\n".join(lines) + "\n"


def dump_name(phase: int) -> str:
    """Name of the binary dump of a phase."""
    return f"phase_{phase:04d}.bin"


def _integrator(barostat: Barostat | None) -> str:
    if barostat is None:
        return "fix integrate all nve"
    target = f"{barostat.pressure / BAR:.17g}"
    axis = f"{target} {target} {barostat.damping / PS:.17g}"
    if barostat.coupling == "xy":
        return f"fix integrate all nph x {axis} y {axis} z {axis} couple xy"
    return f"fix integrate all nph {barostat.coupling} {axis}"


def frames_file(states: Sequence[State], boxes: Sequence[Box], types: NDArray[np.int64]) -> str:
    """Frames as a LAMMPS text dump for ``rerun``, positions folded into the box."""
    lines: list[str] = []
    triclinic = any(box.triclinic for box in boxes)
    for step, (state, box) in enumerate(zip(states, boxes, strict=True)):
        low = box.lower
        scaled = state.positions @ np.linalg.inv(state.cell)
        scaled -= np.where(state.pbc, np.floor(scaled), 0.0)
        positions = scaled @ low
        velocities = box.inside(state.velocities) / METAL_VELOCITY
        lines += ["ITEM: TIMESTEP", str(step), "ITEM: NUMBER OF ATOMS", str(state.n_atoms)]
        ends = _extent(positions, box, state.pbc)
        if triclinic:
            xy, xz, yz = low[1, 0], low[2, 0], low[2, 1]
            bounds = [
                (
                    ends[0, 0] + min(0.0, xy, xz, xy + xz),
                    ends[0, 1] + max(0.0, xy, xz, xy + xz),
                    xy,
                ),
                (ends[1, 0] + min(0.0, yz), ends[1, 1] + max(0.0, yz), xz),
                (ends[2, 0], ends[2, 1], yz),
            ]
            lines.append("ITEM: BOX BOUNDS xy xz yz pp pp pp")
            lines += [f"{lo:.17g} {hi:.17g} {tilt:.17g}" for lo, hi, tilt in bounds]
        else:
            lines.append("ITEM: BOX BOUNDS pp pp pp")
            lines += [f"{start:.17g} {end:.17g}" for start, end in ends]
        lines.append("ITEM: ATOMS id type x y z vx vy vz")
        for i in range(state.n_atoms):
            numbers = " ".join(f"{value:.17g}" for value in (*positions[i], *velocities[i]))
            lines.append(f"{i + 1} {types[i]} {numbers}")
    return "\n".join(lines) + "\n"


def rerun_script(state: State, settings: LammpsSettings, masses: Array) -> str:
    """The script that evaluates the frames of ``frames.dump``."""
    lines = system_commands(state, settings, masses)
    lines += [
        "thermo 1",
        "dump forces all custom 1 forces.bin id fx fy fz",
        "dump_modify forces sort id",
        "rerun frames.dump dump x y z vx vy vz box yes",
    ]
    return "\n".join(lines) + "\n"
