"""Small valid files of every kind that the package reads, made by its own writers or by ASE."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from longstride.dynamics.restart import (
    RestartHeader,
    RestartPoint,
    generator_state,
    save_restart,
)
from longstride.model import build_model, save_checkpoint
from longstride.model.config import ModelConfig
from longstride.state import State
from longstride.training import checkpoint
from longstride.training.average import WeightAverage
from longstride.trajectory import TrajectoryWriter

ATOMS, FRAMES, CELL = 8, 4, 5.6
MASS, NUMBER = 26.98, 13

MODEL = {
    "map": "staged",
    "stage_times": [20.0, 40.0],
    "species": [NUMBER],
    "masses": [MASS],
    "cutoff": 4.6,
    "inner": 2.0,
    "network": {"radial": 3, "hidden": 8, "heads": 2, "key": 2, "value": 2},
}


def state() -> State:
    """Eight atoms of aluminium near their places, with velocities."""
    rng = np.random.default_rng(1)
    corners = np.stack(np.meshgrid(*3 * [np.arange(2)], indexing="ij"), -1).reshape(-1, 3)
    return State(
        positions=0.5 * CELL * corners + 0.05 * rng.standard_normal((ATOMS, 3)) + 0.3,
        velocities=3e-3 * rng.standard_normal((ATOMS, 3)),
        masses=np.full(ATOMS, MASS),
        species=np.full(ATOMS, NUMBER),
        cell=CELL * np.eye(3),
        pbc=np.ones(3, bool),
    )


def frames() -> list[State]:
    """The state in free flight."""
    start = state()
    moved = [start.positions + 20.0 * k * start.velocities for k in range(FRAMES)]
    return [start.with_(positions=q, time=20.0 * k) for k, q in enumerate(moved)]


def trajectory(path: Path) -> Path:
    """Two segments, one with a cell in every frame."""
    with TrajectoryWriter(path, provenance={"made_by": "fuzz"}) as out:
        for name in ("moving", "fixed"):
            moving = name == "moving"
            header = state()
            segment = out.segment(
                name,
                species=header.species,
                masses=header.masses,
                cell=None if moving else header.cell,
                pbc=header.pbc,
                interval=20.0,
                metadata={"temperature": 300.0, "run": name},
            )
            for one in frames():
                segment.append(
                    time=one.time,
                    positions=one.positions,
                    velocities=one.velocities,
                    potential_energy=-3.0,
                    stress=0.1 * np.eye(3),
                    cell=one.cell if moving else None,
                )
    return path


def dump(path: Path) -> Path:
    """A LAMMPS text dump in metal units, with image flags."""
    lines: list[str] = []
    for k, one in enumerate(frames()):
        lines += ["ITEM: UNITS", "metal", "ITEM: TIME", f"{0.02 * k:g}", "ITEM: TIMESTEP"]
        lines += [str(10 * k), "ITEM: NUMBER OF ATOMS", str(ATOMS)]
        lines += ["ITEM: BOX BOUNDS xy xz yz pp pp pp", *3 * [f"0.0 {CELL} 0.0"]]
        lines += ["ITEM: ATOMS id type element x y z ix iy iz vx vy vz"]
        for i in range(ATOMS):
            q, v = one.positions[i], 1e3 * one.velocities[i]
            lines.append(f"{i + 1} 1 Al {q[0]} {q[1]} {q[2]} 0 0 0 {v[0]} {v[1]} {v[2]}")
    path.write_text("\n".join(lines) + "\n")
    return path


def atoms(one: State) -> Any:
    """ASE's object, with energy and stress."""
    from ase import Atoms
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.units import fs

    made = Atoms(numbers=one.species, positions=one.positions, cell=one.cell, pbc=True)
    made.set_velocities(one.velocities / fs)
    made.info["time"] = one.time
    made.calc = SinglePointCalculator(made, energy=-3.0, stress=np.full(6, 0.1))
    return made


def written(path: Path, kind: str, single: bool = False) -> Path:
    """A file that ASE writes."""
    import ase.io

    images = [atoms(one) for one in frames()]
    if single:
        more = {"pseudopotentials": {"Al": "Al.UPF"}} if kind == "espresso-in" else {}
        ase.io.write(path, atoms(state()), format=kind, **more)
    else:
        ase.io.write(path, images, format=kind)
    return path


def lammps_data(path: Path) -> Path:
    """A LAMMPS data file with masses and velocities."""
    import ase.io

    ase.io.write(path, atoms(state()), format="lammps-data", masses=True, velocities=True)
    return path


