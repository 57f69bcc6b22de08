"""A model as a propagator: the same map, a pure function of the state, momentum to rounding."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from longstride.errors import FileFormatError, RegimeError, RolloutError
from longstride.graph import FAR, Graph, find_pairs_over
from longstride.kernels import load_propagator
from longstride.model import save_checkpoint
from longstride.propagator import Propagator, SubStridePropagator
from longstride.state import State


def copied(state: State) -> State:
    """The same values in arrays of its own."""
    arrays = ("positions", "velocities", "masses", "species", "cell", "pbc")
    return state.with_(**{name: getattr(state, name).copy() for name in arrays})


def assert_same_bits(one: State, other: State) -> None:
    np.testing.assert_array_equal(one.positions, other.positions)
    np.testing.assert_array_equal(one.velocities, other.velocities)
    assert one.time == other.time


def test_it_is_a_propagator(make_propagator) -> None:
    propagator = make_propagator()
    assert isinstance(propagator, Propagator)
    assert isinstance(propagator, SubStridePropagator)
    assert propagator.stride == propagator.stage_times[-1] == 30.0


def test_step_is_the_model_on_a_union_list(make_model, make_propagator, state, rng) -> None:
    """A fixed list of all pairs of the stride, as in training, gives what fresh lists give."""
    propagator = make_propagator(torch.float64, compiled=False)
    stages = propagator.stages(state, rng)
    frames = [state.positions, *(stage.positions for stage in stages)]
    # Positions between the stages of a kick-drift map lie off the path: a wider list holds them.
    pairs = find_pairs_over(frames, state.cell, state.pbc, 6.0)
    vectors = pairs.vectors(state.positions, FAR).transpose(0, 2, 1).copy()
    species = torch.from_numpy((state.species == 29).astype(np.int64))
    graph = Graph(torch.from_numpy(vectors), torch.from_numpy(pairs.neighbors), species)
    with torch.no_grad():
        expected = make_model().double()(graph, torch.from_numpy(state.velocities))
    for index, stage in enumerate(stages):
        moved = stage.positions - state.positions
        size = np.abs(moved).max()
        np.testing.assert_allclose(moved, expected.displacement[index], rtol=0, atol=1e-10 * size)
        np.testing.assert_allclose(stage.velocities, expected.velocity[index], rtol=0, atol=1e-12)


def test_the_map_does_something(make_propagator, state, rng) -> None:
    end = make_propagator().step(state, rng)
    change = end.velocities - state.velocities
    assert 1e-5 < np.abs(change).max() < 1e-2


def test_last_stage_is_the_step(make_propagator, state, rng) -> None:
    stages = make_propagator().stages(state, rng)
    assert_same_bits(stages[-1], make_propagator().step(state, rng))
    assert [stage.time for stage in stages] == [60.0, 70.0, 80.0]
    for stage in stages:
        for name in ("masses", "species", "cell", "pbc"):
            assert getattr(stage, name) is getattr(state, name)


def test_step_leaves_the_state_alone(make_propagator, state, rng) -> None:
    before = copied(state)
    make_propagator(torch.float64).step(state, rng)
    assert_same_bits(state, before)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_step_depends_on_the_state_alone(make_propagator, state, rng, dtype) -> None:
    """Warm after its own steps, warm after another state's, or cold: the same bits."""
    warm = make_propagator(dtype)
    middle = warm.step(warm.step(state, rng), rng)
    end = warm.step(middle, rng)
    assert_same_bits(make_propagator(dtype).step(copied(middle), rng), end)
    assert_same_bits(warm.step(copied(middle), np.random.default_rng(9)), end)
    warm.step(state, rng)
    assert_same_bits(warm.step(middle, rng), end)


def test_other_velocities_at_the_same_positions(make_propagator, state, rng) -> None:
    """A thermostat between two strides changes velocities alone."""
    warm = make_propagator()
    middle = warm.step(state, rng)
    kicked = middle.with_(velocities=0.9 * middle.velocities)
    assert_same_bits(make_propagator().step(kicked, rng), warm.step(kicked, rng))


