"""The crystal of a model, made from what its card tells."""

import sys
from pathlib import Path
from shutil import which

import numpy as np
import pytest

from longstride.errors import ConfigError, FileFormatError
from longstride.model import ModelRegime
from longstride.reference import LammpsSettings, make_engine
from longstride.validation.lattice import Lattice, lattice_of_card, relaxed_lengths

LMP = which("lmp", path=str(Path(sys.executable).parent)) or which("lmp")
HCP = {
    "structure": {"lattice": "hcp", "element": "Mg"},
    "lengths": {"300": [3.2, 5.54, 5.22], "900": [3.26, 5.64, 5.34]},
}
ALLOY = {
    "structure": {
        **{"lattice": "fcc", "element": "Cu", "lattice_constant": 3.57, "seed": 3},
        "composition": {"Cu": 0.25, "Ni": 0.75},
    },
    "lengths": {"300": [3.56, 3.56, 3.56]},
}


def regime(species: tuple[int, ...], masses: tuple[float, ...]) -> ModelRegime:
    return ModelRegime(
        species=species, masses=masses, temperatures=(300.0, 900.0), number_density=(0.01, 0.1)
    )


def lattice(block: dict | None, species: tuple[int, ...], masses: tuple[float, ...]) -> Lattice:
    card = {} if block is None else {"crystal": block}
    return lattice_of_card(card, regime(species, masses), {300.0: 4.06, 900.0: 4.12}, "model")


def test_a_cubic_element_needs_no_block() -> None:
    found = lattice(None, (13,), (30.0,))
    crystal = found.crystal((3, 3, 3), (4.1, 4.1, 4.1))
    assert crystal.n_atoms == 108
    np.testing.assert_allclose(crystal.cell, 12.3 * np.eye(3))
    np.testing.assert_array_equal(crystal.masses, 30.0)
    distance = np.linalg.norm(crystal.positions[1:] - crystal.positions[0], axis=1).min()
    assert distance == pytest.approx(4.1 / np.sqrt(2))


@pytest.mark.parametrize(
    ("atoms", "number", "cells"), [(4000, 13, 10), (100, 13, 3), (1, 26, 2), (250, 26, 5)]
)
def test_cells_come_closest_to_the_number_of_atoms(atoms: int, number: int, cells: int) -> None:
    assert lattice(None, (number,), (50.0,)).repeats(atoms) == (cells,) * 3


@pytest.mark.parametrize("atoms", [300, 2000, 10000])
def test_a_crystal_of_unequal_edges_is_nearly_a_cube(atoms: int) -> None:
    found = lattice(HCP, (12,), (24.3,))
    lengths = found.tabulated(600.0)
    assert lengths is not None
    crystal = found.crystal(found.repeats(atoms), lengths)
    edges = np.linalg.norm(crystal.cell, axis=1)
    assert edges.max() - edges.min() < max(lengths)
    assert crystal.n_atoms == pytest.approx(atoms, rel=0.25)


def test_edges_are_interpolated_and_never_extrapolated() -> None:
    found = lattice(HCP, (12,), (24.3,))
    assert found.tabulated(600.0) == pytest.approx((3.23, 5.59, 5.28))
    assert found.tabulated(950.0) is None
    crystal = found.crystal((2, 2, 2), found.tabulated(300.0))
    np.testing.assert_allclose(np.diag(crystal.cell), [6.4, 11.08, 10.44])
    assert found.in_words((3.2, 5.54, 5.22)) == "hcp with a = 3.2000 Å, c = 5.2200 Å"


def test_an_alloy_has_the_composition_of_the_card_and_the_masses_of_the_model() -> None:
    masses = (58.6931, 63.5461)
    crystal = lattice(ALLOY, (28, 29), masses).crystal((4, 4, 4))
    assert np.count_nonzero(crystal.species == 28) == 192
    np.testing.assert_array_equal(crystal.masses, np.where(crystal.species == 28, *masses))


@pytest.mark.parametrize("species", [(13, 28), (12,)])
def test_without_the_block_nothing_else_is_built(species: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match=r"its card does not tell .*--recipe RECIPE"):
        lattice(None, species, (20.0,) * len(species))


@pytest.mark.parametrize(
    "damage",
    [
        {"structure": {"lattice": "hcp"}},
        {"structure": {**HCP["structure"], "colour": "red"}},
        {"lengths": {"300": [3.2, 5.5]}},
        {"lengths": {"300": [3.2, 5.5, -1.0]}},
        {"lengths": {"hot": [3.2, 5.5, 5.2]}},
        {"lengths": None},
    ],
)
def test_a_damaged_block_is_one_line(damage: dict) -> None:
    with pytest.raises(FileFormatError, match="model: the block 'crystal'") as caught:
        lattice({**HCP, **damage}, (12,), (24.3,))
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(LMP is None, reason="LAMMPS is not installed")
def test_the_reference_relaxes_both_axes_of_hcp() -> None:
    settings = LammpsSettings(
        pair_style="eam/fs", potential=("Mg_mm.eam.fs",), elements=("Mg",), ranks=1
    )
    a, b, c = relaxed_lengths(make_engine(settings), lattice(HCP, (12,), (24.305,)), 300.0, seed=1)
    # Sun et al., Phys. Rev. B 73, 024116 (2006): a = 3.184 Å, c/a = 1.628 at rest.
    assert b / a == pytest.approx(np.sqrt(3.0), abs=1e-3)
    assert 3.184 < a < 3.184 * 1.01
    assert c / a == pytest.approx(1.63, abs=0.01)
