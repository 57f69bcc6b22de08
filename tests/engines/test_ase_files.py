"""Trajectories and logs as ASE's own dynamics leaves them; energies only where something knows."""

import ase
import numpy as np
import pytest
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import Trajectory, read
from ase.md import MDLogger

from longstride.engines.ase import LongStride, LongStrideCalculator, StrideLogger
from longstride.errors import ConfigError


def table(path) -> tuple[list[str], np.ndarray]:
    """Names of the columns and the numbers of a log."""
    header, *lines = path.read_text().splitlines()
    return header.split(), np.array([[float(word) for word in line.split()] for line in lines])


def test_a_trajectory_comes_back_as_it_was(harmonic, atoms: ase.Atoms, tmp_path):
    path = tmp_path / "a.traj"
    frames: list[ase.Atoms] = []
    dynamics = LongStride(atoms, harmonic, trajectory=str(path), loginterval=2)
    dynamics.attach(lambda: frames.append(atoms.copy()), interval=2)
    dynamics.run(3)
    dynamics.run(1)
    again = read(path, index=":")
    assert len(again) == len(frames) == 3
    for one, other in zip(again, frames, strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)
        np.testing.assert_array_equal(one.get_momenta(), other.get_momenta())
        np.testing.assert_array_equal(one.cell, other.cell)
        assert one.calc is None
    with Trajectory(path) as file:
        said = file.description
    assert said["md-type"] == "LongStride"
    assert (said["ensemble"], said["model"], said["interval"]) == ("nve", "WithRegime", 2)
    assert said["timestep"] == dynamics.dt


def test_a_run_goes_on_from_its_trajectory(harmonic, atoms: ase.Atoms, tmp_path):
    path = tmp_path / "a.traj"
    whole = atoms.copy()
    LongStride(whole, harmonic).run(4)
    LongStride(atoms, harmonic, trajectory=str(path)).run(2)
    last = read(path)
    LongStride(last, harmonic, trajectory=str(path), append_trajectory=True).run(2)
    frames = read(path, index=":")
    # As in ASE, the frame a run starts from is written by it again.
    assert len(frames) == 6
    np.testing.assert_array_equal(frames[2].positions, frames[3].positions)
    np.testing.assert_allclose(frames[-1].positions, whole.positions, atol=1e-12)


def test_an_open_trajectory_is_written_to(harmonic, atoms: ase.Atoms, tmp_path):
    with Trajectory(tmp_path / "a.traj", "w", atoms) as file:
        dynamics = LongStride(atoms, harmonic)
        dynamics.attach(file.write, interval=1)
        dynamics.run(2)
    assert len(read(tmp_path / "a.traj", index=":")) == 3


def test_a_log_without_energies_says_what_is_known(harmonic, atoms: ase.Atoms, tmp_path):
    path = tmp_path / "md.log"
    kinetic: list[float] = []
    with LongStride(atoms, harmonic, logfile=str(path), loginterval=2) as dynamics:
        dynamics.attach(lambda: kinetic.append(atoms.get_kinetic_energy()), interval=2)
        dynamics.run(4)
    names, numbers = table(path)
    assert names == ["Time[ps]", "Ekin[eV]", "T[K]"]
    np.testing.assert_allclose(numbers[:, 0], [0.0, 0.08, 0.16])
    np.testing.assert_allclose(numbers[:, 1], kinetic, atol=1e-4)


def test_a_model_that_knows_energies_logs_them(argon, argon_atoms: ase.Atoms, tmp_path):
    path = tmp_path / "md.log"
    LongStride(argon_atoms, argon, logfile=str(path)).run(3)
    names, numbers = table(path)
    assert names == ["Time[ps]", "Etot[eV]", "Epot[eV]", "Ekin[eV]", "T[K]"]
    np.testing.assert_allclose(numbers[:, 1], numbers[:, 2] + numbers[:, 3], atol=2e-3)
    # Velocity Verlet in fine steps: the total is conserved.
    assert np.ptp(numbers[:, 1]) < 3e-3
    assert argon_atoms.calc is None


def test_a_calculator_of_the_atoms_is_asked_by_the_log(harmonic, atoms: ase.Atoms, tmp_path):
    path = tmp_path / "md.log"
    atoms.calc = EMT()
    LongStride(atoms, harmonic, logfile=str(path)).run(1)
    names, numbers = table(path)
    assert names[2] == "Epot[eV]"
    assert numbers[-1, 2] == pytest.approx(atoms.get_potential_energy(), abs=1e-4)


def test_a_calculator_that_recalls_a_file_is_none(harmonic, atoms: ase.Atoms, tmp_path):
    atoms.calc = SinglePointCalculator(atoms, energy=-1.0)
    dynamics = LongStride(atoms, harmonic, logfile=str(tmp_path / "md.log"))
    dynamics.run(1)
    assert table(tmp_path / "md.log")[0][1] == "Ekin[eV]"


def test_the_header_is_written_again_when_columns_change(harmonic, atoms: ase.Atoms, tmp_path):
    dynamics = LongStride(atoms, harmonic)
    dynamics.attach(StrideLogger(dynamics, atoms, str(tmp_path / "md.log")))
    dynamics.run(1)
    atoms.calc = EMT()
    dynamics.run(1)
    lines = (tmp_path / "md.log").read_text().splitlines()
    assert [line.startswith("Time[ps]") for line in lines] == [True, False, False, True, False]


def test_a_log_to_standard_output(harmonic, atoms: ase.Atoms, capsys):
    LongStride(atoms, harmonic, logfile="-").run(1)
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_the_logger_of_ase_is_told_about_energies(harmonic, atoms: ase.Atoms, tmp_path):
    dynamics = LongStride(atoms, harmonic)
    logger = MDLogger(dynamics, atoms, str(tmp_path / "md.log"))
    with pytest.raises(ConfigError, match="they have no calculator; give logfile="):
        dynamics.attach(logger, interval=1)


def test_the_logger_of_ase_with_the_calculator_of_a_model(argon, argon_atoms: ase.Atoms, tmp_path):
    dynamics = LongStride(argon_atoms, argon)
    argon_atoms.calc = LongStrideCalculator(dynamics.propagator)
    path = tmp_path / "md.log"
    dynamics.attach(MDLogger(dynamics, argon_atoms, str(path), stress=True, peratom=True))
    dynamics.run(2)
    assert len(path.read_text().splitlines()) == 4
