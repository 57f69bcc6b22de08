"""Which frames train and which validate: by run, or by time with a gap.

Neighbouring windows of one trajectory are nearly the same, so a random split of windows would
measure memory. Whole runs (independent starts) are kept apart, or, where there is one run only, its
first part trains and its last part validates, with a gap longer than the memory of the velocities
in between.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from longstride.dataset.windows import Block
from longstride.errors import ConfigError
from longstride.trajectory import Segment


class SplitConfig(BaseModel):
    """How validation data is set aside.

    Attributes:
        by: ``run`` holds out whole runs, ``time`` the last part of every run.
        validation_fraction: share of the runs of each temperature and strain (at least one of two),
            or of each run's time.
        validation_runs: names of the runs to hold out, instead of a share; with ``by: run`` only.
        gap_fs: with ``by: time``, the time left unused between the two parts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Literal["run", "time"] = "run"
    validation_fraction: float = Field(default=0.15, gt=0.0, lt=1.0)
    validation_runs: tuple[str, ...] = ()
    gap_fs: float = Field(default=500.0, ge=0.0)


def run_of(segment: Segment) -> str:
    """The run a segment was cut from; a segment without this metadata is a run of its own."""
    return str(segment.metadata.get("run", segment.name))


def split_segments(
    segments: Sequence[Segment], split: SplitConfig
) -> tuple[list[Block], list[Block]]:
    """Training and validation blocks.

    Raises:
        ConfigError: one of the parts would be empty, or a run named in the recipe does not exist.
    """
    if split.by == "time":
        return _by_time(segments, split)
    held_out = _held_out_runs(segments, split)
    blocks = [(run_of(segment), Block(segment, 0, segment.n_frames)) for segment in segments]
    training = [block for run, block in blocks if run not in held_out]
    if not training:
        raise ConfigError("data.split holds out every run: nothing is left to train on")
    return training, [block for run, block in blocks if run in held_out]


def _held_out_runs(segments: Sequence[Segment], split: SplitConfig) -> set[str]:
    runs = sorted({run_of(segment) for segment in segments})
    if split.validation_runs:
        unknown = sorted(set(split.validation_runs) - set(runs))
        if unknown:
            raise ConfigError(
                f"data.split.validation_runs: no run {unknown[0]!r}; the data has {', '.join(runs)}"
            )
        return set(split.validation_runs)
    of_condition: dict[object, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for segment in sorted(segments, key=run_of):
        if run_of(segment) not in seen:
            seen.add(run_of(segment))
            of_condition[_condition(segment)].append(run_of(segment))
    held_out: set[str] = set()
    for names in of_condition.values():
        # a condition with a single run stays in training: a model must have seen its range
        share = min(max(round(split.validation_fraction * len(names)), 1), len(names) - 1)
        held_out.update(names[len(names) - share :])
    if not held_out:
        raise ConfigError(
            "data.split.by 'run' needs two runs of one temperature and strain, the data has "
            f"{', '.join(runs)}: set data.split.by to 'time', or name data.split.validation_runs"
        )
    return held_out


def _condition(segment: Segment) -> tuple[object, object]:
    """What independent runs have in common."""
    told = segment.metadata
    strain = told.get("strain")
    return told.get("temperature"), told.get("density") if strain is None else strain


def _by_time(segments: Sequence[Segment], split: SplitConfig) -> tuple[list[Block], list[Block]]:
    if split.validation_runs:
        raise ConfigError("data.split.validation_runs goes with data.split.by 'run', not 'time'")
    of_run: dict[str, list[Segment]] = defaultdict(list)
    for segment in segments:
        of_run[run_of(segment)].append(segment)
    training: list[Block] = []
    validation: list[Block] = []
    for members in of_run.values():
        # the clock of a run lays its segments end to end: times of segments may start at zero each
        durations = [segment.n_frames * segment.interval for segment in members]
        cut = (1.0 - split.validation_fraction) * sum(durations)
        begin = 0.0
        for segment, duration in zip(members, durations, strict=True):
            stop = _frame(cut - begin, segment)
            first = _frame(cut + split.gap_fs - begin, segment)
            if stop > 0:
                training.append(Block(segment, 0, stop))
            if first < segment.n_frames:
                validation.append(Block(segment, first, segment.n_frames))
            begin += duration
    return training, validation


def _frame(time: float, segment: Segment) -> int:
    """The first frame at or after a time since the segment's start, inside 0 … n_frames."""
    # the small number keeps a cut at a frame's own time from moving with rounding
    index = int(-(-(time / segment.interval - 1e-9) // 1))
    return min(max(index, 0), segment.n_frames)
