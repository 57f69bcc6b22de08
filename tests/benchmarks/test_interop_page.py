"""docs/interop.md says what its pieces say, and what is not measured."""

from pages.interop import page
from pages.load import Results

STAMP = {
    "date": "2000-01-01",
    "software": {"longstride": "0"},
    "machine": {"processor": "p", "usable_cores": 2},
    "load_average": [1.0, 2.0],
}
SERIES = {"strides": [1.0, 100.0], "position_A": [4e-12, 3e-9], "velocity_A_per_fs": [1e-13, 1e-10]}
HOSTED = {
    "part": "hosted",
    "model": {"name": "al"},
    "settings": {"strides": 100, "friction_time_fs": 500.0},
    "provenance": STAMP,
    "result": {
        "n_atoms": 108,
        "stride_fs": 60.0,
        "versions": {"flashmd": "0.3", "ipi": "3.3"},
        "hosted": [
            {"engine": "nve", "precision": p, "microseconds_per_atom": 500.0, **SERIES}
            for p in ("float32", "float64")
        ],
        "controls": {
            name: SERIES
            for name in (
                "one atom nudged by a rounding",
                "start rounded to float32",
                "float32 against float64",
            )
        },
        "largest_approach_A": 1.234,
        "bath": {"temperature_K": 603.21, "error_K": 4.2, "strides": 75.0},
    },
}


APPROACH = {
    "part": "approach",
    "settings": {"strides": 1000},
    "model": {"name": "al"},
    "provenance": STAMP,
    "result": {
        "temperature_K": 900.0,
        "atom_strides": 1000,
        "median_A": 1.5,
        "largest_A": 2.25,
    },
}


def outcome(program: str, ending: str, said: str) -> dict[str, str]:
    return {"program": program, "ending": ending, "cell": "lower", "outcome": said}


READERS = {
    "part": "readers",
    "provenance": STAMP,
    "result": {
        "versions": {"ase": "3.29", "ovito": "3.17"},
        "outcomes": [
            outcome("ase", ".data", "passed"),
            outcome("ovito", ".data", "failure"),
            outcome("ovito", ".gsd", "passed"),
        ],
    },
}


def test_the_pieces_are_on_the_page():
    text = page(Results((HOSTED, READERS, APPROACH)))
    assert "| FlashMD in ASE, float64, against the run here | 4.0e-12 | 3.0e-09 |" in text
    assert "in ASE is 1 times as far" in text
    assert "add up to 1.23 Å at most" in text
    assert "603.2 ± 4.2 K over 75 strides" in text
    assert "by up to 0.25 Å for every tenfold" in " ".join(text.split())
    assert "| `al` | 900 K | 1,000 | 1.50 | 2.25 |" in text
    assert "| `.data` | yes | **failure** |" in text
    assert "| `.gsd` | – | yes |" in text


def test_what_is_not_measured_is_said():
    assert "not measured" in page(Results(()))
