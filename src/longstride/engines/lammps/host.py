"""Strides of a learned map inside LAMMPS' own loop over steps.

LAMMPS owns domains, migration and the exchange of ghosts; a step of its loop is what lies between
two exchanges, with velocity Verlet by ``fix nve`` (force f, step Δ, mass m)::

    v += Δ f / 2m;   q += Δ v;   exchange;   f = callback(q, v);   v += Δ f / 2m;   output

The callback of ``fix external`` evaluates the kicks of the model. It chooses f so that what LAMMPS
does is a stride's drifts and kicks: where v is the velocity that is to be seen after this step, and
u the one that the next drift of length h goes with,

    f = 2 m (h u / Δ - v) / Δ

lets the next step begin with v + Δ f / 2m = h u / Δ, which moves atoms by h u; and v is set back by
Δ f / 2m beforehand, since the step still ends with that. So computes, thermo output, dumps and
restarts see positions and velocities of the state, at the ends of strides as after every kick; f is
no force. Drifts need not be of equal length.
"""

from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from longstride.engines.lammps.arrays import DomainArrays
from longstride.engines.lammps.bath import DomainBath, Moment
from longstride.engines.lammps.ranks import Ranks, abort
from longstride.engines.lammps.schedule import Evaluation, Schedule
from longstride.engines.lammps.walk import NOTHING, DomainWalk, Surroundings
from longstride.errors import RolloutError
from longstride.units import METAL_VELOCITY, PS

Array = NDArray[np.float64]

FIX: Final = "longstride"
"""Name of the fixes."""

_START: Final = (Evaluation(0.0, 0, False),)


class Domain(NamedTuple):
    """One rank's part of a state.

    Attributes:
        arrays: of LAMMPS; their velocities are not those of the state.
        velocities: (own, 3) in Å/fs, along LAMMPS' axes.
        masses: (own,) in amu.
        surroundings: the own atoms, and ghosts as far as a kick looks.
    """

    arrays: DomainArrays
    velocities: Array
    masses: Array
    surroundings: Surroundings


class Listener(Protocol):
    """Is told of the end of every stride, on every rank."""

    def after(self, stride: int, domain: Domain) -> None:
        """Look at the state after so many strides."""
        ...


