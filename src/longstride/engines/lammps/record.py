"""The files of a run on several ranks, written by the first: the same as those of one process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longstride.dynamics import SEGMENT, RunFiles, RunPlan, ThermoLog, Watch, require_sound
from longstride.dynamics.restart import RestartHeader, RestartPoint, save_restart
from longstride.engines.lammps.energies import DomainEnergies
from longstride.engines.lammps.guard import DomainGuard, Found
from longstride.engines.lammps.host import Domain
from longstride.engines.lammps.placement import Axes
from longstride.engines.lammps.ranks import Ranks
from longstride.state import State
from longstride.trajectory import SegmentWriter, TrajectoryWriter, segment_of
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

Array = NDArray[np.float64]


class OpenFiles:
    """The open files of a run, on the first rank.

    Args:
        files: their names.
        writer: of the trajectory.
        segment: of the run.
        thermo: the scalar record.
        header: of the restart point that the run began with.
        start: the state there; its species, masses and cell are those of all.
    """

    def __init__(
        self,
        files: RunFiles,
        writer: TrajectoryWriter,
        segment: SegmentWriter,
        thermo: ThermoLog,
        header: RestartHeader,
        start: State,
    ) -> None:
        self._files, self._writer, self._segment = files, writer, segment
        self.thermo, self._header, self._start = thermo, header, start

    def frame(self, state: State) -> None:
        """Check and write a frame."""
        require_sound(state, self._header.plan.shortest_distance)
        self._segment.append(
            time=state.time, positions=state.positions, velocities=state.velocities, cell=None
        )

    def restart(self, done: int, state: State, watch: Watch | None) -> None:
        """Replace the restart point, with what the guard has found."""
        # The frames first: a restart point never promises frames that are not on the disk.
        self._writer.flush()
        changes = {
            "time": state.time,
            "done": done,
            "frames": self._segment.n_frames,
            "thermo_size": self.thermo.size(),
            "memories": {} if watch is None else {watch.name: watch.memory()},
        }
        save_restart(
            RestartPoint(state, self._header.model_copy(update=changes)), self._files.restart
        )

    def state(self, time: float, order: NDArray[np.intp], moved: Array) -> State:
        """A state from positions and velocities (N, 6) of atoms that come in any order."""
        positions, velocities = np.empty((2, self._start.n_atoms, 3))
        positions[order], velocities[order] = moved[:, :3], moved[:, 3:]
        return self._start.with_(positions=positions, velocities=velocities, time=time)


class Record:
    """Listens to a run: a line of scalars a stride, frames and restart points now and then.

    Args:
        ranks: of the run.
        plan: what is recorded when.
        axes: of the state and of LAMMPS.
        stride: fs.
        done: strides that an earlier run has recorded.
        n_atoms: of all ranks.
        open_files: on the first rank.
        energies: on all ranks; None where the model tells none.
        guard: on all ranks; None where nothing is watched.
    """

    def __init__(
        self,
        ranks: Ranks,
        plan: RunPlan,
        axes: Axes,
        stride: float,
        done: int,
        n_atoms: int,
        open_files: OpenFiles | None,
        energies: DomainEnergies | None,
        guard: DomainGuard | None,
    ) -> None:
        self._ranks, self._plan, self._axes, self._stride = ranks, plan, axes, stride
        self._resumed = done if done else None
        self._n_atoms = n_atoms
        self._open, self._energies, self._guard = open_files, energies, guard

    def after(self, stride: int, domain: Domain) -> None:
        """See ``host.Listener``.

        Raises:
            RegimeLeftError: the guard ends the run, whose restart point is this state; on the first
                rank.
            RolloutError: atoms overlap; on the first rank.
        """
        if stride == self._resumed:
            return
        time = stride * self._stride
        masses, velocities = domain.masses, domain.velocities
        kinetic = 0.5 * MASS_VELOCITY_SQUARED * np.sum(masses[:, None] * velocities**2)
        sums = self._ranks.sum(np.array([kinetic, *(masses @ velocities)]))
        temperature = 2.0 * sums[0] / (max(3 * self._n_atoms - 3, 1) * BOLTZMANN)
        row: tuple[float, ...] = ()
        if self._energies is not None:
            row = self._energies.row(stride, domain, float(sums[0]))
        found = Found()
        if self._guard is not None:
            found = self._guard.look(stride, time, domain, temperature, self._n_atoms)
        framed = stride % self._plan.frame_every == 0
        kept = stride % self._plan.restart_every == 0 or found.left
        state = self._gathered(time, domain) if framed or kept else None
        # What follows only the first rank does: all have done with each other.
        if self._open is None:
            return
        momentum = float(np.linalg.norm(sums[1:]))
        self._open.thermo.append_row(
            [time, temperature, float(sums[0]), momentum, *row, *found.columns]
        )
        if state is not None and framed:
            self._open.frame(state)
        watch = None if self._guard is None else self._guard.watch
        if state is not None and kept:
            self._open.restart(stride, state, watch)
        if watch is not None:
            watch.conclude()

    def _gathered(self, time: float, domain: Domain) -> State | None:
        """The whole state, on the first rank."""
        arrays, velocities = domain.arrays, domain.velocities
        moved = np.concatenate([arrays.unwrapped(self._axes.cell), velocities], axis=1)
        tags = self._ranks.gather(arrays.tags[: arrays.own].astype(np.int64))
        rows = self._ranks.gather(moved)
        if self._open is None or tags is None or rows is None:
            return None
        outside = np.concatenate(
            [self._axes.outside(rows[:, :3]), self._axes.outside(rows[:, 3:])], axis=1
        )
        return self._open.state(time, tags - 1, outside)


@contextmanager
def opened(
    files: RunFiles,
    point: RestartPoint,
    interval: float,
    provenance: dict[str, Any],
    metadata: dict[str, Any],
    columns: tuple[str, ...],
    check: Callable[[], None],
) -> Iterator[OpenFiles]:
    """The files of a run, new or continued; whole ones get their names at the end.

    Args:
        files: their names.
        point: where the run begins; nothing has been done at the start of a new run.
        interval: fs between frames.
        provenance: of a new trajectory.
        metadata: of its segment.
        columns: of the scalar record, behind those of every run.
        check: called before files get their names; raises where the run was stopped.
    """
    header, state = point.header, point.state
    new = header.done == 0
    if not new and files.thermo.is_file() and not files.partial_thermo.is_file():
        files.thermo.rename(files.partial_thermo)
    writer = (
        TrajectoryWriter(files.out, provenance=provenance)
        if new
        else TrajectoryWriter.resume(files.out, {SEGMENT: header.frames})
    )
    with writer:
        if new:
            files.restart.unlink(missing_ok=True)
        segment = segment_of(
            writer, SEGMENT, state, interval=interval, metadata=metadata if new else None
        )
        keep = None if new else header.thermo_size
        with ThermoLog(files.partial_thermo, keep, observed=columns) as thermo:
            yield OpenFiles(files, writer, segment, thermo, header, state)
        check()
    files.partial_thermo.replace(files.thermo)
    files.restart.unlink(missing_ok=True)
