"""The crystal of a side-by-side run, and its reference program."""

import numpy as np
import pytest

from longstride.errors import ConfigError
from longstride.validation.system import (
    cells_for,
    cubic_crystal,
    lattice_of,
    reference_settings,
    tabulated_constant,
)


def test_the_crystal_has_the_asked_lattice_mass_and_size() -> None:
    crystal = cubic_crystal(13, 26.98, "fcc", 4.1, 3)
    assert crystal.n_atoms == 108
    np.testing.assert_allclose(crystal.cell, 12.3 * np.eye(3))
    distance = np.linalg.norm(crystal.positions[1:] - crystal.positions[0], axis=1).min()
    assert distance == pytest.approx(4.1 / np.sqrt(2))


@pytest.mark.parametrize(
    ("atoms", "lattice", "cells"), [(4000, "fcc", 10), (100, "fcc", 3), (1, "bcc", 2)]
)
def test_cells_come_closest_to_the_number_of_atoms(atoms: int, lattice: str, cells: int) -> None:
    assert cells_for(atoms, lattice) == cells


def test_lattice_constants_are_interpolated_and_never_extrapolated() -> None:
    table = {300.0: 4.06, 900.0: 4.12}
    assert tabulated_constant(table, 600.0) == pytest.approx(4.09)
    assert tabulated_constant(table, 950.0) is None
    assert tabulated_constant({}, 600.0) is None


def test_the_reference_runs_the_models_potential() -> None:
    settings = reference_settings(("Al_mm.eam.fs",), (13,), 2)
    assert (settings.pair_style, settings.elements, settings.ranks) == ("eam/fs", ("Al",), 2)
    assert reference_settings(("NiAlH_jea.eam.alloy",), (28,), 1).pair_style == "eam/alloy"


@pytest.mark.parametrize("potentials", [(), ("a.eam.fs", "b.eam.fs"), ("Cu.snap",)])
def test_a_potential_that_cannot_be_run_is_refused(potentials: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="side-by-side"):
        reference_settings(potentials, (13,), 1)


def test_only_cubic_elements_are_built() -> None:
    assert lattice_of((13,)) == "fcc"
    assert lattice_of((26,)) == "bcc"
    for species in ((13, 28), (12,)):
        with pytest.raises(ConfigError, match="build fcc, bcc or diamond"):
            lattice_of(species)
