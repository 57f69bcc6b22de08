"""The tutorials do what they say: every file and command of a page, in order, made small."""

from pathlib import Path

import pytest
from tutorial import Tutorial

QUICK_TRAINING = {
    "budget": {"steps": 4},
    "initialise_windows": 4,
    "validation_windows": 2,
    "checkpoint_every": 4,
    "heating": {"atom_strides": 0},
}

SHIPPED_MODEL = Tutorial(
    "shipped-model.md",
    shorter={
        "run": ["--time", "1.2ps"],
        "validate": ["--checks", "laws", "--atoms", "108", "--ranks", "1"],
    },
)

OWN_POTENTIAL = Tutorial(
    "own-potential.md",
    small={
        "cu.yaml": {
            "structure": {"lattice": "fcc", "element": "Cu", "repeat": [2, 2, 2]},
            "relaxation": {"time": 400.0, "damping": 200.0},
            "melting_temperature": None,
            "runs": [
                {
                    "temperatures": [400.0, 800.0],
                    "seeds": [1, 2],
                    "equilibration": 200.0,
                    "segments": 2,
                    "segment_length": 400.0,
                    "decorrelation": 100.0,
                }
            ],
        },
        "model.yaml": QUICK_TRAINING,
    },
    shorter={
        "generate": ["--workers", "1"],
        "validate": ["--checks", "onestep,laws", "--ranks", "1"],
        # A model of four steps may leave its regime.
        "run": ["--time", "0.72ps", "--on-leave", "warn"],
    },
    allowed={"validate": (1,)},
)

OWN_DUMPS = Tutorial(
    "own-dumps.md",
    small={"model.yaml": QUICK_TRAINING},
    shorter={
        "lmp": ["-var", "cells", "3", "-var", "frames", "320"],
        "run": ["--time", "3ps", "--on-leave", "warn"],
    },
    allowed={"validate": (1,)},
)


pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_shipped_model(folder: Path):
    SHIPPED_MODEL.play(folder)
    assert (folder / "quick" / "report.html").stat().st_size > 10_000


def test_your_own_potential(folder: Path):
    OWN_POTENTIAL.play(folder)
    assert (folder / "cu-quick" / "report.html").stat().st_size > 100_000
    assert (folder / "out.thermo.csv").read_text().count("\n") > 5


@pytest.mark.long
def test_your_own_trajectories(folder: Path):
    OWN_DUMPS.play(folder)
    assert (folder / "verdict" / "report.html").stat().st_size > 100_000
    assert (folder / "beside" / "results.json").exists()


@pytest.mark.parametrize("tutorial", [SHIPPED_MODEL, OWN_POTENTIAL, OWN_DUMPS])
def test_what_is_made_small_is_in_the_tutorial(tutorial: Tutorial):
    assert set(tutorial.small) <= set(tutorial.files())
