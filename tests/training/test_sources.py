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
