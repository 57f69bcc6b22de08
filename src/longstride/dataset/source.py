"""Batches of windows drawn from blocks of trajectory, balanced over temperatures.

Nothing is held in memory: a window is read from its file when a batch asks for it. A batch depends
on the random generator alone, so the caller decides what is reproducible.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from longstride.dataset.collate import Frame, collate, pad_width
from longstride.dataset.statistics import Scales, measure_scales
from longstride.dataset.windows import Block, Window, WindowData, WindowShape
from longstride.errors import ConfigError
from longstride.graph import Batch

SCALE_WINDOWS = 64
"""Windows per temperature that the target scales are measured on."""

WIDTH_WINDOWS = 4
"""Windows per temperature that the padded number of neighbours is measured on."""


class WindowSource:
    """Windows of one shape over some blocks, as batches for a model.

    Args:
        blocks: frames to draw from; blocks too short for a window are left out.
        shape: stage times and where velocities come from.
        cutoff: Å, the radius of the model's neighbourhood.
        species: atomic numbers in the order of the model's species indices.
        time_reversal: whether half of the drawn windows are read backwards.
        purpose: what the windows are for, said in errors.

    Attributes:
        temperatures: (G) target temperatures, increasing; None (segments without one) comes last.

    Raises:
        ConfigError: no window fits, an unknown species, or a stage time between frames.
    """

    def __init__(
        self,
        blocks: Sequence[Block],
        shape: WindowShape,
        *,
        cutoff: float,
        species: Sequence[int],
        time_reversal: bool = True,
        purpose: str = "data",
    ) -> None:
        self.shape, self.cutoff = shape, cutoff
        self.time_reversal = time_reversal
        self._species = {number: index for index, number in enumerate(species)}
        for block in blocks:
            shape.check(block.segment)
            self._check_species(block)
        usable = [block for block in blocks if shape.count(block) > 0]
        if not usable:
            raise ConfigError(f"{purpose}: {self._too_short(blocks)}")
        found = {block.temperature for block in usable}
        self.temperatures = tuple(sorted(found, key=lambda t: (t is None, t or 0.0)))
        self._groups = [[b for b in usable if b.temperature == t] for t in self.temperatures]
        self._ends = [np.cumsum([shape.count(b) for b in group]) for group in self._groups]

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the temperature groups, as ``600K``; ``all`` where there is no temperature."""
        return tuple("all" if t is None else f"{t:g}K" for t in self.temperatures)

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of windows of each temperature, in one time direction."""
        return tuple(int(ends[-1]) for ends in self._ends)

    @cached_property
    def scales(self) -> Scales:
        """RMS of the targets by temperature and stage, from evenly spaced windows."""
        groups = [self._read(self.spaced(g, SCALE_WINDOWS)) for g in range(len(self.temperatures))]
        return measure_scales(groups, self.shape.stage_times, self.labels)

    @cached_property
    def width(self) -> int:
        """Neighbours per atom that batches are padded to; a batch that needs more is wider."""
        windows = [w for g in range(len(self.temperatures)) for w in self.spaced(g, WIDTH_WINDOWS)]
        return pad_width([self._frame(window) for window in windows], self.cutoff)

    def batch(self, rng: np.random.Generator, n_windows: int) -> Batch:
        """``n_windows`` windows as ``draw`` gives them; float64."""
        return self.collate(self.draw(rng, n_windows))

    def draw(self, rng: np.random.Generator, n_windows: int) -> list[Window]:
        """Windows drawn with the temperatures in turn, from a random first one."""
        first = rng.integers(len(self._groups))
        windows = []
        for k in range(n_windows):
            group = int((first + k) % len(self._groups))
            number = int(rng.integers(self.counts[group]))
            backwards = self.time_reversal and bool(rng.integers(2))
            windows.append(self._window(group, number, backwards))
        return windows

    def spaced(self, group: int, n_windows: int) -> list[Window]:
        """At most ``n_windows`` windows evenly spaced over a temperature, forwards in time."""
        count = self.counts[group]
        numbers = np.unique(np.linspace(0, count - 1, min(n_windows, count)).round().astype(int))
        return [self._window(group, int(number)) for number in numbers]

    def collate(self, windows: Sequence[Window]) -> Batch:
        """These windows as one batch, float64."""
        return collate([self._frame(w) for w in windows], self.cutoff, self.width)

    def _window(self, group: int, number: int, backwards: bool = False) -> Window:
        index = int(np.searchsorted(self._ends[group], number, side="right"))
        block = self._groups[group][index]
        before = self._ends[group][index] - self.shape.count(block)
        return Window(block, block.first + int(number - before), backwards)

    def _read(self, windows: Sequence[Window]) -> Iterator[WindowData]:
        return (self.shape.read(window) for window in windows)

    def _frame(self, window: Window) -> Frame:
        segment = window.block.segment
        return Frame(
            data=self.shape.read(window),
            species=self._species_index(segment.species),
            cell=segment.cell,
            pbc=segment.pbc,
            group=self.temperatures.index(window.block.temperature),
        )

    def _species_index(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.array([self._species[int(number)] for number in numbers], dtype=np.int64)

    def _check_species(self, block: Block) -> None:
        unknown = {int(z) for z in block.segment.species} - set(self._species)
        if unknown:
            raise ConfigError(
                f"segment {block.segment.name!r} has atomic number {min(unknown)}, which is not in "
                f"model.species {sorted(self._species)}: add it, or drop its file from data.files"
            )

    def _too_short(self, blocks: Sequence[Block]) -> str:
        if not blocks:
            return "the split leaves no frames; change data.split"
        longest = max(blocks, key=lambda b: (b.stop - b.first) * b.segment.interval)
        need = (self.shape.span(longest.segment) + 1) * longest.segment.interval
        have = (longest.stop - longest.first) * longest.segment.interval
        return (
            f"no window fits: a stride of {self.shape.stride:g} fs takes {need:g} fs of frames, "
            f"the longest stretch (segment {longest.segment.name!r}) has {have:g} fs; "
            "use longer segments or a shorter stride"
        )
