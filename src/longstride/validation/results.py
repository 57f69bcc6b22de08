"""The file ``results.json``: checks with their noise floors, and where they come from."""

import json
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from longstride.documents import read_json
from longstride.errors import FileFormatError
from longstride.files import write_text

RESULTS_NAME: Final = "results.json"
"""Name of the file in a validation's folder."""


class _Record(BaseModel):
    """Frozen, without unknown keys, and without NaN or infinity."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True
    )


class Check(_Record):
    """One number and its verdict.

    Attributes:
        name: dotted name with its condition, e.g. ``nvt.rdf.l1[600K]``.
        value: what was measured; every check is made so that zero is perfect.
        unit: unit of the numbers, ``1`` for none.
        noise_floor: the same number between independent reference runs; None if there is none.
        threshold: largest ``|value|`` that passes.
        passed: whether ``|value| <= threshold``.
        detail: one sentence for the reader.
    """

    name: str = Field(pattern=r"^[a-z0-9_.]+(\[[^\[\]]+\])?$")
    value: float
    unit: str
    noise_floor: float | None
    threshold: float
    passed: bool
    detail: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.passed != (abs(self.value) <= self.threshold):
            raise ValueError(
                f"check '{self.name}' says passed = {self.passed},"
                f" but |{self.value:g}| and the threshold {self.threshold:g} say otherwise"
            )
        return self


def judge(
    name: str, value: float, unit: str, noise_floor: float, factor: float, detail: str = ""
) -> Check:
    """A check that passes when the value is at most ``factor`` times the noise floor."""
    threshold = factor * noise_floor
    return Check(
        name=name,
        value=value,
        unit=unit,
        noise_floor=noise_floor,
        threshold=threshold,
        passed=abs(value) <= threshold,
        detail=detail,
    )


class Speed(_Record):
    """Speed of one program.

    Attributes:
        program: name shown to the reader.
        role: whether it is the surrogate or the reference.
        ns_per_day: median over the repeats.
        lowest, highest: extremes of the repeats, in ns/day.
        n_atoms: atoms in the cell.
        cores: processor cores used.
        detail: how it was timed.
    """

    program: str
    role: Literal["surrogate", "reference"]
    ns_per_day: float = Field(gt=0)
    lowest: float = Field(gt=0)
    highest: float = Field(gt=0)
    n_atoms: int = Field(gt=0)
    cores: int = Field(gt=0)
    detail: str = ""


class Fact(_Record):
    """One line of a report's summary: a label, its value in words, and a remark."""

    label: str
    value: str
    note: str = ""


class Provenance(_Record):
    """Where results come from; plain JSON data.

    Attributes:
        title: headline of the report.
        description: what was run, one or two sentences.
        summary: facts shown at the top of the report.
        created: ISO 8601 time.
        command: the command line.
        settings: options that determine the numbers.
        model: the surrogate's name, regime and card.
        reference: the reference program, potential and settings.
        software: versions.
        machine: processor, operating system, and the instruction set of the compiled kernel.
        speed: speeds measured side by side.
        notes: remarks for the reader.
    """

    title: str
    description: str
    summary: tuple[Fact, ...] = ()
    created: str
    command: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    model: dict[str, Any] = Field(default_factory=dict)
    reference: dict[str, Any] = Field(default_factory=dict)
    software: dict[str, str] = Field(default_factory=dict)
    machine: dict[str, Any] = Field(default_factory=dict)
    speed: tuple[Speed, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def instructions(self) -> str | None:
        """Instruction set of the kernel that the surrogate ran by; None where that is not known."""
        return self.machine.get("instructions")


class Results(_Record):
    """The content of ``results.json``.

    Attributes:
        schema_version: version of this layout (``schema`` in the file).
        provenance: where the results come from.
        checks: the checks, names unique.
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    provenance: Provenance
    checks: tuple[Check, ...]

    @model_validator(mode="after")
    def _unique_names(self) -> Self:
        names = [check.name for check in self.checks]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"check '{twice[0]}' occurs twice")
        return self

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)


def write_results(path: Path, results: Results) -> None:
    """Write ``results.json`` under a temporary name and rename it when whole."""
    text = json.dumps(
        results.model_dump(mode="json", by_alias=True),
        indent=1,
        ensure_ascii=False,
        allow_nan=False,
    )
    write_text(path, text + "\n")


def read_results(path: Path) -> Results:
    """Read ``results.json``.

    Raises:
        FileFormatError: missing, not JSON, of another schema, or inconsistent; the entry is named.
    """
    content = read_json(path, "the results")
    version = content.get("schema") if isinstance(content, dict) else None
    if version != 1:
        raise FileFormatError(
            f"{path}: schema is {version!r}, this program reads schema 1; validate again"
        )
    try:
        return Results.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "results"
        message = first["msg"].removeprefix("Value error, ")
        raise FileFormatError(f"{path}: {where}: {message}") from None
