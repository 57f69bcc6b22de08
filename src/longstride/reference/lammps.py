"""LAMMPS as a reference engine, driven as the ``lmp`` program.

One process a call: the script, the data file and the potential lie in a folder of their own,
which is kept where LAMMPS fails. Newton's equations are integrated by velocity Verlet (``fix
nve``), the bath is ``fix langevin`` (its random forces sum to zero, so the total momentum stays
zero), the barostat ``fix nph`` beside that bath. Frames come from binary dumps: they are the
program's own doubles.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from longstride.errors import EngineError
from longstride.reference import lammps_program as program
from longstride.reference.engine import Array, Evaluation, Frames, Outcome, Phase, Recorder
from longstride.reference.lammps_output import Table, read_dump, read_log
from longstride.reference.lammps_script import (
    Box,
    atom_types,
    box_of,
    data_file,
    dump_name,
    frames_file,
    rerun_script,
    run_script,
)
from longstride.reference.settings import LammpsSettings
from longstride.state import State
from longstride.units import METAL_VELOCITY

_BLOCK = 64


class LammpsEngine:
    """A potential of LAMMPS.

    Args:
        settings: pair style, potential files and elements.
        folder: where the working folders of the calls are made; the system's temporary folder
            if not given.

    Raises:
        EngineError: LAMMPS or a potential file is missing.
    """

    def __init__(self, settings: LammpsSettings, folder: Path | None = None) -> None:
        self.settings = settings
        self._folder = folder
        self._version = program.program_version(program.find_program("lmp"))
        self._files = tuple(program.find_potential(name) for name in settings.potential)

    def describe(self) -> dict[str, Any]:
        """Name and version of LAMMPS, potential files with their SHA-256, integrator and bath."""
        return {
            "engine": "lammps",
            "version": self._version,
            "pair_style": self.settings.pair_style,
            "pair_coeff": list(self.settings.pair_coeff),
            "elements": list(self.settings.elements),
            "potential": self._potential(),
            "potential_sha256": {f.name: program.file_sha256(f) for f in self._files},
            "integrator": "velocity Verlet (fix nve)",
            "thermostat": "Langevin (fix langevin, zero yes)",
            "barostat": "fix nph beside fix langevin",
        }

    def _potential(self) -> str:
        """Its files; a mixture of styles is more than they are, so the styles stand there too."""
        style, files = self.settings.pair_style, ", ".join(f.name for f in self._files)
        if not files:
            return style
        return f"{files} ({style})" if style.startswith("hybrid") else files

    def simulate(
        self, state: State, phases: Sequence[Phase], record: Recorder | None = None
    ) -> Outcome:
        """Run the phases in one LAMMPS process; see ``Engine.simulate``.

        Raises:
            EngineError: LAMMPS failed, or the dynamics is not finite.
        """
        box = box_of(state.cell)
        types, masses = atom_types(state, self.settings)
        with self._working_folder() as folder:
            (folder / "system.data").write_text(data_file(state, box, types, len(masses)))
            (folder / "in.lammps").write_text(run_script(state, self.settings, masses, phases))
            program.run_program(folder, "in.lammps", self.settings.ranks)
            tables = read_log(folder / "log.lammps")
            if len(tables) != len(phases):
                raise EngineError(
                    f"the LAMMPS log {folder / 'log.lammps'} has {len(tables)} runs,"
                    f" not {len(phases)}"
                )
            for index, phase in enumerate(phases):
                if record is not None and phase.every:
                    dump = folder / dump_name(index)
                    for block in _frames(dump, phase, tables[index], box, state):
                        record(index, block)
            return self._outcome(folder, state, box, phases, tables)

    def evaluate(self, states: Sequence[State]) -> Evaluation:
        """Energies, forces and stresses of frames of one system; see ``Engine.evaluate``.

        Raises:
            EngineError: the frames differ in their atoms or periodicity, or LAMMPS failed.
        """
        if not states:
            raise EngineError("evaluate needs at least one frame")
        first = states[0]
        for state in states:
            if not _same_system(state, first):
                raise EngineError("the frames to evaluate differ in their atoms or periodicity")
        boxes = [box_of(state.cell) for state in states]
        types, masses = atom_types(first, self.settings)
        widest = next((i for i, box in enumerate(boxes) if box.triclinic), 0)
        with self._working_folder() as folder:
            (folder / "system.data").write_text(
                data_file(states[widest], boxes[widest], types, len(masses))
            )
            (folder / "frames.dump").write_text(frames_file(states, boxes, types))
            (folder / "in.lammps").write_text(rerun_script(first, self.settings, masses))
            program.run_program(folder, "in.lammps", self.settings.ranks)
            (table,) = read_log(folder / "log.lammps")
            forces = [
                box.outside(columns[:, 1:])
                for box, (_, _, columns) in zip(
                    boxes, read_dump(folder / "forces.bin"), strict=True
                )
            ]
        stress = [
            _stress(table, [row], box, state)[0]
            for row, (box, state) in enumerate(zip(boxes, states, strict=True))
        ]
        return Evaluation(table.potential_energy, np.array(forces), np.array(stress))

    @contextmanager
    def _working_folder(self) -> Iterator[Path]:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="lammps-", dir=self._folder))
        for file in self._files:
            shutil.copyfile(file, folder / file.name)
        try:
            yield folder
        except EngineError:
            raise
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)

    def _outcome(
        self, folder: Path, state: State, box: Box, phases: Sequence[Phase], tables: list[Table]
    ) -> Outcome:
        ((_, low, columns),) = read_dump(folder / "last.bin")
        positions, velocities = _phase_space(columns, low, box, state)
        barostat = any(phase.barostat is not None for phase in phases)
        end = state.with_(
            positions=positions,
            velocities=velocities,
            cell=box.outside(tables[-1].lower[-1]) if barostat else state.cell,
            time=state.time + sum(phase.steps * phase.time_step for phase in phases),
        )
        return Outcome(end, tuple(table.seconds for table in tables))


def _same_system(one: State, other: State) -> bool:
    return (
        np.array_equal(one.species, other.species)
        and np.array_equal(one.masses, other.masses)
        and np.array_equal(one.pbc, other.pbc)
    )


def _phase_space(columns: Array, low: Array, box: Box, state: State) -> tuple[Array, Array]:
    """Positions from the box's low corner (which a barostat moves) and velocities, Å and Å/fs."""
    origin = np.where(state.pbc, low, 0.0)
    positions = box.outside(columns[:, 1:4] - origin)
    velocities = box.outside(columns[:, 4:7] * METAL_VELOCITY)
    if not (np.isfinite(positions).all() and np.isfinite(velocities).all()):
        raise EngineError("LAMMPS returned positions or velocities that are not finite")
    return positions, velocities


