"""Nanoseconds in a Langevin bath: temperature, g(r) and potential energy beside the reference's."""

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from longstride.analysis import Rdf, l1_distance, mean_with_error, radial_distribution
from longstride.dynamics import RunPlan, draw_velocities, langevin, read_thermo
from longstride.errors import ConfigError
from longstride.reference import Langevin, Phase
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.trajectory import Segment, TrajectoryFile
from longstride.units import PS
from longstride.validation.reuse import fingerprint
from measurements.drift import EV_TO_MEV
from measurements.record import make_piece, rounded, say
from measurements.soak_run import SoakRun, crystal_of, engine_of, soak, weights_of
from measurements.subject import Subject
from measurements.system import TIME_STEP, equilibrated, opened, run_reference, seed_of

Array = NDArray[np.float64]


class SoakSettings(BaseModel):
    """Lengths in fs.

    Attributes:
        time: of the rollout.
        n_atoms: of the crystal.
        friction_time: of the Langevin bath, the reference's too.
        every: strides between frames; 17 of 60 fs are 1.02 ps.
        discarded: of the rollout, before averages begin.
        equilibration: by the reference before any run.
        reference_time: of each run of the reference.
        references: number of its runs.
        energy_every: frames of the rollout from one to the next whose energy the reference tells.
        seed: of everything.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: PositiveFloat = 10_000.0 * PS
    n_atoms: PositiveInt = 500
    friction_time: PositiveFloat = 1.0 * PS
    every: PositiveInt = 17
    discarded: PositiveFloat = 20.0 * PS
    equilibration: PositiveFloat = 10.0 * PS
    reference_time: PositiveFloat = 200.0 * PS
    references: PositiveInt = 4
    energy_every: PositiveInt = 5
    seed: PositiveInt = 4001


REFERENCE_EVERY = 500
"""Steps between frames of the reference: 1 ps."""

BLOCK = 500
"""Frames the reference evaluates in one process."""


def measure(
    subject: Subject,
    temperatures: tuple[float, ...],
    results: Path,
    work: Path,
    settings: SoakSettings,
) -> None:
    """Write ``nvt-NAME-TK.json`` for every temperature; trajectories go to ``work``.

    Raises:
        ConfigError: the rollout is shorter than a run of the reference.
    """
    if settings.time < settings.discarded + settings.reference_time:
        raise ConfigError(
            f"a run of {settings.time / PS:g} ps holds no piece as long as a reference run: "
            f"at least {(settings.discarded + settings.reference_time) / PS:g} ps"
        )
    engine = engine_of(subject, 1)
    for temperature in temperatures:
        determined_by = {
            "part": "soak-nvt",
            "model": weights_of(subject),
            "temperature": temperature,
            "settings": settings.model_dump(mode="json"),
            "reference": engine.describe(),
        }
        make_piece(
            results / f"nvt-{subject.name}-{temperature:g}K.json",
            determined_by,
            lambda t=temperature: _compare(subject, t, work, settings, engine),
        )


def _compare(
    subject: Subject, temperature: float, work: Path, settings: SoakSettings, engine: Engine
) -> dict[str, Any]:
    run = _rollout(subject, temperature, work, settings, engine)
    if run.broke is not None:
        return {"broke": run.broke}
    regime = subject.propagator().regime
    crystal = crystal_of(regime, settings.n_atoms, temperature)
    references = [
        _reference(crystal, temperature, index, work, settings, engine)
        for index in range(settings.references)
    ]
    thermo = read_thermo(run.files.thermo)
    kept = thermo.time >= settings.discarded
    kinetic = mean_with_error(thermo.temperature[kept])
    with TrajectoryFile(run.files.out) as file:
        segment = file["run"]
        first = int(np.searchsorted(segment.times, settings.discarded))
        chosen = np.arange(first, segment.n_frames, settings.energy_every)
        own = potential_of(engine, segment, chosen) / segment.n_atoms
        rdf = _rdf_comparison(segment, first, references)
    return rounded(
        {
            "broke": None,
            "length": float(thermo.time[-1]) / PS,
            "n_atoms": crystal.n_atoms,
            "lattice_constant": float(crystal.volume / crystal.n_atoms * 4.0) ** (1.0 / 3.0),
            "temperature": {"value": kinetic.value, "error": kinetic.error},
            "reference_temperature": _pooled([_temperatures(path) for path in references]),
            "potential_energy": _estimate(EV_TO_MEV * own),
            "reference_potential_energy": _pooled([_energies(path) for path in references]),
            "rdf": rdf,
        },
        8,
    )


def _rollout(
    subject: Subject, temperature: float, work: Path, settings: SoakSettings, engine: Engine
) -> SoakRun:
    propagator = subject.propagator()
    crystal = crystal_of(propagator.regime, settings.n_atoms, temperature)
    seed = seed_of("soak", settings.seed, temperature)
    start = equilibrated(engine, crystal, temperature, seed, settings.equilibration)
    frames = round(settings.time / propagator.stride / settings.every)
    plan = RunPlan(
        n_strides=frames * settings.every,
        frame_every=settings.every,
        restart_every=50 * settings.every,
        shortest_distance=propagator.regime.shortest_distance,
    )
    own = settings.model_dump(
        mode="json", include={"n_atoms", "friction_time", "equilibration", "seed"}
    )
    mark = fingerprint(
        part="soak-nvt",
        model=weights_of(subject),
        temperature=temperature,
        settings=own,
        plan=plan.model_dump(mode="json"),
    )
    ensemble = langevin(propagator, temperature, settings.friction_time)
    path = work / f"soak-nvt-{subject.name}-{temperature:g}K.h5"
    return soak(path, mark, ensemble, start, plan, seed)


def _reference(
    crystal: State,
    temperature: float,
    index: int,
    work: Path,
    settings: SoakSettings,
    engine: Engine,
) -> Path:
    """A run of its own: other velocities, other random forces."""
    seed = seed_of("soak-reference", settings.seed, temperature, index)
    bath = settings.friction_time
    phases = [
        Phase(
            round(settings.equilibration / TIME_STEP),
            TIME_STEP,
            langevin=Langevin(temperature, 0.5 * PS, seed),
        ),
        Phase(
            round(settings.reference_time / TIME_STEP),
            TIME_STEP,
            every=REFERENCE_EVERY,
            langevin=Langevin(temperature, bath, seed + 1),
        ),
    ]
    drawn = draw_velocities(crystal, temperature, np.random.default_rng(seed))
    mark = fingerprint(
        part="soak-reference",
        reference=engine.describe(),
        temperature=temperature,
        settings=settings.model_dump(mode="json", exclude={"time", "every", "energy_every"}),
        index=index,
        every=REFERENCE_EVERY,
    )
    path = work / f"soak-reference{index + 1}-{temperature:g}K.h5"
    return run_reference(path, mark, engine, drawn, phases)


def potential_of(engine: Engine, segment: Segment, frames: NDArray[np.int64]) -> Array:
    """(F,) potential energies of frames by the reference, eV."""
    found = []
    for begin in range(0, len(frames), BLOCK):
        states = [segment.state(int(frame)) for frame in frames[begin : begin + BLOCK]]
        found.append(engine.evaluate(states).potential_energy)
        say(f"energies: {begin + len(states)} of {len(frames)} frames")
    return np.concatenate(found)


def _temperatures(path: Path) -> Array:
    with opened(path) as segment:
        return np.array([segment.state(k).temperature for k in range(1, segment.n_frames)])


def _energies(path: Path) -> Array:
    with opened(path) as segment:
        return EV_TO_MEV * np.asarray(segment.potential_energy())[1:] / segment.n_atoms


def _estimate(series: Array) -> dict[str, float]:
    found = mean_with_error(series)
    return {"value": found.value, "error": found.error}


def _pooled(series: list[Array]) -> dict[str, float]:
    """Mean over runs of equal length, with the error of their own series."""
    found = [mean_with_error(one) for one in series]
    error = np.sqrt(np.sum([one.error**2 for one in found])) / len(found)
    return {"value": float(np.mean([one.value for one in found])), "error": float(error)}


def _rdf_comparison(segment: Segment, first: int, references: list[Path]) -> dict[str, Any]:
    """Relative L1 distances of g(r): pieces of the rollout as long as a reference run, and
    reference runs, to each reference run; and the whole rollout to all of them.
    """
    known, n_frames = [], 0
    for path in references:
        with opened(path) as one:
            n_frames = one.n_frames - 1
            known.append(radial_distribution(one.positions(slice(1, None)), one.cell))
    pieces = []
    for begin in range(first, segment.n_frames - n_frames + 1, n_frames):
        positions = segment.positions(slice(begin, begin + n_frames))
        pieces.append(radial_distribution(positions, segment.cell))
    to_references = np.array([[_distance(a, b) for b in known] for a in pieces])
    between = np.array([_distance(a, b) for a, b in combinations(known, 2)])
    mean = np.mean([one.g for one in known], axis=0)
    others = [
        l1_distance(one.r, one.g, (len(known) * mean - one.g) / (len(known) - 1)) for one in known
    ]
    whole = np.mean([one.g for one in pieces], axis=0)
    return {
        "pieces": len(pieces),
        "to_references": _spread(to_references.mean(axis=1)),
        "between_references": _spread(between),
        "whole_to_mean": l1_distance(known[0].r, whole, mean),
        "reference_to_others": _spread(np.array(others)),
    }


def _distance(one: Rdf, other: Rdf) -> float:
    return l1_distance(one.r, one.g, other.g)


def _spread(values: Array) -> dict[str, float]:
    """Mean and standard deviation."""
    return {"value": float(values.mean()), "deviation": float(values.std(ddof=1))}
