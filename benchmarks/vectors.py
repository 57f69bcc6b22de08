"""The kernel's loops on vectors of three kinds, in turns: the compiler's, xsimd's, Highway's.

    apt install g++ clang libxsimd-dev libhwy-dev
    python benchmarks/vectors.py
    python benchmarks/performance.py page

The C++ is in ``benchmarks/vectors``. Writes ``benchmarks/results/speed/vectors-speed.json``, or
the file of ``--into``: other versions of the libraries are found in CPLUS_INCLUDE_PATH, and a file
``vectors-newer-speed.json`` is told beside the first.
"""

import json
import sys
from pathlib import Path

from measurements.command import ended, parser_of

RESULTS = Path(__file__).parent / "results" / "speed"


def run(rounds: int, into: Path) -> None:
    """Measure."""
    from measurements.vectors import measure

    from longstride.kernels import load_propagator
    from longstride.model import KickDriftMap
    from longstride.zoo import resolve

    model = load_propagator(resolve("al")).model
    assert isinstance(model, KickDriftMap)
    into.write_text(json.dumps(measure(model, rounds), indent=1) + "\n", encoding="utf-8")
    print(into)


def main(words: list[str] | None = None) -> int:
    """Errors of the user are one line."""
    parser = parser_of(__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--into", type=Path, default=RESULTS / "vectors-speed.json")
    given = parser.parse_args(words)
    return ended(lambda: run(given.rounds, given.into))


if __name__ == "__main__":
    sys.exit(main())
