"""A run outside a model's stated range is refused, with every reason."""

from dataclasses import dataclass

import numpy as np
import pytest

from longstride.dynamics import (
    draw_velocities,
    regime_violations,
    require_regime,
    with_model_masses,
)
from longstride.errors import RegimeError
from longstride.state import State
from longstride.testsystems import fcc_lattice


@dataclass(frozen=True)
class Aluminium:
    """The range of a model of solid aluminium."""

    species: tuple[int, ...] = (13,)
    masses: tuple[float, ...] = (26.9815385,)
    temperature: tuple[float, float] = (250.0, 950.0)
    density: tuple[float, float] = (0.055, 0.063)
    shortest_distance: float = 1.7


@pytest.fixture
def crystal() -> State:
    return fcc_lattice(4.05, 3)


def test_a_run_inside_the_regime_is_fine(crystal: State):
    assert regime_violations(Aluminium(), crystal, 600.0) == ()
    require_regime(Aluminium(), crystal, 600.0)


def test_each_reason_is_named(crystal: State):
    species = crystal.species.copy()
    species[0] = 28
    cases = {
        "atomic number 28 (the model knows 13)": (crystal.with_(species=species), 600.0),
        "mass 54 amu": (crystal.with_(masses=np.full(crystal.n_atoms, 54.0)), 600.0),
        "temperature 1200 K (the model covers 250 to 950 K)": (crystal, 1200.0),
        "density 0.040": (fcc_lattice(4.63, 3), 600.0),
        "not periodic": (crystal.with_(pbc=np.array([True, True, False])), 600.0),
    }
    for expected, (state, temperature) in cases.items():
        (reason,) = regime_violations(Aluminium(), state, temperature)
        assert expected in reason


def test_without_a_bath_the_state_tells_the_temperature(crystal: State):
    rng = np.random.default_rng(0)
    require_regime(Aluminium(), draw_velocities(crystal, 600.0, rng), None)
    with pytest.raises(RegimeError, match="temperature 0 K"):
        require_regime(Aluminium(), crystal, None)


def test_all_reasons_come_at_once(crystal: State):
    with pytest.raises(RegimeError, match=r"outside the model's regime: .*mass.*; temperature"):
        require_regime(Aluminium(), crystal.with_(masses=2 * crystal.masses), 5.0)


def test_force_passes_all_but_unknown_species(crystal: State):
    (reason,) = require_regime(Aluminium(), crystal, 1200.0, force=True)
    assert "1200 K" in reason
    with pytest.raises(RegimeError, match="atomic number 29"):
        require_regime(Aluminium(), crystal.with_(species=crystal.species + 16), 600.0, force=True)


def test_nearly_the_models_masses_become_them(crystal: State):
    masses = np.full(crystal.n_atoms, 26.98)
    masses[0] = 54.0
    state = with_model_masses(Aluminium(), crystal.with_(masses=masses))
    assert state.masses[0] == 54.0
    np.testing.assert_array_equal(state.masses[1:], 26.9815385)
