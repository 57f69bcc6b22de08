"""The guard is calibrated on crystals whose disorder is known, and judged on fresh ones."""

from pathlib import Path

import numpy as np
import pytest
import torch

from longstride.dataset import Block, TrajectorySet
from longstride.errors import ConfigError
from longstride.graph import frame_graph
from longstride.kernels.gauge import ModelGauge, gauge_of
from longstride.model import KickDriftMap, ModelConfig, NetworkConfig, build_model
from longstride.model.limits import (
    DISAGREEMENT,
    DISTANCE,
    NEIGHBOURHOOD,
    SIGNALS,
    GuardLimits,
)
from longstride.state import State
from longstride.testsystems.lattice import fcc_lattice
from longstride.training import novelty_fit
from longstride.trajectory import TrajectoryWriter

MASS, FRAMES, RATE = 39.948, 60, 0.02
TEMPERATURES = {20.0: 0.10, 60.0: 0.18}
"""Standard deviations of the displacements in Å, by the temperature the frames are said to have."""


def frame(rng: np.random.Generator, temperature: float) -> State:
    crystal = fcc_lattice(5.3, 2, species=18, mass=MASS)
    noise = rng.standard_normal((2, *crystal.positions.shape))
    return crystal.with_(
        positions=crystal.positions + TEMPERATURES[temperature] * noise[0],
        velocities=(temperature * 8.617e-5 / MASS / 103.642697) ** 0.5 * noise[1],
    )


def write(path: Path, *, energies: bool) -> Path:
    """Four runs of each temperature; the energy is one of the squares of the displacements."""
    rng = np.random.default_rng(3)
    with TrajectoryWriter(path, provenance={"made": "by a generator"}) as out:
        for temperature in TEMPERATURES:
            for number in range(4):
                states = [frame(rng, temperature) for _ in range(FRAMES)]
                segment = out.segment(
                    f"T{temperature:g}_{number}",
                    species=states[0].species,
                    masses=states[0].masses,
                    cell=states[0].cell,
                    pbc=states[0].pbc,
                    interval=10.0,
                    metadata={"temperature": temperature},
                )
                perfect = fcc_lattice(5.3, 2, species=18, mass=MASS).positions
                for index, state in enumerate(states):
                    squares = float(np.sum((state.positions - perfect) ** 2))
                    segment.append(
                        time=10.0 * index,
                        positions=state.positions,
                        velocities=state.velocities,
                        **({"potential_energy": squares} if energies else {}),
                    )
    return path


def untrained() -> KickDriftMap:
    torch.manual_seed(4)
    config = ModelConfig(
        species=(18,),
        masses=(MASS,),
        stage_times=(20.0,),
        substeps=1,
        cutoff=5.5,
        inner=3.0,
        network=NetworkConfig(radial=2, hidden=4, attention=False, bound="hidden"),
        guard=True,
    )
    model = build_model(config)
    assert isinstance(model, KickDriftMap)
    rng = np.random.default_rng(0)
    states = [frame(rng, temperature) for temperature in TEMPERATURES for _ in range(10)]
    kinds = np.zeros(states[0].n_atoms, dtype=np.int64)
    features = [
        model.scalars.invariants(frame_graph(s.positions, s.cell, s.pbc, kinds, 5.5))
        for s in states
    ]
    whole = torch.cat(features)
    model.scalars.whitening.fit(whole, torch.zeros(len(whole), dtype=torch.int64))
    return model


def fitted(path: Path) -> tuple[KickDriftMap, GuardLimits]:
    model = untrained()
    with TrajectorySet([path]) as data:
        blocks = [Block(segment, 0, FRAMES) for segment in data.segments]
        training = [block for block in blocks if not block.segment.name.endswith("3")]
        validation = [block for block in blocks if block.segment.name.endswith("3")]
        limits = novelty_fit.fit_guard(model, training, validation, set(TEMPERATURES))
    return model, limits


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("guard") / "data.h5", energies=True)


