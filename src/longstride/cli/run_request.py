"""What a rollout was asked for, checked and complete; kept in its restart file."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from longstride.cli.ensemble_name import EnsembleName
from longstride.cli.quantities import parse_repeat, parse_time
from longstride.dynamics import Ensemble, csvr, langevin, nve
from longstride.errors import ConfigError
from longstride.propagator import Propagator
from longstride.zoo import resolve


class RunRequest(BaseModel):
    """The options of ``longstride run`` that decide its result.

    Attributes:
        model: shipped name or folder.
        structure: file of the starting structure.
        ensemble: nve, langevin or csvr.
        temperature: K; None in NVE with the structure's own velocities.
        time: fs.
        friction_time: time constant of the thermostat in fs.
        every: strides between frames.
        substride: also the states inside the strides.
        seed: of all random numbers.
        repeat: copies of the structure along its cell vectors.
        extxyz: where to write the frames as extended XYZ too.
        model_sha256: checksum of the model's files.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    structure: str
    ensemble: EnsembleName
    temperature: float | None
    time: float
    friction_time: float
    every: int
    substride: bool
    seed: int
    repeat: tuple[int, int, int]
    extxyz: str | None
    model_sha256: str

    def ensemble_around(self, propagator: Propagator) -> Ensemble:
        """The ensemble asked for."""
        if self.ensemble == EnsembleName.nve:
            return nve(propagator)
        assert self.temperature is not None, "new_request sees to it"
        make = langevin if self.ensemble == EnsembleName.langevin else csvr
        return make(propagator, self.temperature, self.friction_time)


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
    typed = defaults | {name: value for name, value in given.items() if value is not None}
    request = RunRequest(
        **_parsed(typed), model_sha256=model_checksum(resolve(str(typed["model"])))
    )
    if request.temperature is None and request.ensemble != EnsembleName.nve:
        raise ConfigError(f"--ensemble {request.ensemble} needs --temperature, in K")
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
            option = "--" + name.replace("_", "-")
            raise ConfigError(
                f"{option} differs from that of the run to resume ({own}); leave it out, "
                "or start a new run"
            )
    return request


def model_checksum(folder: Path) -> str:
    """SHA-256 of a checkpoint's description and weights."""
    digest = hashlib.sha256()
    for name in ("model.json", "model.safetensors"):
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()


def _parsed(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Typed options as values."""
    values = dict(typed)
    for name in ("time", "friction_time"):
        if name in values:
            values[name] = parse_time(values[name], "--" + name.replace("_", "-"))
    if "repeat" in values:
        values["repeat"] = parse_repeat(values["repeat"])
    for name in ("structure", "extxyz"):
        if values.get(name) is not None:
            values[name] = str(values[name])
    temperature = values.get("temperature")
    if temperature is not None and not 0 < temperature < float("inf"):
        raise ConfigError(f"--temperature {temperature}: must be positive, in K")
    return values
