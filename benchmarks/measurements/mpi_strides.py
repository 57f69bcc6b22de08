"""Strides of a crystal on the ranks of one machine, or by one process without MPI: a worker.

``mpiexec -n N python mpi_strides.py SETTINGS.json OUT.json``; with ``exchange: none`` the serial
propagator does the same strides of the same atoms.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from longstride.dynamics import draw_velocities
from longstride.engines.lammps.host import Domain, HostedStrides
from longstride.engines.lammps.library import open_lammps
from longstride.engines.lammps.model import hosted_model
from longstride.engines.lammps.placement import Axes, make_box, place_atoms
from longstride.engines.lammps.ranks import Ranks, all_ranks
from longstride.engines.lammps.schedule import SKIN, Exchange, Schedule
from longstride.engines.lammps.walk import DomainWalk, Walked
from longstride.kernels import Centres, NativeKick, load_propagator
from longstride.state import Array, State
from longstride.zoo import resolve

CONSTANT, SPREAD = 4.07, 0.1
"""Å: of the fcc lattice, and of the displacements from it."""


def crystal(cells: list[int], species: int, mass: float, temperature: float) -> State:
    """An fcc crystal of so many cubic cells along each axis, displaced and moving."""
    corners = np.stack(np.meshgrid(*map(np.arange, cells), indexing="ij"), axis=-1).reshape(-1, 3)
    base = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    rng = np.random.default_rng(1)
    positions = (corners[:, None] + base).reshape(-1, 3) * CONSTANT
    positions += rng.normal(0.0, SPREAD, positions.shape)
    at_rest = State(
        positions=positions,
        velocities=np.zeros_like(positions),
        masses=np.full(len(positions), mass),
        species=np.full(len(positions), species),
        cell=np.diag(np.array(cells) * CONSTANT),
        pbc=np.ones(3, dtype=np.bool_),
    )
    return draw_velocities(at_rest, temperature, rng)


class CountedKick:
    """The kicks of a model, with the time they take and the scalars they sum."""

    def __init__(self, kick: NativeKick) -> None:
        self._kick = kick
        self.seconds, self.summed, self.calls = 0.0, 0, 0

    def at(self, positions: Array, *rest: Any) -> Array:
        """See ``NativeKick``."""
        begin = time.process_time()
        change = self._kick.at(positions, *rest)
        self.seconds += time.process_time() - begin
        centres = rest[-1]
        assert isinstance(centres, Centres)
        self.summed += centres.summed
        self.calls += 1
        return change


class CountedWalk(DomainWalk):
    """A walk with the processor time it takes."""

    seconds = 0.0

    def walk(self, *given: Any) -> Walked:
        """See ``DomainWalk``."""
        begin = time.process_time()
        walked = super().walk(*given)
        self.seconds += time.process_time() - begin
        return walked


class Clock:
    """Notes what each stride took."""

    def __init__(self, kick: CountedKick, walk: CountedWalk) -> None:
        self._kick, self._walk, self._last = kick, walk, (time.monotonic(), 0.0, 0.0, 0)
        self.strides: list[dict[str, float]] = []
        self.own = self.ghosts = 0

    def after(self, stride: int, domain: Domain) -> None:
        """See ``host.Listener``."""
        now = (time.monotonic(), self._walk.seconds, self._kick.seconds, self._kick.summed)
        if stride:
            took = [new - old for new, old in zip(now, self._last, strict=True)]
            self.strides.append(
                dict(zip(("wall_s", "walk_cpu_s", "kick_cpu_s", "summed"), took, strict=True))
            )
        self._last = now
        self.own = domain.arrays.own
        self.ghosts = len(domain.arrays.tags) - self.own


def hosted(settings: dict[str, Any], ranks: Ranks) -> dict[str, Any] | None:
    """Strides on all ranks; the first one's answer has a row for each rank."""
    chosen = hosted_model(settings["model"], 1)
    config, temperature = chosen.model.config, settings["temperature"]
    schedule = Schedule.of(chosen.model, Exchange(settings["exchange"]))
    cell = np.diag(np.array(settings["cells"]) * CONSTANT)
    reach = schedule.reach(temperature, min(config.masses))
    axes, lammps = Axes(cell), open_lammps(ranks, None)
    make_box(lammps, axes.cell, config.masses, schedule, reach)
    place = (settings["cells"], config.species[0], config.masses[0], temperature)
    place_atoms(lammps, ranks, crystal(*place) if ranks.first else None, axes, config.species)
    kick = CountedKick(chosen.kick)
    walk = CountedWalk(kick, config.cutoff, axes.cell, reach)  # type: ignore[arg-type]
    clock = Clock(kick, walk)
    HostedStrides(lammps, ranks, schedule, walk, config.masses, None, clock).run(
        settings["strides"]
    )
    rows = np.array([[row[name] for name in sorted(row)] for row in clock.strides])
    sizes = np.array([[clock.own, clock.ghosts, _peak(), lammps.extract_setting("nlocal")]])
    all_rows, all_sizes = ranks.gather(rows[None]), ranks.gather(sizes)
    if all_rows is None or all_sizes is None:
        return None
    names = sorted(clock.strides[0])
    return {
        "depth": schedule.depth(reach),
        "halo": schedule.depth(reach) + SKIN,
        "own": all_sizes[:, 0].tolist(),
        "ghosts": all_sizes[:, 1].tolist(),
        "peak_MB": all_sizes[:, 2].tolist(),
        **{name: all_rows[:, :, place].tolist() for place, name in enumerate(names)},
    }


def serial(settings: dict[str, Any]) -> dict[str, Any]:
    """The same strides by one process."""
    propagator = load_propagator(resolve(settings["model"]))
    regime = propagator.regime
    state = crystal(settings["cells"], regime.species[0], regime.masses[0], settings["temperature"])
    rng = np.random.default_rng(0)
    wall, processor = [], []
    for _ in range(settings["strides"]):
        begin = time.monotonic(), time.process_time()
        state = propagator.step(state, rng)
        wall.append(time.monotonic() - begin[0])
        processor.append(time.process_time() - begin[1])
    return {"wall_s": wall, "cpu_s": processor, "peak_MB": _peak()}


def _peak() -> float:
    """Largest resident size of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def main(settings: Path, out: Path) -> None:
    """Run what the settings ask for, and write the result."""
    torch.set_num_threads(1)
    asked = json.loads(settings.read_text(encoding="utf-8"))
    answer = serial(asked) if asked["exchange"] == "none" else hosted(asked, all_ranks())
    if answer is not None:
        out.write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
