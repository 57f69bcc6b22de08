"""``model: auto``: stride, substeps and cutoff from the data, with reasons or a refusal."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from longstride.dataset import TrajectorySet
from longstride.errors import ConfigError
from longstride.model import ModelConfig
from longstride.training.proposal import Proposal, completed, fastest_vibration, propose
from longstride.trajectory import TrajectoryWriter
from longstride.units import THZ

N_ATOMS, LATTICE = 64, 4.05
Write = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """A file of atoms that oscillate with frequencies spread evenly from 1 THz to ``fastest``."""

    def write(
        fastest: float, interval: float = 10.0, velocities: bool = True, number: int = 13
    ) -> Path:
        rng = np.random.default_rng(5)
        shape = (N_ATOMS, 3)
        omega = 2.0 * np.pi * THZ * np.linspace(1.0, fastest, 3 * N_ATOMS).reshape(shape)
        phase = rng.uniform(0.0, 2.0 * np.pi, shape)
        edge = LATTICE * (N_ATOMS / 4) ** (1 / 3)
        sites = rng.uniform(0.0, edge, shape)
        path = tmp_path / f"{fastest:g}-{interval:g}-{number}.h5"
        with TrajectoryWriter(path, provenance={}) as out:
            for temperature, factor in ((300.0, 1.0), (600.0, 0.9)):
                segment = out.segment(
                    f"T{temperature:g}",
                    species=np.full(N_ATOMS, number),
                    masses=np.full(N_ATOMS, 26.98),
                    cell=edge * np.eye(3),
                    pbc=np.ones(3, bool),
                    interval=interval,
                    metadata={"temperature": temperature},
                )
                for frame in range(200):
                    angle = factor * omega * interval * frame + phase
                    moving = {"velocities": -1e-3 * np.sin(angle)} if velocities else {}
                    segment.append(
                        time=interval * frame,
                        positions=sites + 1e-3 * np.cos(angle) / (factor * omega),
                        **moving,
                    )
        return path

    return write


def proposed(path: Path) -> Proposal:
    with TrajectorySet([path]) as data:
        return propose(data.segments)


@pytest.mark.parametrize("fastest", [4.0, 7.0, 12.0])
def test_the_fastest_vibration_is_found_in_the_coldest_run(written: Write, fastest: float) -> None:
    with TrajectorySet([written(fastest)]) as data:
        cold, warm = data.segments
        resolution = 1.0 / (THZ * 10.0 * 200)
        expected = 1.0 + 0.98 * (fastest - 1.0)
        assert abs(fastest_vibration([cold]) - expected) < 2 * resolution
        assert fastest_vibration([warm]) < fastest_vibration([cold])
    found = fastest_vibration_of(written(fastest))
    assert proposed(written(fastest)).reasons[0].startswith(f"fastest vibration {found:.1f} THz")


def fastest_vibration_of(path: Path) -> float:
    with TrajectorySet([path]) as data:
        return fastest_vibration(data.segments[:1])


@pytest.mark.parametrize(("fastest", "substep"), [(4.0, 50.0), (7.0, 20.0), (12.0, 10.0)])
def test_a_substep_is_a_fifth_of_the_fastest_period_in_whole_frames(
    written: Write, fastest: float, substep: float
) -> None:
    model = proposed(written(fastest)).sections["model"]
    assert model["stage_times"] == [substep, 2 * substep, 3 * substep]
    assert substep * THZ * fastest_vibration_of(written(fastest)) <= 0.2
    built = ModelConfig.model_validate(model)
    assert built.substep_times == built.stage_times
    assert built.species == (13,)
    assert not built.energy_head


def test_the_cutoff_holds_sixty_neighbours(written: Write) -> None:
    cutoff = proposed(written(7.0)).sections["model"]["cutoff"]
    assert 4 / LATTICE**3 * 4 / 3 * np.pi * cutoff**3 == pytest.approx(60, rel=0.01)


def test_the_fastest_of_several_materials_decides(written: Write) -> None:
    slow, fast = written(4.0), written(7.0, number=12)
    for files in ([slow, fast], [fast, slow]):
        with TrajectorySet(files) as data:
            proposal = propose(data.segments)
        assert proposal.reasons[0] == proposed(fast).reasons[0]
        assert proposal.sections["model"]["species"] == [12, 13]
        assert proposal.sections["model"]["network"]["radial"] == 8


def test_frames_too_far_apart_are_refused(written: Write) -> None:
    with pytest.raises(ConfigError, match=r"needs a substep of at most 13.* 15 fs apart"):
        proposed(written(15.0, interval=15.0))
    with pytest.raises(ConfigError, match=r"show vibrations up to 12\.5 THz only"):
        proposed(written(12.0, interval=40.0))


def test_trajectories_without_velocities_are_refused(written: Write) -> None:
    with pytest.raises(ConfigError, match="needs trajectories with velocities"):
        proposed(written(7.0, velocities=False))


def test_what_is_given_stays(written: Write) -> None:
    raw = {
        "data": {"files": [written(7.0).name]},
        "model": {"auto": True, "cutoff": 5.0, "network": {"radial": 9}},
        "loss": {"displacement": 3.0},
    }
    recipe, reasons, error = completed(raw, written(7.0).parent)
    assert error == 0.01
    assert recipe["model"]["cutoff"] == 5.0
    assert recipe["model"]["network"]["radial"] == 9
    assert not recipe["model"]["network"]["attention"]
    assert recipe["model"]["kicks"] == 3
    assert recipe["loss"] == {"displacement": 3.0}
    assert recipe["optimisation"]["learning_rate"] == 4e-3
    assert len(reasons) == 7


def test_recipes_without_auto_are_left_alone(tmp_path: Path) -> None:
    for model in ({"map": "kicks"}, {"auto": False}, None, 7):
        raw = {"model": model}
        recipe, reasons, error = completed(raw, tmp_path)
        assert recipe is raw
        assert reasons == ()
        assert error is None


def test_the_budget_is_of_a_stride_that_is_proposed(written: Write) -> None:
    path = written(7.0)

    def of(**model: object) -> dict[str, object]:
        return {"data": {"files": [path.name]}, "model": {"auto": True, **model}}

    assert completed(of(error=0.004), path.parent).error == 0.004
    assert "error" not in completed(of(error=0.004), path.parent).raw["model"]
    assert completed(of(stage_times=[20.0], substeps=1), path.parent).error is None
    with pytest.raises(ConfigError, match=r"leave out map, stage_times and substeps"):
        completed(of(stage_times=[20.0], substeps=1, error=0.01), path.parent)
    for wrong in (0, -1.0, "small", True, float("nan")):
        with pytest.raises(ConfigError, match=r"model\.error: an error of a stride in Å"):
            completed(of(error=wrong), path.parent)


def test_auto_without_data_is_refused(tmp_path: Path) -> None:
    for data in (None, {}, {"files": []}, {"files": "al.h5"}):
        with pytest.raises(ConfigError, match=r"model: auto needs data\.files"):
            completed({"model": "auto", "data": data}, tmp_path)
    with pytest.raises(ConfigError, match="there is no none"):
        completed({"model": "auto", "data": {"files": ["none.h5"]}}, tmp_path)
