"""From a recipe to a file: what is in it, and that an interruption leaves no trace."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from longstride import __version__
from longstride.errors import ConfigError, EngineError
from longstride.reference import generate, load_recipe, make_engine
from longstride.reference.parts import Parts
from longstride.reference.sampling import RelaxedCell
from longstride.trajectory import TrajectoryFile
from longstride.units import MASS_VELOCITY_SQUARED

FOUR_RUNS = {"seeds": [1, 2], "segments": 3, "equilibration": 30000.0}
"""Long enough that a signal, sent while the second of them runs, arrives before the last is done
however busy the machine is."""


def checksum(path: Path) -> str:
    with TrajectoryFile(path) as file:
        return file.sha256()


@pytest.mark.parametrize("engine", ["ase", "lammps"])
def test_a_file_says_what_it_is_and_keeps_its_energy(write_recipe, tmp_path, engine):
    short = {"equilibration": 60.0, "strains": [0.01], "decorrelation": 20.0}
    recipe = load_recipe(
        write_recipe(engine, relaxation={"time": 80.0, "seed": 3}, runs_changes=short)
    )
    output = tmp_path / "data.h5"
    steps = []
    size = generate(recipe, output, workers=1, report=lambda p: steps.append(p.steps))
    assert steps == sorted(steps)
    assert steps[-1] == size.steps
    with TrajectoryFile(output) as file:
        assert file.segments == ("T300_strain+0.01_seed1_000", "T300_strain+0.01_seed1_001")
        facts = file.provenance
        assert facts["longstride"] == __version__
        assert facts["engine"]["engine"] == engine
        assert facts["engine"]["version"]
        assert facts["recipe"]["time_step"] == 2.0
        relaxed = np.array(facts["relaxed_cells"]["300"]["cell"])
        for segment in file:
            assert segment.n_frames == 11
            assert segment.interval == 4.0
            data = segment.metadata
            assert (data["temperature"], data["strain"], data["seed"]) == (300.0, 0.01, 1)
            assert data["run"] == "T300_strain+0.01_seed1"
            np.testing.assert_allclose(segment.cell, relaxed * 1.01, rtol=1e-12)
            assert data["lattice_constant"] == pytest.approx(segment.cell[0, 0] / 2)
            velocities, positions = segment.velocities(), segment.positions()
            squares = (segment.masses[:, None] * velocities**2).sum(axis=(1, 2))
            energy = segment.potential_energy() + 0.5 * MASS_VELOCITY_SQUARED * squares
            assert np.ptp(energy) < 2e-3
            np.testing.assert_allclose(velocities.mean(axis=1), 0.0, atol=1e-14)
            # Trapezoidal rule over the frames, whose error is h³ q''' / 12.
            flight = np.diff(positions, axis=0)
            mean = 0.5 * (velocities[1:] + velocities[:-1])
            np.testing.assert_allclose(flight, 4.0 * mean, atol=4e-4)
            answer = make_engine(recipe.engine).evaluate([segment.state(0), segment.state(10)])
            stored = segment.potential_energy()[[0, 10]]
            np.testing.assert_allclose(answer.potential_energy, stored, rtol=1e-12)
            np.testing.assert_allclose(answer.stress, segment.stress()[[0, 10]], atol=1e-12)
    assert list(tmp_path.glob("data.h5*")) == [output]


def test_lammps_provenance_has_the_potential_and_its_checksum(write_recipe):
    facts = make_engine(load_recipe(write_recipe()).engine).describe()
    assert facts["potential"] == "Cu_mishin1.eam.alloy"
    assert len(facts["potential_sha256"]["Cu_mishin1.eam.alloy"]) == 64
    assert "2025" in facts["version"] or "20" in facts["version"]


def test_densities_fix_the_cell(write_recipe, tmp_path):
    path = write_recipe(relaxation=None)
    content = path.read_text().replace("strains:\n  - 0.0\n  - 0.01", "densities: [8.5]")
    path.write_text(content)
    output = tmp_path / "data.h5"
    generate(load_recipe(path), output, workers=1)
    with TrajectoryFile(output) as file:
        segment = file["T300_density8.5_seed1_000"]
        grams = segment.masses.sum() * 1.66053906660e-24
        assert grams / (np.linalg.det(segment.cell) * 1e-24) == pytest.approx(8.5)
        assert segment.metadata["density"] == pytest.approx(8.5)


def test_the_number_of_workers_changes_nothing(write_recipe, tmp_path):
    recipe = load_recipe(write_recipe())
    for workers in (1, 2):
        generate(recipe, tmp_path / f"{workers}.h5", workers=workers)
    assert checksum(tmp_path / "1.h5") == checksum(tmp_path / "2.h5")


def processes_in(folder: Path) -> list[str]:
    """Processes that work in a folder or have it in their command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder) in os.readlink(process / "cwd"):
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


