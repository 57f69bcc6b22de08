"""docs/performance.md from the results of ``longstride bench`` and ``performance.py``."""

import json
from pathlib import Path
from typing import Any

from pages import pareto
from pages.instruction_sets import instruction_section
from pages.kernel import kernel_section, startup_section
from pages.matched import matched_section
from pages.quick import quick_section
from pages.vectors import vectors_section

MODELS = ("al", "al-fast")
EXPENSIVE, MILLION = "bench-cu-snap.json", "bench-million.json"

INTRODUCTION = """# Performance

Every number is measured: both programs in turns in one run, on the same cores, from the same
crystal, and the ratio taken round by round. Written by `python benchmarks/performance.py page`
from `benchmarks/results/speed/`.

## Beside LAMMPS

The surrogate is in a Langevin bath, all its checks on; LAMMPS is in its own, at a step of 2 fs.
The reference is an EAM, among the cheapest potentials there are. Everything here is of processors:
on a GPU a model runs by torch, which was not timed.
"""


def text(results: Path, suites: Path, study: Path, figures: Path) -> str:
    """The page; draws its figure.

    Args:
        results: folder with bench-NAME.json and training-speed.json.
        suites: folder with quick-NAME.json.
        study: folder with the points of the study of error against cost.
        figures: folder of the figure.
    """
    benches = {name: _load(results / f"bench-{name}.json") for name in MODELS}
    judged = {name: bench for name, bench in benches.items() if bench.get("matched")}
    parts = [INTRODUCTION, _beside(benches), instruction_section(results)]
    parts += [matched_section(judged)] if judged else []
    parts += [_expensive(_found(results / EXPENSIVE)), quick_section(suites)]
    parts += [kernel_section(_found(results / "means-speed.json")), vectors_section(results)]
    parts += [_roofline(benches)]
    parts += [_training(_found(results / "training-speed.json"))]
    million = _found(results / MILLION)
    parts += [startup_section(_found(results / "startup-speed.json"), million)]
    parts.append(pareto.section(study, figures))
    return "\n".join(part.strip("\n") + "\n" for part in parts if part)


def _load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _found(path: Path) -> dict[str, Any] | None:
    return _load(path) if path.is_file() else None


def _expensive(bench: dict[str, Any] | None) -> str:
    """Beside a potential that is slow, where the method is meant to be used."""
    if bench is None:
        return ""
    table = _beside({bench["model"]["name"]: bench})
    return f"""## Beside a machine-learned potential

The same with a model trained on a SNAP ({bench["model"]["potential"]}): `recipes/cu-snap.yaml`
and `recipes/cu-snap-model.yaml`.

{table}
"""


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
    ran_by = bench.get("instructions")
    rows.append(
        f"\nStrides of {bench['stride']:g} fs, {settings['temperature']:g} K, "
        f"{settings['cores']} cores, medians of {settings['rounds']} rounds; "
        f"{machine.get('processor', 'processor unknown')}, "
        f"{'' if ran_by is None else f'instruction set {ran_by}, '}{bench['created'][:10]}."
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
        "A kick of `al` looks at some 190 places of 16 bytes an atom, writes and reads 21 numbers",
        "for each of 60 neighbours inside the cutoff, and reads 31 kB of weights a block of 16",
        "atoms: some 20 kB an atom against 54 kFLOP, all of it from cache as atoms that are near",
        "have near numbers. Memory does not limit it. Dense layers run at the peak, moments and",
        "slopes at two thirds of it; what is left is the look at the candidates and the elementary",
        "functions.",
    ]
    return "\n".join(rows)


def _training(result: dict[str, Any] | None) -> str:
    if result is None:
        return ""
    times = result["us_per_atom_stride"]
    low, high = result["ratio_range"]
    return f"""## Training

Moments of the neighbourhoods, their invariants, and the first and second derivatives of both are
compiled too; the rest is torch. A step of `{result["recipe"]}`, forwards and backwards, on
{result["threads"]} threads, in turns:

| | µs per atom and stride |
| --- | ---: |
| torch | {times["torch"]:.0f} |
| compiled features | {times["compiled"]:.0f} |
| times as fast | {result["ratio"]:.2f} ({low:.2f} to {high:.2f}) |

*`python benchmarks/performance.py training`.*
"""
