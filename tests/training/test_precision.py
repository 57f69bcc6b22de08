"""Training in lower precision, and devices that have not what is asked for."""

import pytest
import torch
from safetensors.torch import load_file

from longstride.errors import ConfigError
from longstride.training import train
from longstride.training.device import pick_device, require_precision, use_threads
from longstride.training.ranks import Ranks

CPU = torch.device("cpu")


def test_bf16_trains_other_weights_from_the_same_start_and_may_be_left(recipe, tmp_path):
    kept = {}
    for precision in ("fp32", "bf16"):
        folder = tmp_path / precision
        train(recipe(precision=precision, budget={"steps": 2}), folder)
        kept[precision] = load_file(folder / "checkpoints" / "last.safetensors")
    baselines = [(tmp_path / name / "baseline.json").read_text() for name in kept]
    assert baselines[0] == baselines[1]
    one, other = kept.values()
    assert all(one[name].dtype == other[name].dtype for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)
    train(recipe(precision="fp32", budget={"steps": 3}), tmp_path / "bf16", resume=True)


def test_a_processor_has_no_tf32():
    require_precision("fp32", CPU)
    require_precision("bf16", CPU)
    with pytest.raises(ConfigError, match="precision 'tf32' needs a GPU"):
        require_precision("tf32", CPU)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_cuda_is_refused(recipe, tmp_path):
    with pytest.raises(ConfigError, match="torch sees no GPU here"):
        train(recipe(device="cuda"), tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert pick_device("auto") == CPU


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("precision", ["fp32", "tf32", "bf16"])
def test_a_gpu_trains(recipe, tmp_path, precision):
    train(recipe(device="cuda", precision=precision), tmp_path / "run")
    assert (tmp_path / "run" / "model" / "model.safetensors").exists()


def test_each_rank_has_a_gpu_of_its_own(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    chosen = []
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    assert pick_device("auto", Ranks(5, 8, 1, 2)) == torch.device("cuda", 1)
    assert chosen == [torch.device("cuda", 1)]
    assert pick_device("cpu", Ranks(5, 8, 1, 2)) == CPU
    with pytest.raises(ConfigError, match=r"4 processes for 2 GPU"):
        pick_device("cuda", Ranks(0, 4, 0, 4))


def test_an_old_gpu_has_neither(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    for precision in ("tf32", "bf16"):
        with pytest.raises(ConfigError, match="this GPU has no such products"):
            require_precision(precision, torch.device("cuda"))
    require_precision("fp32", torch.device("cuda"))


def test_ranks_of_a_machine_share_its_processors(monkeypatch):
    asked = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    use_threads(0)
    use_threads(0, Ranks(0, 3, 0, 3))
    use_threads(5, Ranks(0, 3, 0, 3))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    use_threads(0, Ranks(0, 3, 0, 3))
    assert asked == [2, 5]
