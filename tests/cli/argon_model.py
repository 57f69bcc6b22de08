"""Argon in the place of a learned map, and how the tests of the run command call it."""

import os
import signal
from dataclasses import dataclass

import numpy as np
import pytest

from longstride.cli.main import main
from longstride.propagator import Configuration
from longstride.state import State
from longstride.testsystems import LennardJones
from longstride.testsystems.lennard_jones import ARGON_MASS

ARGON = LennardJones(skin=0.2)


@dataclass(frozen=True)
class ArgonRegime:
    """The range of the argon map."""

    species: tuple[int, ...] = (18,)
    masses: tuple[float, ...] = (ARGON_MASS,)
    temperature: tuple[float, float] = (20.0, 80.0)
    density: tuple[float, float] = (0.022, 0.030)
    shortest_distance: float = 2.2


class ArgonModel:
    """Velocity Verlet in the place of a learned map; sends a signal after some stride if asked."""

    regime = ArgonRegime()

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

    def configuration(self, state: State) -> Configuration:
        """Those of argon."""
        return ARGON.configuration(state)


def install(
    monkeypatch: pytest.MonkeyPatch, kind: type[ArgonModel] = ArgonModel, **options: int
) -> None:
    """Let the command load the argon map."""
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
