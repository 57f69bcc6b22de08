"""The reference's engine at a large time step, in the place of a surrogate.

At the step h of the engine's own integrator (velocity Verlet, ``fix langevin`` around it in a
bath) a stride of time τ is τ/h steps: a map like any other, which the suite can judge. At
constant energy a step of velocity Verlet is ``K(h/2) D(h) K(h/2)``, K the kick of the forces and
D the drift; its error grows with (ωh)², ω the fastest vibration.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from longstride.dynamics import require_sound
from longstride.errors import ConfigError, EngineError, RolloutError
from longstride.reference import Engine, Frames, Langevin, run
from longstride.state import State
from longstride.validation.suite.movers import Emit, Flight
from longstride.validation.suite.settings import SuiteSettings
from longstride.validation.suite.timeline import Timeline

_SLACK = 1e-6


class CoarseEngine:
    """An engine at one time step, as a propagator and as a :class:`Mover`.

    Args:
        engine: who computes.
        time_step: fs; it divides the time between stages.
        timeline: strides and stages that it is asked for.
        settings: seed and baths.
        shortest_distance: Å, below which atoms overlap.

    Raises:
        ConfigError: the time step does not divide the time between stages.
    """

    def __init__(
        self,
        engine: Engine,
        time_step: float,
        timeline: Timeline,
        settings: SuiteSettings,
        shortest_distance: float,
    ) -> None:
        self._steps_of(timeline.stage_interval, time_step)
        self._engine, self._settings, self._times = engine, settings, timeline
        self._shortest, self.time_step = shortest_distance, time_step
        self.name = f"steps-of-{time_step:.3g}fs"

    @property
    def determined_by(self) -> Mapping[str, Any]:
        """The engine, its time step and where atoms overlap."""
        return {
            "engine": self._engine.describe(),
            "time_step": self.time_step,
            "shortest_distance": self._shortest,
        }

    @property
    def stride(self) -> float:
        """Time of a stride in fs."""
        return self._times.stride

    @property
    def stage_times(self) -> tuple[float, ...]:
        """Times of the stages in fs."""
        return self._times.stage_times

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The state one stride later.

        Raises:
            RolloutError: the engine broke down.
        """
        return self.stages(state, rng)[-1]

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The states at ``stage_times``, at constant energy.

        Raises:
            RolloutError: the engine broke down.
        """
        interval = self._times.stage_interval
        found: list[State] = []
        self._integrate(state, self.stride, interval, None, found.append)
        return tuple(found[round(time / interval) - 1] for time in self.stage_times)

    def fly(self, flight: Flight, index: int, emit: Emit) -> None:
        """Time steps; see :meth:`Mover.fly`."""
        bath = None
        if flight.temperature is not None:
            rng = np.random.default_rng([self._settings.seed, index])
            seed = int(rng.integers(1, 2**29))
            bath = Langevin(flight.temperature, self._settings.friction_time, seed)
        length = flight.n_strides * self.stride
        self._integrate(flight.start, length, flight.interval(self._times), bath, emit)

    def _integrate(
        self, start: State, length: float, interval: float, bath: Langevin | None, emit: Emit
    ) -> None:
        """Emit the frames after the first; times in fs."""
        every = self._steps_of(interval, self.time_step)

        def record(frames: Frames) -> None:
            for time, q, v in zip(frames.times, frames.positions, frames.velocities, strict=True):
                count = round(time / interval)
                if count:
                    state = start.with_(
                        positions=q, velocities=v, time=start.time + count * interval
                    )
                    require_sound(state, self._shortest)
                    emit(state)

        try:
            run(
                self._engine,
                start,
                round(length / interval) * every,
                time_step=interval / every,
                every=every,
                langevin=bath,
                record=record,
            )
        except EngineError as error:
            raise RolloutError(f"in steps of {self.time_step:.3g} fs: {error}") from error

    @staticmethod
    def _steps_of(interval: float, time_step: float) -> int:
        """Steps between frames."""
        every = round(interval / time_step)
        if every < 1 or abs(every * time_step - interval) > _SLACK * interval:
            raise ConfigError(
                f"a time step of {time_step:g} fs does not divide the {interval:g} fs between"
                " frames"
            )
        return every
