"""The closed-form start of both maps, on exact windows of a harmonic crystal."""

import pytest
import torch

from longstride.errors import LongstrideError
from longstride.graph import Batch
from longstride.model import KickDriftMap, NetworkConfig, StrideMap, build_model, ridge

ALUMINIUM = {"species": (13,), "masses": (26.9815385,), "cutoff": 5.3}


def relative_errors(model: StrideMap, batches: list[Batch]) -> torch.Tensor:
    """(2,) RMS errors of d and w at the end of the stride, relative to free flight's."""
    sums = torch.zeros(2, 2, dtype=torch.float64)
    for batch in batches:
        with torch.no_grad():
            stages = model(batch.graph, batch.velocities)
        free = model.config.stride * batch.velocities, batch.velocities
        truth = batch.displacement[-1], batch.velocity[-1]
        got = stages.displacement[-1], stages.velocity[-1]
        for k in range(2):
            sums[0, k] += (got[k] - truth[k]).square().sum()
            sums[1, k] += (free[k] - truth[k]).square().sum()
    return (sums[0] / sums[1]).sqrt()


@pytest.mark.parametrize(("kind", "bound"), [("kicks", 0.06), ("staged", 0.15)])
def test_start_beats_free_flight_by_far(
    make_config, harmonic_windows, kind: str, bound: float
) -> None:
    """Errors on unseen windows; free flight's is one."""
    model = build_model(make_config(kind, **ALUMINIUM)).double()
    model.initialise(harmonic_windows(8, seed=0))
    errors = relative_errors(model, harmonic_windows(2, seed=1))
    assert float(errors.max()) < bound


def test_perceptrons_add_nothing_at_the_start(make_config, harmonic_windows) -> None:
    """The last layers are zero: the start is the regression alone."""
    model = build_model(make_config("staged", **ALUMINIUM)).double()
    batches = harmonic_windows(4, seed=0)
    model.initialise(batches)
    before = model(batches[0].graph, batches[0].velocities).velocity
    with torch.no_grad():
        for network in model.networks:
            for parameter in network.encode.parameters():
                parameter.normal_()
    assert torch.equal(model(batches[0].graph, batches[0].velocities).velocity, before)


def test_known_kicks_are_found_again(make_config, harmonic_windows, monkeypatch) -> None:
    """Data of a kick map without perceptron is fitted by the same kicks.

    The forces are a thousandth of the crystal's, so that the fixed-point iteration converges in its
    three rounds, and the penalty is small enough not to be seen.
    """
    monkeypatch.setattr(ridge, "PENALTY", 1e-11)
    network = NetworkConfig(radial=2, hidden=4, heads=1, value=1, attention=False)
    config = make_config("kicks", network=network, **ALUMINIUM)
    windows, unseen = harmonic_windows(4, seed=0), harmonic_windows(1, seed=1)[0]
    teacher, student = (build_model(config).double() for _ in range(2))
    assert isinstance(teacher, KickDriftMap)
    assert isinstance(student, KickDriftMap)
    teacher.initialise(windows)
    teacher.scalars.ridge.mul_(1e-3)
    teacher.calibrate(windows)
    taught = []
    for batch in windows:
        with torch.no_grad():
            stages = teacher(batch.graph, batch.velocities)
        taught.append(batch._replace(displacement=stages.displacement, velocity=stages.velocity))
    student.initialise(taught)
    for index in (0, 1):
        with torch.no_grad():
            expected = teacher.kick(unseen.graph, index)
            got = student.kick(unseen.graph, index)
        assert float((got - expected).norm() / expected.norm()) < 1e-6


@pytest.mark.parametrize("kind", ["kicks", "staged"])
def test_atoms_without_forces_cannot_start_a_model(
    make_config, harmonic_windows, kind: str
) -> None:
    """Free flight leaves nothing to learn: refused in one line, not a model of NaN."""
    batches = []
    for batch in harmonic_windows(2, seed=0):
        times = torch.tensor((15.0, 30.0, 45.0, 60.0), dtype=torch.float64)[:, None, None]
        batches.append(
            batch._replace(
                displacement=times * batch.velocities,
                velocity=batch.velocities.expand(4, -1, -1),
            )
        )
    model = build_model(make_config(kind, **ALUMINIUM)).double()
    with pytest.raises(LongstrideError, match="free flight") as caught:
        model.initialise(batches)
    assert "\n" not in str(caught.value)
