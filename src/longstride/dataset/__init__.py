"""Training data: windows of trajectories, their split, their scales, and batches of them."""

from longstride.dataset.coverage import coverage
from longstride.dataset.files import TrajectorySet
from longstride.dataset.prefetch import Batches, batch_generator, initial_generator
from longstride.dataset.source import WindowSource
from longstride.dataset.split import SplitConfig, run_of, split_segments
from longstride.dataset.statistics import Scales
from longstride.dataset.windows import Block, Window, WindowData, WindowShape

__all__ = [
    "Batches",
    "Block",
    "Scales",
    "SplitConfig",
    "TrajectorySet",
    "Window",
    "WindowData",
    "WindowShape",
    "WindowSource",
    "batch_generator",
    "coverage",
    "initial_generator",
    "run_of",
    "split_segments",
]
