"""Settings of the engines that make reference trajectories."""

from typing import Annotated, Any, Literal

from ase.data import atomic_numbers
from pydantic import BaseModel, ConfigDict, Field, field_validator


class Settings(BaseModel):
    """Base of every recipe section: immutable, unknown keys and non-finite numbers refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def check_element(symbol: str) -> str:
    """The chemical symbol unchanged, or a ValueError."""
    if symbol == "X" or symbol not in atomic_numbers:
        raise ValueError(f"'{symbol}' is not a chemical element")
    return symbol


class LammpsSettings(Settings):
    """A potential evaluated by the LAMMPS program.

    Attributes:
        pair_style: arguments of LAMMPS' ``pair_style``, e.g. ``eam/fs``.
        potential: potential files; a bare name is looked up in the installed LAMMPS' own
            potentials folder, anything else is a path. Files a potential reads by itself are
            listed too. All of them are copied beside the input script.
        elements: chemical symbols, in the order of the LAMMPS atom types.
        pair_coeff: arguments of the ``pair_coeff`` commands, files by their bare names. Without
            it: one command ``* * FILES ELEMENTS``, right for EAM and SNAP.
        ranks: MPI processes of one run.
    """

    kind: Literal["lammps"] = "lammps"
    pair_style: str
    potential: tuple[str, ...] = ()
    elements: tuple[str, ...] = Field(min_length=1)
    pair_coeff: tuple[str, ...] = ()
    ranks: int = Field(default=1, ge=1)

    @field_validator("potential", "elements", "pair_coeff", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("elements")
    @classmethod
    def _known_elements(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for symbol in value:
            check_element(symbol)
        return value

    @field_validator("pair_style", "pair_coeff")
    @classmethod
    def _one_line(cls, value: Any) -> Any:
        for text in (value,) if isinstance(value, str) else value:
            if not text.strip() or any(mark in text for mark in "\n\r&$`\"'#"):
                raise ValueError(
                    "must be one plain line of LAMMPS arguments, without $, &, # or quotes"
                )
        return value


class AseSettings(Settings):
    """Any ASE calculator.

    Attributes:
        calculator: ``module:Class`` import path, e.g. ``ase.calculators.emt:EMT``. The module is
            imported, so it is code you trust.
        arguments: keyword arguments of the class.
    """

    kind: Literal["ase"]
    calculator: str = Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
    arguments: dict[str, Any] = Field(default_factory=dict)


EngineSettings = Annotated[LammpsSettings | AseSettings, Field(discriminator="kind")]
