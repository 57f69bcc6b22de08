"""The documents tell the truth: examples run, links lead somewhere, every command is listed."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from longstride.cli.main import COMMANDS
from longstride.zoo import shipped

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
TESTED_BLOCK = re.compile(r"<!-- tested -->\n```(\w+)\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
TESTED = TESTED_BLOCK.findall(README)


def console_lines() -> list[str]:
    """The commands of the README's tested console blocks."""
    blocks = [body for kind, body in TESTED if kind == "console"]
    return [line[2:] for body in blocks for line in body.splitlines() if line.startswith("$ ")]


def run_in(folder: Path, words: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"


def test_the_readme_has_examples_that_are_tested():
    assert {kind for kind, _ in TESTED} == {"console", "python"}


@pytest.mark.parametrize("line", console_lines())
def test_a_shell_line_of_the_readme_runs(line: str, tmp_path: Path):
    program, *arguments = shlex.split(line)
    assert program == "longstride"
    run_in(tmp_path, [sys.executable, "-m", "longstride.cli.main", *arguments])


@pytest.mark.parametrize("code", [body for kind, body in TESTED if kind == "python"])
@pytest.mark.skipif(not shipped(), reason="the example runs a shipped model, and none is here")
def test_a_python_example_of_the_readme_runs(code: str, tmp_path: Path):
    run_in(tmp_path, [sys.executable, "-c", code])


def test_the_readme_lists_exactly_the_commands_that_exist():
    assert set(re.findall(r"^\| `longstride (\w+)", README, re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(path: Path):
    links = LINK.findall(path.read_text(encoding="utf-8"))
    # Pages of the reference are made with the site, whose links test_site.py follows.
    written = [link for link in links if not link.startswith("reference/")]
    assert [link for link in written if not (path.parent / link).exists()] == []
