"""The lattice of an element, and the reference program of a potential."""

import sys
from pathlib import Path
from shutil import which

import numpy as np
import pytest

from longstride.dataset import Block, coverage
from longstride.errors import ConfigError
from longstride.reference import LammpsSettings, make_engine
from longstride.reference.structure import StructureSettings, build_structure
from longstride.validation.system import lattice_of, reference_settings

LMP = which("lmp", path=str(Path(sys.executable).parent)) or which("lmp")
SNAP = ("Cu_Zuo_JPCA2020.snapcoeff", "Cu_Zuo_JPCA2020.snapparam")


def test_the_reference_runs_the_models_potential() -> None:
    settings = reference_settings(("Al_mm.eam.fs",), (13,), 2)
    assert (settings.pair_style, settings.elements, settings.ranks) == ("eam/fs", ("Al",), 2)
    assert reference_settings(("NiAlH_jea.eam.alloy",), (28,), 1).pair_style == "eam/alloy"


@pytest.mark.skipif(LMP is None, reason="LAMMPS is not installed")
@pytest.mark.parametrize(
    ("style", "files", "number", "element", "constant"),
    [("snap", SNAP, 29, "Cu", 3.62), ("eam/fs", ("Al_mm.eam.fs",), 13, "Al", 4.05)],
)
def test_a_recipes_engine_comes_back_from_what_its_data_state(
    crystal, style: str, files: tuple[str, ...], number: int, element: str, constant: float
) -> None:
    recipe = LammpsSettings(pair_style=style, potential=files, elements=(element,))
    stated = make_engine(recipe).describe()["potential"]
    segments = [crystal(seed, n_frames=2, potential=stated) for seed in (1, 2)]
    potentials = coverage([Block(s, 0, 2) for s in segments])["potentials"]
    found = reference_settings(tuple(potentials), (number,), 1)
    assert found == recipe
    structure = StructureSettings(
        lattice="fcc", element=element, lattice_constant=constant, repeat=(2, 2, 2)
    )
    at_rest = build_structure(structure)
    energies = [make_engine(one).evaluate([at_rest]).potential_energy for one in (found, recipe)]
    np.testing.assert_array_equal(energies[0], energies[1])


@pytest.mark.skipif(LMP is None, reason="LAMMPS is not installed")
def test_a_mixture_of_styles_is_not_taken_for_one_of_them() -> None:
    mixed = LammpsSettings(
        pair_style="hybrid/overlay zbl 1.0 2.0 snap",
        potential=SNAP,
        elements=("Cu",),
        pair_coeff=("* * zbl 29 29", f"* * snap {' '.join(SNAP)} Cu"),
    )
    stated = make_engine(mixed).describe()["potential"]
    with pytest.raises(ConfigError, match=r"hybrid/overlay zbl.*pair style is not known"):
        reference_settings((stated,), (29,), 1)


@pytest.mark.parametrize(
    ("potentials", "words"),
    [
        ((), "no potential"),
        (("a.eam.fs", "b.eam.fs"), "a.eam.fs; b.eam.fs: .* one potential"),
        ((", ".join(SNAP), "b.snapcoeff, b.snapparam"), "one potential"),
        (("a.eam.fs, b.eam.fs",), "pair style is not known"),
        (("Cu.snap",), "snapcoeff with .snapparam"),
        (("Cu.snapcoeff",), "pair style is not known"),
        (("Cu.snapparam, Cu.snapcoeff",), "pair style is not known"),
        (("Cu.snapcoeff, Cu.snapparam, Cu.eam.fs",), "pair style is not known"),
        (("",), "pair style is not known"),
    ],
)
def test_a_potential_that_cannot_be_run_is_refused(potentials: tuple[str, ...], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        reference_settings(potentials, (13,), 1)
    assert "side-by-side" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_only_cubic_elements_are_known_without_a_card() -> None:
    assert lattice_of((13,)) == "fcc"
    assert lattice_of((26,)) == "bcc"
    for species in ((13, 28), (12,)):
        with pytest.raises(ConfigError, match=r"one fcc, bcc or diamond element.*--recipe RECIPE"):
            lattice_of(species)
