"""Writing the frames, the scalars and the restart points of a run as it goes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from longstride.dynamics.ensemble import Ensemble
from longstride.dynamics.observer import Observer
from longstride.dynamics.restart import RestartHeader, RestartPoint, generator_state, save_restart
from longstride.dynamics.rollout import Stride, rollout
from longstride.dynamics.run_plan import RunFiles, RunPlan
from longstride.dynamics.thermo import ThermoLog
from longstride.errors import RegimeLeftError, RolloutError
from longstride.state import State
from longstride.trajectory import SegmentWriter, TrajectoryWriter

Monitor = Callable[[Stride], None]
"""Called after every stride; an exception it raises stops the run, which can be resumed."""


class Recorder:
    """Advances a run whose files are open.

    Args:
        files: where the run's files are.
        writer: the open trajectory file.
        segment: its segment.
        thermo: the open scalar record.
        plan: what to record.
        options: the caller's options for the restart file.
        observers: look at every state; their columns are those of the record.
    """

    def __init__(
        self,
        files: RunFiles,
        writer: TrajectoryWriter,
        segment: SegmentWriter,
        thermo: ThermoLog,
        plan: RunPlan,
        options: Mapping[str, Any],
        observers: Sequence[Observer] = (),
    ) -> None:
        self._files = files
        self._writer = writer
        self._segment = segment
        self._thermo = thermo
        self._plan = plan
        self._options = dict(options)
        self._observers = tuple(observers)

    def begin(self, ensemble: Ensemble, state: State, rng: np.random.Generator) -> None:
        """Record the state a run starts from, and make its first restart point."""
        self._write_frame(state)
        self._observe(0, state)
        self._save(0, ensemble, state, rng)
        self._conclude()

    def advance(
        self,
        ensemble: Ensemble,
        state: State,
        rng: np.random.Generator,
        done: int,
        monitor: Monitor | None,
    ) -> State:
        """Run from the state after ``done`` strides to the end of the plan; returns the last state.

        Raises:
            RolloutError: the run cannot go on; the frames before are kept.
            RegimeLeftError: an observer ended it; its restart point is the last state.
        """
        # What the propagator cached before must not make a resumed run differ from an unbroken one.
        ensemble.reset_cache()
        plan = self._plan
        strides = rollout(
            ensemble,
            state,
            rng,
            plan.n_strides,
            done=done,
            substride=plan.substride,
            shortest_distance=plan.shortest_distance,
            density=plan.density,
        )
        try:
            for stride in strides:
                state = stride.end
                self._record(stride)
                if stride.index % plan.restart_every == 0:
                    self._save(stride.index, ensemble, state, rng)
                    ensemble.reset_cache()
                try:
                    self._conclude()
                except RegimeLeftError:
                    self._save(stride.index, ensemble, state, rng)
                    raise
                if monitor is not None:
                    monitor(stride)
        except RolloutError as error:
            kept = self._segment.n_frames
            raise RolloutError(
                f"{error}; the {kept} frames before are in {self._files.partial_out}"
            ) from None
        return state

    def _record(self, stride: Stride) -> None:
        if self._plan.substride:
            for state in stride.states:
                self._write_frame(state)
        elif stride.index % self._plan.frame_every == 0:
            self._write_frame(stride.end)
        self._observe(stride.index, stride.end)

    def _observe(self, index: int, state: State) -> None:
        values = [value for each in self._observers for value in each.observe(index, state)]
        self._thermo.append(state, values)

    def _conclude(self) -> None:
        for observer in self._observers:
            observer.conclude()

    def _write_frame(self, state: State) -> None:
        moving = self._segment.header.cell is None
        self._segment.append(
            time=state.time,
            positions=state.positions,
            velocities=state.velocities,
            cell=state.cell if moving else None,
        )

    def _save(self, done: int, ensemble: Ensemble, state: State, rng: np.random.Generator) -> None:
        # The frames first: a restart point never promises frames that are not on the disk.
        self._writer.flush()
        header = RestartHeader(
            time=state.time,
            generator=generator_state(rng),
            done=done,
            frames=self._segment.n_frames,
            thermo_size=self._thermo.size(),
            stride=ensemble.stride,
            plan=self._plan,
            options=self._options,
            memories={observer.name: observer.memory() for observer in self._observers},
            memory=ensemble.memory(),
        )
        save_restart(RestartPoint(state, header), self._files.restart)
