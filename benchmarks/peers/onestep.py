"""Errors of one stride on held-out frames: ours, FlashMD, and LAMMPS in longer steps."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from measurements.stride_errors import Window, errors_of
from measurements.system import Systems

from longstride.dynamics import with_model_masses
from longstride.kernels import ModelPropagator
from longstride.reference import Engine, collect, run
from longstride.state import State
from longstride.trajectory import TrajectoryFile
from peers.hosting import Hosted

Ends = Callable[[Sequence[State]], list[State]]
"""States a time after given ones."""

WINDOWS: Final = 24
"""At each temperature."""


def held_out_windows(systems: Systems, temperature: float, lag: float) -> list[Window]:
    """Evenly spaced windows of the held-out runs at a temperature."""
    with TrajectoryFile(systems.path) as file:
        pairs = [
            (segment, first)
            for segment in file
            if segment.metadata.get("temperature") == temperature
            for first in range(segment.n_frames - round(lag / segment.interval))
        ]
        chosen = np.linspace(0, len(pairs) - 1, WINDOWS).astype(int)
        return [
            Window(segment.state(first), segment.state(first + round(lag / segment.interval)))
            for segment, first in (pairs[index] for index in chosen)
        ]


def measure(
    systems: Systems, temperatures: Sequence[float], lag: float, ends: Ends
) -> dict[str, Any]:
    """Relative errors of d and w by temperature, as :func:`errors_of` has them."""
    found = {}
    for temperature in temperatures:
        given = held_out_windows(systems, temperature, lag)
        predicted = ends([window.start for window in given])
        found[f"{temperature:g}"] = errors_of(predicted, given, lag)
    return found


def ends_of_model(model: ModelPropagator) -> Ends:
    """A stride of ours."""
    rng = np.random.default_rng(0)
    return lambda starts: [
        model.step(with_model_masses(model.regime, start), rng) for start in starts
    ]


def ends_of_peer(peer: Hosted, lag: float) -> Ends:
    """As many strides of FlashMD as make up the time."""
    return lambda starts: peer.predict(starts, round(lag / peer.stride))


def ends_of_engine(engine: Engine, lag: float, time_step: float) -> Ends:
    """The reference's own integrator, velocity Verlet, in longer steps."""
    steps = round(lag / time_step)

    def end(start: State) -> State:
        blocks: list[Any] = []
        run(engine, start, steps, time_step=lag / steps, every=steps, record=blocks.append)
        frames = collect(blocks)
        return start.with_(positions=frames.positions[-1], velocities=frames.velocities[-1])

    return lambda starts: [end(start) for start in starts]