def generate_recipe(path: Path) -> Path:
    """A recipe of reference runs, with every section."""
    recipe = {
        "structure": {"lattice": "fcc", "element": "Al", "repeat": [2, 2, 2]},
        "engine": {
            "kind": "lammps",
            "pair_style": "eam/fs",
            "potential": ["Al_mm.eam.fs"],
            "elements": ["Al"],
            "pair_coeff": ["* * Al_mm.eam.fs Al"],
            "ranks": 1,
        },
        "pressure": 0.0,
        "relaxation": {"time": 200.0, "damping": 500.0, "coupling": "iso", "seed": 1},
        "time_step": 2.0,
        "interval": 10.0,
        "damping": 200.0,
        "runs": [
            {
                "temperatures": [300.0, 600.0],
                "strains": [0.0, 0.01],
                "seeds": [1, 2],
                "equilibration": 100.0,
                "segments": 2,
                "segment_length": 50.0,
                "decorrelation": 20.0,
                "interval": 10.0,
                "label": "a",
            }
        ],
    }
    path.write_text(yaml.safe_dump(recipe))
    return path


def train_recipe(path: Path) -> Path:
    """A training recipe, with every section."""
    data = trajectory(path.with_name("data.h5"))
    recipe = {
        "data": {"files": [str(data.resolve())], "velocities": "stored", "time_reversal": True},
        "model": MODEL,
        "budget": {"steps": 6},
        "optimisation": {"batch_windows": 2, "warmup_steps": 2, "learning_rate": 1e-3},
        "loss": {"displacement": 1.0, "velocity": 1.0, "stages": [1.0, 2.0]},
        "regime": {"temperatures": [100.0, 900.0]},
        "initialise_windows": 4,
        "validate_every": 2,
        "seed": 3,
        "threads": 1,
        "device": "cpu",
    }
    path.write_text(yaml.safe_dump(recipe))
    return path


def thresholds(path: Path) -> Path:
    """Some changed rules."""
    path.write_text(
        "onestep.w.relative_error: {factor: 4, tolerance: 0.1}\nnvt.rdf.l1: {factor: 3}\n"
    )
    return path


def model_folder(path: Path) -> Path:
    """A tiny untrained model with its card."""
    torch.manual_seed(0)
    card = {
        "regime": {
            "species": [NUMBER],
            "masses": [MASS],
            "temperatures": [300.0, 600.0],
            "number_density": [0.04, 0.06],
            "lattice_constants": {"300.0": 4.05},
            "potentials": ["Al_mm.eam.fs"],
        },
        "training": {"steps": 1},
    }
    save_checkpoint(path, build_model(ModelConfig.model_validate(MODEL)), card)
    return path


def results(path: Path) -> Path:
    """Two checks with their provenance."""
    check = {"value": 0.1, "unit": "1", "noise_floor": 0.05, "threshold": 0.2, "passed": True}
    content = {
        "schema": 1,
        "provenance": {"title": "t", "description": "d", "created": "2000-01-01", "speed": []},
        "checks": [{"name": f"nvt.rdf.l1[{t}K]", **check} for t in (300, 600)],
    }
    path.write_text(json.dumps(content))
    return path


def restart(path: Path) -> Path:
    """A restart file as ``longstride run`` leaves it."""
    from longstride.cli.run_request import new_request

    given = {"model": "al", "structure": "al.cif", "temperature": "300:600", "time": "1ps"}
    header = RestartHeader(
        time=120.0,
        generator=generator_state(np.random.default_rng(1)),
        done=2,
        frames=3,
        thermo_size=100,
        stride=60.0,
        plan={"n_strides": 100, "shortest_distance": 1.5},
        options=new_request(given).model_dump(mode="json"),
    )
    save_restart(RestartPoint(state(), header), path)
    return path


def training_state(path: Path) -> Path:
    """A checkpoint of a training after one step."""
    model = build_model(ModelConfig.model_validate(MODEL))
    average = WeightAverage(model, 0.99)
    adam = torch.optim.Adam(model.parameters())
    sum((p * p).sum() for p in model.parameters()).backward()  # type: ignore[union-attr]
    adam.step()
    guards = {
        "gradient": {"norms": [1.0, 2.0], "recent": [False, True], "skipped": 1},
        "divergence": {"best": 0.5, "best_step": 1, "bad": 0},
        "losses": {"total": 1.0, "count": 2},
    }
    checkpoint.save(path, model, average, adam, checkpoint.Progress(1, 2.0, guards))
    return path


def learning_log(path: Path) -> Path:
    """Two rows of a learning curve."""
    columns = "step,seconds,learning_rate,training_loss,validation_loss,skipped,d[300K],w[300K]"
    path.write_text(f"{columns}\n0.0,0.0,0.0,nan,1.0,0.0,0.1,0.2\n2,1.5,0.001,0.5,0.4,0,0.1,0.2\n")
    return path


def thermo(path: Path) -> Path:
    """A record of three strides."""
    rows = "".join(f"{60.0 * k},300.5,{0.1 + k},0.0\n" for k in range(3))
    path.write_text("time_fs,temperature_K,kinetic_energy_eV,momentum_amu_A_per_fs\n" + rows)
    return path