def finished(parts: Path) -> int:
    return len(list(parts.glob("T*.h5")))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_generation_goes_on_as_if_it_had_not_been(write_recipe, tmp_path, number):
    path = write_recipe(runs_changes=FOUR_RUNS)
    recipe, output = load_recipe(path), tmp_path / "data.h5"
    command = [sys.executable, "-m", "longstride.cli.main", "generate", str(path)]
    command += ["-o", str(output), "--workers", "1"]
    parts = tmp_path / "data.h5.parts"
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not finished(parts) or not list(parts.glob("work-T*/lammps-*/log.lammps")):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == (130 if number == signal.SIGINT else -number), said
    assert "Traceback" not in said
    assert not output.exists()
    while processes_in(tmp_path):
        assert time.monotonic() < deadline, processes_in(tmp_path)
        time.sleep(0.05)
    kept = finished(parts)
    assert 0 < kept < 4
    done = []
    generate(recipe, output, workers=2, report=lambda p: done.append((p.doing, p.runs)))
    assert ("sampling", kept) in done
    generate(recipe, tmp_path / "whole.h5", workers=2)
    assert checksum(output) == checksum(tmp_path / "whole.h5")
    assert not parts.exists()


def test_a_generation_killed_after_its_file_got_its_name_is_tidied_up(write_recipe, tmp_path):
    recipe, output = load_recipe(write_recipe()), tmp_path / "data.h5"
    generate(recipe, output, workers=1)
    before = checksum(output)
    with Parts(output) as parts:
        (parts.folder / "T300_seed1.h5").write_bytes(b"of a run")
    with pytest.raises(ConfigError, match="of another recipe"):
        generate(load_recipe(write_recipe(damping=120.0)), output, workers=1)
    generate(recipe, output, workers=1)
    assert checksum(output) == before
    assert not parts.folder.exists()


def test_parts_are_used_only_for_the_same_work(write_recipe, tmp_path):
    recipe = load_recipe(write_recipe())
    output = tmp_path / "data.h5"
    with Parts(output) as parts:
        assert not parts.has_run("T300_seed1", "abc")
        parts.run_path("T300_seed1").write_bytes(b"not a trajectory")
        assert not parts.has_run("T300_seed1", "abc")
        (parts.folder / "cell_T300.json").write_text(json.dumps({"fingerprint": "other"}))
        with (
            pytest.raises(ConfigError, match="another 'generate'"),
            Parts(output),
        ):
            pass
    generate(recipe, output, workers=1)
    with pytest.raises(ConfigError, match="--overwrite"):
        generate(recipe, output, workers=1)
    before = checksum(output)
    changed = load_recipe(write_recipe(damping=120.0))
    generate(changed, output, workers=1, overwrite=True)
    assert checksum(output) != before


def test_a_relaxed_cell_is_taken_again(tmp_path):
    relaxed = RelaxedCell(np.diag([8.1, 8.2, 8.3]) + 0.1 / 3.0, np.array([0.1, 0.2, 1.0 / 3.0]))
    with Parts(tmp_path / "data.h5") as parts:
        parts.store_cell("cell_T300", "mark", relaxed)
        again = parts.cell("cell_T300", "mark")
        assert parts.cell("cell_T300", "another") is None
    assert again is not None
    np.testing.assert_array_equal(again.cell, relaxed.cell)
    np.testing.assert_array_equal(again.error, relaxed.error)


def test_a_failed_run_keeps_the_finished_ones(write_recipe, tmp_path):
    """The relaxed cell is finished; the compressed run loses its atoms."""
    path = write_recipe(
        time_step=20.0,
        interval=20.0,
        relaxation=None,
        runs_changes={
            "temperatures": [10.0, 90000.0],
            "strains": [0.0],
            "equilibration": 2000.0,
            "segments": 1,
        },
    )
    with pytest.raises(EngineError, match=r"LAMMPS|finite"):
        generate(load_recipe(path), tmp_path / "data.h5", workers=1)
    assert (tmp_path / "data.h5.parts" / "T10_seed1.h5").is_file()
    assert not (tmp_path / "data.h5").exists()


def test_a_bad_guess_of_the_lattice_constant_is_named(write_recipe, tmp_path):
    structure = {"lattice": "fcc", "element": "Cu", "lattice_constant": 4.6, "repeat": [2, 2, 2]}
    recipe = load_recipe(write_recipe(structure=structure, relaxation={"time": 4000.0}))
    with pytest.raises(EngineError, match=r"structure\.lattice_constant|LAMMPS"):
        generate(recipe, tmp_path / "data.h5", workers=1)


def test_a_missing_folder_is_named(write_recipe, tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        generate(load_recipe(write_recipe()), tmp_path / "no" / "data.h5", workers=1)
