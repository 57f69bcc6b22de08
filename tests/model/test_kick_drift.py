"""The kick-drift map: kicks are gradients, the composition is the one the docstring states."""

import numpy as np
import pytest
import torch

from longstride.graph import Batch, Graph
from longstride.model import KickDriftMap, Stages, build_model


@pytest.fixture
def model(make_model) -> KickDriftMap:
    return make_model("kicks")


def as_batch(graph: Graph, start: torch.Tensor, stages: Stages) -> Batch:
    """Windows whose truth is a model's own answer."""
    return Batch(graph, start, stages.displacement, stages.velocity, graph.species)


def potential(model: KickDriftMap, graph: Graph, scalar: int) -> float:
    mixture = torch.zeros(max(model.sequence) + 1, dtype=torch.float64)
    mixture[scalar] = 1.0
    with torch.no_grad():
        return float(model.scalars(graph, mixture))


@pytest.mark.parametrize("index", [0, 1, 2])
def test_kick_is_minus_the_gradient_over_the_mass(model, make_graph, index: int) -> None:
    graph, _ = make_graph()
    kick, step = model.kick(graph, index).detach(), 1e-4
    masses = model.masses.double()[graph.species]
    for atom, axis in ((0, 0), (9, 2), (17, 1)):
        shift = torch.zeros(24, 3, dtype=torch.float64)
        shift[atom, axis] = step
        rise = potential(model, graph.moved(shift), model.sequence[index])
        fall = potential(model, graph.moved(-shift), model.sequence[index])
        expected = -(rise - fall) / (2 * step) / float(masses[atom])
        assert float(kick[atom, axis]) == pytest.approx(expected, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(
    ("kicks", "sequence"),
    [(1, (0, 0)), (2, (0, 1, 0)), (3, (0, 1, 1, 0)), (4, (0, 1, 2, 1, 0))],
)
def test_substep_is_a_palindrome(make_model, kicks: int, sequence: tuple[int, ...]) -> None:
    model = make_model("kicks", kicks=kicks)
    assert model.sequence == sequence
    drifts = model.drifts.detach()
    assert len(drifts) == kicks
    torch.testing.assert_close(drifts, drifts.flip(0))
    assert float(drifts.sum()) == pytest.approx(30.0)
    assert float(drifts.min()) > 0


def test_stride_is_substeps_of_kicks_and_drifts(make_model, make_graph) -> None:
    """The composition written out, with fresh graphs; the ends of substeps are the states there."""
    model = make_model("kicks", kicks=3)
    graph, start = make_graph()
    with torch.no_grad():
        stages = model(graph, start)
        q, v = torch.zeros_like(start), start
        for end in (1, 3):
            v = v + model.kick(graph.moved(q), 0)
            for index, drift in enumerate(model.drifts, 1):
                q = q + drift * v
                v = v + model.kick(graph.moved(q), index)
            torch.testing.assert_close(stages.displacement[end], q)
            torch.testing.assert_close(stages.velocity[end], v)
    assert model.supervised_stages == (1, 3)


def test_substeps_make_the_stride_of_a_shorter_map_repeated(make_model, make_graph) -> None:
    long = make_model("kicks")
    short = make_model("kicks", stage_times=(15.0, 30.0), substeps=1)
    state = {k: v for k, v in long.state_dict().items() if k != "dense"}
    short.load_state_dict({**state, "dense": short.dense})
    graph, start = make_graph()
    with torch.no_grad():
        first = short(graph, start)
        second = short(graph.moved(first.displacement[-1]), first.velocity[-1])
        both = long(graph, start)
    torch.testing.assert_close(both.velocity[-1], second.velocity[-1])
    torch.testing.assert_close(
        both.displacement[-1], first.displacement[-1] + second.displacement[-1]
    )


def test_continuous_extension_is_exact_where_states_are_linear_in_the_kicks(
    make_model, make_graph
) -> None:
    """Stage states q(s) = s v + Σ a f, v(s) = v + Σ b f with known a, b: calibration finds them."""
    model = make_model("kicks")
    known = torch.from_numpy(np.random.default_rng(3).standard_normal(model.dense.shape))
    model.dense.copy_(known)
    batches = []
    for seed in (1, 2):
        graph, start = make_graph(seed=seed)
        with torch.no_grad():
            stages = model(graph, start)
        batches.append(as_batch(graph, start, stages))
    model.dense.zero_()
    model.calibrate(batches)
    inner = [0, 2]
    torch.testing.assert_close(model.dense[:, inner], known[:, inner], rtol=1e-6, atol=1e-8)
    with torch.no_grad():
        again = model(batches[0].graph, batches[0].velocities)
    torch.testing.assert_close(again.displacement, batches[0].displacement)
    torch.testing.assert_close(again.velocity, batches[0].velocity)


def test_single_stage_needs_no_extension(make_model, make_graph) -> None:
    model = make_model("kicks", stage_times=(30.0,), substeps=1)
    graph, start = make_graph()
    with torch.no_grad():
        stages = model(graph, start)
    model.calibrate([as_batch(graph, start, stages)])
    with torch.no_grad():
        again = model(graph, start)
    assert torch.equal(again.displacement, stages.displacement)


def test_map_without_forces_is_free_flight(make_config, make_graph) -> None:
    """An untrained model has no kicks: calibration cannot divide by them, and flight stays free."""
    model = build_model(make_config("kicks")).double()
    graph, start = make_graph()
    with torch.no_grad():
        stages = model(graph, start)
    times = torch.tensor(model.config.stage_times, dtype=torch.float64)[:, None, None]
    torch.testing.assert_close(stages.displacement, times * start)
    torch.testing.assert_close(stages.velocity, start.expand(4, -1, -1))
    model.calibrate([as_batch(graph, start, stages)])
    assert torch.isfinite(model.dense).all()


def test_gradients_reach_the_parameters_only_where_they_are_wanted(model, make_graph) -> None:
    graph, start = make_graph()
    with torch.no_grad():
        assert not model(graph, start).velocity.requires_grad
    assert model(graph, start).velocity.requires_grad
