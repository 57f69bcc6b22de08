"""Speeds of a validation's model and reference, measured once."""

from longstride.dynamics import langevin
from longstride.reference import Engine, Langevin
from longstride.state import State
from longstride.units import PS
from longstride.validation import provenance
from longstride.validation.experiment import Subject
from longstride.validation.results import Speed
from longstride.validation.suite.parts import Parts, content_of
from longstride.validation.suite.settings import SuiteSettings
from longstride.validation.timing import Rounds, measure_speeds

LENGTH = 0.6 * PS
"""Time in fs each program simulates in a round."""


def suite_speeds(
    subject: Subject, engine: Engine, start: State, settings: SuiteSettings, parts: Parts
) -> tuple[Speed, ...]:
    """Both programs in turns from one start; none where no rounds are asked for."""
    if not settings.speed_rounds:
        return ()
    temperature = settings.temperatures[0]

    def measure() -> dict[str, object]:
        ensemble = langevin(subject.propagator, temperature, settings.friction_time)
        bath = Langevin(temperature, settings.friction_time, settings.seed + 1)
        rounds = Rounds(settings.speed_rounds, LENGTH, settings.largest_step, settings.cores)
        speeds = measure_speeds(ensemble, engine, start, bath, rounds)
        return {"speeds": [speed.model_dump(mode="json") for speed in speeds]}

    record = parts.record(
        "speed",
        {
            "model": subject.checksum,
            "engine": engine.describe(),
            "start": content_of(start),
            "machine": provenance.machine(subject.instructions),
            "software": provenance.software(),
            "rounds": settings.speed_rounds,
            "cores": settings.cores,
        },
        "speed, both in turns",
        measure,
    )
    return tuple(Speed.model_validate(speed) for speed in record["speeds"])
