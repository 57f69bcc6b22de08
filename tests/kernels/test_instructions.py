"""Which kernel computes: the widest that can run, or the one that is asked for; else one line."""

import sys
from types import SimpleNamespace

import pytest
from ase.build import bulk
from ase.io import write

from longstride.cli import main as program
from longstride.errors import ConfigError
from longstride.kernels import instructions, load_propagator
from longstride.kernels.native import MODULES, VARIABLE, load_native
from longstride.zoo import resolve, shipped

WRONG = 2
compiled = pytest.mark.skipif(load_native() is None, reason="the kernel was not compiled")
with_models = pytest.mark.skipif(not shipped(), reason="no model ships")


def runnable() -> list[str]:
    """Instruction sets of this processor, the narrowest first."""
    widest = instructions()
    return [] if widest is None else list(MODULES)[: list(MODULES).index(widest) + 1]


@pytest.fixture(autouse=True)
def no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch):
    """Lets the processor run no more than some instruction set."""

    def pretend(widest: str) -> None:
        fake = SimpleNamespace(widest=lambda: widest)
        monkeypatch.setitem(sys.modules, "longstride.kernels._processor", fake)

    return pretend


@pytest.fixture
def uncompiled(monkeypatch: pytest.MonkeyPatch):
    """Takes modules out of the installation."""

    def take(*names: str) -> None:
        for name in names:
            monkeypatch.setitem(sys.modules, f"longstride.kernels.{name}", None)

    return take


def refused(wish: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said of a wish that cannot be fulfilled."""
    monkeypatch.setenv(VARIABLE, wish)
    with pytest.raises(ConfigError) as told:
        load_native()
    line = str(told.value)
    assert line.startswith(f"{VARIABLE}={wish}: ")
    assert "unset" in line
    assert "\n" not in line
    return line


@compiled
@pytest.mark.parametrize("name", runnable())
def test_the_wish_is_fulfilled(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, name)
    native = load_native()
    assert native is not None
    assert native.__name__ == f"longstride.kernels.{MODULES[name]}"
    assert instructions() == name


@compiled
@pytest.mark.parametrize("name", runnable())
def test_without_a_wish_the_widest_runs_that_the_processor_can(name: str, processor) -> None:
    processor(name)
    native = load_native()
    assert native is not None
    assert native.__name__ == f"longstride.kernels.{MODULES[name]}"


@compiled
def test_an_empty_wish_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    widest = instructions()
    monkeypatch.setenv(VARIABLE, "")
    assert instructions() == widest


@pytest.mark.skipif(len(runnable()) < 2, reason="the processor has one instruction set")
def test_a_kernel_that_was_not_compiled_is_not_chosen(uncompiled) -> None:
    *_, narrower, widest = runnable()
    uncompiled(MODULES[widest])
    assert instructions() == narrower


@compiled
def test_an_unknown_wish_is_refused(processor, monkeypatch: pytest.MonkeyPatch) -> None:
    processor("v3")
    line = refused("avx2", monkeypatch)
    assert "no such instruction set; this processor runs baseline and v3" in line


@compiled
def test_what_the_processor_cannot_run_is_refused(
    processor, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor("baseline")
    assert "this processor runs baseline; " in refused("v3", monkeypatch)


@compiled
def test_what_was_not_compiled_is_refused(
    processor, uncompiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor("v4")
    uncompiled(MODULES["baseline"], MODULES["v4"])
    line = refused("v4", monkeypatch)
    assert "this processor runs baseline, v3 and v4" in line
    assert "only v3" in line
    assert "LONGSTRIDE_MODULES=all" in line


@with_models
def test_without_a_kernel_torch_computes_but_not_against_a_wish(
    uncompiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    uncompiled("_processor", *MODULES.values())
    assert load_native() is None
    assert load_propagator(resolve("al")).instructions is None
    assert "no kernel was compiled" in refused("baseline", monkeypatch)
    with pytest.raises(ConfigError, match=VARIABLE):
        load_propagator(resolve("al"))


@compiled
def test_kernels_of_another_processor_are_reported(processor, uncompiled) -> None:
    """An installation that was compiled for this machine alone, on an older one."""
    processor("baseline")
    uncompiled(MODULES["baseline"])
    with pytest.warns(UserWarning, match="LONGSTRIDE_MODULES=all"):
        assert load_native() is None


@compiled
@with_models
@pytest.mark.parametrize("name", runnable())
def test_a_propagator_tells_what_computes_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, name)
    assert load_propagator(resolve("al")).instructions == name


@with_models
@pytest.mark.parametrize(
    "command",
    [
        ("run", "-m", "al", "-s", "POSCAR", "-o", "out.h5", "-T", "300", "--time", "1ps"),
        ("bench", "--reference", "none"),
        ("validate", "-m", "al", "-o", "verdict"),
        ("demo", "--out", "demo"),
    ],
    ids=lambda command: command[0],
)
def test_the_command_line_says_it_in_one_line(
    command: tuple[str, ...],
    tmp_path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "POSCAR", bulk("Al", a=4.05, cubic=True), format="vasp")
    monkeypatch.setenv(VARIABLE, "sse9")
    assert program.main(command) == WRONG
    error = capsys.readouterr().err
    assert error.startswith(f"longstride: error: {VARIABLE}=sse9: ")
    assert error.count("\n") == 1
