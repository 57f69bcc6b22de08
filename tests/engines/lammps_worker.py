"""Runs on all ranks of ``mpiexec``: strides on LAMMPS beside those of one process, case by case.

Writes a JSON file with, for each case, the largest error of an atom's place and velocity, as a
share of the root mean square displacement and speed, and what else a test asks for.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lammps_systems import KICKED, crystal, sheared, with_vacuum

from longstride.dynamics import energy_row
from longstride.engines.lammps.bath import DomainBath, DomainLangevin
from longstride.engines.lammps.energies import DomainEnergies
from longstride.engines.lammps.guard import DomainGauge
from longstride.engines.lammps.host import Domain, HostedStrides
from longstride.engines.lammps.library import open_lammps
from longstride.engines.lammps.model import Hosted, hosted_model
from longstride.engines.lammps.placement import Axes, make_box, place_atoms
from longstride.engines.lammps.ranks import Ranks, all_ranks
from longstride.engines.lammps.schedule import Exchange, Schedule
from longstride.engines.lammps.walk import DomainWalk
from longstride.kernels import EnergyPropagator
from longstride.propagator import Signal
from longstride.state import State


class Keeper:
    """Keeps the last state, what the guard sees of it, and its energies."""

    def __init__(
        self, ranks: Ranks, axes: Axes, start: State, gauge: DomainGauge, energies: DomainEnergies
    ) -> None:
        self._ranks, self._axes, self._start, self._gauge = ranks, axes, start, gauge
        self._energies = energies
        self.row: tuple[float, ...] = ()
        self.owners: list[set[int]] = []
        self.state: State | None = None

    @property
    def signals(self) -> tuple[Signal, ...]:
        assert self.state is not None
        return self._gauge.look(self.state)

    def after(self, stride: int, domain: Domain) -> None:
        self._gauge.gather(domain, 600.0, self._start.n_atoms)
        self.row = self._energies.row(stride, domain, 1.5)
        arrays, velocities = domain.arrays, domain.velocities
        tags = arrays.tags[: arrays.own].astype(np.int64)
        self.owners.append(set(tags.tolist()))
        rows = self._ranks.gather(
            np.concatenate([arrays.unwrapped(self._axes.cell), velocities], axis=1)
        )
        numbers = self._ranks.gather(tags)
        if rows is not None and numbers is not None:
            rows = rows[np.argsort(numbers)]
            self.state = self._start.with_(
                positions=self._axes.outside(rows[:, :3]),
                velocities=self._axes.outside(rows[:, 3:]),
            )


def on_ranks(
    hosted: Hosted,
    ranks: Ranks,
    start: State,
    strides: int,
    exchange: Exchange = Exchange.kick,
    bath: Callable[[Ranks], DomainBath] | None = None,
) -> Keeper:
    config = hosted.model.config
    schedule = Schedule.of(hosted.model, exchange)
    reach = schedule.reach(1200.0, min(config.masses))
    axes, lammps = Axes(start.cell), open_lammps(ranks, None)
    make_box(lammps, axes.cell, config.masses, schedule, reach)
    place_atoms(lammps, ranks, start if ranks.first else None, axes, config.species)
    walk = DomainWalk(hosted.kick, config.cutoff, axes.cell, reach)
    assert hosted.propagator.gauge is not None
    gauge = DomainGauge(ranks, hosted.propagator.gauge, config.species, axes.cell)
    assert isinstance(hosted.propagator, EnergyPropagator)
    energies = DomainEnergies(ranks, hosted.propagator, 1, axes.cell, start.n_atoms)
    keeper = Keeper(ranks, axes, start, gauge, energies)
    made = None if bath is None else bath(ranks)
    HostedStrides(lammps, ranks, schedule, walk, config.masses, made, keeper).run(strides)
    lammps.close()
    return keeper


def compared(start: State, end: State, expected: State) -> dict[str, float]:
    moved = np.sqrt(np.mean((expected.positions - start.positions) ** 2))
    speed = np.sqrt(np.mean(expected.velocities**2))
    return {
        "position": float(np.abs(end.positions - expected.positions).max() / moved),
        "velocity": float(np.abs(end.velocities - expected.velocities).max() / speed),
        "momentum": float(np.abs((end.momenta - start.momenta).sum(0)).max()),
    }


def unlike(hosted: Hosted, kept: Keeper) -> float:
    """Largest difference of a signal, as a share of its limit, from that of the whole state."""
    assert kept.state is not None
    assert hosted.propagator.gauge is not None
    whole = hosted.propagator.gauge.look_at_part(kept.state, 600.0, kept.state.n_atoms)
    pairs = zip(kept.signals, whole, strict=True)
    return max(
        float(np.abs(one.values - two.values).max() / two.limits.min()) for one, two in pairs
    )


def other_energies(hosted: Hosted, kept: Keeper) -> float:
    """Largest difference of energies in eV an atom, or pressure in GPa, from the whole state's."""
    assert kept.state is not None
    assert isinstance(hosted.propagator, EnergyPropagator)
    found = hosted.propagator.configuration(kept.state)
    whole = energy_row(found, 1.5, kept.state.n_atoms, kept.state.volume)
    return float(np.abs(np.subtract(kept.row, whole)).max())


def serial(hosted: Hosted, start: State, strides: int) -> State:
    rng, state = np.random.default_rng(0), start
    for _ in range(strides):
        state = hosted.propagator.step(state, rng)
    return state


def main(out: Path) -> None:
    torch.set_num_threads(1)
    world = all_ranks()
    pair = Ranks(world.communicator.Split(world.number // 2))
    alone = Ranks(world.communicator.Split(world.number))
    hosted = hosted_model("al-fast", 1)
    bulk = crystal((4, 4, 4))
    moving = crystal((4, 4, 4), drift=KICKED)
    cases: dict[str, tuple[Ranks, State, int, Exchange]] = {
        "two ranks": (pair, bulk, 1, Exchange.kick),
        "four ranks": (world, bulk, 1, Exchange.kick),
        "crossing": (world, moving, 4, Exchange.kick),
        "triclinic": (pair, sheared(bulk), 2, Exchange.kick),
        "substeps": (pair, bulk, 1, Exchange.substep),
        "whole stride": (pair, bulk, 1, Exchange.stride),
        "vacuum": (world, with_vacuum(crystal((3, 3, 3))), 2, Exchange.kick),
        "small": (world, crystal((2, 2, 2)), 1, Exchange.kick),
    }
    answers: dict[str, Any] = {}
    for name, (ranks, start, strides, exchange) in cases.items():
        kept = on_ranks(hosted, ranks, start, strides, exchange)
        empty = ranks.any(not kept.owners[0])
        crossed = ranks.any(kept.owners[0] != kept.owners[-1])
        if world.first:
            assert kept.state is not None
            answers[name] = compared(start, kept.state, serial(hosted, start, strides))
            answers[name] |= {"empty": empty, "crossed": crossed, "unlike": unlike(hosted, kept)}
            answers[name] |= {"energies": other_energies(hosted, kept)}

    def bath(ranks: Ranks) -> DomainBath:
        return DomainLangevin(ranks, 600.0, 200.0, 0.5 * hosted.propagator.stride, 7)

    together = on_ranks(hosted, world, bulk, 3, bath=bath)
    by_one = on_ranks(hosted, alone, bulk, 3, bath=bath)
    if world.first:
        assert together.state is not None
        assert by_one.state is not None
        answers["langevin"] = compared(bulk, together.state, by_one.state)
        out.write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
