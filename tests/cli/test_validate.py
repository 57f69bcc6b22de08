"""``longstride validate``: verdicts as exit codes; bad input is one line and no half report."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longstride.cli import main as program
from longstride.cli.validate import CHECK_FAILED, NAMES
from longstride.dynamics import langevin, rollout
from longstride.testsystems import HarmonicCrystal
from longstride.trajectory import TrajectoryWriter, segment_of

Change = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def crystal() -> HarmonicCrystal:
    return HarmonicCrystal.fcc(repeat=2)


@pytest.fixture(scope="module")
def write(crystal: HarmonicCrystal, tmp_path_factory: pytest.TempPathFactory):
    """Writes a run in a bath, with its header changed."""
    folder = tmp_path_factory.mktemp("trajectories")

    def make(name: str, seed: int, n_frames: int = 500, scale: float = 1.0, **header: Any) -> Path:
        path = folder / name
        if path.exists():
            return path
        rng = np.random.default_rng(seed)
        ensemble = langevin(crystal.propagator(20.0), 600.0, 100.0)
        state = crystal.sample(600.0, rng)
        states = [state, *(s.end for s in rollout(ensemble, state, rng, n_frames - 1))]
        content = {
            "species": state.species,
            "masses": state.masses,
            "cell": state.cell,
            "pbc": state.pbc,
            "interval": 20.0,
            "metadata": {"temperature": 600.0},
            **header,
        }
        with TrajectoryWriter(path) as out:
            segment = out.segment("run", **content)
            segment.append_many(
                time=content["interval"] * np.arange(n_frames),
                positions=np.array([s.positions for s in states]),
                velocities=scale * np.array([s.velocities for s in states]),
            )
        return path

    return make


def validate(*words: object) -> int:
    return program.main(["validate", *map(str, words)])


def test_a_rollout_like_its_reference_passes(write, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    rollout, reference = write("a.h5", 1), write("b.h5", 2)
    assert validate("--rollout", rollout, "--reference", reference, "-o", out) == 0
    printed = capsys.readouterr().out
    assert "nvt.rdf.l1[600K]" in printed
    assert "…" not in printed
    assert "all passed" in printed
    names = {path.name for path in out.iterdir()}
    assert names == {"results.json", "arrays.npz", "snapshots.npz", "report.html"}
    results = json.loads((out / "results.json").read_text())
    assert results["schema"] == 1
    assert results["provenance"]["model"]["sha256"]
    assert any("laws left out" in note for note in results["provenance"]["notes"])


def test_a_cold_rollout_fails_with_exit_code_1(write, tmp_path: Path, capsys) -> None:
    rollout, reference = write("cold.h5", 1, scale=0.9), write("b.h5", 2)
    words = ("--rollout", rollout, "--reference", reference, "--checks", "nvt", "-o", tmp_path)
    assert validate(*words) == CHECK_FAILED
    assert "fail" in capsys.readouterr().out
    results = json.loads((tmp_path / "results.json").read_text())
    wrong = [check["name"] for check in results["checks"] if not check["passed"]]
    assert "nvt.temperature.relative_error[600K]" in wrong


def test_own_thresholds_change_the_verdict(write, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("nvt.temperature.relative_error: {tolerance: 0.5}\n")
    rollout, reference = write("cold.h5", 1, scale=0.9), write("b.h5", 2)
    words = ("--rollout", rollout, "--reference", reference, "--checks", "nvt")
    assert validate(*words, "--thresholds", mine, "-o", tmp_path / "out") == 0


HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "species": ({"species": np.full(32, 29)}, "different species"),
    "masses": ({"masses": np.full(32, 63.5)}, "different masses"),
    "cell": ({"cell": 8.2 * np.eye(3)}, "different cells"),
    "stride": ({"interval": 30.0}, "record one at a multiple"),
    "temperature": ({"metadata": {"temperature": 300.0}}, "give a reference at its temperature"),
}


@pytest.mark.parametrize("what", HEADERS)
def test_a_rollout_of_something_else_is_refused(write, tmp_path: Path, capsys, what: str) -> None:
    header, words = HEADERS[what]
    rollout, reference = write(f"{what}.h5", 1, n_frames=64, **header), write("b.h5", 2)
    out = tmp_path / "out"
    code = validate("--rollout", rollout, "--reference", reference, "-o", out)
    assert_refused(code, out, capsys, words)


def test_too_few_frames_are_refused(write, tmp_path: Path, capsys) -> None:
    rollout, reference = write("short.h5", 1, n_frames=12), write("b.h5", 2)
    out = tmp_path / "out"
    code = validate("--rollout", rollout, "--reference", reference, "-o", out)
    assert_refused(code, out, capsys, "run longer")


def test_a_damaged_or_foreign_file_is_refused(write, tmp_path: Path, capsys) -> None:
    import h5py

    good = write("b.h5", 2)
    cut = tmp_path / "cut.h5"
    cut.write_bytes(good.read_bytes()[:5000])
    foreign = tmp_path / "foreign.h5"
    with h5py.File(foreign, "w") as file:
        file["numbers"] = [1, 2, 3]
    text = tmp_path / "text.h5"
    text.write_text("no trajectory\n")
    for bad in (cut, foreign, text, tmp_path / "missing.h5"):
        for words in (("--rollout", bad, "--reference", good), ("--rollout", good, "--reference",
                      bad)):  # fmt: skip
            out = tmp_path / "out"
            assert_refused(validate(*words, "-o", out), out, capsys, str(bad))


def assert_refused(code: int, out: Path, capsys, words: str) -> None:
    captured = capsys.readouterr()
    assert code == program.WRONG_INPUT
    assert captured.out == ""
    assert captured.err.count("\n") == 1, captured.err
    assert words in captured.err
    assert not list(out.glob("*"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "give --model"),
        (("--model", "al", "--rollout", "a.h5"), "give --model"),
        (("--rollout", "a.h5"), "--rollout needs --reference"),
        (("--model", "al", "--recipe", "r.yaml", "--reference", "a.h5"), "not both"),
        (("--model", "al", "--checks", "everything"), "choose from onestep"),
        (("--model", "al", "--temperatures", "warm"), "--temperatures warm"),
        (("--model", "al", "--temperatures", "-5"), "--temperatures -5"),
        (("--model", "nothing-here"), "no model 'nothing-here'"),
        (("--model", "al", "--thresholds", "none.yaml"), "none.yaml"),
        (("--model", "al", "--reference", "none.h5"), "none.h5"),
        (("--model", "al", "--recipe", "none.yaml"), "none.yaml"),
        (("--model", "al", "-T", "3000"), "3000 K"),
    ],
)
def test_wrong_options_are_one_line_and_leave_nothing(
    options: tuple[str, ...], words: str, tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_refused(validate(*options, "-o", "out"), tmp_path / "out", capsys, words)


def test_the_families_are_those_of_the_suite() -> None:
    from longstride.validation.checks import FAMILIES

    assert tuple(FAMILIES) == NAMES


def test_one_stride_of_a_shipped_model_needs_a_file_alone(tmp_path: Path, capsys) -> None:
    """A colleague's trajectory, without LAMMPS: the frames tell the error of one stride."""
    crystal = HarmonicCrystal.fcc(4.1, repeat=3)
    rng = np.random.default_rng(3)
    state = crystal.sample(300.0, rng)
    path = tmp_path / "theirs.h5"
    with TrajectoryWriter(path) as out:
        segment = segment_of(out, "run", state, interval=10.0, metadata={"temperature": 300.0})
        for frame in range(20):
            now = crystal.evolve(state, 10.0 * frame)
            segment.append(time=now.time, positions=now.positions, velocities=now.velocities)
    out = tmp_path / "out"
    words = ("-m", "al", "--reference", path, "--checks", "onestep", "-o", out)
    # Springs are not the potential the model learned: it fails, and says by how much.
    assert validate(*words) == CHECK_FAILED
    assert "onestep.w.relative_error[300K]" in capsys.readouterr().out
    assert not (out / "parts").exists()
