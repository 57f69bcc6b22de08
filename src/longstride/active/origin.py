"""The engine that made the data of a training, to make more of the same."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from longstride.dataset import TrajectorySet
from longstride.errors import ConfigError
from longstride.reference import AseSettings, Engine, LammpsSettings, make_engine
from longstride.reference.settings import EngineSettings

TRUSTED = "ase.calculators."
"""A calculator named in a data file is code that would be run: only ASE's own are."""


@dataclass(frozen=True, slots=True)
class Origin:
    """How the data was made.

    Attributes:
        engine: ready to make more.
        time_step: fs.
        interval: between frames, fs.
        potential: as segments name it, or None.
    """

    engine: Engine
    time_step: float
    interval: float
    potential: str | None


def origin_of(data: TrajectorySet) -> Origin:
    """The one engine that all files of a data set record.

    Raises:
        ConfigError: a file records none, or two files record different ones.
        EngineError: the engine or its potential is not installed.
    """
    recorded = [_recorded(file.path, file.provenance) for file in data.files]
    settings, time_step, checksums = recorded[0]
    for file, other in zip(data.files, recorded, strict=True):
        if other != recorded[0]:
            raise ConfigError(f"{file.path}: another engine or potential than {data.files[0].path}")
    intervals = {segment.interval for segment in data.segments}
    if len(intervals) > 1:
        raise ConfigError(f"--active: frames {sorted(intervals)} fs apart in one data set")
    engine = make_engine(settings)
    found = engine.describe().get("potential_sha256")
    if checksums is not None and found != checksums:
        raise ConfigError(
            f"{data.files[0].path}: its potential {', '.join(checksums)} is not the installed file "
            "of that name"
        )
    potential = data.segments[0].metadata.get("potential")
    return Origin(engine, time_step, intervals.pop(), potential)


def _recorded(
    path: Path, provenance: dict[str, Any]
) -> tuple[LammpsSettings | AseSettings, float, dict[str, str] | None]:
    """Settings, time step and checksums of the potential that a file records."""
    try:
        recipe, described = provenance["recipe"], provenance["engine"]
        adapter: TypeAdapter[LammpsSettings | AseSettings] = TypeAdapter(EngineSettings)
        settings = adapter.validate_python(recipe["engine"])
        time_step, checksums = float(recipe["time_step"]), described.get("potential_sha256")
    except (KeyError, TypeError, ValueError, AttributeError, ValidationError):
        raise ConfigError(
            f"{path}: records no engine to label new frames with; --active needs data of "
            "'longstride generate'"
        ) from None
    if isinstance(settings, AseSettings) and not settings.calculator.startswith(TRUSTED):
        raise ConfigError(
            f"{path}: made by {settings.calculator}, which is not ASE's own: label by hand"
        )
    return settings, time_step, checksums
