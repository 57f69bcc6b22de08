"""A stride gets as many substeps as its error allows."""

from pathlib import Path
from typing import Any

import pytest

from longstride.testsystems.lennard_jones import ARGON, ARGON_MASS
from longstride.training import TrainConfig
from longstride.training.config import parse_config
from longstride.training.error_budget import within_budget


@pytest.fixture
def config(argon: Path) -> TrainConfig:
    raw: dict[str, Any] = {
        "data": {"files": [str(argon)]},
        "model": {
            "stage_times": [40.0, 80.0, 120.0],
            "substeps": 3,
            "kicks": 2,
            "species": [ARGON],
            "masses": [ARGON_MASS],
            "cutoff": 4.6,
            "inner": 3.0,
            "network": {"radial": 3, "hidden": 8, "attention": False, "bound": "hidden"},
        },
        "budget": {"steps": 2},
        "validation_windows": 2,
    }
    return parse_config(raw, "recipe")


def error_of(said: str) -> float:
    return float(said.split("off by ")[1].split(" Å")[0])


def test_a_wide_budget_keeps_the_whole_stride(config: TrainConfig):
    kept, said = within_budget(config, 0.5)
    assert kept == config
    assert said.startswith("stride 120 fs: after it the closed-form solution is off by ")
    assert "at 40 K, inside the error budget of 0.5 Å" in said


def test_a_narrow_one_shortens_it_to_what_fits(config: TrainConfig):
    whole = error_of(within_budget(config, 0.5)[1])
    kept, said = within_budget(config, 0.9 * whole)
    assert kept.model.stage_times == (40.0, 80.0)
    assert kept.model.substeps == 2
    assert kept.model.kicks == config.model.kicks
    assert error_of(said) < 0.9 * whole
    assert f"after another substep by {whole:.2g} Å at 40 K" in said
    assert kept.data == config.data


def test_where_not_even_one_substep_fits_that_is_said(config: TrainConfig):
    kept, said = within_budget(config, 1e-9)
    assert kept.model.stage_times == (40.0,)
    assert "outside the error budget of 1e-09 Å, and one substep is the shortest stride" in said


def test_a_temperature_outside_the_regime_does_not_count(config: TrainConfig):
    regime = config.regime.model_copy(update={"temperatures": (10.0, 30.0)})
    _, said = within_budget(config.model_copy(update={"regime": regime}), 0.5)
    assert "at 20 K, inside" in said