@pytest.fixture
def gauge(path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelGauge:
    """Calibrated to a rate that ``FRAMES`` frames show, so that nothing is extrapolated."""
    monkeypatch.setattr(novelty_fit, "RATE", RATE)
    gauge = gauge_of(*fitted(path))
    assert gauge is not None
    return gauge


def test_fresh_frames_of_each_temperature_alarm_as_rarely_as_stated(gauge: ModelGauge) -> None:
    """A run of ``FRAMES`` frames set the limit, whose share has the spread of so many."""
    rng = np.random.default_rng(11)
    for temperature in TEMPERATURES:
        limits = {name: gauge.limits.at(name, temperature)[0] for name in gauge.names}
        shares: dict[str, list[float]] = {name: [] for name in gauge.names}
        for _ in range(100):
            for name, signal in zip(gauge.names, gauge.look(frame(rng, temperature)), strict=True):
                shares[name].append(float(np.mean(signal.values > limits[name])))
        for name, found in shares.items():
            error = np.std(found, ddof=1) * (1.0 / len(found) + 1.0 / FRAMES) ** 0.5
            assert abs(np.mean(found) - RATE) / error < 4, (temperature, name)


def test_what_is_ordinary_when_hot_is_outside_when_cold(gauge: ModelGauge) -> None:
    rng = np.random.default_rng(12)
    hot = frame(rng, 60.0)
    slow = hot.with_(velocities=hot.velocities * (20.0 / 60.0) ** 0.5)
    distance = dict(zip(gauge.names, gauge.look(slow), strict=True))["neighbourhood"]
    assert np.sum(distance.values > distance.limits) > 10


def test_an_ordinary_frame_is_inside_at_the_rate_of_a_guard(path: Path) -> None:
    """A limit beyond the data errs upwards: a bounded tail is never concluded."""
    gauge = gauge_of(*fitted(path))
    assert gauge is not None
    for signal in gauge.look(frame(np.random.default_rng(13), 20.0)):
        assert np.all(signal.values <= signal.limits)


def test_a_pushed_atom_is_outside(gauge: ModelGauge) -> None:
    """Ten deviations of an ordinary displacement along each axis, at limits that the data has.

    Limits far beyond it are extrapolated from 50 excesses, and may be as high as any distance. Two
    read-outs that disagree need not do so along one push: they are linear, and have blind sides.
    """
    state = frame(np.random.default_rng(13), 20.0)
    state.positions[3] += 10.0 * TEMPERATURES[20.0]
    signals = dict(zip(gauge.names, gauge.look(state), strict=True))
    for name in (DISTANCE, NEIGHBOURHOOD):
        assert signals[name].values[3] > signals[name].limits[3]


def test_data_without_energies_has_no_disagreement(tmp_path: Path) -> None:
    model, limits = fitted(write(tmp_path / "bare.h5", energies=False))
    assert set(limits.signals) == set(SIGNALS) - {DISAGREEMENT}
    gauge = gauge_of(model, limits)
    assert gauge is not None
    assert len(gauge.look(frame(np.random.default_rng(1), 20.0))) == len(gauge.names) == 2


def test_validation_outside_the_regime_is_refused(path: Path) -> None:
    with TrajectorySet([path]) as data:
        blocks = [Block(segment, 0, FRAMES) for segment in data.segments]
        with pytest.raises(ConfigError, match="no frame inside the regime"):
            novelty_fit.fit_guard(untrained(), blocks, blocks, {300.0})


def test_a_temperature_without_a_species_takes_the_limits_of_its_neighbours() -> None:
    nan = float("nan")
    rows = [[1.0, nan], [2.0, 6.0], [3.0, nan], [nan, 8.0]]
    filled = novelty_fit._filled(rows, np.array([100.0, 200.0, 250.0, 300.0]))
    assert filled == [[1.0, 6.0], [2.0, 6.0], [3.0, 7.0], [3.0, 8.0]]
