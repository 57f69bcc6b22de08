"""Processor time of one core for the same stretch of time, all in turns in one run."""

import resource
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np
import torch
from measurements.record import rounded, say
from measurements.speed import seconds_per_stride
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from longstride.dynamics import draw_velocities, langevin, repeated
from longstride.kernels import ModelPropagator
from longstride.reference import Langevin, run
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.units import PS
from peers.hosting import Hosted


class TimingSettings(BaseModel):
    """How speeds are measured.

    Attributes:
        temperature: K.
        repeat: copies of the data's cell along each axis.
        rounds: in each of which everything runs once.
        strides: timed in a round, of 60 fs of ours, after those that warm up.
        peer_strides: likewise, of FlashMD.
        warm_up: strides of FlashMD that are not timed, in which TorchScript optimises itself.
        steps: of the reference in a round.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: PositiveFloat = 600.0
    repeat: PositiveInt = 2
    rounds: PositiveInt = 5
    strides: PositiveInt = 12
    peer_strides: PositiveInt = 4
    warm_up: PositiveInt = 4
    steps: PositiveInt = 200


def measure(
    models: dict[str, ModelPropagator],
    peers: Sequence[Hosted],
    engine: Engine,
    time_steps: Sequence[float],
    cell: State,
    settings: TimingSettings,
) -> dict[str, Any]:
    """Microseconds a stride or step, and an atom, by name; in a Langevin bath of 1 ps.

    The clock is the processor time of the process, the bath's included.
    """
    torch.set_num_threads(1)
    state = repeated(cell, (settings.repeat,) * 3)
    start = draw_velocities(state, settings.temperature, np.random.default_rng(1))
    seconds: dict[str, list[float]] = {}
    lengths: dict[str, float] = {}

    def add(name: str, length: float, value: float) -> None:
        seconds.setdefault(name, []).append(value)
        lengths[name] = length

    for index in range(settings.rounds):
        for name, model in models.items():
            ensemble = langevin(model, settings.temperature, PS)
            value = seconds_per_stride(ensemble, start, settings.strides, time.process_time)
            add(name, model.stride, value)
        for peer in peers:
            value = peer.seconds_per_stride(
                start,
                warm_up=settings.warm_up,
                strides=settings.peer_strides,
                temperature=settings.temperature,
                time_constant=PS,
            )
            add(peer.name, peer.stride, value)
        for step in time_steps:
            bath = Langevin(settings.temperature, PS, index + 1)
            value = seconds_per_step(engine, start, step, bath, settings.steps)
            add(f"lammps-{step:.3g}fs", step, value)
        say(f"time: round {index + 1} of {settings.rounds}")
    return rounded(
        {
            "n_atoms": start.n_atoms,
            "rows": {
                name: _row(values, start.n_atoms, lengths[name]) for name, values in seconds.items()
            },
        }
    )


def seconds_per_step(
    engine: Engine, start: State, time_step: float, bath: Langevin, steps: int
) -> float:
    """Processor time of a step of LAMMPS: what a run four times as long takes more.

    Its own clock is that of the wall, which on a busy machine is another one.
    """
    found = []
    for length in (steps, 4 * steps):
        before = _children()
        run(engine, start, length, time_step=time_step, langevin=bath)
        found.append(_children() - before)
    return (found[1] - found[0]) / (3 * steps)


def _children() -> float:
    """Processor seconds of all ended children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _row(seconds: list[float], n_atoms: int, length: float) -> dict[str, float]:
    """Of a step or stride, and of a picosecond; with the range over the rounds."""
    each = [1e6 * value / n_atoms for value in seconds]
    return {
        "length": length,
        "microseconds": median(each),
        "lowest": min(each),
        "highest": max(each),
        "microseconds_per_ps": median(each) * PS / length,
    }
