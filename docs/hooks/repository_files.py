"""Hook of MkDocs: files of the repository that pages link to become pages of the site.

The pages in ``docs/`` name recipes, sources and results by relative links, ``../recipes/al.yaml``,
that hold where the repository is browsed. Here each such file is shown on a page of its own, and a
folder as the list of its files, so that the links hold on the site as well and lead to the version
it was built from.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

FOLDER = "repository"
OUTWARD = re.compile(r"\]\((\.\./[^)#\s]+)(#[^)\s]*)?\)")
LANGUAGES = {".py": "python", ".yaml": "yaml", ".json": "json", ".md": "markdown", ".toml": "toml"}
LONGEST = 100_000
"""Characters of a file that are shown."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for every file and folder that the pages link to, and for the folders' files."""
    root = Path(config.config_file_path).parent
    wanted = {
        path
        for file in files.documentation_pages()
        for link, _ in OUTWARD.findall(file.content_string)
        if not is_document(path := target(file, link))
    }
    for path in sorted(wanted):
        inside = sorted(child for child in (root / path).rglob("*") if shown(child))
        wanted = wanted | {child.relative_to(root).as_posix() for child in inside}
    for path in sorted(wanted):
        files.append(File.generated(config, page_of(path), content=page(root, path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links out of the documentation to the pages of their files."""

    def inward(link: re.Match[str]) -> str:
        path = target(page.file, link[1])
        if is_document(path):
            return link[0]
        there = page_of(path)
        return f"]({posixpath.relpath(there, posixpath.dirname(page.file.src_uri) or '.')})"

    return OUTWARD.sub(inward, markdown)


def target(file: File, link: str) -> str:
    """The path in the repository that a link of a page means, as ``recipes/al.yaml``."""
    return posixpath.normpath(posixpath.join("docs", posixpath.dirname(file.src_uri), link))


def is_document(path: str) -> bool:
    """Whether a path in the repository is on the site anyway."""
    return path.startswith("docs/")


def page_of(path: str) -> str:
    """The page of a path in the repository."""
    return f"{FOLDER}/{path}.md"


def shown(path: Path) -> bool:
    """Whether a file of a linked folder gets a page: text, not a cache."""
    return path.is_file() and path.suffix in LANGUAGES


def page(root: Path, path: str) -> str:
    """The page of a file, or of a folder.

    Raises:
        FileNotFoundError: there is neither; the build ends with its name.
    """
    title = f"# {path}\n\n"
    place = root / path
    if place.is_dir():
        here = posixpath.dirname(page_of(path))
        names = [
            child.relative_to(root).as_posix() for child in sorted(place.rglob("*")) if shown(child)
        ]
        links = [f"- [`{name}`]({posixpath.relpath(page_of(name), here)})\n" for name in names]
        return title + "".join(links)
    text = place.read_text(encoding="utf-8")
    cut = "" if len(text) <= LONGEST else f"The first {LONGEST} characters.\n\n"
    language = LANGUAGES.get(place.suffix, "text")
    return f"{title}{cut}~~~~~~{language}\n{text[:LONGEST]}\n~~~~~~\n"
