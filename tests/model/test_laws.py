"""Laws every map keeps exactly, whatever its parameters: tested in float64 with random ones."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from longstride.graph import FAR, Graph, find_pairs, find_pairs_over
from longstride.model import Stages, StrideMap

CELL = np.array([[9.5, 0.0, 0.0], [1.5, 9.0, 0.0], [-0.8, 1.1, 9.8]])
PERIODIC = np.ones(3, dtype=bool)
KINDS = pytest.mark.parametrize("kind", ["kicks", "staged"])


def system(seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """24 atoms of two species in a triclinic cell, none too close, with thermal velocities."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(range(2), range(3), range(4), indexing="ij"), -1).reshape(-1, 3)
    fractions = (grid + 0.5) / [2, 3, 4] + 0.03 * rng.standard_normal((24, 3))
    return fractions @ CELL, 0.004 * rng.standard_normal((24, 3)), rng.integers(0, 2, 24)


def predict(
    model: StrideMap,
    positions: np.ndarray,
    velocities: np.ndarray,
    species: np.ndarray,
    cell: np.ndarray = CELL,
) -> Stages:
    """One stride, its pairs searched at every geometry."""
    kinds = torch.as_tensor(species)

    def geometry(displacement: torch.Tensor) -> Graph:
        moved = positions + displacement.detach().numpy()
        pairs = find_pairs(moved, cell, PERIODIC, model.config.cutoff)
        vectors = pairs.vectors(moved, FAR).transpose(0, 2, 1).copy()
        return Graph(torch.from_numpy(vectors), torch.from_numpy(pairs.neighbors), kinds)

    start = torch.from_numpy(velocities)
    with torch.no_grad():
        return model.propagate(geometry, geometry(torch.zeros_like(start)), start)


