"""What of the data a recipe uses."""

import pytest

from longstride.dataset import TrajectorySet
from longstride.errors import ConfigError
from longstride.training.sources import make_sources


def test_only_trajectories_of_the_temperatures_asked_for_are_used(recipe):
    config = recipe(data={"temperatures": [30.0, 40.0]})
    with TrajectorySet(config.data.files) as data:
        sources = make_sources(config, data)
    blocks = sources.training_blocks + sources.validation_blocks
    assert {block.temperature for block in blocks} == {40.0}
    assert sources.coverage["temperatures"] == [40.0]


def test_a_range_without_data_is_refused(recipe):
    config = recipe(data={"temperatures": [100.0, 200.0]})
    with (
        TrajectorySet(config.data.files) as data,
        pytest.raises(ConfigError, match=r"data.temperatures: no trajectory inside"),
    ):
        make_sources(config, data)


def test_what_is_beyond_the_regime_is_trained_on_and_not_stated(recipe, make_argon, tmp_path):
    def beyond(temperature: float) -> dict[str, bool]:
        return {"in_regime": False} if temperature == 40.0 else {}

    config = recipe(data={"files": [str(make_argon(tmp_path / "argon.h5", more=beyond))]})
    with TrajectorySet(config.data.files) as data:
        sources = make_sources(config, data)
    assert {block.temperature for block in sources.training_blocks} == {20.0, 40.0}
    assert sources.coverage["temperatures"] == [20.0]
