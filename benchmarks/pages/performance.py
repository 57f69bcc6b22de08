"""docs/performance.md from the results of ``longstride bench`` and ``performance.py``."""

import json
from pathlib import Path
from typing import Any

from pages import pareto
from pages.matched import matched_section

MODELS = ("al", "al-fast")

INTRODUCTION = """# Performance

Every number is measured: both programs in turns in one run, on the same cores, from the same
crystal, and the ratio taken round by round. Written by `python benchmarks/performance.py page`
from `benchmarks/results/speed/`.

## Beside LAMMPS

The surrogate is in a Langevin bath, all its checks on; LAMMPS is in its own, at a step of 2 fs.
The reference is an EAM, among the cheapest potentials there are.
"""

KERNEL = """
## The kernel

A kick is the gradient of a learned scalar of the neighbourhoods. A kick-drift map without
attention runs in C++ (`src/longstride/kernels/cpp`), in one pass over the atoms. A block is 16
atoms, one in every lane of a 64-byte vector; from the vectors to the neighbours to the slopes by
them everything stays in cache, and no array of edges is ever in memory. Every instruction set has a
module of its own, chosen when it is loaded; without a compiler the package installs all the same,
and torch computes.

What made it fast, each measured on one thread at 4,000 atoms and a cutoff of 6.2 Å, µs per atom and
kick:

| step | µs |
| --- | ---: |
| three passes compiled with Numba, with attention, width 96 | 18.3 |
| no attention, C++, atoms in lanes | 1.7 |
| empty slots beyond the cutoff instead of at it (they made denormal numbers) | 1.39 |
| whitening and first layer as one matrix | 1.3 |

- **Why no attention.** It costs more than half of a kick, and maps trained for the same time with
  and without are equally accurate or better without (see [maps](maps.md)).
- **Why the first layer is bounded, not its input.** Bounding the whitened invariants needs their
  144 × 144 matrix forwards and backwards in every kick. Letting the perceptron see only the 48
  whitened invariants of the largest variance was cheap and bad: what varies little matters.
- **Neighbour lists** have a skin of 2.5 Å and are made in threads; a hot crystal then keeps one
  list for nanoseconds. Positions are rounded to a grid of 2⁻³⁶ Å, so that sums and differences of
  them and of lattice vectors are exact: results depend on neither the age of the list nor the
  image an atom is in, bit for bit.
"""


def text(results: Path, study: Path, figures: Path) -> str:
    """The page; draws its figure.

    Args:
        results: folder with bench-NAME.json and training-speed.json.
        study: folder with the points of the study of error against cost.
        figures: folder of the figure.
    """
    benches = {name: _load(results / f"bench-{name}.json") for name in MODELS}
    judged = {name: bench for name, bench in benches.items() if bench.get("matched")}
    parts = [INTRODUCTION, _beside(benches)]
    parts += [matched_section(judged)] if judged else []
    parts += [KERNEL, _roofline(benches)]
    training = results / "training-speed.json"
    if training.is_file():
        parts.append(_training(_load(training)))
    parts.append(pareto.section(study, figures))
    return "\n".join(part.strip("\n") + "\n" for part in parts if part)


def _load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _beside(benches: dict[str, dict[str, Any]]) -> str:
    rows = [
        "| model | atoms | µs per atom and stride | LAMMPS, µs per atom and step | times as fast |"
        " range | memory, MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, bench in benches.items():
        for run in bench["runs"]:
            low, high = run["ratio_range"]
            rows.append(
                f"| {name} | {run['atoms']:,} | {run['us_per_atom_stride']:.2f} "
                f"| {run['reference_us_per_atom_step']:.3f} | **{run['ratio']:.2f}** "
                f"| {low:.2f} to {high:.2f} | {run['peak_rss_mb']:.0f} |"
            )
    bench = next(iter(benches.values()))
    machine, settings = bench["machine"], bench["settings"]
    rows.append(
        f"\nStrides of {bench['stride']:g} fs, {settings['temperature']:g} K, "
        f"{settings['cores']} cores, medians of {settings['rounds']} rounds; "
        f"{machine.get('processor', 'processor unknown')}, {bench['created'][:10]}."
    )
    return "\n".join(rows)


def _roofline(benches: dict[str, dict[str, Any]]) -> str:
    rows = [
        "## Arithmetic",
        "",
        "Sums of products are counted (moments, slopes, layers, forwards and backwards); geometry,",
        "exponentials, divisions and the list are not. The peak is measured in the same run, by",
        "multiply-adds in registers on the same cores. The time is that of the kicks alone.",
        "",
        "| model | atoms | kFLOP per atom and stride | GFLOP/s | share of peak | neighbours |"
        " network | thermostat | other |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, bench in benches.items():
        operations = bench["arithmetic"]["operations"]
        for run in bench["runs"]:
            split = " | ".join(
                f"{100 * run['split'][part]:.0f} %"
                for part in ("neighbours", "network", "thermostat", "other")
            )
            rows.append(
                f"| {name} | {run['atoms']:,} | {1e-3 * operations:.0f} | {run['gflops']:.0f} "
                f"| {100 * run['share_of_peak']:.0f} % | {split} |"
            )
    rows += [
        "",
        "A kick reads some 150 candidates of 16 bytes and 60 places of 24 bytes an atom, all of it",
        "from cache as atoms that are near have near numbers: 4 kB against 70 kFLOP, far from what",
        "memory limits. The rest is the first look at the candidates, the geometry and elementary",
        "functions, and the addition of slopes to neighbours one by one.",
    ]
    return "\n".join(rows)


def _training(result: dict[str, Any]) -> str:
    times = result["us_per_atom_stride"]
    low, high = result["ratio_range"]
    return f"""## Training

Moments of the neighbourhoods and their first and second derivatives are compiled too; the rest is
torch. A step of `{result["recipe"]}`, forwards and backwards, on {result["threads"]} threads,
in turns:

| | µs per atom and stride |
| --- | ---: |
| torch | {times["torch"]:.0f} |
| compiled moments | {times["compiled"]:.0f} |
| times as fast | {result["ratio"]:.2f} ({low:.2f} to {high:.2f}) |

*`python benchmarks/performance.py training`.*
"""
