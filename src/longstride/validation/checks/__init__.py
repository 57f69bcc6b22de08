"""The families of checks: one file each, from evidence to checks and curves."""

from collections.abc import Callable, Mapping
from typing import Final

from longstride.validation.checks import dynamics, horizon, laws, nve, nvt, onestep, structure
from longstride.validation.evidence import Evidence, Findings

FAMILIES: Final[Mapping[str, Callable[[Evidence], Findings]]] = {
    "onestep": onestep.check,
    "horizon": horizon.check,
    "nve": nve.check,
    "nvt": nvt.check,
    "structure": structure.check,
    "dynamics": dynamics.check,
    "laws": laws.check,
}
"""By the name they are asked for, in the order of the report."""

__all__ = ["FAMILIES"]
