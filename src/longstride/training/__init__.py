"""Training: recipe, loss, loop and one-stride errors."""

from longstride.training.config import TrainConfig, load_recipe
from longstride.training.evaluate import StrideErrors, in_one_line, one_stride_errors
from longstride.training.interruption import TrainingInterrupted
from longstride.training.report import Silent, Status, TrainingReport
from longstride.training.runner import train

__all__ = [
    "Silent",
    "Status",
    "StrideErrors",
    "TrainConfig",
    "TrainingInterrupted",
    "TrainingReport",
    "in_one_line",
    "load_recipe",
    "one_stride_errors",
    "train",
]
