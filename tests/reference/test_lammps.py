"""What is particular to LAMMPS: an independent oracle, its files, its failures, its ranks."""

import sys
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.eam import EAM

from longstride.errors import EngineError
from longstride.reference import (
    LammpsSettings,
    collect,
    make_engine,
    nanoseconds_per_day,
    run,
)
from longstride.reference import lammps_program as program
from longstride.reference.lammps_output import read_dump, read_log
from longstride.reference.structure import StructureSettings, build_structure
from longstride.state import State

MISHIN = "Cu_mishin1.eam.alloy"
ALUMINIUM = LammpsSettings(pair_style="eam/fs", potential="Al_mm.eam.fs", elements="Al")


@pytest.fixture
def aluminium() -> State:
    settings = StructureSettings(
        lattice="fcc", element="Al", lattice_constant=4.08, repeat=(2, 2, 2)
    )
    rng = np.random.default_rng(4)
    state = build_structure(settings)
    return state.with_(
        positions=state.positions + 0.1 * rng.standard_normal((32, 3)),
        velocities=0.004 * rng.standard_normal((32, 3)),
    )


def test_energy_and_forces_are_those_of_ase_own_eam(aluminium):
    answer = make_engine(ALUMINIUM).evaluate([aluminium])
    oracle = EAM(potential=str(program.find_potential("Al_mm.eam.fs")), form="fs")
    atoms = Atoms("Al32", aluminium.positions, cell=aluminium.cell, pbc=True, calculator=oracle)
    # The two programs interpolate the same tables by different splines.
    assert answer.potential_energy[0] == pytest.approx(atoms.get_potential_energy(), abs=2e-3)
    np.testing.assert_allclose(answer.forces[0], atoms.get_forces(), atol=2e-3)


def test_the_masses_are_those_of_the_state(aluminium):
    """EAM files bring masses of their own, which must not win."""
    heavy = aluminium.with_(masses=aluminium.masses * 4.0)
    slow = heavy.with_(velocities=aluminium.velocities / 2.0)
    engine = make_engine(ALUMINIUM)
    light_end = run(engine, aluminium, 20, time_step=1.0).state
    heavy_end = run(engine, slow, 20, time_step=2.0).state
    np.testing.assert_allclose(heavy_end.positions, light_end.positions, atol=1e-10)


def test_positions_stay_unwrapped(aluminium):
    far = aluminium.with_(
        positions=aluminium.positions + np.array([100.0, -50.0, 7.0]),
        velocities=aluminium.velocities + np.array([0.1, 0.0, 0.0]),
    )
    blocks = []
    end = run(make_engine(ALUMINIUM), far, 100, time_step=2.0, every=1, record=blocks.append).state
    frames = collect(blocks)
    np.testing.assert_allclose(frames.positions[0], far.positions, atol=1e-11)
    assert np.abs(np.diff(frames.positions, axis=0)).max() < 0.3
    np.testing.assert_array_equal(frames.positions[-1], end.positions)


def test_several_ranks_give_the_same_dynamics(aluminium):
    two = make_engine(ALUMINIUM.model_copy(update={"ranks": 2}))
    ends = [run(e, aluminium, 20, time_step=2.0) for e in (make_engine(ALUMINIUM), two)]
    np.testing.assert_allclose(ends[0].state.positions, ends[1].state.positions, atol=1e-9)
    assert all(end.loop_seconds[0] > 0 for end in ends)


def test_a_slab_has_open_sides(aluminium):
    slab = aluminium.with_(
        cell=aluminium.cell * np.array([[1], [1], [3.0]]), pbc=np.array([True, True, False])
    )
    engine = make_engine(ALUMINIUM)
    oracle = EAM(potential=str(program.find_potential("Al_mm.eam.fs")), form="fs")
    atoms = Atoms("Al32", slab.positions, cell=slab.cell, pbc=slab.pbc, calculator=oracle)
    answer = engine.evaluate([slab, slab])
    assert answer.potential_energy[1] == pytest.approx(atoms.get_potential_energy(), abs=2e-3)
    blocks = []
    run(engine, slab, 10, time_step=2.0, every=10, record=blocks.append)
    first = collect(blocks)
    assert first.potential_energy[0] == pytest.approx(answer.potential_energy[0], abs=1e-9)
    np.testing.assert_allclose(first.positions[0], slab.positions, atol=1e-12)


def test_speed_of_a_run():
    assert nanoseconds_per_day(steps=1000, time_step=2.0, seconds=1.0) == pytest.approx(172.8)


def test_a_misspelt_potential_is_recognised():
    settings = ALUMINIUM.model_copy(update={"potential": ("Al_mn.eam.fs",)})
    with pytest.raises(EngineError, match=r"did you mean.*Al_mm\.eam\.fs"):
        make_engine(settings)
    with pytest.raises(EngineError, match="does not exist"):
        program.find_potential("no/such/file")


def test_a_failure_shows_the_error_line_and_keeps_the_log(tmp_path, aluminium):
    settings = LammpsSettings(pair_style="eam/fx", potential=MISHIN, elements="Al")
    with pytest.raises(EngineError, match=r"ERROR.*eam/fx.*log: (\S+)\)") as caught:
        run(make_engine(settings, tmp_path), aluminium, 1, time_step=1.0)
    assert "\n" not in str(caught.value)
    assert len(list(tmp_path.glob("lammps-*/log.lammps"))) == 1


def test_success_leaves_no_files(tmp_path, aluminium):
    run(make_engine(ALUMINIUM, tmp_path), aluminium, 1, time_step=1.0)
    assert list(tmp_path.iterdir()) == []


def test_foreign_atoms_are_refused(aluminium):
    gold = aluminium.with_(species=np.full(32, 79))
    with pytest.raises(EngineError, match=r"atomic numbers \[79\]"):
        run(make_engine(ALUMINIUM), gold, 1, time_step=1.0)
    isotopes = aluminium.with_(masses=np.linspace(26, 27, 32))
    with pytest.raises(EngineError, match="several masses"):
        run(make_engine(ALUMINIUM), isotopes, 1, time_step=1.0)
    flat = aluminium.with_(cell=np.diag([8.0, 8.0, 0.0]))
    with pytest.raises(EngineError, match="cell with volume"):
        run(make_engine(ALUMINIUM), flat, 1, time_step=1.0)
    with pytest.raises(EngineError, match="differ in their atoms"):
        make_engine(ALUMINIUM).evaluate([aluminium, gold])


def test_a_missing_program_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(EngineError, match=r"pip install longstride\[lammps\]"):
        make_engine(ALUMINIUM)


def test_the_program_is_found_beside_python(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert Path(program.find_program("lmp")).parent == Path(sys.executable).parent


def test_damaged_output_is_recognised(tmp_path):
    dump = tmp_path / "a.bin"
    dump.write_bytes(b"ITEM: TIMESTEP\n0\n")
    with pytest.raises(EngineError, match="not a LAMMPS binary dump"):
        list(read_dump(dump))
    dump.write_bytes((-10).to_bytes(8, "little", signed=True) + b"DUMPCUSTOM" + bytes(20))
    with pytest.raises(EngineError, match="cut off"):
        list(read_dump(dump))
    log = tmp_path / "log"
    columns = "Step PotEng Pxx Pyy Pzz Pxy Pxz Pyz Lx Ly Lz Xy Xz Yz"
    log.write_text(columns + "\n" + " ".join(["1"] * 14) + "\n")
    with pytest.raises(EngineError, match="middle of a run"):
        read_log(log)
