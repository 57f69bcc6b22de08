"""What is said of wrong input before torch is loaded, and what a good run does without.

Each command runs in a process of its own: what this one has imported says nothing.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import ase.io
import pytest
from ase.build import bulk

from longstride.zoo import resolve

REFUSED = """
import sys
from longstride.cli.main import main
code = main(sys.argv[1:])
heavy = [name for name in ("torch", "matplotlib", "freud") if name in sys.modules]
print(*heavy)
sys.exit(code)
"""

STARTED = """
import sys
from longstride.cli.main import main
from longstride.cli.run_progress import RunProgress

def first_stride(self, stride):
    print("loaded:", *[name for name in ("torch", "matplotlib") if name in sys.modules])

RunProgress.__call__ = first_stride
sys.exit(main(sys.argv[1:]))
"""

RUN = ["run", "-m", "al", "-s", "al.xyz", "--repeat", "4", "--temperature", "300"]
RUN += ["--time", "60fs", "-o", "out.h5"]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Structures, and models of which there are cards but no weights."""
    monkeypatch.chdir(tmp_path)
    crystal = bulk("Al", "fcc", a=4.06, cubic=True)
    ase.io.write("al.xyz", crystal)
    ase.io.write("cu.xyz", bulk("Cu", "fcc", a=4.06, cubic=True))
    crystal.set_cell(1.2 * crystal.cell, scale_atoms=True)
    ase.io.write("thin.xyz", crystal)
    crystal.pbc = [True, True, False]
    ase.io.write("open.xyz", crystal)
    shipped = resolve("al")
    card = json.loads((shipped / "model.json").read_text())
    plain = {**card, "config": {**card["config"], "energy_head": False, "guard": False}}
    attentive = {**card["config"], "network": {**card["config"]["network"], "attention": True}}
    uneven = {**card["config"], "stage_times": [20.0, 30.0, 40.0, 60.0]}
    unclear = {**card, "regime": {**card["regime"], "masses": []}}
    del plain["residual_covariance"]
    for name, stated in (
        ("whole", card),
        ("plain", plain),
        ("attentive", {**card, "config": attentive}),
        ("uneven", {**card, "config": uneven}),
        ("unclear", unclear),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.json").write_text(json.dumps(stated))
        (tmp_path / name / "model.safetensors").write_text("nobody reads these")
    return tmp_path


def called(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, check=False
    )


def good_but(*options: str) -> list[str]:
    """The good run with options put in, or in place of those of the same name."""
    return [*RUN, *options]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            good_but("--temperature", "5000"),
            "outside the model's regime: temperature 5000 K (the model covers 250 to 950 K); "
            "--force runs it all the same",
        ),
        (
            good_but("-s", "cu.xyz", "--temperature", "5000", "--force"),
            "outside the model's regime: atomic number 29 (the model knows 13); temperature 5000 K "
            "(the model covers 250 to 950 K)",
        ),
        (good_but("-s", "thin.xyz"), "outside the model's regime: density 0.03459 atoms/Å³"),
        (good_but("-s", "absent.xyz"), "absent.xyz: no such file"),
        (
            good_but("--every", "2"),
            "--every 2: a frame every 120 fs is longer than the run's 60 fs",
        ),
        (
            good_but("-m", "uneven", "--substride"),
            "the model's stages at 20, 30, 40, 60 fs are unevenly spaced; run without frames",
        ),
        (good_but("-m", "unclear"), "unclear/model.json: regime.masses: "),
        (
            good_but("-m", "plain", "--pressure", "0"),
            "--pressure: model 'plain' has no energy head",
        ),
        (
            good_but("-m", "plain", "--ensemble", "nve", "--energy-correction", "1ps"),
            "--energy-correction: model 'plain' has no energy head",
        ),
        (
            good_but("-m", "plain", "--noise", "calibrated"),
            "--noise calibrated: model 'plain' does not state the residual",
        ),
        (
            good_but("-m", "plain", "--on-leave", "reference"),
            "--on-leave reference: model 'plain' has no guard",
        ),
        (["bench", "-m", "whole", "-T", "5000"], "--temperature 5000: the model covers 250 to 950"),
        (["bench", "-m", "unclear"], "unclear/model.json: regime.masses: "),
        (
            ["validate", "-m", "whole", "-T", "300,5000", "-o", "out"],
            "5000 K is outside the model's 250 to 950 K; give other --temperatures, or --force",
        ),
        (["validate", "-m", "unclear", "-o", "out"], "unclear/model.json: regime.masses: "),
        (["export", "unclear", "-o", "out.pt"], "unclear/model.json: regime.masses: "),
        (["export", "whole", "-o", "out.pt", "--skin", "50"], "--skin 50: not between 0 and 20 Å"),
        (["models", "absent"], "no model 'absent'"),
    ],
    ids=lambda value: " ".join(value)[-40:] if isinstance(value, list) else "",
)
def test_wrong_input_is_one_line_without_torch(work: Path, words: list[str], line: str) -> None:
    before = sorted(work.iterdir())
    done = called(REFUSED, *words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"longstride: error: {line}")
    assert done.stderr.count("\n") == 1
    assert done.stdout.strip() == "", "loaded before the answer"
    assert sorted(work.iterdir()) == before


@pytest.mark.skipif(shutil.which("mpiexec", path=Path(sys.executable).parent) is None, reason="MPI")
@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--temperature", "5000"], "outside the model's regime: temperature 5000 K"),
        (["-s", "cu.xyz"], "outside the model's regime: atomic number 29 (the model knows 13)"),
        (["-s", "open.xyz", "--repeat", "4x4x1", "--force"], "open.xyz: --engine lammps needs a"),
        (["--every", "2"], "a frame every 2 strides is longer than the run's 60.0 fs"),
        (
            ["-m", "attentive", "--temperature", "5000"],
            "--engine lammps runs maps of kicks without attention, and model 'attentive' is "
            "another",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_input_of_a_run_on_lammps_starts_no_ranks(
    work: Path, options: list[str], line: str
) -> None:
    done = called(REFUSED, *good_but("--engine", "lammps", *options))
    assert done.returncode == 2
    assert done.stderr.startswith(f"longstride: error: {line}")
    assert done.stderr.count("\n") == 1
    assert done.stdout.strip() == ""


def test_a_good_run_starts_without_matplotlib(work: Path) -> None:
    done = called(STARTED, *RUN)
    assert done.returncode == 0, done.stderr
    assert "loaded: torch\n" in done.stdout
    assert (work / "out.temperature.png").is_file()
