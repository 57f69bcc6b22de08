"""Validation: a surrogate beside its reference, every check against a noise floor."""

from longstride.validation.compare import Comparison, compare
from longstride.validation.curves import ARRAYS_NAME, Curve, read_curves, write_curves
from longstride.validation.results import (
    RESULTS_NAME,
    Check,
    Fact,
    Provenance,
    Results,
    Speed,
    judge,
    read_results,
    write_results,
)

__all__ = [
    "ARRAYS_NAME",
    "RESULTS_NAME",
    "Check",
    "Comparison",
    "Curve",
    "Fact",
    "Provenance",
    "Results",
    "Speed",
    "compare",
    "judge",
    "read_curves",
    "read_results",
    "write_curves",
    "write_results",
]
