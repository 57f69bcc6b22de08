"""A tiny Lennard-Jones trajectory and a recipe that trains on it in seconds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from longstride.testsystems import LennardJones
from longstride.testsystems.lennard_jones import ARGON, ARGON_MASS
from longstride.training.config import TrainConfig, parse_config
from longstride.trajectory import TrajectoryWriter, segment_of
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

INTERVAL = 20.0
N_FRAMES = 24


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def write_argon(
    path: Path,
    temperatures: tuple[float, ...] = (20.0, 40.0),
    more: Callable[[float], dict[str, Any]] = lambda temperature: {},
) -> Path:
    """32 argon atoms, two runs of each temperature, a frame every 20 fs, with more metadata."""
    argon = LennardJones(cutoff=4.5, skin=0.5)
    with TrajectoryWriter(path, provenance={"made": "by velocity Verlet"}) as out:
        for temperature in temperatures:
            for seed in (1, 2):
                rng = np.random.default_rng([seed, int(temperature)])
                state = argon.crystal(2)
                # twice the target: half of it goes into the potential energy
                speed = (
                    2.0 * BOLTZMANN * temperature / (MASS_VELOCITY_SQUARED * ARGON_MASS)
                ) ** 0.5
                velocities = speed * rng.normal(size=state.positions.shape)
                state = state.with_(velocities=velocities - velocities.mean(axis=0))
                state = argon.verlet(4.0, 100).step(state, rng)
                verlet = argon.verlet(4.0, 5)
                segment = segment_of(
                    out,
                    f"T{temperature:g}_seed{seed}",
                    state,
                    interval=INTERVAL,
                    metadata={
                        "temperature": temperature,
                        "run": f"T{temperature:g}_seed{seed}",
                        **more(temperature),
                    },
                )
                for frame in range(N_FRAMES):
                    segment.append(
                        time=frame * INTERVAL,
                        positions=state.positions,
                        velocities=state.velocities,
                    )
                    state = verlet.step(state, rng)
    return path


def raw_recipe(file: Path) -> dict[str, Any]:
    """The smallest recipe that uses every part of a training."""
    return {
        "data": {"files": [str(file)]},
        "model": {
            "map": "staged",
            "stage_times": [40.0, 80.0],
            "species": [ARGON],
            "masses": [ARGON_MASS],
            "cutoff": 4.6,
            "inner": 3.0,
            "network": {"radial": 3, "hidden": 8, "heads": 2, "key": 2, "value": 2},
        },
        "budget": {"steps": 6},
        "optimisation": {"batch_windows": 2, "warmup_steps": 2},
        "initialise_windows": 4,
        "validate_every": 2,
        "validation_windows": 2,
        "checkpoint_every": 1,
        "seed": 3,
        "threads": 1,
        "device": "cpu",
    }


@pytest.fixture(scope="session")
def argon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trajectory file."""
    return write_argon(tmp_path_factory.mktemp("argon") / "argon.h5")


@pytest.fixture(scope="session")
def make_argon() -> Callable[..., Path]:
    """The function that writes such a file."""
    return write_argon


@pytest.fixture(scope="session")
def recipe(argon: Path) -> Callable[..., TrainConfig]:
    """Makes the recipe with sections changed: ``recipe(budget={"steps": 3})``."""

    def make(**sections: Any) -> TrainConfig:
        raw = raw_recipe(argon)
        for name, value in sections.items():
            merge = isinstance(value, dict) and name in ("model", "optimisation", "data")
            raw[name] = {**raw[name], **value} if merge else value
        return parse_config(raw, "recipe")

    return make
