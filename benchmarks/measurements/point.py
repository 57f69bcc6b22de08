"""A trained point of a study: errors of one stride, error after a fixed time, drift in NVE."""

from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from longstride.dynamics import with_model_masses
from longstride.kernels import ModelPropagator
from longstride.model import load_checkpoint
from longstride.state import State
from longstride.trajectory import Segment, TrajectoryFile
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED, PS
from measurements.nve import NveSettings, of_model
from measurements.onestep import errors_at
from measurements.record import make_piece, rounded, say
from measurements.study import Study, finished
from measurements.subject import Subject
from measurements.system import Systems


class PointSettings(BaseModel):
    """How points are measured. Lengths in fs, temperatures in K.

    Attributes:
        temperatures: of the errors.
        windows: of one stride at each temperature.
        horizon: the fixed time; strides of 30, 60, 90 and 120 fs all divide it.
        starts: windows of the fixed time in a segment, spread evenly.
        hot: temperature of the run at constant energy.
        nve: its lengths.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperatures: tuple[PositiveFloat, ...] = (300.0, 600.0, 900.0)
    windows: PositiveInt = 16
    horizon: PositiveFloat = 360.0
    starts: PositiveInt = 2
    hot: PositiveFloat = 900.0
    nve: NveSettings = NveSettings()


def measure_points(
    study: Study, systems: Systems, runs: Path, results: Path, settings: PointSettings
) -> None:
    """Write ``NAME.json`` for every point that is trained."""
    engine = systems.engine(settings.hot, ranks=1)
    for point in study.points:
        if not finished(runs / point.name):
            say(f"{point.name}: not trained")
            continue
        subject = Subject(point.name, runs / point.name / "model", "comparison")
        common = {
            "data": {"file": systems.path.name, "sha256": systems.sha256},
            "settings": settings.model_dump(mode="json"),
            "reference": engine.describe(),
        }
        determined_by = {
            "part": "pareto",
            "point": point.model_dump(mode="json"),
            "model": subject.describe(),
            **common,
        }

        def result(subject: Subject = subject, common: dict[str, Any] = common) -> dict[str, Any]:
            own = settings.nve
            hot = {**common, "temperature": settings.hot}
            return {
                "config": load_checkpoint(subject.folder).config.model_dump(mode="json"),
                "n_atoms": systems.first_frame(settings.hot)[0].n_atoms,
                "errors": errors(subject, systems, settings),
                "nve": of_model(subject, systems, subject.folder.parent, own, hot, engine),
            }

        make_piece(results / f"{point.name}.json", determined_by, result)


def errors(
    subject: Subject, systems: Systems, settings: PointSettings
) -> dict[str, dict[str, Any]]:
    """By temperature: errors of one stride and of the fixed time, and the thermal velocity."""
    model = load_checkpoint(subject.folder)
    found = {}
    for temperature in settings.temperatures:
        thermal = thermal_velocity(temperature, model.config.masses[0])
        one = errors_at(model, systems, temperature, settings.windows)
        found[f"{temperature:g}"] = {
            "one_stride": one,
            "thermal_velocity": thermal,
            "rate": one["velocity_rmse"][-1] / thermal * sqrt(PS / model.config.stride),
            "later": error_after(subject.propagator(), systems, temperature, settings, thermal),
        }
    return rounded(found)


def thermal_velocity(temperature: float, mass: float) -> float:
    """Root mean square of a velocity component in Å/fs."""
    return sqrt(BOLTZMANN * temperature / (mass * MASS_VELOCITY_SQUARED))


def error_after(
    propagator: ModelPropagator,
    systems: Systems,
    temperature: float,
    settings: PointSettings,
    thermal: float,
) -> dict[str, float]:
    """Error of velocities after the fixed time, relative to the thermal velocity; one sigma."""
    n_strides = settings.horizon / propagator.stride
    if n_strides != round(n_strides):
        raise ValueError(f"strides of {propagator.stride} fs do not divide {settings.horizon} fs")
    squares = []
    rng = np.random.default_rng(0)
    with TrajectoryFile(systems.path) as file:
        for segment in file:
            if segment.metadata.get("temperature") != temperature:
                continue
            length = round(settings.horizon / segment.interval)
            spread = np.linspace(0, segment.n_frames - 1 - length, settings.starts)
            for frame in spread.astype(int):
                state = with_model_masses(propagator.regime, segment.state(int(frame)))
                for _ in range(round(n_strides)):
                    state = propagator.step(state, rng)
                squares.append(_mean_square(state, segment, int(frame) + length))
    mean = float(np.mean(squares))
    scatter = float(np.std(squares, ddof=1)) / sqrt(len(squares)) if len(squares) > 1 else 0.0
    return {"value": sqrt(mean) / thermal, "error": 0.5 * scatter / sqrt(mean) / thermal}


def _mean_square(state: State, segment: Segment, frame: int) -> float:
    difference = state.velocities - segment.state(frame).velocities
    return float(np.mean((difference - difference.mean(axis=0)) ** 2))
