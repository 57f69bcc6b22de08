"""A crystal of fcc aluminium beside its melt, at zero stress along the axis they share.

Made by LAMMPS alone: one half of the atoms is melted while the other is held, then both are let go,
and the axis normal to the two fronts relaxes. The other two axes keep the lattice constant, so that
the crystal is under no stress at its own temperature.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from longstride.dynamics import draw_velocities
from longstride.reference import lammps_program as program
from longstride.reference.lammps_output import read_dump
from longstride.reference.lammps_script import atom_types, box_of, data_file, system_commands
from longstride.reference.settings import LammpsSettings
from longstride.state import State
from longstride.trajectory import TrajectoryFile, TrajectoryWriter, segment_of
from longstride.units import METAL_VELOCITY
from longstride.validation.reuse import fingerprint, is_trajectory_of
from measurements.guard_cases import crystal

SUPERHEATED = 2500.0
"""K, of the half that is melted."""

TIME_STEP = 0.002
"""ps."""

BATH = 0.2
"""Relaxation time, ps."""

CELL = 0.3
"""Relaxation time of the long axis, ps."""

STEPS = {"warm": 1000, "melt": 2500, "cool": 1500, "settle": 1500, "mean": 1000}
"""Of each phase: the crystal in a bath, its half melted and cooled again, both let go at zero
stress, and the length of the axis averaged."""


def script(temperature: float, length: float, seed: int) -> str:
    """What LAMMPS does to the cell it has read; the state is left in ``last.bin``.

    Args:
        temperature: K.
        length: of the cell along z, Å; atoms of its upper half are melted.
        seed: of the baths.
    """
    far = 10.0 * length

    def bath(group: str, kelvin: float, number: int) -> str:
        return f"fix bath {group} langevin {kelvin:g} {kelvin:g} {BATH} {seed + number}"

    lines = [
        f"timestep {TIME_STEP}",
        f"region upper block INF INF INF INF {length / 2:.17g} {far:.17g}",
        "group melt region upper",
        "fix move all nve",
        bath("all", temperature, 0),
        f"run {STEPS['warm']}",
        "unfix bath",
        "unfix move",
        # Held atoms are not integrated at all.
        "fix move melt nve",
        bath("melt", SUPERHEATED, 1),
        f"run {STEPS['melt']}",
        bath("melt", temperature, 2),
        f"run {STEPS['cool']}",
        "unfix bath",
        "unfix move",
        f"fix move all nph z 0 0 {CELL}",
        bath("all", temperature, 3) + " zero yes",
        f"run {STEPS['settle']}",
        "reset_timestep 0",
        "variable length equal lz",
        f"fix mean all ave/time 1 {STEPS['mean']} {STEPS['mean']} v_length",
        f"run {STEPS['mean']}",
        "variable final equal f_mean",
        "change_box all z final 0 ${final} remap units box",
        'print "${final}" file length.txt',
        "write_dump all custom last.bin id xu yu zu vx vy vz modify sort id",
    ]
    return "\n".join(lines) + "\n"


def built(
    settings: LammpsSettings,
    constant: float,
    cells: tuple[int, int, int],
    temperature: float,
    seed: int,
) -> State:
    """The lower half crystal, the upper half melt.

    Args:
        settings: of the reference.
        constant: of the lattice at this temperature, Å.
        cells: cubic cells along each axis, of the crystal that half of is melted.
        temperature: K.
        seed: of velocities and baths.

    Raises:
        EngineError: LAMMPS failed.
    """
    rng = np.random.default_rng(seed)
    start = draw_velocities(crystal(constant, cells), 2.0 * temperature, rng)
    # No layer of atoms lies on the border of the halves.
    start = start.with_(positions=start.positions + 0.25 * constant)
    types, masses = atom_types(start, settings)
    with tempfile.TemporaryDirectory(prefix="coexistence-") as name:
        folder = Path(name)
        for potential in map(program.find_potential, settings.potential):
            shutil.copyfile(potential, folder / potential.name)
        data = data_file(start, box_of(start.cell), types, len(masses))
        (folder / "system.data").write_text(data)
        commands = "\n".join(system_commands(start, settings, masses))
        orders = script(temperature, float(start.cell[2, 2]), seed)
        (folder / "in.lammps").write_text(f"{commands}\n{orders}")
        program.run_program(folder, "in.lammps", settings.ranks)
        ((_, low, columns),) = read_dump(folder / "last.bin")
        height = float((folder / "length.txt").read_text())
    return start.with_(
        positions=columns[:, 1:4] - low,
        velocities=columns[:, 4:7] * METAL_VELOCITY,
        cell=np.diag([start.cell[0, 0], start.cell[1, 1], height]),
    )


def kept(path: Path, told: dict[str, Any], make: Callable[[], State]) -> State:
    """A state in a file of its own, made once.

    Args:
        path: of the trajectory of one frame.
        told: plain data that determines it.
        make: makes it.
    """
    mark = fingerprint(**told)
    if not is_trajectory_of(path, mark):
        state = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        with TrajectoryWriter(path, provenance={"fingerprint": mark}) as out:
            segment = segment_of(out, "start", state, interval=1.0, metadata={})
            segment.append(time=0.0, positions=state.positions, velocities=state.velocities)
    with TrajectoryFile(path) as file:
        return file["start"].state(0)
