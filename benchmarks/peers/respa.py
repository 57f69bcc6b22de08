"""Whether LAMMPS splits an embedded-atom potential for r-RESPA, asked of the program itself.

r-RESPA (Tuckerman, Berne, Martyna, J. Chem. Phys. 97, 1990 (1992)) evaluates cheap fast forces
more often than dear slow ones. A pair potential is split by distance. In an embedded-atom
potential the force on a pair is ``φ'(r) + (F'(ρ_i) + F'(ρ_j)) f'(r)``: the near pairs' forces need
the densities ρ, sums over all neighbours, so that the near part cannot be had without the whole.
"""

from pathlib import Path
from typing import Any

from longstride.errors import EngineError
from longstride.reference.lammps_program import find_potential, run_program

SCRIPT = """units metal
lattice fcc 4.1
region box block 0 4 0 4 0 4
create_box 1 box
create_atoms 1 box
mass 1 26.98
pair_style eam/fs
pair_coeff * * {potential} Al
velocity all create 1200 1
fix move all nve
run_style respa 2 4 inner 1 3.5 4.5 outer 2
timestep 0.008
run 10
"""


def ask(potential: str, folder: Path) -> dict[str, Any]:
    """What LAMMPS says to a run with near forces every 2 fs and far ones every 8 fs.

    Returns:
        ``said``: its complaint, or None where it runs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    script = SCRIPT.format(potential=find_potential(potential))
    (folder / "in.respa").write_text(script, encoding="utf-8")
    try:
        run_program(folder, "in.respa", 1)
    except EngineError as error:
        said = str(error).partition(" (log:")[0]
        return {"potential": potential, "said": said.removeprefix("LAMMPS stopped: ")}
    return {"potential": potential, "said": None}
