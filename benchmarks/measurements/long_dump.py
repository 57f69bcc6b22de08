"""One step of the analysis of a long dump, in a process of its own: prints its peak memory in MiB.

python -m measurements.long_dump import|rdf|msd|vacf DUMP IMPORTED
"""

import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from longstride.analysis import (
    streaming_mean_square_displacement,
    streaming_radial_distribution,
    streaming_velocity_autocorrelation,
)
from longstride.cli import main as program
from longstride.trajectory import Segment, TrajectoryFile


@contextmanager
def _only(path: Path, title: str) -> Iterator[tuple[Segment, Callable[[int], None]]]:
    """The file's segment, and a progress bar over its frames."""
    with TrajectoryFile(path) as file, Progress(console=Console(stderr=True)) as bar:
        (segment,) = file
        task = bar.add_task(title, total=segment.n_frames)
        yield segment, lambda done: bar.update(task, completed=done)


def _import(dump: Path, imported: Path) -> None:
    if code := program.main(["import", str(dump), "-o", str(imported)]):
        raise SystemExit(code)


def _rdf(dump: Path, imported: Path) -> None:
    with _only(imported, "RDF") as (segment, progress):
        blocks = segment.blocks("position")
        streaming_radial_distribution(blocks, segment.cell, r_max=8.0, progress=progress)


def _msd(dump: Path, imported: Path) -> None:
    with _only(imported, "MSD") as (segment, progress):
        streaming_mean_square_displacement(
            segment.blocks("position"), segment.interval, progress=progress
        )


def _vacf(dump: Path, imported: Path) -> None:
    with _only(imported, "VACF") as (segment, progress):
        streaming_velocity_autocorrelation(
            segment.blocks("velocity"),
            segment.masses,
            segment.interval,
            progress=progress,
        )


PROGRAMS: dict[str, Callable[[Path, Path], None]] = {
    "import": _import,
    "rdf": _rdf,
    "msd": _msd,
    "vacf": _vacf,
}
"""In the order in which they need each other's results."""


if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
