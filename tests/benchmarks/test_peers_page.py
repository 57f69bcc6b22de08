"""docs/peers.md says what its pieces say, and what is not measured."""

from typing import Any

from pages.load import Results
from pages.peers import page

STAMP = {
    "date": "2000-01-01",
    "software": {"longstride": "0"},
    "machine": {"processor": "p", "usable_cores": 2},
    "load_average": [1.0, 2.0],
}
PEER, LAMMPS = "flashmd-60fs", "lammps-6.67fs"
LEARNT = ("position", "momentum")
NETWORK = {"d_pet": 32, "d_node": 64, "num_gnn_layers": 2, "num_attention_layers": 1}


def training(name: str, minutes: float) -> dict[str, Any]:
    return {
        "part": "train",
        "model": {"name": name},
        "settings": {
            "minutes": minutes,
            "lag": 60.0,
            "network": NETWORK,
            "batch_size": 2,
            "learning_rate": 1e-3,
        },
        "provenance": STAMP,
        "result": {
            "minutes": minutes + 0.1,
            "parameters": 123456,
            "windows": 3600,
            "epochs": 5,
            "steps": 9000,
            "versions": {"flashmd": "0.3.0"},
            "learning": [
                {f"validation {target} RMSE (per atom)": error for target in LEARNT}
                for error in (0.5, 0.25)
            ],
        },
    }


def onestep(name: str, d: float) -> dict[str, Any]:
    return {
        "part": "onestep",
        "model": {"name": name} | ({"minutes": 12.0, "steps": 6000} if name == "al" else {}),
        "windows": 24,
        "temperatures": [600.0],
        "provenance": STAMP,
        "result": {"600": {"d": d, "w": 2 * d, "d_error": 1e-4, "w_error": 1e-4}},
    }


def run(name: str, friction_time: float | None, **result: Any) -> dict[str, Any]:
    return {
        "part": "rollout",
        "model": {"name": name},
        "temperature": 600.0,
        "friction_time": friction_time,
        "settings": {"time": 6e4, "discard": 5e3, "references": 3},
        "provenance": STAMP,
        "result": {"broke": None, "length_ps": 65.0, **result},
    }


def judged(error: float, passed: bool) -> dict[str, Any]:
    check = {"value": error, "noise_floor": 0.01, "threshold": 0.02, "passed": passed}
    values = {"nvt.temperature.relative_error": check}
    return {"checks": 20, "passed": 20 if passed else 7, "failed": [], "values": values}


def free(late: float) -> dict[str, Any]:
    drift = {"rate": 0.5, "rate_error": 0.01}
    return {"temperature": {"first": 601.0, "second_half": late}, "total": drift, "kinetic": drift}


def timed() -> dict[str, Any]:
    rows = {
        name: {
            "length": 60.0,
            "microseconds": 10.0,
            "lowest": 9.0,
            "highest": 11.0,
            "microseconds_per_ps": value,
        }
        for name, value in (("al", 150.0), (PEER, 1500.0), (LAMMPS, 90.0))
    }
    settings = {"temperature": 600.0, "rounds": 5, "warm_up": 4}
    result = {"n_atoms": 4000, "rows": rows}
    return {"part": "time", "settings": settings, "provenance": STAMP, "result": result}


PIECES = (
    training(PEER, 12.0),
    training("pilot-small", 1.5),
    onestep("al", 0.01),
    onestep(PEER, 0.2),
    onestep(LAMMPS, 0.005),
    run("al", 1000.0, **judged(0.003, True)),
    run(LAMMPS, 1000.0, **judged(0.001, True)),
    run(PEER, 1000.0, **judged(-0.12, False)),
    run(PEER, 100.0, **judged(-0.01, True)),
    run(f"{PEER}-turned", 1000.0, broke="inf K", length_ps=1.5),
    run("al", None, **free(602.0)),
    run(PEER, None, broke="9000 K", **{**free(2000.0), "length_ps": 12.0}),
    timed(),
    {
        "part": "respa",
        "provenance": STAMP,
        "result": {"potential": "a.eam.fs", "said": "ERROR: no respa"},
    },
)


def rows_of(text: str, name: str) -> list[list[str]]:
    """Cells of the table rows that begin with a name."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith(f"| {name} |")
    ]


def test_the_first_table_has_the_numbers_of_every_contender():
    text = page(Results(PIECES))
    own, peer = rows_of(text, "`al`")[0], rows_of(text, "FlashMD-60fs")[0]
    assert own == ["`al`", "12.0", "1 / 2", "20 of 20", "–", "0.3", "602", "150"]
    late = "2000, broke down after 12.00 ps"
    assert peer == ["FlashMD-60fs", "12.1", "20 / 40", "7 of 20", "20 of 20", "−12", late, "1,500"]
    steps = rows_of(text, "LAMMPS, 6.67 fs steps")[0]
    assert steps[1] == "–"
    ratios = (
        "FlashMD-60fs has 20.0 times the error of `al` in d, 20.0 times that in w, and costs 10"
    )
    assert ratios in text
    assert steps[2:4] == ["0.5 / 1", "20 of 20"]


def test_what_failed_is_marked_and_what_broke_down_has_its_length():
    text = page(Results(PIECES))
    (bathed,) = [row for row in rows_of(text, "FlashMD-60fs") if row[1:3] == ["600", "1"]]
    assert bathed[4] == "**−12**"
    (turned,) = rows_of(text, "FlashMD-60fs-turned")
    assert turned[3] == "broke down after 1.50 ps"


def test_settings_pilots_and_what_was_quoted_are_said():
    text = " ".join(page(Results(PIECES)).split())
    assert "| FlashMD-60fs | 60 | 12.1 | 123,456 | 2 × 1 | 32, 64 | 3,600 | 5 | 9,000 |" in text
    assert "2 layers of width 32, 2 windows a step: 0.250 Å and 0.25 (eV·amu)^½." in text
    assert "it says “ERROR: no respa”" in text
    assert "## Quoted, not measured" in text
    assert "`al` took 6,000 steps of 2 windows" in text


def test_a_page_without_results_says_so():
    assert "not measured." in page(Results(()))
