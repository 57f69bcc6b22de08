"""The program around the commands: help, misspelt names, exit codes, and no tracebacks."""

import errno
import subprocess
import sys

import pytest
import typer

from longstride import __version__
from longstride.cli import main as program
from longstride.cli.interruption import Interrupted
from longstride.errors import ConfigError


def raising(error: BaseException) -> object:
    """A command function that raises ``error``."""

    def command(count: int = 1) -> None:
        raise error

    return command


@pytest.fixture
def fake_command(monkeypatch: pytest.MonkeyPatch):
    """Installs a function as the command ``fake``."""

    def install(function: object) -> None:
        monkeypatch.setattr(program, "fake_function", function, raising=False)
        entry = program.Entry("longstride.cli.main:fake_function", "Fake.")
        monkeypatch.setitem(program.COMMANDS, "fake", entry)

    return install


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The single line of stderr; nothing may be on stdout."""
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("longstride: ")
    return captured.err.strip()


def test_help_lists_every_command_and_imports_none():
    script = (
        "import sys; from longstride.cli.main import main; code = main(['--help']);"
        "heavy = {'torch', 'matplotlib', 'scipy', 'ase', 'h5py', 'numpy'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for name in program.COMMANDS:
        assert f" {name} " in done.stdout


@pytest.mark.parametrize("name", program.COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]):
    assert program.main([name, "--help"]) == 0
    page = capsys.readouterr().out
    assert f"longstride {name}" in page
    assert program.COMMANDS[name].summary in " ".join(page.split())


@pytest.mark.parametrize("name", program.COMMANDS)
def test_the_help_page_of_a_command_does_not_import_torch(name: str):
    script = (
        "import sys; from longstride.cli.main import main;"
        f"code = main([{name!r}, '--help']); sys.exit(code or 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0


def test_without_arguments_the_help_page_is_printed(capsys: pytest.CaptureFixture[str]):
    assert program.main([]) == 0
    assert "Usage" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]):
    assert program.main(["--version"]) == 0
    assert capsys.readouterr().out == f"longstride {__version__}\n"


def test_a_misspelt_command_gets_a_suggestion(capsys: pytest.CaptureFixture[str]):
    assert program.main(["trian"]) == program.WRONG_INPUT
    assert "Did you mean 'train'" in one_line(capsys)


def test_an_unknown_option_is_one_line(fake_command, capsys: pytest.CaptureFixture[str]):
    fake_command(raising(AssertionError("not reached")))
    assert program.main(["fake", "--colour", "red"]) == program.WRONG_INPUT
    assert "'longstride fake --help'" in one_line(capsys)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ConfigError("recipe.yaml:\n  stride is -1 fs"), 2, "recipe.yaml: stride is -1 fs"),
        (PermissionError(errno.EACCES, "Permission denied", "/a/b"), 2, "/a/b: Permission denied"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "No space left on device"),
        (MemoryError(), 2, "out of memory"),
        (typer.BadParameter("must be positive"), 2, "must be positive"),
        (Interrupted(2, "go on"), 130, "stopped; go on"),
        (Interrupted(15), 143, "stopped"),
        (ZeroDivisionError("division by zero"), 70, "--debug"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    error: BaseException, code: int, words: str, fake_command, capsys: pytest.CaptureFixture[str]
):
    fake_command(raising(error))
    assert program.main(["fake"]) == code
    assert words in one_line(capsys)


def test_debug_lets_the_error_through_from_any_place(fake_command):
    fake_command(raising(ConfigError("wrong")))
    for arguments in (["--debug", "fake"], ["fake", "--debug"]):
        with pytest.raises(ConfigError, match="wrong"):
            program.main(arguments)


def test_the_exit_code_a_command_asks_for_is_kept(fake_command):
    fake_command(raising(typer.Exit(1)))
    assert program.main(["fake"]) == 1


def test_a_closed_pipe_is_quiet():
    program_line = f"{sys.executable} -m longstride.cli.main --help | true"
    done = subprocess.run(["bash", "-c", program_line], capture_output=True, text=True, check=False)
    assert done.stderr == ""
