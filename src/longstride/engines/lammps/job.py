"""What the ranks of a run are asked for: one file that each of them reads."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
    model_validator,
)

from longstride.documents import read_yaml
from longstride.dynamics import Ramp, Target
from longstride.engines.lammps.schedule import Exchange
from longstride.errors import ConfigError

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Job(BaseModel):
    """A rollout on LAMMPS.

    Attributes:
        model: shipped name or folder.
        structure: file of the starting structure.
        output: trajectory file to make; .thermo.csv and .restart are named after it.
        ensemble: nve, langevin or csvr.
        temperature: K, or the ends of a ramp over the run; none in NVE with own velocities.
        time: fs.
        friction_time: time constant of the thermostat in fs.
        every: strides between frames.
        restart_every: strides between restart points.
        seed: of all random numbers.
        repeat: copies of the structure along its cell vectors.
        exchange: when domains tell each other where their atoms are.
        commands: file of LAMMPS commands that are run before the first stride: dumps, computes.
        log: LAMMPS' own log file; none writes none.
        threads: of each rank.
        energy_every: strides between energies, of models that tell them; 0 for none.
        guard_every: strides between looks at the model's regime; 0 never looks.
        on_leave: what to do where atoms leave it; None stops, and warns where forced.
        force: run outside the model's regime too.
        overwrite: replace an existing output.
        resume: go on from the restart point of the output.
        options: plain data that the output and the restart point keep.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    structure: Path
    output: Path
    ensemble: Literal["nve", "langevin", "csvr"] = "langevin"
    temperature: Positive | tuple[Positive, Positive] | None = None
    time: Positive
    friction_time: Positive = 1000.0
    every: PositiveInt = 1
    restart_every: PositiveInt = 100
    seed: NonNegativeInt = 0
    repeat: tuple[PositiveInt, PositiveInt, PositiveInt] = (1, 1, 1)
    exchange: Exchange = Exchange.kick
    commands: Path | None = None
    log: Path | None = None
    threads: PositiveInt = 1
    energy_every: NonNegativeInt = 5
    guard_every: NonNegativeInt = 10
    on_leave: Literal["stop", "warn"] | None = None
    force: bool = False
    overwrite: bool = False
    resume: bool = False
    options: dict[str, Any] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.ensemble != "nve" and self.temperature is None:
            raise ValueError(f"ensemble {self.ensemble} needs a temperature, in K")
        if self.ensemble == "nve" and isinstance(self.temperature, tuple):
            raise ValueError("a ramp of the temperature needs a thermostat: langevin or csvr")
        if self.output.suffix not in (".h5", ".hdf5"):
            raise ValueError(f"output {self.output}: name a file that ends in .h5")
        return self

    @property
    def stops(self) -> bool:
        """Whether the run ends where atoms leave the regime."""
        return not self.force if self.on_leave is None else self.on_leave == "stop"

    @property
    def temperatures(self) -> tuple[float, ...]:
        """At the run's ends, K; none where none is given."""
        if self.temperature is None:
            return ()
        return self.temperature if isinstance(self.temperature, tuple) else (self.temperature,)

    @property
    def target(self) -> Target:
        """What the bath is set to."""
        start, end = self.temperatures[0], self.temperatures[-1]
        return start if start == end else Ramp(start, end, self.time)


def load_job(path: Path) -> Job:
    """A job from a YAML or JSON file.

    Raises:
        ConfigError: it has an unknown key or a wrong value.
        FileFormatError: it cannot be read.
    """
    document = read_yaml(path, "the job")
    try:
        return Job.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{path}: {place + ': ' if place else ''}{first['msg']}") from None
