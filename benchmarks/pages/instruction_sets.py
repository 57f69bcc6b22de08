"""The section on instruction sets, from the measurements of every machine."""

import json
from pathlib import Path
from typing import Any

from pages.text import table

HEAD = """## By instruction set

A module of the kernel is compiled for each instruction set: `baseline` (SSE2; NEON on ARM), `v3`
(AVX2 and fused multiply-adds) and `v4` (AVX-512). The widest that the processor can run computes;
`LONGSTRIDE_INSTRUCTIONS=v3` asks for another. All sets of a machine and LAMMPS in turns in one run,
from the same state; *of the widest* is the time in units of that of the widest set, the peak is
that of multiply-adds in registers of that set, on all cores together.

"""

COLUMNS = (
    "machine",
    "model",
    "set",
    "µs per atom and stride",
    "range",
    "of the widest",
    "LAMMPS, µs per atom and step",
    "times as fast",
    "range",
    "GFLOP/s",
    "share of peak",
)

BEFORE = """
Before the vectors had the width of the registers (64 bytes everywhere), an AMD EPYC with AVX2, two
cores, took 44.8 µs for `al` (0.83 times the speed of LAMMPS at 1.08 µs a step) and 28.8 µs for
`al-fast` (1.19 times): a chain of multiply-adds in vectors that are wider than the registers goes
through memory, at 5 instead of 100 GFLOP/s a core. The width alone made that 11.7 (2.77) and 8.6 µs
(3.88). That was measured by hand, before there was this part of the benchmark.

What differs between the sets, beside the width: how many sums stay in registers (27 of 32 with
AVX-512 and NEON, 9 of 16 otherwise), the tiles of the dense layers (16 or 8 columns), estimates
of reciprocals (14, 11 or 8 bits, corrected to those of a float), and how what is near is taken out
of a vector of candidates (by an instruction with AVX-512, by a table of permutations with AVX2,
number by number otherwise). All else is one source.
"""


def instruction_section(results: Path) -> str:
    """Rows of every machine that was measured; nothing where none was.

    Args:
        results: folder with instructions-MACHINE.json.
    """
    files = sorted(results.glob("instructions-*.json"))
    if not files:
        return ""
    rows = []
    for file in files:
        found = json.loads(file.read_text(encoding="utf-8"))
        rows += _rows(file.stem.removeprefix("instructions-"), found)
    how = "Medians of the rounds. *`python benchmarks/performance.py instructions`.*\n"
    return HEAD + table(COLUMNS, rows) + "\n\n" + how + BEFORE


def _rows(name: str, found: dict[str, Any]) -> list[list[str]]:
    processor = found["machine"]["processor"]
    machine = f"{processor} ({name}), {found['cores']} cores, {found['created'][:10]}"
    return [
        [
            machine,
            model,
            each,
            f"{one['us_per_atom_stride']:.2f}",
            f"{one['range'][0]:.2f} to {one['range'][1]:.2f}",
            f"{one['of_widest']:.2f}",
            f"{times['lammps_us']:.3f}",
            f"**{one['ratio']:.2f}**",
            f"{one['ratio_range'][0]:.2f} to {one['ratio_range'][1]:.2f}",
            f"{one['gflops']:.0f}",
            f"{100 * one['gflops'] / one['peak_gflops']:.0f} %",
        ]
        for model, times in found["models"].items()
        for each, one in reversed(times["sets"].items())
    ]
