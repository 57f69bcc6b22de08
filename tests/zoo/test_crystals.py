"""What bench, demo and validate show a shipped model on is a crystal that it is made for."""

import numpy as np
import pytest
from ase.data import atomic_numbers

from longstride.dynamics import regime_violations
from longstride.model import ModelRegime, read_card
from longstride.validation.lattice import Lattice, lattice_of_card
from longstride.validation.suite import usual_temperatures
from longstride.zoo import resolve, shipped


def lattice_of(name: str) -> tuple[Lattice, ModelRegime]:
    card = read_card(resolve(name))
    regime = ModelRegime.of_card(card, name)
    return lattice_of_card(card, regime, regime.lattice_constants, name), regime


@pytest.mark.parametrize("name", shipped())
def test_the_crystal_is_inside_the_regime(name: str) -> None:
    lattice, regime = lattice_of(name)
    (temperature,) = usual_temperatures(*regime.temperature, quick=True)
    lengths = lattice.tabulated(temperature)
    assert lengths is not None
    crystal = lattice.crystal(lattice.repeats(500), lengths)
    assert regime_violations(regime, crystal, temperature) == ()
    assert set(crystal.species.tolist()) == set(regime.species)
    assert 400 < crystal.n_atoms < 700


def test_magnesium_is_hexagonal_and_cuni_half_nickel() -> None:
    magnesium, _ = lattice_of("mg")
    assert magnesium.structure.lattice == "hcp"
    for a, b, c in magnesium.table.values():
        assert (b / a, c / a) == pytest.approx((np.sqrt(3.0), np.sqrt(8.0 / 3.0)), rel=5e-3)
    alloy, _ = lattice_of("cuni")
    species = alloy.crystal((4, 4, 4)).species
    assert np.count_nonzero(species == atomic_numbers["Ni"]) == 128
