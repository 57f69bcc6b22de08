"""The density that a regime is judged by: of the matter, not of the vacuum beside it."""

import numpy as np
import pytest

from longstride.dynamics import regime_violations, require_sound
from longstride.errors import RolloutError
from longstride.model import ModelRegime
from longstride.state import State, _all_occupied
from longstride.testsystems import fcc_lattice

BULK = 4 / 4.05**3


def slab(vacuum: float, cells: int = 4, axis: int = 2) -> State:
    """Layers of a crystal, with as much vacuum (Å) beside them."""
    crystal = fcc_lattice(4.05, cells)
    cell = crystal.cell.copy()
    cell[axis, axis] += vacuum
    return crystal.with_(cell=cell)


@pytest.mark.parametrize("turn", [0.0, 0.7])
def test_without_vacuum_it_is_atoms_over_volume(turn):
    crystal = fcc_lattice(4.05, 3)
    rng = np.random.default_rng(1)
    shear = np.array([[1.0, 0.0, 0.0], [turn, 1.0, 0.0], [0.0, 0.1, 1.0]])
    moved = crystal.positions @ shear + 0.1 * rng.standard_normal(crystal.positions.shape) + 50.0
    state = crystal.with_(positions=moved, cell=crystal.cell @ shear)
    assert state.number_density == pytest.approx(state.n_atoms / state.volume, rel=1e-12)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_width_of_the_vacuum_does_not_matter(axis):
    narrow, wide = (slab(vacuum, axis=axis).number_density for vacuum in (12.0, 400.0))
    assert narrow == pytest.approx(wide, rel=1e-4)
    # Half a layer on either side is a matter of taste: eight layers, a few per cent.
    assert narrow == pytest.approx(BULK, rel=0.05)


def test_a_wire_has_vacuum_along_two_axes():
    crystal = fcc_lattice(4.05, 6)
    wire = crystal.with_(cell=crystal.cell + np.diag([30.0, 0.0, 50.0]))
    assert wire.number_density == pytest.approx(BULK, rel=0.05)


def test_one_atom_in_a_large_cell_is_no_matter_beside_vacuum():
    one = fcc_lattice(4.05, 1)
    arrays = {name: getattr(one, name)[:1] for name in ("positions", "velocities", "masses")}
    lone = one.with_(**arrays, species=one.species[:1], cell=20.0 * np.eye(3))
    assert lone.number_density == pytest.approx(1 / 20.0**3)


def test_a_regime_of_the_crystal_takes_a_slab_and_refuses_a_stretched_crystal():
    regime = ModelRegime(
        species=(13,),
        masses=(26.9815385,),
        temperatures=(300.0, 900.0),
        number_density=(0.055, 0.063),
    )
    assert regime_violations(regime, slab(20.0), 600.0) == ()
    require_sound(slab(20.0), density=regime.density)
    (reason,) = regime_violations(regime, fcc_lattice(4.6, 3), 600.0)
    assert "density 0.041" in reason
    with pytest.raises(RolloutError, match=r"density 0\.041"):
        require_sound(fcc_lattice(4.6, 3), density=regime.density)


def test_slices_that_all_hold_an_atom_leave_no_gap_twice_as_wide() -> None:
    rng = np.random.default_rng(4)
    verdicts = []
    for _ in range(300):
        fractions = rng.random((int(rng.integers(5, 60)), 3))
        heights = rng.uniform(5.0, 12.0, 3)
        ends = np.sort(fractions, axis=0)
        gaps = np.diff(np.concatenate([ends, ends[:1] + 1.0]), axis=0).max(axis=0) * heights
        width = float(rng.uniform(0.2, 2.0))
        verdicts.append(_all_occupied(fractions, heights, width))
        assert not verdicts[-1] or np.all(gaps <= 2.0 * width)
    assert 30 < sum(verdicts) < 270
