"""Argon in the place of a learned map, and how the tests of the run command call it."""

import json
import os
import signal
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from longstride.cli.main import main
from longstride.propagator import Configuration
from longstride.state import State
from longstride.testsystems import LennardJones
from longstride.testsystems.lennard_jones import ARGON_MASS

ARGON = LennardJones(skin=0.2)


CARD: dict[str, Any] = {
    "schema": 1,
    "config": {"stage_times": [8.0, 16.0], "species": [18], "masses": [ARGON_MASS]},
    "regime": {
        "species": [18],
        "masses": [ARGON_MASS],
        "temperatures": [20.0, 80.0],
        "number_density": [0.022, 0.030],
    },
}
"""What the argon map says of itself."""


class ArgonModel:
    """Velocity Verlet in the place of a learned map; sends a signal after some stride if asked."""

    card: ClassVar[dict[str, Any]] = CARD

    def __init__(self, signal_after: int | None = None, fail_after: int | None = None) -> None:
        self._map = ARGON.verlet(steps=4, n_stages=2)
        self._signal_after, self._fail_after = signal_after, fail_after
        self._calls = 0
        self.stride = self._map.stride
        self.stage_times = self._map.stage_times

    def step(self, state: State, rng: np.random.Generator) -> State:
        """One stride of 16 fs."""
        return self.stages(state, rng)[-1]

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """Two stages of 8 fs."""
        self._calls += 1
        if self._calls == self._signal_after:
            os.kill(os.getpid(), signal.SIGTERM)
        if self._calls == self._fail_after:
            return tuple(state.with_(positions=0.5 * state.positions) for _ in range(2))
        return self._map.stages(state, rng)


class ArgonWithHead(ArgonModel):
    """The same with a head for energy and stress."""

    card: ClassVar[dict[str, Any]] = {**CARD, "config": {**CARD["config"], "energy_head": True}}

    def configuration(self, state: State) -> Configuration:
        """Those of argon."""
        return ARGON.configuration(state)


def install(
    monkeypatch: pytest.MonkeyPatch, kind: type[ArgonModel] = ArgonModel, **options: int
) -> None:
    """Let the command load the argon map, whose card is in the folder ``argon``."""
    Path("argon/model.json").write_text(json.dumps(kind.card))
    monkeypatch.setattr("longstride.kernels.load_propagator", lambda folder: kind(**options))


def run(*more: str, output: str = "out.h5", temperature: str = "60") -> int:
    words = ["run", "--model", "argon", "--structure", "ar.cif", "--repeat", "3x3x3"]
    words += ["--temperature", temperature, "--time", "2ps", "--friction-time", "0.2ps", *more]
    return main([*words, "-o", output])


def refused(capsys: pytest.CaptureFixture[str], code: int) -> str:
    """The error line of a refused run."""
    assert code == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert lines[-1].startswith("longstride: error: ")
    return lines[-1]
