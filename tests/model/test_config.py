"""A configuration that cannot be built is refused, with the reason."""

import pytest
from pydantic import ValidationError

from longstride.model import ModelConfig

GOOD = {"map": "staged", "species": [13, 29], "masses": [26.98, 63.55]}


def test_good_configuration_survives_json() -> None:
    config = ModelConfig.model_validate(GOOD)
    assert ModelConfig.model_validate_json(config.model_dump_json()) == config
    assert config.stride == config.stage_times[-1]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stage_times": [20.0, 20.0, 60.0]}, "stage_times must increase"),
        ({"stage_times": [60.0, 20.0]}, "stage_times must increase"),
        ({"stage_times": []}, "at least 1 item"),
        ({"stage_times": [0.0, 60.0]}, "greater than 0"),
        ({"stage_times": [30.0, float("inf")]}, "finite"),
        ({"stage_times": [30.0, float("nan")]}, "finite|greater than 0"),
        ({"species": [13, 13]}, "names one twice"),
        ({"species": [13, 0]}, "greater than or equal to 1"),
        ({"species": [13, 119]}, "less than or equal to 118"),
        ({"species": [], "masses": []}, "at least 1 item"),
        ({"masses": [26.98]}, "1 masses for 2 species"),
        ({"masses": [26.98, -1.0]}, "greater than 0"),
        ({"masses": [26.98, float("inf")]}, "finite"),
        ({"cutoff": 0.0}, "greater than 0"),
        ({"cutoff": 1.5}, "must be smaller than cutoff"),
        ({"cutoff": 200.0}, "less than"),
        ({"inner": 9.0}, "must be smaller than cutoff"),
        ({"kicks": 0}, "greater than or equal to 1"),
        ({"map": "magic"}, "'kicks' or 'staged'"),
        ({"cut_off": 5.0}, "Extra inputs are not permitted"),
        ({"network": {"width": 8}}, "Extra inputs are not permitted"),
        ({"network": {"radial": 1}}, "greater than or equal to 2"),
        ({"network": {"heads": 0}}, "greater than or equal to 1"),
        ({"network": {"hidden": 10**9}}, "less than or equal to"),
    ],
    ids=str,
)
def test_bad_configuration_is_refused(change: dict, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        ModelConfig.model_validate({**GOOD, **change})


@pytest.mark.parametrize("kind", ["kicks", "staged"])
def test_defaults_make_a_model(kind: str) -> None:
    ModelConfig(map=kind, species=(13,), masses=(26.98,))


def test_substeps_end_at_stages() -> None:
    kicks = {**GOOD, "map": "kicks", "stage_times": [10.0, 20.0, 30.0]}
    assert ModelConfig.model_validate({**kicks, "substeps": 3}).substep_times == (10.0, 20.0, 30.0)
    with pytest.raises(ValidationError, match="lack 15 fs, the end of one of 2 substeps"):
        ModelConfig.model_validate({**kicks, "substeps": 2})


def test_configuration_cannot_be_changed() -> None:
    config = ModelConfig.model_validate(GOOD)
    with pytest.raises(ValidationError, match="frozen"):
        config.cutoff = 3.0
