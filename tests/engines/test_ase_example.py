"""The example runs as it stands, on a small crystal."""

import os
import subprocess
import sys
from pathlib import Path

import ase.io
import pytest

from longstride.zoo import shipped

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif("al" not in shipped(), reason="needs the model that ships")
def test_the_example_leaves_its_files(tmp_path: Path):
    command = [sys.executable, str(ROOT / "examples" / "ase_al.py"), "--cells", "3"]
    done = subprocess.run(
        [*command, "--strides", "10"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("11 frames in md.traj")
    assert len(ase.io.read(tmp_path / "md.traj", index=":")) == 11
    assert len((tmp_path / "md.log").read_text().splitlines()) == 12
