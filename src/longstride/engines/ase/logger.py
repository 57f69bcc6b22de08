"""The log of a dynamics that needs no energies."""

import weakref
from typing import IO, Any, Final

from ase import Atoms, units
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.singlepoint import SinglePointCalculator
from ase.md.logger import MDLogger

from longstride.trajectory import state_of_atoms

HEADER: Final = f"{'Time[ps]':<9s} {'Ekin[eV]':>12s}  {'T[K]':>6s}\n"
LINE: Final = "{:<10.4f} {:12.4f}  {:6.1f}\n"


class StrideLogger(MDLogger):
    """ASE's log, with the potential and total energies where something knows them.

    The potential energy is the calculator's if the atoms have one, else the model's if it is a
    ``longstride.propagator.Potential``. Where neither is so, the columns Etot and Epot are left
    out. The header is written before the first line, and again when the columns change.

    Args:
        dyn: the dynamics, a ``LongStride``.
        atoms: its atoms.
        logfile: a file name, an open file, or "-" for standard output.
        mode: how a file of that name is opened.
    """

    def __init__(self, dyn: Any, atoms: Atoms, logfile: IO[str] | str, mode: str = "a") -> None:
        super().__init__(dyn, atoms, logfile, header=False, mode=mode)
        # The dynamics holds its observers: a reference back would keep the file open.
        self._dynamics = weakref.proxy(dyn)
        self._header = ""

    def __call__(self) -> None:
        """Write a line."""
        time = self._dynamics.get_time() / (1000 * units.fs)
        kinetic, temperature = self.atoms.get_kinetic_energy(), self.atoms.get_temperature()
        potential = self._known_energy()
        if potential is None:
            self._write(HEADER, LINE.format(time, kinetic, temperature))
        else:
            values = (time, potential + kinetic, potential, kinetic, temperature)
            self._write(self.hdr + "\n", self.fmt % values)

    def _known_energy(self) -> float | None:
        """Potential energy in eV."""
        if has_live_calculator(self.atoms):
            try:
                return float(self.atoms.get_potential_energy())
            except PropertyNotImplementedError:
                pass
        potential = self._dynamics.potential
        if potential is None:
            return None
        return float(potential.configuration(state_of_atoms(self.atoms)).energy)

    def _write(self, header: str, line: str) -> None:
        if header != self._header:
            self.logfile.write(header)
            self._header = header
        self.logfile.write(line)
        self.logfile.flush()


def has_live_calculator(atoms: Atoms) -> bool:
    """Whether the atoms have a calculator that can compute, not one that recalls a file's frame."""
    return atoms.calc is not None and not isinstance(atoms.calc, SinglePointCalculator)
