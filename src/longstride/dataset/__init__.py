"""Training data: windows of trajectories, their split, their scales, and batches of them."""

from longstride.dataset.files import TrajectorySet
from longstride.dataset.split import SplitConfig, split_segments
from longstride.dataset.windows import Block, Window, WindowData, WindowShape

__all__ = [
    "Block",
    "SplitConfig",
    "TrajectorySet",
    "Window",
    "WindowData",
    "WindowShape",
    "split_segments",
]
