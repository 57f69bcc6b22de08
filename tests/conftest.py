"""Other draws and other numbers of threads, for tests that know nothing of either."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--seed-offset",
        type=int,
        default=0,
        metavar="N",
        help="other random numbers: N goes with every seed that tests and package give numpy and"
        " torch in pytest's own process; 0 leaves the seeds as they are",
    )


def pytest_configure(config: pytest.Config) -> None:
    if offset := config.getoption("seed_offset"):
        _draw_others(offset)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Commands set torch's threads for good: each test begins with those of the environment."""
    if item.get_closest_marker("fixed_seeds") and item.config.getoption("seed_offset"):
        pytest.skip("compares with frozen numbers, or with another process")
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(THREADS)


def _draw_others(offset: int) -> None:
    import torch

    default_rng, manual_seed, generator = np.random.default_rng, torch.manual_seed, torch.Generator

    def other_rng(seed: Any = None) -> np.random.Generator:
        if isinstance(seed, int | np.integer):
            seed = [offset, seed]
        elif isinstance(seed, Sequence | np.ndarray):
            seed = [offset, *seed]
        return default_rng(seed)

    class OtherGenerator(generator):  # type: ignore[misc, valid-type]
        def manual_seed(self, seed: int) -> torch.Generator:
            return super().manual_seed(seed + 10_000 * offset)

    np.random.default_rng = other_rng
    torch.manual_seed = lambda seed: manual_seed(seed + 10_000 * offset)
    torch.Generator = OtherGenerator  # type: ignore[misc]
