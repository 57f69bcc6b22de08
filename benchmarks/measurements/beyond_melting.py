"""Crystal beside melt, below, at and above the temperature at which both live side by side."""

from collections.abc import Callable
from pathlib import Path

from longstride.reference.settings import LammpsSettings
from longstride.state import State
from longstride.units import PS
from measurements import coexistence
from measurements.beyond_cases import Case
from measurements.lattice_constant import constant_at
from measurements.system import seed_of

TEMPERATURES = (880, 926, 980)
"""K. The potential melts at 926 K and no pressure: Mendelev, Kramer, Becker and Asta, Philos. Mag.
88, 1723 (2008)."""

CELLS = (5, 5, 24)
"""Cubic cells of the crystal that half of is melted."""

DURATION = 24.0 * PS


def cases(
    scratch: Path, settings: LammpsSettings, constants: dict[float, float]
) -> tuple[Case, ...]:
    """One a temperature.

    Args:
        scratch: folder that the first states are kept in.
        settings: of the reference.
        constants: lattice constants in Å by temperature in K.
    """

    def start(kelvin: int) -> Callable[[], State]:
        constant = constant_at(constants, float(kelvin))
        seed = seed_of("coexistence", kelvin)
        told = {"constant": constant, "cells": list(CELLS), "temperature": kelvin, "seed": seed}
        told["script"] = coexistence.script(kelvin, CELLS[2] * constant, seed)

        def make() -> State:
            return coexistence.built(settings, constant, CELLS, kelvin, seed)

        return lambda: coexistence.kept(scratch / f"coexistence-{kelvin}K-start.h5", told, make)

    return tuple(
        Case(
            f"coexistence-{t}K", f"crystal and melt, {t} K", t, DURATION,
            start(t), ("front",), rollouts=2,
        )
        for t in TEMPERATURES
    )  # fmt: skip
