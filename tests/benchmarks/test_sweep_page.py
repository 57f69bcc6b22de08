"""docs/sweep.md says what its pieces say, and what is not measured."""

from pages.load import Results
from pages.sweep import page

PROVENANCE = {
    "date": "2000-01-01",
    "software": {"longstride": "0"},
    "machine": {"processor": "p", "usable_cores": 2},
    "load_average": [1.0, 2.0],
}


def condition(temperature: float, **means: float) -> dict:
    found = {
        name: {"value": value, "error": 0.01 * value, "n": 4, "chi_squared": 1.0}
        for name, value in {"temperature_K": temperature, **means}.items()
    }
    return {"temperature": temperature, "means": found}


def pair(value: float) -> dict:
    return {"value": value, "error": 0.01 * value}


LINE = {"chi_squared": 3.5, "degrees_of_freedom": 4}
KILLED = {
    "part": "killed",
    "provenance": PROVENANCE,
    "result": {
        "runs": 24,
        "workers": 1,
        "kills": [{"finished": 8}, {"finished": 16}],
        "exit_code": 0,
        "finished": 24,
        "starts": 25,
        "started_again": 1,
        "gone_on_from_a_restart_point": 1,
        "finished_and_repeated": [],
        "sweep": {
            "conditions": [condition(300.0, lattice_constant_A=4.07)],
            "fits": [
                {
                    "quantity": "lattice_constant_A",
                    "temperature_K": 600.0,
                    "at_temperature": pair(4.1),
                    "linear_expansion_per_K": pair(2.5e-5),
                    **LINE,
                }
            ],
        },
    },
}
LIQUID = {
    "part": "liquid",
    "provenance": PROVENANCE,
    "result": {
        "sweep": {
            "conditions": [condition(1000.0, diffusion_A2_per_ps=0.5)],
            "fits": [
                {
                    "quantity": "diffusion_A2_per_ps",
                    "activation_energy_eV": pair(0.25),
                    "log_prefactor": pair(2.0),
                    **LINE,
                }
            ],
        }
    },
}


def test_the_page_has_the_numbers_of_its_pieces():
    text = page(Results((KILLED, LIQUID)))
    assert "when 8 runs were finished" in " ".join(text.split())
    assert "| starts of commands | 25 |" in text
    assert "Of the runs finished before a kill, none were started again" in text
    assert "linear expansion of 25.00 ± 0.25" in " ".join(text.split())
    assert "activation energy 0.2500 ± 0.0025 eV" in text
    assert "not measured" not in text


def test_what_was_not_measured_is_said():
    text = page(Results(()))
    assert "is not measured" in " ".join(text.split())
    assert "Arrhenius law: activation" not in text
