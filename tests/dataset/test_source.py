"""Batches: functions of the generator alone, with every pair, balanced over temperatures."""

import numpy as np
import pytest
import torch

from longstride.dataset import (
    Batches,
    Block,
    WindowShape,
    WindowSource,
    batch_generator,
    coverage,
)
from longstride.errors import ConfigError, LongstrideError

STAGES = (20.0, 40.0)
CUTOFF = 3.5


def blocks_of(data) -> list[Block]:
    return [Block(segment, 0, segment.n_frames) for segment in data.segments]


def source_of(data, **changes) -> WindowSource:
    given = {"cutoff": CUTOFF, "species": (13,)} | changes
    return WindowSource(blocks_of(data), WindowShape(STAGES), **given)


def at(temperature: float, n_frames: int = 12, **more) -> dict:
    return {"n_frames": n_frames, "metadata": {"temperature": temperature}, **more}


@pytest.fixture
def data(make_file, open_set):
    return open_set(make_file({"a": at(600.0), "b": at(300.0), "c": at(600.0, 9)}))


def same(one, other) -> bool:
    flat_one = [*one.graph, *one[1:]]
    flat_other = [*other.graph, *other[1:]]
    return all(torch.equal(a, b) for a, b in zip(flat_one, flat_other, strict=True))


def test_groups_are_the_temperatures(data):
    source = source_of(data)
    assert source.temperatures == (300.0, 600.0)
    assert source.labels == ("300K", "600K")
    assert source.counts == (8, 8 + 5)


def test_a_batch_is_a_pure_function_of_seed_and_step(data):
    first, second = source_of(data), source_of(data)
    for step in (3, 1, 2):
        first.batch(batch_generator(7, step), 4)
    assert same(first.batch(batch_generator(7, 5), 4), second.batch(batch_generator(7, 5), 4))
    assert not same(first.batch(batch_generator(7, 5), 4), second.batch(batch_generator(7, 6), 4))


def test_prefetched_batches_are_the_same_in_the_same_order(data):
    source = source_of(data)
    with Batches(source, 2, seed=1, first_step=4) as batches:
        for step in range(4, 9):
            assert same(next(batches), source.batch(batch_generator(1, step), 2))


def test_an_error_while_reading_ahead_reaches_the_consumer(data):
    source = source_of(data)
    data.close()
    with Batches(source, 2, seed=1, first_step=0) as batches, pytest.raises(Exception):  # noqa: B017, PT011
        next(batches)


def test_every_temperature_has_its_turn(data):
    source = source_of(data)
    for step in range(5):
        groups = source.batch(batch_generator(0, step), 4).group.reshape(4, -1)[:, 0]
        assert torch.bincount(groups).tolist() == [2, 2]


def test_every_window_is_drawn_forwards_and_backwards(data):
    source = source_of(data)
    starts = {
        tuple(source.batch(batch_generator(0, step), 1).velocities[0].tolist())
        for step in range(400)
    }
    assert len(starts) == 2 * sum(source.counts)


def test_the_graph_holds_every_pair_of_every_stage(data):
    source = source_of(data, time_reversal=False)
    windows = source.spaced(0, 2)
    batch = source.collate(windows)
    n_atoms = windows[0].block.segment.n_atoms
    assert batch.graph.neighbors.shape[1] == source.width
    for k, window in enumerate(windows):
        segment = window.block.segment
        for stage, frame in enumerate((0, 2, 4)):
            positions = segment.positions(window.first + frame)
            shifts = np.array(
                [[i, j, k] for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)]
            )
            vectors = positions[None, :, None] + (shifts @ segment.cell) - positions[:, None, None]
            distances = np.sort(np.linalg.norm(vectors, axis=-1).reshape(n_atoms, -1), axis=1)
            graph = batch.graph
            if stage:
                graph = graph.moved(batch.displacement[stage - 1])
            seen = torch.linalg.vector_norm(graph.vectors, dim=1)[k * n_atoms : (k + 1) * n_atoms]
            for atom in range(n_atoms):
                expected = distances[atom][(distances[atom] > 1e-9) & (distances[atom] < CUTOFF)]
                found = np.sort(seen[atom][seen[atom] < CUTOFF].numpy())
                np.testing.assert_allclose(found, expected, atol=1e-12)


