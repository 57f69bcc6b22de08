"""Reference trajectories made by an engine."""

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longstride.reference import Engine, Frames, Langevin, Phase, append_frames, recorder, run
from longstride.reference.structure import thermal_velocities
from longstride.state import State
from longstride.trajectory import Segment, SegmentWriter, TrajectoryWriter
from longstride.validation.samples import Run
from longstride.validation.suite.parts import Advance, Parts, content_of, new_segment, segment_name
from longstride.validation.suite.settings import SuiteSettings
from longstride.validation.suite.timeline import Timeline

Array = NDArray[np.float64]


class EngineReference:
    """Trajectories made by an engine.

    Args:
        engine: who computes.
        crystals: the cell at each temperature, at rest or moving.
        settings: how long and how often.
        timeline: intervals between frames.
        parts: keeps what is made.
        windows: takes the place of the flights for one-stride errors.
    """

    def __init__(
        self,
        engine: Engine,
        crystals: Callable[[float], State],
        settings: SuiteSettings,
        timeline: Timeline,
        parts: Parts,
        windows: Callable[[float], tuple[Segment, ...]] | None = None,
    ) -> None:
        self._engine, self._crystals, self._settings = engine, crystals, settings
        self._times, self._parts, self._windows = timeline, parts, windows

    @property
    def engine(self) -> dict[str, Any]:
        """The engine's description of itself."""
        return self._engine.describe()

    def windows(self, temperature: float) -> tuple[Segment, ...]:
        """The flights, unless others were given."""
        return (self._windows or self.flights)(temperature)

    def window_twins(self, temperature: float) -> tuple[Segment, ...]:
        """The flights' twins; frames of a file have none."""
        return self.twins(temperature) if self._windows is None else ()

    def flights(self, temperature: float) -> tuple[Segment, ...]:
        """Starts decorrelated in a bath, flown at constant energy."""
        settings, interval = self._settings, self._times.stage_interval
        step, every = self._steps(interval)
        length = self._times.whole(settings.flight_time)
        seeds = self._seeds("flights", temperature, settings.flights)

        def make(out: TrajectoryWriter, advance: Advance) -> None:
            state = self._drawn(temperature, "flights")
            for index, seed in enumerate(seeds):
                before = settings.decorrelation if index else settings.equilibration
                bath = Langevin(temperature, settings.damping, seed)
                phases = [
                    Phase(ceil(before / step), step, langevin=bath),
                    Phase(round(length / step), step, every=every, zero_momentum=True),
                ]
                segment = new_segment(out, segment_name(index), state, interval)
                outcome = self._engine.simulate(state, phases, _recorder(segment))
                state = outcome.state.with_(time=0.0)
                advance((index + 1) * length)

        return self._parts.trajectory(
            f"flights-{temperature:g}K",
            self._mark(temperature, ["flights", "flight_time", "decorrelation"], interval, step),
            f"{temperature:g}K: reference, {settings.flights} flights",
            settings.flights * length,
            make,
        )

    def twins(self, temperature: float) -> tuple[Segment, ...]:
        """From the flights' starts with half of the time step."""
        settings, stride = self._settings, self._times.stride
        flights = self.flights(temperature)
        step = 0.5 * self._steps(self._times.stage_interval)[0]
        length = self._times.whole(settings.flight_time)

        def make(out: TrajectoryWriter, advance: Advance) -> None:
            for index, flight in enumerate(flights):
                start = flight.state(0)
                segment = new_segment(out, segment_name(index), start, stride)
                run(
                    self._engine,
                    start,
                    round(length / step),
                    time_step=step,
                    every=round(stride / step),
                    record=recorder(segment),
                )
                advance((index + 1) * length)

        return self._parts.trajectory(
            f"twins-{temperature:g}K",
            {
                "engine": self._engine.describe(),
                "starts": [content_of(flight.state(0)) for flight in flights],
                "time_step": step,
                "length": length,
                "interval": stride,
            },
            f"{temperature:g}K: reference, {settings.flights} flights with half the time step",
            settings.flights * length,
            make,
        )

    def control(self, temperature: float) -> Run:
        """Equilibrated by itself, then at constant energy."""
        settings, interval = self._settings, self._times.stride
        step, every = self._steps(interval)
        length = self._times.whole(settings.free_time)
        (seed,) = self._seeds("control", temperature, 1)
        bath = Langevin(temperature, settings.damping, seed)
        phases = [
            Phase(ceil(settings.equilibration / step), step, langevin=bath),
            Phase(round(length / step), step, every=every, zero_momentum=True),
        ]
        (segment,) = self._parts.trajectory(
            f"energy-{temperature:g}K",
            self._mark(temperature, ["free_time"], interval, step),
            f"{temperature:g}K: reference at constant energy",
            None,
            self._recording(temperature, "control", phases, interval),
        )
        return Run(segment)

    def runs(self, temperature: float) -> tuple[Run, ...]:
        """Each equilibrated by itself with seeds of its own."""
        settings, interval = self._settings, self._times.frame_interval
        step, every = self._steps(interval)
        length = self._times.whole(settings.discard + settings.run_time)
        found = []
        for index in range(max(settings.references, settings.runs)):
            title = f"run {index + 1}"
            seeds = self._seeds(title, temperature, 2)
            phases = [
                Phase(
                    ceil(settings.equilibration / step),
                    step,
                    langevin=Langevin(temperature, settings.damping, seeds[0]),
                ),
                Phase(
                    round(length / step),
                    step,
                    every=every,
                    langevin=Langevin(temperature, settings.friction_time, seeds[1]),
                ),
            ]
            (segment,) = self._parts.trajectory(
                f"run{index + 1}-{temperature:g}K",
                self._mark(temperature, ["friction_time", "run_time", "discard"], interval, step),
                f"{temperature:g}K: reference, {title}",
                None,
                self._recording(temperature, title, phases, interval),
            )
            found.append(Run(segment, ceil(settings.discard / segment.interval - 1e-9)))
        return tuple(found)

    def starts(self, temperature: float) -> tuple[State, ...]:
        """First states of flights, far apart."""
        flights = self.flights(temperature)
        count = min(self._settings.law_starts, len(flights))
        chosen = np.linspace(0, len(flights) - 1, count).astype(int)
        return tuple(flights[int(index)].state(0) for index in chosen)

    def energies(self, states: Sequence[State]) -> Array:
        """By the engine."""
        return self._engine.evaluate(states).potential_energy

    def there_and_back(self, state: State, time: float) -> Array:
        """Two runs of the engine."""
        step, _ = self._steps(self._times.stage_interval)
        count = round(time / step)
        end = run(self._engine, state, count, time_step=step).state
        back = end.with_(velocities=-end.velocities)
        return run(self._engine, back, count, time_step=step).state.positions

    def _recording(
        self, temperature: float, what: str, phases: list[Phase], interval: float
    ) -> Callable[[TrajectoryWriter, Advance], None]:
        """Simulates from newly drawn velocities; the recorded phase goes to a segment."""

        def make(out: TrajectoryWriter, advance: Advance) -> None:
            state = self._drawn(temperature, what)
            segment = new_segment(out, segment_name(0), state, interval, temperature=temperature)
            self._engine.simulate(state, phases, _recorder(segment))

        return make

    def _drawn(self, temperature: float, what: str) -> State:
        """Velocities at twice the temperature: half turns into potential energy."""
        (seed,) = self._seeds(f"{what} velocities", temperature, 1)
        crystal = self._crystals(temperature)
        return thermal_velocities(crystal, 2.0 * temperature, np.random.default_rng(seed))

    def _steps(self, interval: float) -> tuple[float, int]:
        """The time step in fs, and how many lie between frames."""
        every = ceil(interval / self._settings.largest_step - 1e-9)
        return interval / every, every

    def _seeds(self, what: str, temperature: float, count: int) -> list[int]:
        key = [self._settings.seed, round(1000 * temperature), *what.encode()]
        return [int(seed) for seed in np.random.default_rng(key).integers(1, 2**29, size=count)]

    def _mark(
        self, temperature: float, settings: list[str], interval: float, step: float
    ) -> dict[str, Any]:
        common = {"seed", "equilibration", "damping"}
        return {
            "engine": self._engine.describe(),
            "crystal": content_of(self._crystals(temperature)),
            "temperature": temperature,
            "settings": self._settings.model_dump(mode="json", include=common | set(settings)),
            "interval": interval,
            "time_step": step,
        }


def _recorder(segment: SegmentWriter) -> Callable[[int, Frames], None]:
    """Streams the frames of the one recorded phase into a segment."""
    return lambda _, frames: append_frames(segment, frames)
