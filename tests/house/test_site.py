"""The site builds without a warning, its links hold, and nothing of it comes from elsewhere."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from built_site import broken_links, foreign_loads

from longstride.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def pages_of(navigation: list[object]) -> Iterator[str]:
    """The files that a navigation lists."""
    for item in navigation:
        for entry in item.values() if isinstance(item, dict) else [item]:
            if isinstance(entry, list):
                yield from pages_of(entry)
            else:
                yield str(entry)


def test_every_page_is_in_the_navigation():
    # Not ``yaml.load``: the file is plain YAML, and stays so.
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    listed = list(pages_of(navigation))
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    missing = sorted(written - set(listed))
    assert not missing, f"add a line for each to `nav` in mkdocs.yml: {', '.join(missing)}"
    assert len(listed) == len(set(listed))


def test_the_site_holds(tmp_path: Path):
    site = tmp_path / "site"
    words = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir"]
    done = subprocess.run(
        [*words, str(site)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert list(broken_links(site)) == []
    assert list(foreign_loads(site)) == []
    commands = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f'id="longstride-{name}"' not in commands] == []
    # Formulas are markup, not LaTeX that a script would have to set.
    theory = (site / "theory.html").read_text(encoding="utf-8")
    assert "<math" in theory
    assert "\\[" not in theory
    state = (site / "reference" / "python" / "longstride.state.html").read_text(encoding="utf-8")
    assert "phase-space" in state
