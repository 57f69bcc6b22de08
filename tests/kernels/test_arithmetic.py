"""Operations counted by hand for one small network; the measured peak is a number of this world."""

import pytest

from longstride.kernels import multiply_adds, peak_rate
from longstride.model import KickDriftMap, ModelConfig, NetworkConfig, build_model


def test_operations_of_a_small_network() -> None:
    config = ModelConfig(
        species=(13,),
        masses=(26.98,),
        stage_times=(20.0, 40.0),
        substeps=2,
        kicks=3,
        network=NetworkConfig(radial=2, hidden=4, attention=False, bound="hidden"),
    )
    model = build_model(config)
    assert isinstance(model, KickDriftMap)
    # 2 functions: 2 scalars and 3 products of each of 3 orders are 11 invariants.
    pairs = 10.0 * 2 * (9 + 9 + 8)
    products = 3 * 9 * 3
    layers = 2 * (11 * 4 + 4 * 4 + 4 * 4)
    assert multiply_adds(model, 10.0) == pytest.approx(2 * 3 * (pairs + products + layers))


def test_peak_is_that_of_a_processor() -> None:
    peak = peak_rate(1, 0.02)
    assert peak is not None
    assert 1e8 < peak < 1e13
