"""docs/paper.md: the claims of the paper this project implements, one by one, with our numbers."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pages import suite
from pages.load import Piece, Results
from pages.suite import Example
from pages.targets import NVE_TEMPERATURES, ONESTEP_TEMPERATURES, nvt_numbers
from pages.text import NOT_MEASURED, figure, measured, table

HEAD = """# The claims of the paper, and our numbers

Longstride implements the surrogate of J. Immanuel, A. Mahata and A. Maiti, *Toward Generalizable
Surrogate Models for Molecular Dynamics via Graph Neural Networks*,
[arXiv:2512.21822](https://arxiv.org/abs/2512.21822) (2025): a graph network that maps the
configuration of bulk aluminium at one time to that at a later one. Its claims, in our words, are
held here against what we measured: with the shipped model `{shipped}`, and with **one-stage**, the
plain message-passing surrogate (one static graph, one stage, 10 minutes of training), which is the
closest to the paper's that we build. Nobody's code but ours was run; the paper's own system,
potential and stride may differ.

The page is written by `python benchmarks/accuracy.py pages` from `benchmarks/results/`; data and
conditions are those of [accuracy](accuracy.md): aluminium, 500 atoms, strides of 60 fs.
"""

ACCURACY = """## 1. Sub-ångström accuracy within the training horizon

RMS error of a position component after one stride, in Å. For scale: *no motion* is the error of
leaving out everything but free flight, the RMS of d itself.
"""

STABILITY = """## 2. Stable behaviour beyond the training horizon

Models are trained on single strides. Time in ps that a rollout lasted before two atoms overlapped,
of {time:g} ps: nothing is corrected at constant energy (NVE); the bath is Langevin's, with a
friction time of 1 ps (NVT). LAMMPS lasts for all of it.
"""

STRUCTURE = """## 3. Structure and displacements agree with the reference

From the same NVT runs. g(r): L1 distance to LAMMPS over that between two LAMMPS runs of the same
length, the noise floor: 1 is as good as the reference itself. Amplitude: mean square displacement
from the mean positions relative to LAMMPS (half of the plateau of the MSD in a crystal), in %, with
the standard error that the noise of both allows.
"""

SUITE = """The validation suite on runs of its own ([accuracy](accuracy.md)): L1 distances over
their noise floors, and the curves in the band of the reference's noise:
"""

SUITE_CHECKS = {"nvt.rdf.l1": "g(r)", "nvt.msd.l1": "MSD, all lags", "nvt.vacf.l1": "VACF"}
"""Checks of the suite shown, and their names."""

COST = """## 4. Cheaper than the molecular dynamics it replaces

Beside LAMMPS with an EAM potential, on the same cores: the time LAMMPS takes for a stride of 60 fs
over that of the map, from [the maps](maps.md). Above 1 the surrogate is faster.
"""


def page(results: Results, drawn: dict[str, Path], example: Example | None) -> str:
    """The whole page; the example is that of the validation suite."""
    shipped = results.shipped or "al"
    names = [shipped, "one-stage"]
    parts = [HEAD.format(shipped=shipped), ACCURACY]
    rows = [
        ["no motion", *_cells(results, names[0], "onestep", ONESTEP_TEMPERATURES, _still)],
        *_rows(results, names, "onestep", ONESTEP_TEMPERATURES, _position_error),
    ]
    parts += [table(["", *_kelvin(ONESTEP_TEMPERATURES)], rows)]
    parts += figure(drawn, "onestep", "one-stride errors")
    parts += ["*`python benchmarks/accuracy.py onestep`.*\n", STABILITY.format(time=100)]
    rows = [
        [f"{label}, {name}", *_cells(results, name, part, NVE_TEMPERATURES, _lasted)]
        for part, label in (("nve", "NVE"), ("nvt", "NVT"))
        for name in (shipped, "staged", "one-stage")
    ]
    parts += [table(["", *_kelvin(NVE_TEMPERATURES)], rows)]
    parts += figure(drawn, "nve", "total energy over time")
    parts += ["*`python benchmarks/accuracy.py nve` and `nvt`.*\n", STRUCTURE]
    rows = [
        [f"{label}, {name}", *_cells(results, name, "nvt", ONESTEP_TEMPERATURES, _of(key))]
        for key, label in (("rdf", "g(r) over noise"), ("amplitude", "amplitude, %"))
        for name in names
    ]
    parts += [table(["", *_kelvin(ONESTEP_TEMPERATURES)], rows)]
    parts += ["*`python benchmarks/accuracy.py nvt`.*\n", SUITE]
    parts += suite.above_noise(example, SUITE_CHECKS)
    parts += figure(drawn, "structure", "g(r) and MSD of model and reference")
    if example is not None:
        parts += [f"*`{example.results.provenance.command}`.*\n"]
    parts += [COST, *_cost(results, names), *figure(drawn, "speed", "speed in ns/day")]
    parts += ["*`python benchmarks/accuracy.py speed`.*"]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _kelvin(temperatures: Sequence[float]) -> list[str]:
    return [f"{t:g} K" for t in temperatures]


def _rows(
    results: Results,
    names: Sequence[str],
    part: str,
    temperatures: Sequence[float],
    text: Callable[[Piece, float], str],
) -> list[list[str]]:
    return [[name, *_cells(results, name, part, temperatures, text)] for name in names]


def _cells(
    results: Results,
    name: str,
    part: str,
    temperatures: Sequence[float],
    text: Callable[[Piece, float], str],
) -> list[str]:
    pieces = [(t, results.find(part, name, t)) for t in temperatures]
    return [NOT_MEASURED if piece is None else text(piece, t) for t, piece in pieces]


def _position_error(piece: Piece, _: float) -> str:
    return measured(piece["model"]["displacement_rmse"][-1])


def _still(piece: Piece, _: float) -> str:
    model = piece["model"]
    return measured(model["displacement_rmse"][-1] / model["displacement"][-1])


def _lasted(piece: Piece, _: float) -> str:
    broke = piece["broke"]
    if not broke:
        return "all"
    return f"{broke['time']:.3g}" if isinstance(broke, dict) else "broke down"


def _of(key: str) -> Callable[[Piece, float], str]:
    def text(piece: Piece, temperature: float) -> str:
        if piece["broke"]:
            return "broke down"
        value, error = nvt_numbers(piece, temperature)[key]
        if key == "rdf":
            return measured(value)
        return measured(100 * value, 100 * error, sign=True)

    return text


def _cost(results: Results, names: Sequence[str]) -> list[str]:
    piece = results.speed
    if piece is None:
        return [NOT_MEASURED + "."]
    maps, reference = piece["result"]["maps"], piece["result"]["reference"]
    rows = [
        [name, measured(maps[name]["ns_per_day"] / reference["ns_per_day"])]
        for name in names
        if name in maps
    ]
    return [table(["", "speed over LAMMPS"], rows)]
