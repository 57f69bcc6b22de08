"""The kernel by other compilers and for other processors, by their compiler and an emulator."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import longstride.kernels
from longstride.kernels import available_instructions
from longstride.kernels.native import load_native
from longstride.kernels.native_site import make_site, site_weights
from longstride.model import KickDriftMap
from longstride.state import State

SOURCES = Path(longstride.kernels.__file__).parent / "cpp"
PROGRAM = Path(__file__).with_name("kick_program.cpp")
FLAGS = ("-std=c++20", "-O2", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math")


class Target(NamedTuple):
    """A way to compile the kernel and to run it."""

    compiler: str
    flags: tuple[str, ...] = ()
    runner: tuple[str, ...] = ()
    instructions: str = "baseline"


TARGETS = {
    "NEON by GCC": Target("aarch64-linux-gnu-g++", ("-static",), ("qemu-aarch64",)),
    "baseline by Clang": Target("clang++", ("-march=x86-64",)),
    "v3 by Clang": Target("clang++", ("-march=x86-64-v3",), instructions="v3"),
    "v4 by Clang": Target("clang++", ("-march=x86-64-v4",), instructions="v4"),
}


pytestmark = pytest.mark.long  # compiles the kernel anew


@pytest.fixture(params=TARGETS.values(), ids=list(TARGETS))
def target(request: pytest.FixtureRequest) -> Target:
    """What of it is on this machine."""
    chosen: Target = request.param
    for program in (chosen.compiler, *chosen.runner[:1]):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    if not chosen.runner and chosen.instructions not in available_instructions():
        pytest.skip(f"this processor does not run {chosen.instructions}")
    return chosen


def parts(n_atoms: int) -> dict[str, int]:
    """Lengths of what the program writes, in its order."""
    return {
        "kick": 3 * n_atoms,
        "values": n_atoms,
        "by strain": 9,
        "distances": n_atoms,
        "means": n_atoms,
    }


def by_program(
    target: Target, model: KickDriftMap, state: State, kinds: np.ndarray, folder: Path
) -> dict[str, list[np.ndarray]]:
    """What the kernel that was compiled so computes, in double and in single precision."""
    weights, basis = site_weights(model), model.scalars.basis
    centers = basis.centers.double().flatten()
    sizes = [*weights["encode_bias"].shape[:1], *weights["encode"].shape, len(weights["readout"])]
    order = (
        "encode encode_bias mix mix_bias decode decode_bias readout linear center masses"
        " novel_matrix novel_origin"
    )
    numbers = [len(centers), float(centers[0]), basis.width, basis.cutoff, *sizes]
    arrays = [weights[name] for name in order.split()]
    arrays += [[state.n_atoms], state.positions, kinds, state.cell]
    given = np.concatenate([numbers, *(np.ravel(array) for array in arrays)])
    given.astype(np.float64).tofile(folder / "in")
    subprocess.run(
        [target.compiler, *FLAGS, *target.flags, "-Wno-psabi", f"-I{SOURCES}", PROGRAM]
        + [SOURCES / name for name in ("pair_search.cpp", "pairs.cpp", "site.cpp")]
        + ["-pthread", "-o", folder / "program"],
        check=True,
    )
    subprocess.run([*target.runner, folder / "program", folder / "in", folder / "out"], check=True)
    found = np.fromfile(folder / "out").reshape(2, -1)
    bounds = np.cumsum(list(parts(state.n_atoms).values()))[:-1]
    return {
        name: list(both)
        for name, both in zip(parts(state.n_atoms), np.split(found, bounds, axis=1), strict=True)
    }


def here(model: KickDriftMap, state: State, kinds: np.ndarray) -> dict[str, np.ndarray]:
    """The same by the module of this installation, in double precision."""
    native = load_native()
    assert native is not None, "the C++ kernel was not compiled: is there a compiler?"
    site = make_site(model, native, double=True, threads=1)
    where = (state.positions, kinds, state.cell, state.pbc)
    out = {name: np.empty(length) for name, length in parts(state.n_atoms).items()}
    kick, by_strain = out["kick"].reshape(-1, 3), out["by strain"].reshape(3, 3)
    site.kick(*where, 0, kick, state.n_atoms, state.n_atoms)
    site.evaluate(*where, 1, out["values"], by_strain)
    site.survey(*where, 1, np.empty(state.n_atoms), out["distances"], out["means"])
    return out


def test_it_computes_what_the_module_computes(
    target: Target, watchful_model, state: State, tmp_path: Path
) -> None:
    """Forces, energies, strain and novelty: in float64 alike, in float32 to its rounding."""
    model = watchful_model()
    kinds = np.searchsorted(model.config.species, state.species)
    expected = here(model, state, kinds)
    for name, (double, single) in by_program(target, model, state, kinds, tmp_path).items():
        size = np.abs(expected[name]).max()
        assert np.abs(double - expected[name]).max() < 1e-9 * size, name
        assert 0 < np.abs(single - expected[name]).max() < 1e-5 * size, name