def test_other_surroundings_at_the_same_positions(make_propagator, state, rng) -> None:
    """Nothing of the last stride is used where cell, periodicity or species differ."""
    middle = make_propagator().step(state, rng)
    for changes in (
        {"cell": 1.03 * middle.cell},
        {"pbc": np.array([True, True, False])},
        {"species": middle.species[::-1].copy()},
    ):
        warm = make_propagator()
        assert_same_bits(warm.step(state, rng), middle)
        other = middle.with_(**changes)
        assert_same_bits(warm.step(other, rng), make_propagator().step(other, rng))


def test_state_changed_in_place(make_propagator, state, rng) -> None:
    warm = make_propagator()
    middle = warm.step(state, rng)
    middle.cell[:] *= 1.03
    middle.positions[3] += 0.1
    assert_same_bits(warm.step(middle, rng), make_propagator().step(copied(middle), rng))


def test_momentum_is_kept_to_rounding_in_single_precision(make_propagator, state, rng) -> None:
    propagator = make_propagator(torch.float32)
    boosted = state.with_(velocities=state.velocities + [0.001, -0.002, 0.0005])
    start, now = boosted.momenta.sum(0), boosted
    for _ in range(20):
        now = propagator.step(now, rng)
    scale = np.abs(now.momenta).sum()
    assert np.abs(now.velocities - boosted.velocities).max() > 1e-4
    assert np.abs(now.momenta.sum(0) - start).max() < 1e-12 * scale


def test_single_precision_is_close_to_double(make_propagator, state, rng) -> None:
    single = make_propagator(torch.float32).step(state, rng)
    double = make_propagator(torch.float64).step(state, rng)
    assert single.positions.dtype == single.velocities.dtype == np.float64
    moved = np.abs(double.positions - state.positions).max()
    changed = np.abs(double.velocities - state.velocities).max()
    assert 0 < np.abs(single.positions - double.positions).max() < 1e-5 * moved
    assert 0 < np.abs(single.velocities - double.velocities).max() < 1e-4 * changed


def test_far_images_give_the_same_stride(make_propagator, state, rng) -> None:
    """Positions accumulate in float64: unwrapped atoms far away lose no precision."""
    images = np.random.default_rng(1).integers(-1000, 1001, (24, 3)) @ state.cell
    near = make_propagator().step(state, rng)
    far = make_propagator().step(state.with_(positions=state.positions + images), rng)
    np.testing.assert_allclose(far.positions - images, near.positions, rtol=0, atol=1e-6)
    np.testing.assert_allclose(far.velocities, near.velocities, rtol=0, atol=1e-8)


def test_isolated_atoms_fly_freely(make_propagator, state, rng) -> None:
    apart = state.with_(cell=20.0 * state.cell, positions=20.0 * state.positions)
    end = make_propagator(torch.float64).step(apart, rng)
    np.testing.assert_allclose(end.positions, apart.positions + 30.0 * apart.velocities, atol=1e-9)
    np.testing.assert_allclose(end.velocities, apart.velocities, atol=1e-12)


def test_unknown_species_are_refused(make_propagator, state, rng) -> None:
    species = state.species.copy()
    species[5] = 79
    with pytest.raises(RegimeError, match=r"atomic number 79 \(it knows 13, 29\)"):
        make_propagator().step(state.with_(species=species), rng)


@pytest.mark.parametrize("field", ["positions", "velocities"])
def test_state_that_is_not_finite_is_refused(make_propagator, state, rng, field: str) -> None:
    values = getattr(state, field).copy()
    values[7, 1] = np.nan
    with pytest.raises(RolloutError, match=r"atom \d+ is at"):
        make_propagator().step(replace(state, **{field: values}), rng)


def test_folder_round_trip_steps_the_same(make_model, make_propagator, state, rng, tmp_path: Path):
    regime = make_propagator().regime
    card = {"regime": regime.model_dump(mode="json")}
    save_checkpoint(tmp_path / "model", make_model(), card)
    loaded = load_propagator(tmp_path / "model")
    assert loaded.regime == regime
    assert_same_bits(loaded.step(state, rng), make_propagator().step(state, rng))


def test_folder_without_a_regime_is_refused(make_model, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "model", make_model(), {})
    with pytest.raises(FileFormatError, match=r"model.json: regime: "):
        load_propagator(tmp_path / "model")
    with pytest.raises(FileFormatError, match="not a model folder"):
        load_propagator(tmp_path)
