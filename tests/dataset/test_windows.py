"""Windows are the frames they say they are, forwards and backwards."""

import numpy as np
import pytest

from longstride.dataset import Block, Window, WindowShape
from longstride.errors import ConfigError

STAGES = (20.0, 40.0, 60.0)


@pytest.fixture
def segment(make_file, open_set):
    return open_set(make_file({"a": {"n_frames": 12}})).segments[0]


def whole(segment) -> Block:
    return Block(segment, 0, segment.n_frames)


def test_window_holds_start_and_stage_frames(segment):
    data = WindowShape(STAGES).read(Window(whole(segment), 3))
    q, v = segment.positions(), segment.velocities()
    np.testing.assert_array_equal(data.positions, q[3])
    np.testing.assert_array_equal(data.velocities, v[3])
    for k, frame in enumerate((5, 7, 9)):
        np.testing.assert_array_equal(data.displacement[k], q[frame] - q[3])
        np.testing.assert_array_equal(data.velocity[k], v[frame])


def test_backwards_window_is_the_reversed_motion(segment):
    data = WindowShape(STAGES).read(Window(whole(segment), 3, backwards=True))
    q, v = segment.positions(), segment.velocities()
    np.testing.assert_array_equal(data.positions, q[9])
    np.testing.assert_array_equal(data.velocities, -v[9])
    for k, frame in enumerate((7, 5, 3)):
        np.testing.assert_array_equal(data.displacement[k], q[frame] - q[9])
        np.testing.assert_array_equal(data.velocity[k], -v[frame])


@pytest.mark.parametrize("velocities", ["stored", "from_positions"])
def test_reversing_a_reversed_trajectory_gives_the_original(make_file, open_set, velocities):
    original = open_set(make_file({"a": {"n_frames": 13}})).segments[0]
    mirrored = {
        "n_frames": 13,
        "positions": original.positions()[::-1],
        "velocities": -original.velocities()[::-1],
    }
    mirror = open_set(make_file({"a": mirrored}, name="mirror")).segments[0]
    shape = WindowShape(STAGES, velocities)
    span = shape.span(original)
    for first in range(shape.count(whole(original))):
        there = shape.read(Window(whole(original), first))
        back = shape.read(Window(whole(mirror), 12 - span - first, backwards=True))
        for name in ("positions", "velocities", "displacement", "velocity"):
            np.testing.assert_allclose(getattr(there, name), getattr(back, name), atol=1e-15)


def test_count_is_the_number_of_windows_that_fit(segment):
    shape = WindowShape(STAGES)
    assert shape.count(whole(segment)) == 6  # starts 0 … 5 with frames up to start + 6 of 12
    assert shape.count(Block(segment, 2, 9)) == 1
    assert shape.count(Block(segment, 2, 8)) == 0
    assert WindowShape(STAGES, "from_positions").count(Block(segment, 0, 12)) == 0


def test_position_only_velocity_is_the_backward_difference(make_file, open_set):
    path = make_file({"a": {"n_frames": 14}}, velocities=False)
    segment = open_set(path).segments[0]
    shape = WindowShape(STAGES, "from_positions")
    assert shape.count(whole(segment)) == 2
    data = shape.read(Window(whole(segment), 1))
    q = segment.positions()
    np.testing.assert_allclose(data.positions, q[7])
    np.testing.assert_allclose(data.velocities, (q[7] - q[1]) / 60.0)
    np.testing.assert_allclose(data.displacement[0], q[9] - q[7])
    np.testing.assert_allclose(data.velocity[0], (q[9] - q[3]) / 60.0)
    np.testing.assert_allclose(data.velocity[2], data.displacement[2] / 60.0)


def test_missing_velocities_name_the_way_out(make_file, open_set):
    segment = open_set(make_file({"a": {"n_frames": 14}}, velocities=False)).segments[0]
    with pytest.raises(ConfigError, match="from_positions"):
        WindowShape(STAGES).check(segment)


def test_stage_time_between_frames_names_both_and_the_possible_ones(segment):
    with pytest.raises(ConfigError, match=r"15 fs.*10 fs.*10, 20, 30"):
        WindowShape((15.0, 30.0)).check(segment)


def test_stage_times_must_increase(segment):
    with pytest.raises(ConfigError, match="increase"):
        WindowShape((40.0, 20.0)).check(segment)


def test_residuals_vanish_for_free_flight(make_file, open_set):
    drift = np.linspace(-0.01, 0.01, 8)[:, None] * np.ones(3)
    times = 10.0 * np.arange(12)[:, None, None]
    free = {"n_frames": 12, "positions": times * drift, "velocities": np.tile(drift, (12, 1, 1))}
    segment = open_set(make_file({"a": free})).segments[0]
    for backwards in (False, True):
        data = WindowShape(STAGES).read(Window(whole(segment), 2, backwards))
        for residual in data.residuals(STAGES):
            np.testing.assert_allclose(residual, 0.0, atol=1e-14)
