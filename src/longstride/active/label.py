"""The reference's answers to frames that a model has found outside of its data."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from longstride import __version__
from longstride.active.explore import Found
from longstride.active.origin import Origin
from longstride.dynamics import without_total_momentum
from longstride.errors import EngineError
from longstride.reference import Frames, append_frames, collect, run
from longstride.trajectory import TrajectoryWriter, segment_of

HELD_OUT = 4
"""One of so many frames of a round, drawn at random, goes to the validation part."""


def run_names(number: int) -> tuple[str, str]:
    """Names of a round's runs: to train on, and held out."""
    return f"active{number}", f"active{number}-validation"


def label(
    found: Sequence[Found],
    origin: Origin,
    length: float,
    path: Path,
    number: int,
    notes: Mapping[str, Any],
) -> None:
    """Short runs at constant energy from each frame, written to a trajectory file when all is done.

    Args:
        found: frames to start from.
        origin: the engine, and its time step and interval.
        length: of a run, fs.
        path: the file to make.
        number: of the round.
        notes: on how the frames were found, kept in the file.

    Raises:
        EngineError: the reference broke down from every one of them.
    """
    every = round(origin.interval / origin.time_step)
    steps = every * max(round(length / origin.interval), 1)
    provenance: dict[str, Any] = {
        "made_by": "longstride train --active",
        "longstride": __version__,
        "round": number,
        **notes,
        "engine": origin.engine.describe(),
    }
    written, broke = 0, None
    training, validation = run_names(number)
    drawn = np.random.default_rng(number).permutation(len(found))
    held_out = set(drawn[: len(found) // HELD_OUT].tolist())
    with TrajectoryWriter(path, provenance) as out:
        for index, frame in enumerate(found):
            state = without_total_momentum(frame.state.with_(time=0.0))
            blocks: list[Frames] = []
            try:
                run(
                    origin.engine,
                    state,
                    steps,
                    time_step=origin.time_step,
                    every=every,
                    record=blocks.append,
                )
            except EngineError as error:
                broke = error
                continue
            metadata = {
                "temperature": frame.temperature,
                "run": validation if index in held_out else training,
                "potential": origin.potential,
                "time_step": origin.time_step,
                "share_of_limit": frame.share,
            }
            segment = segment_of(
                out,
                f"{training}_{written:03d}",
                state,
                interval=origin.interval,
                metadata={key: value for key, value in metadata.items() if value is not None},
            )
            append_frames(segment, collect(blocks))
            written += 1
        if broke is not None and not written:
            raise broke
