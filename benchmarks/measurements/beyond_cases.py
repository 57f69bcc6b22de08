"""What is measured beyond the perfect crystal: cells, temperatures, lengths of runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from longstride.dynamics import repeated
from longstride.state import State
from longstride.trajectory import TrajectoryFile
from longstride.units import PS


@dataclass(frozen=True, slots=True)
class Case:
    """One system at one temperature.

    Attributes:
        name: of the result file.
        title: in tables.
        temperature: K.
        duration: of each run, fs.
        build: makes a first state, not yet equilibrated at its temperature.
        observables: what is compared beside temperature and energy, names of
            ``beyond_observables``.
        rollouts: of each model; the reference has two.
    """

    name: str
    title: str
    temperature: float
    duration: float
    build: Callable[[], State]
    observables: tuple[str, ...]
    rollouts: int = 1


def from_data(
    folder: Path, file: str, run: str, repeat: tuple[int, int, int] = (1, 1, 1)
) -> Callable[[], State]:
    """The first frame of a run of ``recipes/al-broad``: a cell and places; velocities are lost."""

    def build() -> State:
        with TrajectoryFile(folder / f"al-broad-{file}.h5") as data:
            frame = next(s for s in data if s.metadata["run"] == run).state(0)
        return repeated(frame.with_(time=0.0), repeat)

    return build


def cases(folder: Path) -> tuple[Case, ...]:
    """All of them.

    Args:
        folder: with the data of ``recipes/al-broad``.
    """
    found = [
        Case(
            f"liquid-{t:g}K", f"liquid, {t:,} K", t, 30.0 * PS,
            from_data(folder, "liquid", f"liquid_T{t:g}_seed3", (2, 2, 1)), ("rdf", "diffusion"),
            rollouts=4,
        )
        for t in (1000, 1200, 1400)
    ]  # fmt: skip
    found.append(
        Case(
            "vacancy-850K", "a vacancy, 850 K", 850, 400.0 * PS,
            from_data(folder, "vacancy", "vacancy_T850_seed3"), ("rdf", "jumps"), rollouts=2,
        )
    )  # fmt: skip
    for face in ("100", "111"):
        for t, strain in ((300, "0.00587"), (800, "0.01805")):
            run = f"slab{face}_T{t}_strain+{strain}_seed3"
            found.append(
                Case(
                    f"slab-{face}-{t}K", f"({face}) slab, {t} K", t, 30.0 * PS,
                    from_data(folder, f"slab-{face}", run), ("layers",),
                )
            )  # fmt: skip
    for label, words in (("+0.04", "+4 %"), ("-0.04", "−4 %"), ("+0.04+0+0", "+4 % along x")):
        run = f"strain_T600_strain{label}_seed1"
        found.append(
            Case(
                f"strain{label}-600K", f"strain {words}, 600 K", 600, 20.0 * PS,
                from_data(folder, "strain", run), ("rdf", "amplitude"),
            )
        )  # fmt: skip
    for kind, words in (("fault", "stacking fault"), ("boundary", "grain boundaries")):
        for t in (600, 900):
            found.append(
                Case(
                    f"{kind}-{t}K", f"{words}, {t} K", t, 20.0 * PS,
                    from_data(folder, kind, f"{kind}_T{t}_seed3"), ("rdf", "structure"),
                )
            )  # fmt: skip
    return tuple(found)