class HostedStrides:
    """Runs strides in an instance of LAMMPS that has its box and atoms.

    Args:
        lammps: the instance.
        ranks: that share it.
        schedule: of the strides.
        walk: moves the atoms of this rank's domain.
        masses: of the atom types, amu.
        bath: acts between strides; None in NVE.
        listener: is told of every stride.
    """

    def __init__(
        self,
        lammps: Any,
        ranks: Ranks,
        schedule: Schedule,
        walk: DomainWalk,
        masses: tuple[float, ...],
        bath: DomainBath | None,
        listener: Listener,
    ) -> None:
        self._lammps, self._ranks, self._schedule = lammps, ranks, schedule
        self._walk, self._bath, self._listener = walk, bath, listener
        self._masses = np.array([0.0, *masses])
        self._step = schedule.stride / len(schedule.groups)
        self._drifting = np.zeros(3)
        self._first = self._done = 0
        self._failure: Exception | None = None
        self._stopped = False
        self._crash: BaseException | None = None
        for command in (
            f"timestep {self._step / PS!r}",
            f"fix {FIX} all external pf/callback 1 1",
            f"fix {FIX}_drift all nve",
            f"variable stride equal {self.steps}",
            "thermo_style custom step time temp ke",
            f"thermo {self.steps}",
        ):
            lammps.command(command)
        lammps.set_fix_external_callback(FIX, self._called, None)

    @property
    def steps(self) -> int:
        """Steps of LAMMPS in a stride."""
        return len(self._schedule.groups)

    def run(self, strides: int, done: int = 0) -> None:
        """Do strides; the state at the start is told of too.

        Args:
            strides: how many.
            done: how many an earlier run has done; time and random numbers go on from there.

        Raises:
            RolloutError: the motion cannot be continued, or a listener failed on another rank.
        Exception: a listener's own, on its rank.
        """
        self._first = int(self._lammps.extract_global("ntimestep"))
        self._done = done
        self._lammps.command(f"run {strides * self.steps}")
        if self._crash is not None:
            raise self._crash
        message = self._ranks.agree(self._failure)
        if self._failure is not None:
            raise self._failure
        if message is not None:
            raise RolloutError(message)

    def _called(
        self, _: None, step: int, own: int, tags: Array, positions: Array, force: Array
    ) -> None:
        """LAMMPS' callback; nothing that is raised here would pass through its compiled code."""
        if self._stopped:
            return
        try:
            self._act(int(step) - self._first, force)
        except BaseException as error:
            self._crash, self._stopped = error, True
            # The others wait for this rank: no way is left to end in common.
            if self._ranks.count > 1:
                abort(self._ranks, error)
            self._lammps.force_timeout()

    def _act(self, step: int, force: Array | None) -> None:
        arrays = DomainArrays(self._lammps)
        own, done = arrays.own, self._done + step // self.steps
        masses = self._masses[arrays.types[:own]]
        number = (step - 1) % self.steps
        group = _START if step == 0 else self._schedule.groups[number]
        ratio = self._step / group[0].drift if step else 1.0
        scale = METAL_VELOCITY * ratio
        seen, kick = arrays.velocities[:own] * METAL_VELOCITY, np.zeros((own, 3))
        around = NOTHING
        if self._failure is None:
            try:
                # Ghosts are moved only where more kicks follow before the next exchange.
                speeds = arrays.velocities if len(group) > 1 else arrays.velocities[:own]
                walked = self._walk.walk(
                    group, arrays.positions, speeds * scale, arrays.tags, arrays.types, own
                )
                kick, around = walked.kick, walked.surroundings
                if step:
                    seen = walked.velocities
                    if len(group) > 1:
                        arrays.positions[:own] = walked.positions
            except RolloutError as error:
                self._failure = error
        going = seen
        if step % self.steps == 0:
            failed, drifting = self._common(seen, masses)
            if failed:
                self._stopped = True
                self._lammps.force_timeout()
                return
            if step:
                # Kicks sum to zero but for rounding; what is left of it is taken out.
                seen = seen - (drifting - self._drifting)
            else:
                self._drifting = drifting
            seen, going = self._turn(done, step > 0, seen, masses, arrays)
            self._tell(done, Domain(arrays, seen, masses, around))
        if group[-1].twice or step == 0:
            going = going + kick
        following = self._schedule.groups[step % self.steps][0].drift
        change = (following / self._step) * going - seen
        if own and force is not None:
            force[:] = change * self._per_change(masses)
        # The step that is not over yet adds the change, except before the first.
        arrays.velocities[:own] = (seen - change if step else seen) / METAL_VELOCITY

    def _per_change(self, masses: Array) -> Array:
        """(own, 1) force in eV/Å by which half a step changes a velocity by one Å/fs."""
        half = 0.5 * (self._step / PS) * float(self._lammps.extract_global("ftm2v"))
        return masses[:, None] / (half * METAL_VELOCITY)

    def _turn(
        self, done: int, ended: bool, velocities: Array, masses: Array, arrays: DomainArrays
    ) -> tuple[Array, Array]:
        """Velocities at the end of a stride, and those that the next one begins with."""
        if self._bath is None:
            return velocities, velocities
        tags = arrays.tags[: arrays.own].astype(np.int64)
        time = done * self._schedule.stride
        if ended:
            velocities, kept = self._bath.apply(velocities, masses, tags, Moment(done, False, time))
            self._drifting = kept * self._drifting
        before, kept = self._bath.apply(velocities, masses, tags, Moment(done, True, time))
        self._drifting = kept * self._drifting
        return velocities, before

    def _common(self, velocities: Array, masses: Array) -> tuple[bool, Array]:
        """Whether a rank has failed, and the velocity (3,) of the centre of mass in Å/fs."""
        failed = float(self._failure is not None)
        sums = self._ranks.sum(np.array([failed, masses.sum(), *(masses @ velocities)]))
        return bool(sums[0]), sums[2:] / sums[1]

    def _tell(self, done: int, domain: Domain) -> None:
        """What goes wrong with a listener on one rank stops all at the end of the next stride."""
        try:
            self._listener.after(done, domain)
        except Exception as error:
            self._failure = error
