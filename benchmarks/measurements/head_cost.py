"""What an evaluation of the energy head costs beside a stride, timed in turns."""

from pathlib import Path
from statistics import median
from time import thread_time
from typing import Any

import numpy as np

from longstride.cli.run_request import ENERGY_EVERY
from longstride.dynamics import nve
from longstride.kernels.propagator import EnergyPropagator
from measurements.record import rounded, write_piece
from measurements.soak_run import crystal_of, weights_of
from measurements.subject import Subject

N_ATOMS, TEMPERATURE, ROUNDS = 4000, 600.0, 15
CELLS = 10
"""Of a cubic fcc crystal of so many atoms, along each axis."""
DISORDER = 0.14
"""Standard deviation of the positions in Å, that of aluminium near this temperature."""


def measure(subject: Subject, results: Path) -> None:
    """Write ``cost-NAME.json``: processor time of a stride and of the head, one thread."""
    write_piece(
        results / f"cost-{subject.name}.json",
        {"part": "soak-cost", "model": weights_of(subject), "cells": CELLS, "rounds": ROUNDS},
        lambda: _times(subject),
    )


def _times(subject: Subject) -> dict[str, Any]:
    propagator = subject.propagator()
    assert isinstance(propagator, EnergyPropagator)
    crystal = crystal_of(propagator.regime, N_ATOMS, TEMPERATURE)
    rng = np.random.default_rng(1)
    moved = crystal.positions + DISORDER * rng.standard_normal(crystal.positions.shape)
    state = crystal.with_(positions=moved)
    ensemble = nve(propagator)
    stride, head = [], []
    for number in range(ROUNDS + 1):
        begin = thread_time()
        ensemble.step(state, rng)
        middle = thread_time()
        propagator.configuration(state)
        if number:
            stride.append(1e6 * (middle - begin) / state.n_atoms)
            head.append(1e6 * (thread_time() - middle) / state.n_atoms)
    share = median(h / s for h, s in zip(head, stride, strict=True))
    return rounded(
        {
            "n_atoms": state.n_atoms,
            "stride_us_per_atom": median(stride),
            "head_us_per_atom": median(head),
            "head_over_stride": share,
            "energy_every": ENERGY_EVERY,
            "share_of_run": share / ENERGY_EVERY,
        },
        4,
    )
