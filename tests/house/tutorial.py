"""Plays a tutorial of the documentation: its files and commands, in order, made small."""

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from longstride.cli.main import main

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
        """Write the files into ``folder``, the working directory, then run every tested block.

        Commands run in this process, which has loaded what they need after the first.
        """
        for name, text in self.files().items():
            (folder / name).write_text(text, encoding="utf-8")
        for kind, body in TESTED.findall(self.text):
            if kind == "python":
                exec(compile(body, self.page, "exec"), {"__name__": "__main__"})
                continue
            for line in body.splitlines():
                self._run(shlex.split(line.removeprefix("$ ")))

    def _run(self, line: list[str]) -> None:
        program, *words = line
        if program == "longstride":
            code = main([*words, *self.shorter.get(words[0], [])])
            assert code in (0, *self.allowed.get(words[0], ())), line
        else:
            beside_python = str(Path(sys.executable).parent / program)
            words += self.shorter.get(program, [])
            done = subprocess.run([beside_python, *words], capture_output=True, check=False)
            assert done.returncode == 0, f"{line}\n{done.stdout.decode()}{done.stderr.decode()}"
