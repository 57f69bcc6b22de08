"""The section on vectors says what its results say; the timed loops compute what they should."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measurements import vectors
from measurements.vectors_problem import CENTRES, LOOPS, errors, make
from pages.vectors import vectors_section

from longstride.errors import EngineError

ROUNDING = 2.0**-24
"""Of a float, relative."""


def program(form: str, compiler: str, instructions: str, ratio: float) -> dict[str, Any]:
    loop = {"ns": 3.0, "lowest_ns": 2.0, "ratio": ratio, "ratio_range": [0.1, 9.0], "error": 1e-7}
    return {
        "compiler": compiler,
        "instructions": instructions,
        "form": form,
        "compile_seconds": 1.5,
        "loops": dict.fromkeys(LOOPS, loop),
    }


def section(folder: Path, ratios: dict[str, float]) -> str:
    """Every loop is a twentieth of a kick: 2 ns a time, 25 times, of 1 µs."""
    result = {
        "rounds": 3,
        "libraries": {"xsimd": "0.1", "highway": "0.2"},
        "lines": {"plain": 12, "xsimd": 1, "highway": 1},
        "kick": {"v3": {"us_per_atom": 1.0, "times": dict.fromkeys(LOOPS, 25.0)}},
        "programs": [
            program(form, compiler, "v3", ratio)
            for compiler in ("g++", "clang++")
            for form, ratio in {"plain": 1.0, **ratios}.items()
        ],
    }
    (folder / "vectors-speed.json").write_text(json.dumps(result))
    return vectors_section(folder)


def test_plain_vectors_stay_where_no_library_gains(tmp_path: Path) -> None:
    text = section(tmp_path, {"xsimd": 1.5, "highway": 0.99})
    assert "| v3, GCC | 2 ns: 1.50 / 0.99 |" in text
    assert "| v3 | 1.00 | 5 | 5 | 5 | 5 | +10 % | +0 % | +0 % |" in text
    assert "Nowhere is a library notably faster" in text
    assert "So the kernel keeps plain vectors" in text
    assert "12\nlines cost less" in text


def test_a_library_that_makes_kicks_faster_is_named_with_its_gain(tmp_path: Path) -> None:
    text = section(tmp_path, {"xsimd": 1.0, "highway": 0.5})
    assert "edges by up to 50 % (Highway 0.2 by Clang, v3)" in text
    assert "make a kick up to 10.0 % shorter" in text
    assert "Highway 0.2 is the better choice" in text
    assert "by −10 %\n(v3)" in text
    assert "keeps plain" not in text


def test_without_results_there_is_no_section(tmp_path: Path) -> None:
    assert vectors_section(tmp_path) == ""


def test_what_is_missing_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(
        EngineError, match=r"^g\+\+ and clang\+\+ not found: apt install g\+\+ clang$"
    ):
        vectors.measure(None, 1)


@pytest.mark.skipif(shutil.which("g++") is None, reason="no g++")
def test_the_loops_of_the_kernel_deviate_by_roundings(tmp_path: Path) -> None:
    """Bounds count roundings.

    Lengths in widths of a radial function are up to 16, and rounded; an exponential is taken to the
    fifth power, and a value follows by as many products. Moments are sums of 16 products, sums of
    the layer of 209. Vectors are rounded twice, as differences and when multiplied by the unit.
    """
    problem = make(seed=2)
    problem.write(tmp_path / "problem")
    form = vectors.build("g++", "baseline", vectors.PLAIN, tmp_path)
    (_, _, lanes), nanoseconds, result = form.run(tmp_path / "problem")
    off = errors(problem, result, int(lanes))
    bounds = {"edges": 16 * 6, "moments": 16, "layer": 209, "selection": 2}
    assert {loop: off[loop] < bounds[loop] * ROUNDING for loop in LOOPS} == dict.fromkeys(
        LOOPS, True
    )
    assert len(nanoseconds) == len(LOOPS)

    another = np.frombuffer(result, np.int32).copy()
    another[-1] += 1  # the last atom that was selected
    assert errors(problem, another.tobytes(), int(lanes))["selection"] == np.inf
    assert len(problem.candidates) == CENTRES
