"""Canonical sampling: the model beside runs of the reference, in the same kind of bath."""

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from longstride.analysis import l1_distance
from longstride.dynamics import draw_velocities, langevin
from longstride.reference import Langevin, Phase
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.units import PS
from longstride.validation.reuse import fingerprint
from measurements.observables import observables
from measurements.record import rounded
from measurements.subject import Subject
from measurements.system import (
    TIME_STEP,
    Systems,
    equilibrated,
    opened,
    run_model,
    run_reference,
    seed_of,
)
from measurements.temperatures import measure_each


class NvtSettings(BaseModel):
    """Lengths in fs; every run is ``time`` long after its own equilibration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: PositiveFloat = 100.0 * PS
    friction_time: PositiveFloat = 1.0 * PS
    reference_equilibration: PositiveFloat = 10.0 * PS
    model_equilibration: PositiveFloat = 5.0 * PS
    references: PositiveInt = 2
    seed: PositiveInt = 2001


def measure(
    subject: Subject,
    systems: Systems,
    temperatures: tuple[float, ...],
    results: Path,
    work: Path,
    settings: NvtSettings,
    ranks: int,
) -> None:
    """Write ``nvt-NAME-TK.json`` for every temperature; trajectories go to ``work``."""
    measure_each(
        "nvt",
        subject,
        systems,
        temperatures,
        results,
        settings,
        ranks,
        lambda t, e: _compare(subject, systems, t, work, settings, e),
    )


def _compare(
    subject: Subject,
    systems: Systems,
    temperature: float,
    work: Path,
    settings: NvtSettings,
    engine: Engine,
) -> dict[str, Any]:
    propagator = subject.propagator()
    stride, regime = propagator.stride, propagator.regime
    crystal = systems.start(temperature, regime)
    every = round(stride / TIME_STEP)
    lengths = settings.model_dump(mode="json", exclude={"references"})
    common = [lengths, temperature, systems.sha256, engine.describe()]
    references = []
    for index in range(settings.references):
        seed = seed_of("nvt", settings.seed, temperature, index)
        mark = fingerprint(common=common, every=every, seed=seed)
        path = work / f"nvt-reference{index + 1}-{temperature:g}K.h5"
        phases = _phases(temperature, settings, seed, every)
        references.append(
            run_reference(path, mark, engine, _drawn(crystal, temperature, seed), phases)
        )
    seed = seed_of("nvt", settings.seed, temperature, "model")
    start = equilibrated(engine, crystal, temperature, seed, settings.reference_equilibration)
    discarded = round(settings.model_equilibration / stride)
    run = run_model(
        work / f"nvt-{subject.name}-{temperature:g}K.h5",
        fingerprint(common=common, model=subject.describe(), seed=seed),
        langevin(propagator, temperature, settings.friction_time),
        start,
        regime,
        discarded + round(settings.time / stride),
        seed,
    )
    known = [_observed(path, 0) for path in references]
    result: dict[str, Any] = {"stride": stride, "broke": run.broke}
    if run.broke is None:
        own = _observed(run.path, discarded)
        result |= {"model": own, "rdf": _rdf_distances(own, known)}
    for observed in [*known, result.get("model", {})]:
        observed.pop("rdf", None)
    return rounded({**result, "references": known})


def _drawn(crystal: State, temperature: float, seed: int) -> State:
    return draw_velocities(crystal, temperature, np.random.default_rng(seed))


def _phases(temperature: float, settings: NvtSettings, seed: int, every: int) -> list[Phase]:
    """Equilibration in a tight bath, then the recorded run."""
    before = round(settings.reference_equilibration / TIME_STEP)
    steps = round(settings.time / TIME_STEP)
    return [
        Phase(before, TIME_STEP, langevin=Langevin(temperature, 0.5 * PS, seed)),
        Phase(
            steps,
            TIME_STEP,
            every=every,
            langevin=Langevin(temperature, settings.friction_time, seed + 1),
        ),
    ]


def _observed(path: Path, first: int) -> dict[str, Any]:
    with opened(path) as segment:
        return observables(segment, first)


def _rdf_distances(own: dict[str, Any], known: list[dict[str, Any]]) -> dict[str, Any]:
    """Relative L1 distances of g(r): model to each reference, and between references."""
    grid = own["rdf"]["r"]

    def distance(a: dict[str, Any], b: dict[str, Any]) -> float:
        return l1_distance(grid, a["rdf"]["g"], b["rdf"]["g"])

    return {
        "to_references": [distance(own, other) for other in known],
        "between_references": [distance(a, b) for a, b in combinations(known, 2)],
    }
