"""From the settings in a recipe to an engine."""

from pathlib import Path

from longstride.reference.engine import Engine
from longstride.reference.lammps import LammpsEngine
from longstride.reference.settings import AseSettings, LammpsSettings


def make_engine(settings: LammpsSettings | AseSettings, folder: Path | None = None) -> Engine:
    """The engine a recipe asks for.

    Args:
        settings: the recipe's engine section.
        folder: for working files.

    Raises:
        EngineError: the program, the calculator or a potential file is missing.
    """
    if isinstance(settings, AseSettings):
        from longstride.reference.ase_engine import AseEngine  # loads the whole of ASE

        return AseEngine(settings)
    return LammpsEngine(settings, folder)
