"""The command: runs once what is to be run, isolates what fails, and stops in an orderly way."""

import builtins
import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console
from studies import write_study

from longstride.cli.main import main
from longstride.cli.sweep_progress import SweepProgress
from longstride.study import StudyFolder, load_study, plan_study
from longstride.study.task import journal

WORDS = ["sweep", "study.yaml", "-o", "out", "--workers", "1"]


def starts() -> dict[str, int]:
    """How often the command of every run was started."""
    return {
        folder.name: sum(line["event"] == "start" for line in journal(folder))
        for folder in sorted(Path("out/runs").iterdir())
    }


def record() -> dict:
    return json.loads(Path("out/sweep.json").read_text())


def test_a_sweep_makes_every_run_once(work: Path, capsys: pytest.CaptureFixture[str]):
    write_study()
    assert main(WORDS) == 0
    assert set(starts().values()) == {1}
    err = capsys.readouterr().err
    assert "study.yaml: 4 runs\n" in err
    assert "[4/4] T600_s2 finished" in err
    table = Path("out/sweep.csv").read_bytes()
    assert main(WORDS) == 0
    assert set(starts().values()) == {1}
    assert Path("out/sweep.csv").read_bytes() == table
    assert "4 runs, 4 finished" in capsys.readouterr().err
    assert len(record()["conditions"]) == 2


def test_a_run_that_fails_does_not_stop_the_others_and_is_tried_again(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    write_study()
    monkeypatch.setenv("STAND_IN", "T300_s2")
    assert main(WORDS) == 1
    said = capsys.readouterr()
    assert "failed: T300_s2: error: the oven is cold" in said.err
    assert "1 of 4 runs failed; the same command tries them again" in said.out
    assert record()["failed"] == {"T300_s2": "error: the oven is cold"}
    assert len(record()["runs"]) == 3
    monkeypatch.delenv("STAND_IN")
    assert main(WORDS) == 0
    assert starts() == {"T300_s1": 1, "T300_s2": 2, "T600_s1": 1, "T600_s2": 1}
    assert record()["failed"] == {}


def test_a_run_whose_output_cannot_be_read_is_named(work: Path, capsys: pytest.CaptureFixture[str]):
    write_study()
    (work / "walk.h5").write_text("no trajectory")
    assert main(WORDS) == 1
    assert capsys.readouterr().err.count("failed: T") == 4
    assert len(record()["unmeasured"]) == 4


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_the_command_and_starts_no_more(
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
    code: int,
):
    write_study()
    monkeypatch.setenv("STAND_IN", "slow")

    def send() -> None:
        while not list(Path("out").glob("runs/*/begun")):
            time.sleep(0.02)
        os.kill(os.getpid(), number)

    sender = threading.Thread(target=send)
    sender.start()
    assert main(WORDS) == code
    sender.join()
    assert "finished runs are kept; the same command goes on" in capsys.readouterr().err
    assert sum(starts().values()) == 1
    assert not Path("out/sweep.csv").exists()
    monkeypatch.delenv("STAND_IN")
    assert main(WORDS) == 0
    assert len(record()["runs"]) == 4


def test_a_dry_run_shows_everything_and_makes_nothing(
    work: Path, capsys: pytest.CaptureFixture[str]
):
    write_study()
    assert main([*WORDS, "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert out.count("to make") == 4
    assert "T600_s2: longstride generate recipe.yaml" in out
    assert not Path("out").exists()


def test_without_parsl_there_is_one_line(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    true_import = builtins.__import__

    def without(name: str, *more: object) -> object:
        if name.partition(".")[0] == "parsl":
            raise ImportError(name)
        return true_import(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    write_study()
    assert main([*WORDS, "--dry-run"]) == 0
    assert main(WORDS) == 2
    assert "needs Parsl, which is not installed; install it with" in capsys.readouterr().err
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"options": {"time": "6"}}, "options of al_fcc_T600_s2: --time 6: the unit is missing"),
        ({"options": {}}, "a new run needs --time"),
        ({"options": {"time": "6ps", "ensemble": "nph"}}, "nph"),
        ({"options": {"time": 6}}, "--time 6: the unit is missing"),
        ({"options": {"time": "6ps", "every": 2.5}}, "every: "),
        ({"models": "alu"}, "no model 'alu'"),
        ({"structures": ["gone.cif"]}, "gone.cif: no such file"),
    ],
)
def test_what_the_runs_would_refuse_is_refused_at_once(
    work: Path, capsys: pytest.CaptureFixture[str], changes: dict, said: str
):
    fcc = {"lattice": "fcc", "element": "Al", "lattice_constant": 4.05}
    plain = {"kind": "run", "recipe": None, "models": "al", "structures": {"fcc": fcc}}
    write_study(**plain | {"options": {"time": "6ps"}} | changes)
    assert main([*WORDS, "--dry-run"]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert said in lines[0]


def test_more_workers_than_cores_are_refused(work: Path, capsys: pytest.CaptureFixture[str]):
    write_study()
    assert main(["sweep", "study.yaml", "--workers", "100000", "--dry-run"]) == 2
    assert "cores of this machine" in capsys.readouterr().err


def test_the_table_of_a_terminal_shows_what_matters_first(work: Path):
    runs = plan_study(load_study(write_study(seeds=list(range(1, 41)))))
    folder = StudyFolder(work / "out")
    console = Console(force_terminal=True, width=100, height=20, record=True)
    names = [run.job.name for run in runs]
    conditions = dict.fromkeys(names, "waiting") | {names[70]: "at work", names[71]: "failed"}
    paths = {run.job.name: folder.of(run) for run in runs}
    with SweepProgress(console, len(runs), folder.survey(runs), paths) as progress:
        progress.tell(conditions, {names[71]: "the oven is cold"})
    text = console.export_text()
    assert f"{names[70]}  at work" in text
    assert "the oven is cold" in text
    assert "and 66 more" in text
    assert "1/80" in text
