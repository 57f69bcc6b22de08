"""Which programs opened the exported trajectories: the outcomes of the tests that do so.

They run by a Python in which the programs are; it needs pytest and what reads our trajectories
(h5py, numpy, ase, gsd, pydantic, PyYAML), not the whole package.
"""

import os
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from longstride.errors import EngineError

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests" / "trajectory" / "test_other_programs.py"
PROGRAMS = {"ase": "ase", "mdanalysis": "MDAnalysis", "ovito": "ovito"}
"""Names in the tests, and of the packages."""

VERSIONS = "from importlib.metadata import version; import sys; print(*map(version, sys.argv[1:]))"


def measure(python: str, work: Path) -> dict[str, Any]:
    """Outcome of every test by program and file, and the programs' versions.

    Raises:
        EngineError: the tests could not be run.
    """
    work.mkdir(parents=True, exist_ok=True)
    table = work / "outcomes.xml"
    table.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "QT_QPA_PLATFORM": "offscreen",
        "OMP_NUM_THREADS": "1",
    }
    words = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={table}"]
    done = subprocess.run(
        [*words, str(TESTS)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if not table.is_file():
        raise EngineError(f"{python}: the tests did not run: {done.stderr[-300:]}")
    packages = list(PROGRAMS.values())
    found = subprocess.run(
        [python, "-c", VERSIONS, *packages], capture_output=True, text=True, check=True
    )
    return {
        "versions": dict(zip(packages, found.stdout.split(), strict=True)),
        "outcomes": [_outcome(case) for case in ElementTree.parse(table).iter("testcase")],
    }


def _outcome(case: ElementTree.Element) -> dict[str, str]:
    """Program, file and outcome of one test."""
    name, _, given = str(case.get("name")).partition("[")
    file = next(word for word in given.rstrip("]").split("-") if word.startswith("a."))
    tags = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
    return {
        "program": PROGRAMS[name.removeprefix("test_")],
        "ending": file.removeprefix("a"),
        "cell": "turned" if "turned" in given else "lower",
        "outcome": tags[0] if tags else "passed",
    }