def change(stages: Stages, velocities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Displacements and velocity changes at the stages."""
    return stages.displacement.numpy(), stages.velocity.numpy() - velocities


def assert_same(got: Stages, d: np.ndarray, v: np.ndarray) -> None:
    """Equal to 1e-10 of the size of the answer, which is not zero."""
    assert np.abs(d).max() > 1e-3
    np.testing.assert_allclose(got.displacement, d, rtol=0, atol=1e-10 * np.abs(d).max())
    np.testing.assert_allclose(got.velocity, v, rtol=0, atol=1e-10 * np.abs(v).max())


@KINDS
def test_prediction_is_not_free_flight(make_model, kind: str) -> None:
    q, v, z = system()
    _, w = change(predict(make_model(kind), q, v, z), v)
    assert np.abs(w).max() > 1e-5


@KINDS
def test_rotation_and_inversion(make_model, kind: str) -> None:
    model, (q, v, z) = make_model(kind), system()
    reference = predict(model, q, v, z)
    for turn in (Rotation.random(random_state=5).as_matrix(), -np.eye(3)):
        got = predict(model, q @ turn.T, v @ turn.T, z, CELL @ turn.T)
        assert_same(
            got, reference.displacement.numpy() @ turn.T, reference.velocity.numpy() @ turn.T
        )


@KINDS
def test_translation_and_lattice_images(make_model, kind: str) -> None:
    model, (q, v, z) = make_model(kind), system()
    reference = predict(model, q, v, z)
    images = np.random.default_rng(1).integers(-2, 3, (len(q), 3)) @ CELL
    for moved in (q + [0.3, -4.0, 11.0], q + images):
        got = predict(model, moved, v, z)
        assert_same(got, reference.displacement.numpy(), reference.velocity.numpy())


@KINDS
def test_permutation(make_model, kind: str) -> None:
    model, (q, v, z) = make_model(kind), system()
    reference = predict(model, q, v, z)
    order = np.random.default_rng(2).permutation(len(q))
    got = predict(model, q[order], v[order], z[order])
    assert_same(got, reference.displacement.numpy()[:, order], reference.velocity.numpy()[:, order])


@KINDS
def test_galilean_boost(make_model, kind: str) -> None:
    model, (q, v, z) = make_model(kind), system()
    reference, boost = predict(model, q, v, z), np.array([0.01, -0.02, 0.005])
    got = predict(model, q, v + boost, z)
    times = np.array(model.config.stage_times)[:, None, None]
    assert_same(
        got, reference.displacement.numpy() + times * boost, reference.velocity.numpy() + boost
    )


@KINDS
def test_total_momentum(make_model, kind: str) -> None:
    model, (q, v, z) = make_model(kind), system()
    masses = model.masses.double().numpy()[z][:, None]
    _, w = change(predict(model, q, v, z), v)
    scale = np.abs(masses * w).sum(1).max()
    assert np.abs((masses * w).sum(1)).max() < 1e-12 * scale


@KINDS
def test_supercell_repeats_the_cell(make_model, kind: str) -> None:
    model, (q, v, z) = make_model(kind), system()
    reference = predict(model, q, v, z)
    doubled = np.concatenate([q, q + CELL[1]]), np.concatenate([v, v]), np.concatenate([z, z])
    got = predict(model, *doubled, CELL * [[1], [2], [1]])
    assert_same(
        got,
        np.concatenate([reference.displacement.numpy()] * 2, 1),
        np.concatenate([reference.velocity.numpy()] * 2, 1),
    )


@KINDS
def test_species_and_attention_matter(make_model, kind: str) -> None:
    q, v, z = system()
    model = make_model(kind)
    base = predict(model, q, v, z).velocity[-1].numpy()
    swapped = predict(model, q, v, 1 - z).velocity[-1].numpy()
    without = predict(make_model(kind, attention=False), q, v, z).velocity[-1].numpy()
    assert np.abs(base - swapped).max() > 1e-6
    assert np.abs(base - without).max() > 1e-6


@KINDS
def test_listed_pairs_beyond_the_cutoff_change_nothing(make_model, kind: str) -> None:
    """The fixed list of training and the fresh lists of a rollout give the same map."""
    model, (q, v, z) = make_model(kind), system()
    fresh = predict(model, q, v, z)
    frames = [q, *(q + fresh.displacement.numpy())]
    pairs = find_pairs_over(frames, CELL, PERIODIC, model.config.cutoff + 1.5)
    vectors = torch.from_numpy(pairs.vectors(q, FAR).transpose(0, 2, 1).copy())
    graph = Graph(vectors, torch.from_numpy(pairs.neighbors), torch.as_tensor(z))
    with torch.no_grad():
        fixed = model(graph, torch.from_numpy(v))
    assert_same(fixed, fresh.displacement.numpy(), fresh.velocity.numpy())


def test_kick_drift_map_is_reversible(make_model) -> None:
    model, (q, v, z) = make_model("kicks"), system()
    there = predict(model, q, v, z)
    end, speed = q + there.displacement[-1].numpy(), there.velocity[-1].numpy()
    back = predict(model, end, -speed, z)
    np.testing.assert_allclose(end + back.displacement[-1].numpy(), q, atol=1e-11)
    np.testing.assert_allclose(-back.velocity[-1].numpy(), v, atol=1e-13)


def test_kick_drift_map_is_symplectic(make_model) -> None:
    """The Jacobian J of the end state in (q, p) keeps the symplectic form: Jᵀ Ω J = Ω."""
    model = make_model("kicks")
    positions, velocities, species = (part[:3] for part in system())
    pairs = find_pairs(positions, 20.0 * np.eye(3), PERIODIC, 12.0)
    vectors = torch.from_numpy(pairs.vectors(positions, FAR).transpose(0, 2, 1).copy())
    graph = Graph(vectors, torch.from_numpy(pairs.neighbors), torch.as_tensor(species))
    masses = model.masses.double()[graph.species].repeat_interleave(3)

    def flow(phase: torch.Tensor) -> torch.Tensor:
        q, p = phase.split(9)
        stages = model(graph.moved(q.view(3, 3)), (p / masses).view(3, 3))
        return torch.cat(
            [q + stages.displacement[-1].flatten(), stages.velocity[-1].flatten() * masses]
        )

    phase = torch.cat(
        [torch.zeros(9, dtype=torch.float64), torch.from_numpy(velocities).flatten() * masses]
    )
    jacobian = torch.autograd.functional.jacobian(flow, phase)
    form = torch.zeros(18, 18, dtype=torch.float64)
    form[:9, 9:], form[9:, :9] = torch.eye(9), -torch.eye(9)
    assert (jacobian - torch.eye(18)).abs().max() > 0.1
    # An absolute tolerance on products of entries of this size.
    size = float(jacobian.abs().max()) ** 2
    torch.testing.assert_close(jacobian.T @ form @ jacobian, form, rtol=0, atol=1e-12 * size)
