"""Ctrl-C and SIGTERM: one line on how to go on, a shell's exit code, and nothing half-written."""

import signal
from pathlib import Path

import pytest
from ase.build import bulk
from ase.io import write

from longstride.cli import interruption
from longstride.cli.interruption import Interrupted, orderly, stoppable
from longstride.cli.main import main

CODES = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]


@pytest.mark.parametrize(("number", "code"), CODES)
def test_a_signal_says_how_to_go_on(number: int, code: int) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(Interrupted) as stop, orderly(), stoppable(lambda: "go on"):
        signal.raise_signal(number)
    assert (stop.value.status, stop.value.way_on) == (code, "go on")
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before


def test_the_innermost_way_on_is_said() -> None:
    ways = stoppable("outer"), stoppable("inner")
    with pytest.raises(Interrupted, match="inner"), orderly(), ways[0], ways[1]:
        signal.raise_signal(signal.SIGINT)


def closing(closed: list[bool]) -> None:
    """An end that is disturbed."""
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        closed.append(True)


def test_a_second_signal_does_not_disturb_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    with pytest.raises(Interrupted), orderly():
        closing(closed)
    assert closed == [True]
    monkeypatch.setattr(interruption, "GRACE", 0.0)
    with pytest.raises(Interrupted), orderly():
        closing(closed)
    assert closed == [True], "where an end takes too long, a signal is heard again"


SESSIONS = {
    "validate": ("longstride.cli.validate_session.run_session", ["--model", "al", "-o", "out"]),
    "bench": ("longstride.cli.bench_session.measure", []),
    "demo": ("longstride.cli.demo._run", ["--out", "out"]),
    "generate": ("longstride.cli.generate.generate", ["recipe.yaml", "-o", "new.h5"]),
    "run": (
        "longstride.cli.run_session._load",
        ["-m", "al", "-s", "al.cif", "-T", "600", "--time", "1ps", "-o", "out.h5"],
    ),
    "import": ("longstride.cli.import_.import_trajectories", ["a.xyz", "-o", "a.h5"]),
    "train": ("longstride.training.train", ["train.yaml", "-o", "RUN"]),
}


@pytest.mark.parametrize(("number", "code"), CODES)
@pytest.mark.parametrize("command", SESSIONS)
def test_every_long_command_ends_in_one_line(
    command: str,
    number: int,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from fuzz import seeds

    def stopped(*_: object, **__: object) -> None:
        signal.raise_signal(number)

    monkeypatch.chdir(tmp_path)
    write("al.cif", bulk("Al", cubic=True))
    seeds.generate_recipe(tmp_path / "recipe.yaml")
    seeds.train_recipe(tmp_path / "train.yaml")
    place, words = SESSIONS[command]
    monkeypatch.setattr(place, stopped)
    assert main([command, *words]) == code
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("longstride")]
    assert len(said) == 1
    assert said[0].startswith("longstride: stopped; ")
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {"al.cif", "recipe.yaml", "train.yaml", "data.h5", "out"}


def test_a_stopped_import_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from fuzz import seeds

    from longstride.trajectory import SegmentWriter

    source = seeds.dump(tmp_path / "a.lammpstrj")
    monkeypatch.setattr(SegmentWriter, "append", lambda *_, **__: signal.raise_signal(15))
    assert main(["import", str(source), "-o", str(tmp_path / "a.h5")]) == 143
    assert "nothing was written; run it again" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [source]
