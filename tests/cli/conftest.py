"""The small valid files that benchmarks/ makes are inputs here too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