def _stress(table: Table, rows: list[int], box: Box, state: State) -> Array:
    """(R, 3, 3) stress of some rows; with open sides, per volume of the cell, not of the box."""
    stress = box.outside_tensor(table.stress[rows])
    if state.pbc.all():
        return stress
    volumes = np.linalg.det(table.lower[rows]) / state.volume
    return stress * volumes[:, None, None]


def _frames(dump: Path, phase: Phase, table: Table, box: Box, state: State) -> Iterator[Frames]:
    """Blocks of the frames of a phase, energies and stresses taken from the same steps' log."""
    rows = {int(step): row for row, step in enumerate(table.steps)}
    block: list[tuple[int, Array, Array]] = []
    for count, (step, low, columns) in enumerate(read_dump(dump), start=1):
        positions, velocities = _phase_space(columns, low, box, state)
        block.append((step, positions, velocities))
        if len(block) == _BLOCK or count == phase.n_frames:
            steps, q, v = zip(*block, strict=True)
            at = [rows[s] for s in steps]
            fixed = np.broadcast_to(state.cell, (len(at), 3, 3))
            yield Frames(
                times=np.array(steps) * phase.time_step,
                positions=np.array(q),
                velocities=np.array(v),
                potential_energy=table.potential_energy[at],
                stress=_stress(table, at, box, state),
                cells=fixed if phase.barostat is None else box.outside(table.lower[at]),
            )
            block = []
