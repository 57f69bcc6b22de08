"""The same start advanced here and by FlashMD's integrators, and how far the runs come apart."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from longstride.dynamics import draw_velocities, langevin, rollout
from longstride.engines.metatomic import Precision, export_model
from longstride.kernels import ModelPropagator, load_propagator
from longstride.model import read_card
from longstride.state import Array, State
from longstride.units import ASE_TIME
from longstride.validation.lattice import lattice_of_card
from longstride.zoo import resolve
from measurements.record import rounded, say

HOST: Final = Path(__file__).parent / "flashmd_host.py"

SKIN: Final = 4.0
"""Å, the default of ``longstride export``."""

SHOWN: Final = (1, 2, 5, 10, 20, 50, 100)
"""Strides whose differences are kept."""

DTYPES: Final = {"float32": torch.float32, "float64": torch.float64}


@dataclass(frozen=True, slots=True)
class Frames:
    """A run: positions (F, N, 3) in Å and velocities (F, N, 3) in Å/fs, the start included."""

    positions: Array
    velocities: Array
    seconds: float = 0.0
    versions: tuple[tuple[str, str], ...] = ()

    def apart(self, other: "Frames") -> dict[str, list[float]]:
        """Root mean square distance of the atoms at the strides shown, and of velocities."""
        shown = [stride for stride in SHOWN if stride < len(self.positions)]
        return {
            "strides": [float(stride) for stride in shown],
            "position_A": [_rms(self.positions[k] - other.positions[k]) for k in shown],
            "velocity_A_per_fs": [_rms(self.velocities[k] - other.velocities[k]) for k in shown],
        }


def starting_state(folder: Path, temperature: float, n_atoms: int) -> State:
    """The crystal that a model's card tells of, 2 ps in a bath of 200 fs by the model itself.

    Args:
        folder: of the model.
        temperature: K.
        n_atoms: of the crystal, about.
    """
    propagator, rng = load_propagator(folder, dtype=torch.float64), np.random.default_rng(7)
    regime = propagator.regime
    lattice = lattice_of_card(read_card(folder), regime, regime.lattice_constants, folder.name)
    crystal = lattice.crystal(lattice.repeats(n_atoms), lattice.tabulated(temperature))
    state = draw_velocities(crystal, 2.0 * temperature, rng)
    bath = langevin(propagator, temperature, 200.0)
    *_, last = rollout(bath, state, rng, round(2000.0 / propagator.stride))
    return last.end.with_(time=0.0)


def own_frames(propagator: ModelPropagator, state: State, strides: int) -> Frames:
    """The run as ``longstride run`` makes it, at constant energy."""
    rng = np.random.default_rng()
    states = [state]
    for _ in range(strides):
        states.append(propagator.step(states[-1], rng))
    return Frames(
        np.stack([one.positions for one in states]), np.stack([one.velocities for one in states])
    )


def hosted_frames(
    python: str, kind: str, model: Path, state: State, work: Path, strides: int, **bath: float
) -> Frames:
    """The run of an exported model by FlashMD, in an environment of its own."""
    start, out = work / f"{kind}-start.npz", work / f"{kind}-{model.stem}-frames.npz"
    np.savez(
        start,
        numbers=state.species,
        masses=state.masses,
        positions=state.positions,
        momenta=state.momenta * ASE_TIME,
        cell=state.cell,
        **bath,
    )
    words = [python, str(HOST), kind, str(model), str(start), str(out), str(strides)]
    subprocess.run(words, check=True, cwd=work, env={**os.environ, "OMP_NUM_THREADS": "1"})
    with np.load(out) as found:
        return Frames(
            found["positions"],
            found["momenta"] / (ASE_TIME * state.masses[:, None]),
            float(found["seconds"]),
            tuple(json.loads(str(found["versions"])).items()),
        )


def measure(
    name: str, python: str, engines: Sequence[str], work: Path, settings: dict[str, Any]
) -> dict[str, Any]:
    """Differences of runs that should be one, and of runs that differ by a rounding."""
    torch.set_num_threads(1)
    folder, strides = resolve(name), settings["strides"]
    own = {key: load_propagator(folder, dtype=dtype) for key, dtype in DTYPES.items()}
    state = starting_state(folder, settings["temperature_K"], settings["atoms"])
    runs = {key: own_frames(propagator, state, strides) for key, propagator in own.items()}
    work.mkdir(parents=True, exist_ok=True)
    hosted, files = {}, {}
    for precision in DTYPES:
        files[precision] = exported(folder, work, precision)
        for engine in engines:
            say(f"{name}: {engine}, {precision}")
            hosted[engine, precision] = hosted_frames(
                python, engine, files[precision], state, work, strides
            )
    # The atom at the corner: its x is small, and so is its rounding.
    nudged = state.positions.copy()
    nudged[0, 0] = np.nextafter(np.float32(nudged[0, 0]), np.float32(np.inf))
    single = state.with_(
        positions=state.positions.astype(np.float32).astype(np.float64),
        velocities=state.velocities.astype(np.float32).astype(np.float64),
    )
    controls = {
        "one atom nudged by a rounding": own_frames(
            own["float32"], state.with_(positions=nudged), strides
        ),
        "start rounded to float32": own_frames(own["float32"], single, strides),
    }
    first = next(iter(hosted.values()))
    return rounded(
        {
            "n_atoms": state.n_atoms,
            "stride_fs": own["float64"].stride,
            "rms_velocity_A_per_fs": _rms(state.velocities),
            "versions": dict(first.versions),
            "hosted": [
                {
                    "engine": engine,
                    "precision": precision,
                    "microseconds_per_atom": 1e6 * frames.seconds / state.n_atoms,
                    **frames.apart(runs[precision]),
                }
                for (engine, precision), frames in hosted.items()
            ],
            "controls": {key: frames.apart(runs["float32"]) for key, frames in controls.items()}
            | {"float32 against float64": runs["float32"].apart(runs["float64"])},
            "largest_approach_A": max(
                _approach(one.positions) for one in (*runs.values(), *hosted.values())
            ),
            "bath": _bath(python, files["float32"], state, work, settings),
        }
    )


def exported(folder: Path, work: Path, precision: Precision) -> Path:
    """The model as a file for engines."""
    path = work / f"{folder.name}-{precision}.pt"
    export_model(folder, path, precision=precision, skin=SKIN)
    return path


def _bath(
    python: str, model: Path, state: State, work: Path, settings: dict[str, Any]
) -> dict[str, float]:
    """Kinetic temperature in FlashMD's Langevin integrator, over the last three quarters."""
    frames = hosted_frames(
        python,
        "langevin",
        model,
        state,
        work,
        settings["bath_strides"],
        temperature=settings["temperature_K"],
        friction_time=settings["friction_time_fs"],
    )
    kept = frames.velocities[len(frames.velocities) // 4 :]
    found = np.array([state.with_(velocities=v).temperature for v in kept])
    blocks = np.array([block.mean() for block in np.array_split(found, 10)])
    error = blocks.std(ddof=1) / np.sqrt(len(blocks))
    return {"temperature_K": found.mean(), "error_K": error, "strides": float(len(kept))}


def _approach(positions: Array) -> float:
    """By how much two atoms may have approached within a stride at most, in Å."""
    moves = np.diff(positions, axis=0)
    moves -= moves.mean(axis=1, keepdims=True)
    return float(np.sort(np.linalg.norm(moves, axis=2), axis=1)[:, -2:].sum(axis=1).max())


def _rms(vectors: Array) -> float:
    return float(np.sqrt(np.square(vectors).sum(axis=-1).mean()))
