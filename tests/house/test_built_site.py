"""The checker of links sees what is broken, and nothing else."""

from pathlib import Path

import pytest
from built_site import broken_links, foreign_loads

OTHER = '<h1 id="top">Other</h1><img src="picture.png">'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of two pages and a picture."""
    (tmp_path / "other.html").write_text(OTHER)
    (tmp_path / "picture.png").write_bytes(b"png")
    return tmp_path


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="other.html#top">', None),
        ('<a href="https://example.org/">', None),
        ('<a id="here" href="#here">', None),
        ('<a href="other.html#bottom">', "no such anchor"),
        ('<a href="missing.html">', "no such file"),
        ('<a href="#nowhere">', "no such anchor"),
        ('<img src="missing.png">', "no such file"),
        ('<link rel="stylesheet" href="missing.css">', "no such file"),
    ],
)
def test_links(site: Path, html: str, problem: str | None):
    (site / "index.html").write_text(html)
    found = list(broken_links(site))
    assert [line.rpartition(": ")[2] for line in found] == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("index.html", '<script src="https://example.org/a.js"></script>'),
        ("index.html", '<img src="//example.org/a.png">'),
        ("index.html", '<link rel="preconnect" href="https://example.org">'),
        ("style.css", "@import 'https://example.org/a.css';"),
        ("style.css", "@font-face { src: url(https://example.org/a.woff2) }"),
    ],
)
def test_what_comes_from_elsewhere(site: Path, name: str, text: str):
    assert list(foreign_loads(site)) == []
    (site / name).write_text(text)
    assert len(list(foreign_loads(site))) == 1
