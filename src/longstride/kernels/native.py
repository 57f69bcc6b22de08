"""Where the compiled C++ kernel is."""

import importlib
from types import ModuleType


def load_native() -> ModuleType | None:
    """The kernel for this processor's widest instruction set; None where it was not compiled."""
    package = "longstride.kernels"
    try:
        baseline = importlib.import_module(f"{package}._native")
    except ImportError:
        return None
    suffix = baseline.instruction_set()
    if suffix == "baseline":
        return baseline
    return importlib.import_module(f"{package}._native_{suffix}")
