"""Plays a tutorial of the documentation: its files and commands, in order, made small."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = re.compile(r"[Ww]rite `([\w.]+)`:\n\n```(\w+)\n(.*?)```", re.DOTALL)
TESTED = re.compile(r"<!-- tested -->\n```(\w+)\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Tutorial:
    """A page, and what makes it small.

    Attributes:
        page: name of the file in ``docs/``.
        small: of each YAML file that it has the reader write, the keys that are replaced; of other
            files nothing.
        shorter: of a command, the options put behind the page's own.
        allowed: of a command, the exit codes that are as good as zero. A model of a few steps need
            not pass a check.
    """

    page: str
    small: dict[str, dict[str, Any]] = field(default_factory=dict)
    shorter: dict[str, list[str]] = field(default_factory=dict)
    allowed: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The page."""
        return (ROOT / "docs" / self.page).read_text(encoding="utf-8")

    def files(self) -> dict[str, str]:
        """The files of the page, made small."""
        found = {}
        for name, kind, text in FILE.findall(self.text):
            if kind == "yaml":
                content = {**yaml.safe_load(text), **self.small.get(name, {})}
                # ``None`` takes a key out.
                content = {key: value for key, value in content.items() if value is not None}
                text = yaml.safe_dump(content)
            found[name] = text
        return found

    def play(self, folder: Path) -> None:
        """Write the files into ``folder``, then run every tested block there."""
        for name, text in self.files().items():
            (folder / name).write_text(text, encoding="utf-8")
        for kind, body in TESTED.findall(self.text):
            if kind == "python":
                run([sys.executable, "-c", body], folder)
                continue
            for line in body.splitlines():
                self._run_line(line.removeprefix("$ "), folder)

    def _run_line(self, line: str, folder: Path) -> None:
        program, *words = shlex.split(line)
        if program == "longstride":
            command = words[0]
            start = [sys.executable, "-m", "longstride.cli.main"]
        else:
            command = program
            start = [str(Path(sys.executable).parent / program)]
        run([*start, *words, *self.shorter.get(command, [])], folder, self.allowed.get(command, ()))


def run(words: list[str], folder: Path, allowed: tuple[int, ...] = ()) -> None:
    """Run a program in a folder; its exit code must be 0 or allowed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, *allowed), f"{words}\n{done.stdout}{done.stderr}"
