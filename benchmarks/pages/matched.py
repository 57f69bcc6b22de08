"""The section on matched fidelity of docs/performance.md."""

from collections.abc import Mapping
from typing import Any

from pages.text import listed, table

INTRODUCTION = """## At matched fidelity

Above LAMMPS takes steps of 2 fs, and its integrator is more accurate than it has to be to pass for
itself. Here its steps are as long as pass what the models are judged by: the quick suite
of `longstride validate`, from the same starts, beside the same reference in steps of 2 fs, by the
same thresholds. The candidates divide the time between a model's stages. LAMMPS at the largest step
that passes is timed in the same rounds as above; `longstride bench --matched-fidelity` does both.
"""

HEADER = (
    "model",
    "atoms",
    "step, fs",
    "LAMMPS, µs per atom and step",
    "times as fast",
    "range",
)


SHOWN = 4


def matched_section(benches: Mapping[str, Mapping[str, Any]]) -> str:
    """The section.

    Args:
        benches: results of ``longstride bench --matched-fidelity`` by model.
    """
    rows = [
        [
            name,
            f"{run['atoms']:,}",
            f"{bench['matched']['time_step']:.3g}",
            f"{run['matched_us_per_atom_step']:.3f}",
            f"**{run['matched_ratio']:.2f}**",
            "{:.2f} to {:.2f}".format(*run["matched_ratio_range"]),
        ]
        for name, bench in benches.items()
        for run in bench["runs"]
        if run.get("matched_ratio") is not None
    ]
    parts = [INTRODUCTION.rstrip()]
    parts += [table(HEADER, rows)] if rows else []
    parts += ["\n".join(f"- {_verdict(name, bench)}" for name, bench in benches.items())]
    return "\n\n".join(parts)


def _verdict(name: str, bench: Mapping[str, Any]) -> str:
    """Where LAMMPS passes and fails, and whether the model passes."""
    matched = bench["matched"]
    step = matched["time_step"]
    said = f"**{name}**, {matched['checks']} checks at {bench['settings']['temperature']:g} K, "
    said += f"{matched['atoms']} atoms: LAMMPS "
    said += (
        f"passes in steps of {step:.3g} fs" if step else "passes at no step, so there is no ratio"
    )
    for longer, names in matched["failed"].items():
        said += f"; at {float(longer):.3g} fs it fails {_shortened(names)}"
    if not matched["failed"]:
        said += ", and no longer one divides the time between stages"
    failed = matched["model_failed"]
    return said + (f". The model fails {_codes(failed)}." if failed else ". The model passes all.")


def _shortened(names: list[str]) -> str:
    """The first few, and how many more."""
    if len(names) <= SHOWN:
        return _codes(names)
    return f"{_codes(names[:SHOWN])} and {len(names) - SHOWN} more"


def _codes(names: list[str]) -> str:
    return listed([f"`{name}`" for name in names])
