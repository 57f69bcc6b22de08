"""Any analysis function on a trajectory file, a segment of one, or frames of ASE.

The functions ask for arrays by name (``positions``, ``velocities``, ``masses``, ``cell``,
``interval``, ``species``); all of these a trajectory knows.
"""

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from longstride.analysis.frame_store import Progress
from longstride.analysis.msd import mean_square_displacement
from longstride.analysis.rdf import radial_distribution
from longstride.analysis.streaming import (
    streaming_mean_square_displacement,
    streaming_radial_distribution,
    streaming_velocity_autocorrelation,
)
from longstride.analysis.vacf import velocity_autocorrelation
from longstride.errors import LongstrideError
from longstride.trajectory import Segment, TrajectoryFile
from longstride.units import ASE_TIME

if TYPE_CHECKING:
    from ase import Atoms

Result = TypeVar("Result")

_STREAMING: Final[dict[Callable[..., Any], Callable[..., Any]]] = {
    radial_distribution: streaming_radial_distribution,
    mean_square_displacement: streaming_mean_square_displacement,
    velocity_autocorrelation: streaming_velocity_autocorrelation,
}
"""What takes the place of a function where frames come from a file: memory stays bounded."""

Known = dict[str, Callable[[], Any]]
"""How to get each argument: nothing is read that is not asked for."""


def analyse(
    function: Callable[..., Result],
    source: "str | Path | Segment | Atoms | Sequence[Atoms]",
    *,
    segment: str | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Result:
    """Call an analysis function with what it asks for, taken from a trajectory.

    ``analyse(radial_distribution, "out.h5", r_max=6.0)``. Of files, RDF, MSD and VACF are taken
    block by block, so that a file may be larger than memory; other functions get whole arrays.

    Args:
        function: of this package.
        source: a trajectory file of ours, a segment of one, or frames of ASE (unwrapped, if the
            function says so; those that ask for the ``interval`` in fs need it in ``options``).
        segment: name of the file's segment; may be left out where it has only one.
        progress: called with the number of frames read, where frames are read block by block.
        options: other arguments of the function; they go before what the source says.

    Raises:
        LongstrideError: several segments and none named, no velocities, or an argument of the
            function that neither source nor options have.
        FileFormatError: the file cannot be read.
    """
    if isinstance(source, str | Path):
        with TrajectoryFile(source) as file:
            return analyse(function, _segment(file, segment), progress=progress, **options)
    if isinstance(source, Segment):
        chosen = _STREAMING.get(function, function)
        in_blocks = chosen is not function
        known = _of_segment(source, in_blocks)
        if in_blocks:
            options = {"progress": progress, **options}
    else:
        chosen, known = function, _of_ase(source)
    for name, parameter in inspect.signature(chosen).parameters.items():
        if name in options:
            continue
        if name in known:
            options[name] = known[name]()
        elif parameter.default is inspect.Parameter.empty:
            raise LongstrideError(
                f"{function.__name__} needs '{name}', which the trajectory does not tell:"
                f" give {name}=..."
            )
    result: Result = chosen(**options)
    return result


def _segment(file: TrajectoryFile, name: str | None) -> Segment:
    if name is not None:
        return file[name]
    if len(file) != 1:
        raise LongstrideError(
            f"{file.path} has {len(file)} segments: name one of {', '.join(file.segments)}"
        )
    return file[file.segments[0]]


def _of_segment(segment: Segment, in_blocks: bool) -> Known:
    def velocities() -> Any:
        # Asking for the first frame says what is wrong where there are none.
        segment.velocities(0)
        return segment.blocks("velocity")

    return {
        "positions": lambda: segment.blocks("position") if in_blocks else segment.positions(),
        "velocities": velocities if in_blocks else segment.velocities,
        "masses": lambda: segment.masses,
        "cell": lambda: segment.cell,
        "interval": lambda: segment.interval,
        "species": lambda: segment.species,
    }


def _of_ase(source: "Atoms | Sequence[Atoms]") -> Known:
    frames: list[Any] = [source] if hasattr(source, "get_positions") else list(source)
    if not frames:
        raise LongstrideError("no frames: give at least one")

    def velocities() -> Any:
        if not all("momenta" in atoms.arrays for atoms in frames):
            raise LongstrideError(
                "the atoms have no velocities: set them, or read a file with them"
            )
        return np.array([atoms.get_velocities() for atoms in frames]) / ASE_TIME

    return {
        "positions": lambda: np.array([atoms.get_positions() for atoms in frames]),
        "velocities": velocities,
        "masses": frames[0].get_masses,
        "cell": lambda: np.array(frames[0].cell),
        "species": lambda: frames[0].numbers,
    }