def test_configurations_in_a_batch_do_not_touch(data):
    batch = source_of(data).batch(batch_generator(0, 0), 3)
    owner = torch.arange(len(batch.velocities)) // 8
    assert torch.equal(
        owner[batch.graph.neighbors], owner[:, None].expand_as(batch.graph.neighbors)
    )


def test_scales_are_the_rms_of_what_free_flight_leaves(make_file, open_set):
    rng = np.random.default_rng(5)
    frames = 40
    velocities = 0.01 * rng.normal(size=(frames, 8, 3))
    still = np.zeros((frames, 8, 3))
    spread = {"n_frames": frames, "positions": still + 2.8 * np.arange(8)[:, None]}
    data = open_set(make_file({"a": {**spread, "velocities": velocities}}))
    source = source_of(data)
    rms_w = [
        np.sqrt(np.mean((velocities[k:] - velocities[:-k])[: frames - 4] ** 2)) for k in (2, 4)
    ]
    np.testing.assert_allclose(source.scales.velocity[0], rms_w)
    rms_d = [s * np.sqrt(np.mean(velocities[: frames - 4] ** 2)) for s in STAGES]
    np.testing.assert_allclose(source.scales.displacement[0], rms_d)


def test_frozen_atoms_are_an_error(make_file, open_set):
    still = {"positions": np.ones((12, 8, 3)), "velocities": np.zeros((12, 8, 3))}
    data = open_set(make_file({"a": at(300.0, **still)}))
    with pytest.raises(LongstrideError, match="frozen"):
        _ = source_of(data).scales


def test_segments_without_temperature_form_one_group(make_file, open_set):
    data = open_set(make_file({"a": at(300.0), "b": {"n_frames": 12, "metadata": {}}}))
    assert source_of(data).labels == ("300K", "all")


def test_too_short_segments_name_what_is_needed(make_file, open_set):
    data = open_set(make_file({"a": at(300.0, 4)}))
    with pytest.raises(ConfigError, match=r"40 fs takes 50 fs .* has 40 fs"):
        source_of(data)
    with pytest.raises(ConfigError, match=r"data\.split"):
        WindowSource([], WindowShape(STAGES), cutoff=CUTOFF, species=(13,))


def test_unknown_species_are_named(make_file, open_set):
    data = open_set(make_file({"a": at(300.0, species=29)}))
    with pytest.raises(ConfigError, match="atomic number 29"):
        source_of(data)


def test_coverage_states_the_range(data, make_file, open_set):
    stated = coverage(blocks_of(data))
    assert stated["species"] == [13]
    assert stated["temperatures"] == [300.0, 600.0]
    assert stated["number_density"] == pytest.approx([8 / 5.7**3] * 2)
    assert stated["n_frames"] == 33


def test_a_batch_is_its_windows_side_by_side(data):
    source = source_of(data)
    windows = [*source.spaced(0, 2), *source.spaced(1, 1)]
    together, offset = source.collate(windows), 0
    for window in windows:
        alone = source.collate([window])
        part = slice(offset, offset + len(alone.velocities))
        assert torch.equal(together.graph.vectors[part], alone.graph.vectors)
        assert torch.equal(together.graph.neighbors[part] - offset, alone.graph.neighbors)
        assert torch.equal(together.velocities[part], alone.velocities)
        assert torch.equal(together.displacement[:, part], alone.displacement)
        assert torch.equal(together.velocity[:, part], alone.velocity)
        assert torch.equal(together.group[part], alone.group)
        offset = part.stop


def test_a_crowded_window_widens_its_batch(data):
    source = source_of(data)
    expected = source.collate(source.spaced(0, 1))
    source.__dict__["width"] = 1
    found = source.collate(source.spaced(0, 1))
    near_expected = torch.linalg.vector_norm(expected.graph.vectors, dim=1) < CUTOFF
    near_found = torch.linalg.vector_norm(found.graph.vectors, dim=1) < CUTOFF
    assert torch.equal(near_expected.sum(1), near_found.sum(1))
