"""Ensembles as the command line names them."""

from enum import StrEnum


class EnsembleName(StrEnum):
    """Ensembles a run can be made in."""

    nve = "nve"
    langevin = "langevin"
    csvr = "csvr"
