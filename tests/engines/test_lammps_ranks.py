"""Strides on several ranks are those of one process; one start of MPI serves all cases."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from longstride.kernels.native import load_native
from longstride.reference.lammps_program import find_program

pytestmark = [
    pytest.mark.skipif(load_native() is None, reason="the kernel was not compiled"),
    # Ranks wait for each other in turns where a machine has fewer cores, or others use them.
    pytest.mark.timeout(900),
]

RELATIVE = 1e-5


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("ranks") / "answers.json"
    here = Path(__file__).parent
    command = [find_program("mpiexec"), "-n", "4", sys.executable]
    done = subprocess.run(
        [*command, str(here / "lammps_worker.py"), str(out)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(out.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "case",
    [
        *("two ranks", "four ranks", "triclinic", "substeps", "whole stride"),
        *("vacuum", "small", "crossing"),
    ],
)
def test_strides_are_those_of_one_process(answers: dict[str, Any], case: str):
    assert answers[case]["position"] < RELATIVE
    assert answers[case]["velocity"] < RELATIVE


def test_the_guard_sees_what_it_does_in_one_process(answers: dict[str, Any]):
    seen = {name: answer["unlike"] for name, answer in answers.items() if "unlike" in answer}
    assert len(seen) == 8
    # Ghosts that several ranks move are kicked in single precision by each.
    moved = [seen.pop(name) for name in ("substeps", "whole stride")]
    assert max(moved) < 1e-6
    assert max(seen.values()) < 1e-10


def test_energies_and_pressure_are_sums_over_the_ranks(answers: dict[str, Any]):
    apart = {name: answer["energies"] for name, answer in answers.items() if "energies" in answer}
    moved = [apart.pop(name) for name in ("substeps", "whole stride")]
    assert max(moved) < 1e-6
    # Of some GPa; eV an atom agree to more digits.
    assert max(apart.values()) < 1e-9


def test_noise_does_not_depend_on_the_number_of_ranks(answers: dict[str, Any]):
    assert answers["langevin"]["position"] < RELATIVE
    assert answers["langevin"]["velocity"] < RELATIVE


def test_momentum_is_exact_across_ranks(answers: dict[str, Any]):
    for case in ("two ranks", "four ranks", "triclinic", "substeps", "vacuum", "small"):
        assert answers[case]["momentum"] < 1e-12


def test_the_cases_are_what_they_are_called(answers: dict[str, Any]):
    assert answers["vacuum"]["empty"]
    assert answers["crossing"]["crossed"]
    assert not answers["four ranks"]["empty"]
