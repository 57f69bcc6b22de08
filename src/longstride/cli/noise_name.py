"""Noise after a stride as the command line names it."""

from enum import StrEnum


class NoiseName(StrEnum):
    """What follows every stride of the model."""

    none = "none"
    calibrated = "calibrated"
