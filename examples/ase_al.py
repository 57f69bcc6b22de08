"""Aluminium at 600 K inside ASE: into a Langevin bath, then on at constant energy.

    python examples/ase_al.py --cells 6 --strides 500

Writes md.traj and md.log, and prints the temperature of the second half.
"""

import argparse

from ase.build import bulk
from ase.constraints import FixCom
from ase.io import read

from longstride.engines.ase import LongStride

TEMPERATURE = 600.0  # K
LATTICE_CONSTANT = 4.10  # Å, of the potential at this temperature


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=4, help="cubic cells along each edge")
    parser.add_argument("--strides", type=int, default=200, help="strides of 60 fs in each part")
    options = parser.parse_args()

    atoms = bulk("Al", a=LATTICE_CONSTANT, cubic=True) * options.cells
    atoms.set_constraint(FixCom())  # true of every stride; so ASE counts 3N - 3 degrees of freedom

    # From rest: the bath heats the crystal, and displaces its atoms, within some friction times.
    bath = LongStride(
        atoms, model="al", ensemble="langevin", temperature_K=TEMPERATURE, friction_time_fs=300.0
    )
    bath.run(options.strides)

    with LongStride(atoms, model="al", trajectory="md.traj", logfile="md.log") as dynamics:
        dynamics.run(options.strides)

    frames = read("md.traj", index=":")
    mean = sum(frame.get_temperature() for frame in frames) / len(frames)
    print(f"{len(frames)} frames in md.traj, {mean:.0f} K on average")


if __name__ == "__main__":
    main()
