"""The run command on real networks: an untrained one of each kind, in a model folder."""

from pathlib import Path

import ase.io
import numpy as np
import pytest
import torch
from ase.build import bulk

from longstride.cli.main import main
from longstride.dynamics import SEGMENT, Stride
from longstride.model import ModelConfig, build_model, save_checkpoint
from longstride.model.config import NetworkConfig
from longstride.trajectory import TrajectoryFile

REGIME = {
    "species": [13],
    "masses": [26.98],
    "temperatures": [20.0, 60.0],
    "number_density": [0.058, 0.062],
}


@pytest.fixture(params=["kicks", "staged"])
def work(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a structure and an untrained model whose weights are not zero."""
    monkeypatch.chdir(tmp_path)
    ase.io.write("al.cif", bulk("Al", "fcc", a=4.05, cubic=True))
    network = NetworkConfig(radial=3, hidden=8, heads=2, key=2, value=3)
    config = ModelConfig(
        map=request.param,
        stage_times=(1.0, 2.0),
        species=(13,),
        masses=(26.98,),
        network=network,
        kicks=2,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = build_model(config)
        for parameter in model.parameters():
            parameter.data.normal_(0.0, 2e-4)
    save_checkpoint(tmp_path / "net", model, {"regime": REGIME})
    return tmp_path


def run(output: str, *more: str) -> int:
    words = ["run", "-m", "net", "-s", "al.cif", "--repeat", "2x2x2", "--temperature", "40"]
    return main([*words, "--time", "220fs", "--friction-time", "100fs", "-o", output, *more])


def test_an_interrupted_run_of_a_network_is_the_unbroken_one(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert run("whole.h5") == 0
    assert "32 atoms, langevin, 110 strides of 2 fs: 220 fs" in capsys.readouterr().err

    def interrupted(self: object, stride: Stride) -> None:
        if stride.index == 105:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("longstride.cli.run_progress.RunProgress.__call__", interrupted)
        assert run("broken.h5") == 130
    assert main(["run", "--resume", "-o", "broken.h5"]) == 0
    with TrajectoryFile("whole.h5") as whole, TrajectoryFile("broken.h5") as broken:
        np.testing.assert_array_equal(whole[SEGMENT].positions(), broken[SEGMENT].positions())
        np.testing.assert_array_equal(whole[SEGMENT].velocities(), broken[SEGMENT].velocities())
        momenta = whole[SEGMENT].velocities(-1).sum(0)
        np.testing.assert_allclose(momenta, 0.0, atol=1e-12)
    assert Path("whole.thermo.csv").read_bytes() == Path("broken.thermo.csv").read_bytes()


def test_the_stages_of_a_network_are_frames(work: Path):
    assert run("fine.h5", "--substride", "--time", "20fs") == 0
    with TrajectoryFile("fine.h5") as file:
        np.testing.assert_array_equal(file[SEGMENT].times, np.arange(0.0, 21.0))
