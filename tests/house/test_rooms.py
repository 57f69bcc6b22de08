"""House rules no linter knows: short files, described rooms, no torch below the networks."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "longstride"
SOURCES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 300
TORCH_FREE = ["analysis", "dynamics", "reference", "report", "study", "trajectory"]


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_is_one_short_idea_and_says_which(path: Path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(ast.parse(text)), "a module says in its docstring what it is for"


def test_every_room_is_on_the_map():
    architecture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()]
    assert [room for room in rooms if f"`{room}/`" not in architecture] == []


@pytest.mark.parametrize("room", TORCH_FREE)
def test_a_numpy_room_does_not_load_torch(room: str):
    if not (PACKAGE / room).is_dir():
        pytest.skip(f"there is no {room} room yet")
    script = f"import sys, longstride.{room}; sys.exit('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr or f"longstride.{room} imports torch"


@pytest.mark.parametrize("room", ["graph", "model"])
def test_what_a_room_imports_at_first_use_is_there(room: str):
    """Whatever was imported before: a name must not be hidden by a file of the room."""
    script = f"""
import importlib, pkgutil, longstride.{room} as room
files = [file.name for file in pkgutil.iter_modules(room.__path__)]
for file in files:
    importlib.import_module(f"longstride.{room}.{{file}}")
assert not set(files) & set(room.__all__)
for name in room.__all__:
    assert getattr(room, name) is not None
    assert name in vars(room), "found anew every time"
try:
    room.nothing
except AttributeError as error:
    assert "'longstride.{room}' has no attribute 'nothing'" in str(error)
else:
    raise AssertionError("no such name")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
