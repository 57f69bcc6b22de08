"""An exported model as the stepper of i-PI, by FlashMD's hook; run by a Python that has both."""

import ase
import ase.units
import numpy as np
import torch
from flashmd.ipi import get_nve_stepper, ipi_to_system, system_to_ipi
from ipi.scripting import InteractiveSimulation, forcefield_xml, simulation_xml
from metatomic.torch import AtomisticModel

MOTION = """
<motion mode='dynamics'>
<dynamics mode='nve'><timestep units='femtosecond'> {timestep} </timestep></dynamics>
</motion>
"""


def run_ipi(
    model: AtomisticModel,
    start: dict[str, np.ndarray],
    strides: int,
    frames: list[tuple[np.ndarray, np.ndarray]],
) -> None:
    """Append the frames of i-PI at constant energy, one a stride, in Å and ASE's unit of momentum.

    Units are converted by FlashMD's own functions, whose constants are of eight digits.
    """
    atoms = ase.Atoms(
        numbers=start["numbers"], positions=start["positions"], cell=start["cell"], pbc=True
    )
    # The name that i-PI reads masses by.
    atoms.set_array("mass", start["masses"])
    # The force field is never asked: FlashMD's step replaces the integrator's.
    field = forcefield_xml("none", mode="direct", pes="dummy")
    motion = MOTION.format(timestep=float(model.module.timestep))
    simulation = InteractiveSimulation(simulation_xml(atoms, field, motion))
    running = simulation.syslist[0].motion
    simulation.set_motion_step(get_nve_stepper(simulation, model, "cpu", rescale_energy=False))
    system = ipi_to_system(running, torch.device("cpu"), torch.float64)
    system.positions = torch.from_numpy(start["positions"])
    system.get_data("momenta").block().values[:] = torch.from_numpy(start["momenta"])[:, :, None]
    system_to_ipi(running, system)
    frames.append(_frame(running))
    for _ in range(strides):
        simulation.run(1, write_outputs=False)
        frames.append(_frame(running))


def _frame(motion) -> tuple[np.ndarray, np.ndarray]:
    system = ipi_to_system(motion, torch.device("cpu"), torch.float64)
    momenta = system.get_data("momenta").block().values[..., 0]
    return system.positions.numpy().copy(), momenta.numpy().copy()
