"""What moves the atoms of a run, as the command line names it."""

from enum import StrEnum


class EngineName(StrEnum):
    """Programs that run strides."""

    longstride = "longstride"
    lammps = "lammps"


class ExchangeName(StrEnum):
    """When domains tell each other where their atoms are."""

    kick = "kick"
    substep = "substep"
    stride = "stride"
