"""One call takes an analysis function to a file or to frames of ASE, and changes nothing."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from longstride.analysis import (
    analyse,
    density_of_states,
    heat_capacity,
    kinetic_temperature,
    mean_square_displacement,
    radial_distribution,
    structure_fractions,
    velocity_autocorrelation,
)
from longstride.errors import FileFormatError, LongstrideError
from longstride.trajectory import TrajectoryFile, TrajectoryWriter
from longstride.units import ASE_TIME

CRYSTAL = bulk("Al", a=4.05, cubic=True).repeat(3)
INTERVAL = 10.0
RNG = np.random.default_rng(4)
POSITIONS = CRYSTAL.get_positions() + RNG.normal(scale=0.08, size=(24, len(CRYSTAL), 3))
VELOCITIES = RNG.normal(scale=4e-3, size=POSITIONS.shape)
KNOWN: dict[str, Any] = {
    "positions": POSITIONS,
    "velocities": VELOCITIES,
    "masses": CRYSTAL.get_masses(),
    "cell": np.array(CRYSTAL.cell),
    "interval": INTERVAL,
}
CALLS = [
    (radial_distribution, ("positions", "cell"), {"r_max": 5.0}),
    (mean_square_displacement, ("positions", "interval", "masses"), {"max_lag": 8}),
    (velocity_autocorrelation, ("velocities", "masses", "interval"), {"max_lag": 8}),
    (density_of_states, ("velocities", "masses", "interval"), {}),
    (kinetic_temperature, ("velocities", "masses"), {}),
    (structure_fractions, ("positions", "cell"), {}),
]


def write(path: Path, names: tuple[str, ...] = ("run",), velocities: bool = True) -> Path:
    with TrajectoryWriter(path, provenance={}) as out:
        for name in names:
            segment = out.segment(
                name,
                species=CRYSTAL.numbers,
                masses=CRYSTAL.get_masses(),
                cell=np.array(CRYSTAL.cell),
                pbc=np.ones(3, bool),
                interval=INTERVAL,
                metadata={},
            )
            motion = {"velocities": VELOCITIES} if velocities else {}
            times = INTERVAL * np.arange(len(POSITIONS))
            segment.append_many(time=times, positions=POSITIONS, **motion)
    return path


def frames() -> list[Atoms]:
    found = []
    for positions, velocities in zip(POSITIONS, VELOCITIES, strict=True):
        atoms = CRYSTAL.copy()
        atoms.set_positions(positions)
        atoms.set_velocities(velocities * ASE_TIME)
        found.append(atoms)
    return found


def assert_same(one: Any, other: Any) -> None:
    """Equal to rounding, part by part."""
    assert type(one) is type(other)
    if is_dataclass(one):
        one, other = vars_of(one), vars_of(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            assert_same(one[name], other[name])
    elif one is not None:
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def vars_of(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


@pytest.mark.parametrize(("function", "names", "options"), CALLS)
def test_a_file_a_segment_and_ase_give_what_arrays_give(
    function: Callable[..., Any], names: tuple[str, ...], options: dict[str, Any], tmp_path: Path
) -> None:
    expected = function(**{name: KNOWN[name] for name in names}, **options)
    path = write(tmp_path / "t.h5")
    assert_same(analyse(function, path, **options), expected)
    with TrajectoryFile(path) as file:
        assert_same(analyse(function, file["run"], **options), expected)
    timed = {"interval": INTERVAL} if "interval" in names else {}
    assert_same(analyse(function, frames(), **timed, **options), expected)


def test_one_structure_of_ase_will_do() -> None:
    assert analyse(structure_fractions, CRYSTAL).mean["fcc"].value == pytest.approx(1.0)


def test_files_are_read_in_blocks_with_progress(tmp_path: Path) -> None:
    seen: list[int] = []
    path = write(tmp_path / "t.h5", ("one", "two"))
    analyse(radial_distribution, path, segment="two", r_max=5.0, progress=seen.append)
    assert seen == list(range(1, len(POSITIONS) + 1))


def test_options_go_before_what_the_source_says(tmp_path: Path) -> None:
    path = write(tmp_path / "t.h5")
    found = analyse(mean_square_displacement, path, interval=2.0, max_lag=3)
    assert found.lag.tolist() == [0.0, 2.0, 4.0, 6.0]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    two = write(tmp_path / "two.h5", ("one", "two"))
    with pytest.raises(LongstrideError, match="2 segments: name one of one, two"):
        analyse(radial_distribution, two)
    still = write(tmp_path / "still.h5", velocities=False)
    for function in (velocity_autocorrelation, kinetic_temperature):
        with pytest.raises(FileFormatError, match="no velocities"):
            analyse(function, still)
    with pytest.raises(LongstrideError, match="no velocities"):
        analyse(kinetic_temperature, CRYSTAL)
    with pytest.raises(LongstrideError, match=r"'interval'.*give interval="):
        analyse(mean_square_displacement, frames())
    with pytest.raises(LongstrideError, match=r"heat_capacity needs 'energies'"):
        analyse(heat_capacity, two, segment="one", temperature=300.0)
    with pytest.raises(LongstrideError, match="no frames"):
        analyse(radial_distribution, [])
