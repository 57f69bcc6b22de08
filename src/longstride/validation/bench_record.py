"""What ``longstride bench`` writes: settings, runs, and what they were measured on."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveFloat, PositiveInt

from longstride.units import PS
from longstride.validation.suite.settings import SuiteSettings


class BenchSettings(BaseModel):
    """How speeds are measured.

    Attributes:
        temperature: of the bath, K.
        rounds: in each of which both programs run.
        length: fs that each simulates in a round, if that takes no more than some seconds.
        time_step: of the reference, fs.
        cores: threads of the map, ranks of the reference.
        seed: of velocities and baths.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: PositiveFloat
    rounds: PositiveInt = 5
    length: PositiveFloat = 0.6 * PS
    time_step: PositiveFloat = 2.0
    cores: PositiveInt = 2
    seed: NonNegativeInt = 1


class BenchRun(BaseModel):
    """One system. Ranges are the lowest and the highest round.

    Attributes:
        atoms: how many.
        ns_per_day, ns_per_day_range: of the surrogate, median and range.
        us_per_atom_stride: median, µs.
        reference_ns_per_day, reference_ns_per_day_range: of the reference; None without one.
        reference_us_per_atom_step: median, µs.
        ratio, ratio_range: surrogate over reference, round by round.
        split: parts of a stride's time: ``neighbours``, ``network``, ``thermostat`` and ``other``
            (composing the kicks, checks).
        gflops: arithmetic of the compiled kicks, 10⁹ operations a second; None where nobody counts.
        share_of_peak: the same over the processor's measured peak.
        peak_rss_mb: most memory of this process so far, MB.
        matched_us_per_atom_step: of the reference at the largest step of matched fidelity, median,
            µs; None where that was not asked for, or no step passed.
        matched_ratio, matched_ratio_range: surrogate over reference at that step.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    atoms: PositiveInt
    ns_per_day: PositiveFloat
    ns_per_day_range: tuple[float, float]
    us_per_atom_stride: PositiveFloat
    reference_ns_per_day: PositiveFloat | None
    reference_ns_per_day_range: tuple[float, float] | None
    reference_us_per_atom_step: PositiveFloat | None
    ratio: PositiveFloat | None
    ratio_range: tuple[float, float] | None
    split: dict[str, float]
    gflops: PositiveFloat | None = None
    share_of_peak: PositiveFloat | None = None
    peak_rss_mb: PositiveFloat
    matched_us_per_atom_step: PositiveFloat | None = None
    matched_ratio: PositiveFloat | None = None
    matched_ratio_range: tuple[float, float] | None = None


class Arithmetic(BaseModel):
    """What a stride computes, and what the processor could.

    Attributes:
        operations: of a stride and atom.
        peak_gflops: of the cores in use, measured, 10⁹ operations a second.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    operations: PositiveFloat
    peak_gflops: PositiveFloat


class Matched(BaseModel):
    """How coarse the reference may be before it fails what the model is judged by.

    Attributes:
        time_step: the largest one at which the reference passed every check, fs; None where it
            failed at all.
        failed: names of the checks that failed at larger time steps in fs, decreasing.
        model_failed: names of the checks that the model failed.
        atoms: of the crystal judged.
        checks: how many were judged of the model.
        settings: of the suite.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    time_step: PositiveFloat | None
    failed: dict[PositiveFloat, tuple[str, ...]]
    model_failed: tuple[str, ...]
    atoms: PositiveInt
    checks: PositiveInt
    settings: SuiteSettings


class Bench(BaseModel):
    """The content of the JSON file.

    Attributes:
        model, reference: what was timed; the reference is empty where there was none.
        arithmetic: of the model on this machine; None where it has no compiled form that counts.
        stride: of the model, fs.
        settings: as they were.
        software, machine: versions, processor, cores.
        instructions: instruction set of the compiled kernel; None where something else computed,
            or the file is older than this entry.
        created: date and time, UTC.
        runs: from the smallest system to the largest.
        matched: the reference's time step of matched fidelity; None where not asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    model: dict[str, Any]
    reference: dict[str, Any]
    arithmetic: Arithmetic | None = None
    stride: PositiveFloat
    settings: BenchSettings
    software: dict[str, str]
    machine: dict[str, Any]
    instructions: str | None = None
    created: str
    runs: tuple[BenchRun, ...]
    matched: Matched | None = None
