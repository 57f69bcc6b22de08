"""A reference engine as a propagator of a model's stride."""

import numpy as np

from longstride.errors import ConfigError, EngineError, RolloutError
from longstride.reference import Engine, Frames, Phase
from longstride.state import State

TOLERANCE = 1e-6
"""Steps; a stage time that is farther from a whole number of them cannot be reached."""


class ReferenceStride:
    """Crosses a stride by the reference's own time steps, at constant energy and volume.

    Deterministic: each stride is a run of its own that starts from the state alone.

    Args:
        engine: integrates Newton's equations with the reference potential.
        stage_times: fs, increasing; the last is the stride.
        time_step: of the reference in fs.

    Raises:
        ConfigError: a stage time is no whole number of time steps.
    """

    def __init__(self, engine: Engine, stage_times: tuple[float, ...], time_step: float) -> None:
        for time in stage_times:
            if abs(time / time_step - round(time / time_step)) > TOLERANCE:
                raise ConfigError(
                    f"the reference's time step of {time_step:g} fs does not divide the model's "
                    f"stage time of {time:g} fs"
                )
        self._engine, self._times = engine, stage_times
        ends = [round(time / time_step) for time in stage_times]
        steps = np.diff([0, *ends]).tolist()
        # A frame at the end of each phase, but for the last, whose end is the outcome.
        self._phases = [
            Phase(count, time_step, every=0 if number == len(steps) else count)
            for number, count in enumerate(steps, start=1)
        ]

    @property
    def stride(self) -> float:
        """Time one step covers, in fs."""
        return self._times[-1]

    @property
    def stage_times(self) -> tuple[float, ...]:
        """Times of the stages since the start of the stride, in fs."""
        return self._times

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The state one stride later.

        Raises:
            RolloutError: the reference failed or broke down.
        """
        return self.stages(state, rng)[-1]

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The states at ``stage_times``."""
        inside: dict[int, State] = {}

        def keep(phase: int, frames: Frames) -> None:
            inside[phase] = state.with_(
                positions=frames.positions[-1],
                velocities=frames.velocities[-1],
                time=state.time + self._times[phase],
            )

        try:
            outcome = self._engine.simulate(state, self._phases, keep)
        except EngineError as error:
            raise RolloutError(f"reference at t = {state.time:g} fs: {error}") from None
        end = outcome.state.with_(time=state.time + self.stride)
        return (*(inside[phase] for phase in range(len(self._phases) - 1)), end)
