"""Several processes of one command: started, signalled and ended together; one of them speaks."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
import typer

from longstride.cli import processes
from longstride.cli.interruption import Interrupted, orderly
from longstride.errors import ConfigError, EngineError
from longstride.training.ranks import Ranks


@pytest.fixture
def launch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a shell script as so many processes, in the test's folder."""
    monkeypatch.chdir(tmp_path)
    return lambda script, size=2: processes.launch(["sh", "-c", script, "sh", "a", "b c"], size)


def signalled_when(condition, number: signal.Signals = signal.SIGTERM) -> threading.Thread:
    """A thread that sends this process a signal once a condition holds."""

    def watch() -> None:
        while not condition():
            time.sleep(0.02)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def test_each_process_is_told_its_rank_and_gets_the_whole_command(launch, tmp_path):
    assert launch('echo "$#$2 $RANK $WORLD_SIZE $LOCAL_RANK $MASTER_ADDR" > told.$RANK', 3) == 0
    for rank in range(3):
        told = (tmp_path / f"told.{rank}").read_text()
        assert told == f"2b c {rank} 3 {rank} 127.0.0.1\n"


def test_the_exit_code_is_that_of_a_process_that_failed(launch):
    assert launch("exit $((2 * RANK))") == 2


def test_processes_that_were_killed_have_a_line(launch):
    with pytest.raises(EngineError, match="process 1 of 2 was killed by signal 9"):
        launch("[ $RANK = 0 ] || kill -9 $$")


def test_a_signal_is_passed_on_once_to_each(launch, tmp_path):
    script = (
        "trap 'echo x >> got.$RANK; exit 143' TERM; touch up.$RANK; while :; do sleep 0.1; done"
    )
    ranks = range(2)
    signalled_when(lambda: all((tmp_path / f"up.{rank}").exists() for rank in ranks))
    with orderly():
        assert launch(script) == 143
    assert [(tmp_path / f"got.{rank}").read_text() for rank in ranks] == ["x\n", "x\n"]


def test_processes_that_say_nothing_when_told_to_end_are_spoken_for(launch, tmp_path):
    signalled_when(lambda: all((tmp_path / f"up.{rank}").exists() for rank in range(2)))
    with orderly(), pytest.raises(Interrupted):
        launch("touch up.$RANK; exec sleep 60")


def test_what_is_left_after_a_failure_is_ended(launch, monkeypatch):
    monkeypatch.setattr(processes, "GRACE", 0.2)
    assert launch("[ $RANK = 0 ] && exit 2; trap '' TERM; while :; do sleep 0.1; done") == 2


class Group(Ranks):
    """Ranks of which this one is the first to fail, or not."""

    def __init__(self, first_to_fail: bool) -> None:
        super().__init__(0, 2)
        self._first_to_fail = first_to_fail

    def speaks(self) -> bool:
        return self._first_to_fail


@pytest.mark.parametrize(
    ("error", "code"),
    [(ConfigError("wrong"), 2), (ValueError("odd"), 70), (Interrupted(signal.SIGTERM), 143)],
)
def test_one_rank_speaks_the_others_end_with_the_same_code(error, code):
    with pytest.raises(type(error)), processes.one_voice(Group(True)):
        raise error
    with pytest.raises(typer.Exit) as silent, processes.one_voice(Group(False)):
        raise error
    assert silent.value.exit_code == code
