"""What a rollout was asked for, checked and complete; kept in its restart file."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
)

from longstride.cli.barostat_name import BarostatName
from longstride.cli.ensemble_name import EnsembleName
from longstride.cli.quantities import ends_of, parse_course, parse_repeat, parse_time
from longstride.dynamics import (
    CSVRBath,
    Ensemble,
    LangevinBath,
    Ramp,
    Target,
    csvr,
    langevin,
    npt,
    nve,
)
from longstride.errors import ConfigError
from longstride.propagator import Potential, Propagator
from longstride.units import GPA
from longstride.zoo import resolve

Course = float | tuple[float, float]
"""A constant, or the values at the start and the end of a run."""


class RunRequest(BaseModel):
    """The options of ``longstride run`` that decide its result.

    Attributes:
        model: shipped name or folder.
        structure: file of the starting structure.
        ensemble: nve, langevin or csvr.
        temperature: K, or a ramp over the run; None in NVE with the structure's own velocities.
        time: fs.
        friction_time: time constant of the thermostat in fs.
        every: strides between frames.
        substride: also the states inside the strides.
        seed: of all random numbers.
        repeat: copies of the structure along its cell vectors.
        extxyz: where to write the frames as extended XYZ too.
        model_sha256: checksum of the model's files.
        pressure: GPa, or a ramp over the run; None at constant volume.
        barostat: whether the volume alone or the shape too fluctuates.
        barostat_time: time constant of the barostat in fs.
        compressibility: 1/GPa.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    model: str
    structure: str
    ensemble: EnsembleName
    temperature: Course | None
    time: PositiveFloat
    friction_time: PositiveFloat
    every: PositiveInt
    substride: bool
    seed: NonNegativeInt
    repeat: tuple[PositiveInt, PositiveInt, PositiveInt]
    extxyz: str | None
    model_sha256: str
    pressure: Course | None = None
    barostat: BarostatName = BarostatName.iso
    barostat_time: PositiveFloat = 1000.0
    compressibility: PositiveFloat = 0.01

    def ensemble_around(self, propagator: Propagator) -> Ensemble:
        """The ensemble asked for.

        Raises:
            ConfigError: constant pressure with a model that does not know its stress.
        """
        if self.ensemble == EnsembleName.nve:
            return nve(propagator)
        assert self.temperature is not None, "new_request sees to it"
        temperature = self._target(self.temperature)
        of_langevin = self.ensemble == EnsembleName.langevin
        if self.pressure is None:
            make = langevin if of_langevin else csvr
            return make(propagator, temperature, self.friction_time)
        if not isinstance(propagator, Potential):
            raise ConfigError(
                f"--pressure: model '{self.model}' has no energy head to tell its pressure; train "
                "one with an energy head, or run at constant volume"
            )
        return npt(
            propagator,
            propagator,
            temperature,
            self._target(self.pressure, GPA),
            bath=LangevinBath if of_langevin else CSVRBath,
            bath_time=self.friction_time,
            barostat_time=self.barostat_time,
            compressibility=self.compressibility / GPA,
            anisotropic=self.barostat == BarostatName.aniso,
        )

    def _target(self, course: Course, unit: float = 1.0) -> Target:
        """What a bath or barostat follows."""
        start, end = ends_of(course)
        return Ramp(start * unit, end * unit, self.time) if start != end else start * unit


def new_request(given: Mapping[str, Any]) -> RunRequest:
    """The request of a new run from the options that were given, as they were typed.

    Raises:
        ConfigError: one is missing or wrong.
    """
    for needed, example in (
        ("model", "--model al"),
        ("structure", "--structure FILE"),
        ("time", "--time 100ps"),
    ):
        if given.get(needed) is None:
            raise ConfigError(f"a new run needs --{needed}, as in {example}")
    defaults = {
        "ensemble": "langevin",
        "temperature": None,
        "friction_time": "1ps",
        "every": 1,
        "substride": False,
        "seed": 0,
        "repeat": "1x1x1",
        "extxyz": None,
    }
    if given.get("pressure") is None:
        for name in ("barostat", "barostat_time", "compressibility"):
            if given.get(name) is not None:
                raise ConfigError(f"{_option(name)} is of constant pressure; give --pressure too")
    typed = defaults | {name: value for name, value in given.items() if value is not None}
    request = RunRequest(
        **_parsed(typed), model_sha256=model_checksum(resolve(str(typed["model"])))
    )
    if request.temperature is None and request.ensemble != EnsembleName.nve:
        raise ConfigError(f"--ensemble {request.ensemble} needs --temperature, in K")
    if request.ensemble == EnsembleName.nve:
        for name in ("pressure", "temperature"):
            course = getattr(request, name)
            if course is not None and (name == "pressure" or isinstance(course, tuple)):
                raise ConfigError(
                    f"{_option(name)} {given[name]} needs a thermostat: --ensemble langevin or csvr"
                )
    return request


def stored_request(options: Mapping[str, Any], given: Mapping[str, Any], out: Path) -> RunRequest:
    """The request of a run that is resumed.

    Args:
        options: from the restart file.
        given: the options given with ``--resume``, as they were typed; each must be the run's own,
            but for the model, which may have moved and is told by its checksum.
        out: the run's file, for messages.

    Raises:
        ConfigError: the restart file is not one of this command, or an option differs.
    """
    try:
        request = RunRequest.model_validate(options)
    except ValidationError:
        raise ConfigError(
            f"{out}: was not started by 'longstride run'; resume it from where it was started"
        ) from None
    typed = {name: value for name, value in given.items() if value is not None and name != "model"}
    for name, value in _parsed(typed).items():
        own = getattr(request, name)
        if value != own:
            raise ConfigError(
                f"{_option(name)} differs from that of the run to resume ({own}); leave it out, "
                "or start a new run"
            )
    return request


def model_checksum(folder: Path) -> str:
    """SHA-256 of a checkpoint's description and weights."""
    digest = hashlib.sha256()
    for name in ("model.json", "model.safetensors"):
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _parsed(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Typed options as values."""
    values = dict(typed)
    for name in ("time", "friction_time", "barostat_time"):
        if name in values:
            values[name] = parse_time(values[name], _option(name))
    for name, unit in (("temperature", "K"), ("pressure", "GPa")):
        if values.get(name) is not None:
            values[name] = parse_course(values[name], _option(name), unit)
    if "repeat" in values:
        values["repeat"] = parse_repeat(values["repeat"])
    for name in ("structure", "extxyz"):
        if values.get(name) is not None:
            values[name] = str(values[name])
    if values.get("temperature") is not None and min(ends_of(values["temperature"])) <= 0:
        raise ConfigError(f"--temperature {typed['temperature']}: must be positive, in K")
    compressibility = values.get("compressibility")
    if compressibility is not None and not 0 < compressibility < float("inf"):
        raise ConfigError(f"--compressibility {compressibility}: must be positive, in 1/GPa")
    return values
