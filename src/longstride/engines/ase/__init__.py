"""Learned strides inside ASE: a dynamics, its log, and a calculator for models that know energies.

Python takes ``import ase`` here, as everywhere, for ASE itself.
"""

from longstride.engines.ase.calculator import LongStrideCalculator
from longstride.engines.ase.dynamics import LongStride
from longstride.engines.ase.logger import StrideLogger

__all__ = ["LongStride", "LongStrideCalculator", "StrideLogger"]
