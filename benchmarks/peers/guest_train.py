"""``mtt train`` with its processor time told; run by a Python that has metatrain.

    python guest_train.py OPTIONS.yaml MODEL.pt TOLD.json

The clock runs over metatrain's own trainer: its fits of scales, its epochs and their validation,
not its start. metatrain's statistics over all data after the training are left out. Its reader of
memory-mapped windows attaches the momenta twice in version 2026.3.1, which is an error; they are
attached once here. Nothing of longstride is imported here.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import metatrain.cli.train
import torch
from metatensor.torch import Labels, TensorBlock, TensorMap
from metatrain.__main__ import main as mtt
from metatrain.experimental.flashmd.trainer import Trainer
from metatrain.utils.data.dataset import MemmapDataset

PACKAGES = ("flashmd", "metatrain", "metatomic-torch", "metatensor-torch", "torch", "vesin", "ase")


read_window = MemmapDataset.__getitem__


def window_with_momenta(self: MemmapDataset, index: int) -> Any:
    """A window of a folder, its momenta attached once."""
    momenta, self.momenta = self.momenta, None
    try:
        sample = read_window(self, index)
    finally:
        self.momenta = momenta
    first, last = self.na[index : index + 2]
    atoms = torch.arange(last - first, dtype=torch.int32)
    block = TensorBlock(
        values=torch.tensor(momenta[first:last], dtype=torch.float64).unsqueeze(-1),
        samples=Labels(
            ["system", "atom"], torch.stack([torch.full_like(atoms, index), atoms], dim=1)
        ),
        components=[Labels.range("xyz", 3)],
        properties=Labels.range("momentum", 1),
    )
    sample.system.add_data("momentum", TensorMap(Labels.single(), [block]))
    return sample


def main(words: list[str]) -> None:
    """Train, and tell the time."""
    options, model_path, told = words
    torch.set_num_threads(1)
    train = Trainer.train

    def timed(self: Trainer, model: torch.nn.Module, *args: Any, **kwargs: Any) -> None:
        begin, wall = time.process_time(), time.perf_counter()
        train(self, model, *args, **kwargs)
        found = {
            "seconds": time.process_time() - begin,
            "wall_seconds": time.perf_counter() - wall,
            "parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
            "best_epoch": self.best_epoch,
            "versions": {package: version(package) for package in PACKAGES},
        }
        Path(told).write_text(json.dumps(found), encoding="utf-8")

    Trainer.train = timed
    MemmapDataset.__getitem__ = window_with_momenta
    metatrain.cli.train._eval_targets = lambda *args, **kwargs: None
    sys.argv = ["mtt", "train", options, "-o", model_path]
    mtt()


if __name__ == "__main__":
    main(sys.argv[1:])
