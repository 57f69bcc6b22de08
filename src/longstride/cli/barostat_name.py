"""Barostats as the command line names them."""

from enum import StrEnum


class BarostatName(StrEnum):
    """What of the cell a barostat lets fluctuate."""

    iso = "iso"
    aniso = "aniso"
