"""What a rollout was asked for, checked and complete; kept in its restart file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
)

from longstride.cli.barostat_name import BarostatName
from longstride.cli.engine_name import EngineName, ExchangeName
from longstride.cli.ensemble_name import EnsembleName
from longstride.cli.hosted_options import require_options_of_engine
from longstride.cli.noise_name import NoiseName
from longstride.cli.on_leave_name import OnLeave
from longstride.cli.quantities import ends_of, parse_course, parse_repeat, parse_time
from longstride.errors import ConfigError
from longstride.zoo import model_checksum, resolve

GUARD_EVERY = 10
"""Strides between looks at the regime: a look costs about a third of a stride."""

Course = float | tuple[float, float]
"""A constant, or the values at the start and the end of a run."""


ENERGY_EVERY = 5
"""Default strides between energies in the scalar record."""


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
        guard_every: strides between looks at the regime; 0 never looks.
        on_leave: what to do where an atom leaves it.
        energy_every: strides between energies in the scalar record; 0 for none.
        energy_correction: time constant in fs in which the total energy is held; None lets it be.
        noise: what follows every stride.
        engine: what moves the atoms.
        ranks: MPI processes of LAMMPS.
        exchange: when they exchange their halos.
        lammps_commands: file of commands that LAMMPS runs before the first stride.
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
    # Runs that were started before there were such options go on without.
    guard_every: NonNegativeInt = 0
    on_leave: OnLeave = OnLeave.stop
    energy_every: NonNegativeInt = 0
    energy_correction: NonNegativeFloat | None = None
    noise: NoiseName = NoiseName.none
    engine: EngineName = EngineName.longstride
    ranks: PositiveInt = 1
    exchange: ExchangeName = ExchangeName.kick
    lammps_commands: str | None = None


def new_request(given: Mapping[str, Any], *, force: bool = False) -> RunRequest:
    """The request of a new run from the options that were given, as they were typed.

    Args:
        given: the options.
        force: outside the regime on purpose: a departure from it is told, but ends nothing.

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
        "guard_every": GUARD_EVERY,
        "on_leave": OnLeave.warn if force else OnLeave.stop,
        "energy_every": ENERGY_EVERY,
    }
    require_options_of_engine(given)
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
    if request.on_leave == OnLeave.reference:
        _require_no_use_of_the_head(request)
    if given.get("on_leave") is not None and not request.guard_every:
        raise ConfigError("--on-leave needs a guard that looks: give --guard-every above 0")
    if request.energy_correction is not None and request.ensemble != EnsembleName.nve:
        raise ConfigError(
            f"--energy-correction holds a constant energy: --ensemble nve, not {request.ensemble}"
        )
    return request


def stored_request(options: Mapping[str, Any], given: Mapping[str, Any], out: Path) -> RunRequest:
    """The request of a run that is resumed.

    Args:
        options: from the restart file.
        given: the options given with ``--resume``, as they were typed; each must be the run's own,
            but for the model, which may have moved and is told by its checksum, and for
            ``on_leave``, which may change.
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
    changed = {"on_leave": OnLeave(typed.pop("on_leave"))} if "on_leave" in typed else {}
    if changed and not request.guard_every:
        raise ConfigError(f"--on-leave: the run of {out} has no guard; start a new run")
    for name, value in _parsed(typed).items():
        own = getattr(request, name)
        if value != own:
            raise ConfigError(
                f"{_option(name)} differs from that of the run to resume ({own}); leave it out, "
                "or start a new run"
            )
    return request.model_copy(update=changed)


def _require_no_use_of_the_head(request: RunRequest) -> None:
    """Outside the regime the model's energies are not to be trusted either."""
    for option, what, asked in (
        ("--pressure", "the barostat would go on with the stress", request.pressure),
        ("--energy-correction", "it would go on with the energy", request.energy_correction),
    ):
        if asked is not None:
            raise ConfigError(
                f"--on-leave reference goes without {option}: {what} of the model; leave it out, "
                "or choose stop or warn"
            )


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _parsed(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Typed options as values."""
    values = dict(typed)
    for name in ("time", "friction_time", "barostat_time", "energy_correction"):
        if values.get(name) is not None:
            values[name] = parse_time(values[name], _option(name))
    for name, unit in (("temperature", "K"), ("pressure", "GPa")):
        if values.get(name) is not None:
            values[name] = parse_course(values[name], _option(name), unit)
    if "repeat" in values:
        values["repeat"] = parse_repeat(values["repeat"])
    for name in ("structure", "extxyz", "lammps_commands"):
        if values.get(name) is not None:
            values[name] = str(values[name])
    if values.get("temperature") is not None and min(ends_of(values["temperature"])) <= 0:
        raise ConfigError(f"--temperature {typed['temperature']}: must be positive, in K")
    compressibility = values.get("compressibility")
    if compressibility is not None and not 0 < compressibility < float("inf"):
        raise ConfigError(f"--compressibility {compressibility}: must be positive, in 1/GPa")
    return values
