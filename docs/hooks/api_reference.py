"""Hook of MkDocs: a page for the public names of every room, and their list.

What a room exports (``__all__``) is public; mkdocstrings reads the docstrings.
"""

import ast
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

PACKAGE = "longstride"
FOLDER = "reference/python"
LONE_COLONS = re.compile(r"<p>::</p>")
ROLE = re.compile(r":(?:class|func|meth|mod|attr|data):(?=<code>)")
SECTION = "Reference"
"""Of the navigation, where the pages go."""

INTRODUCTION = """# Python

The public names of every room, from their docstrings. What a room is for, and what it may import,
is on the map of the [architecture](../../architecture.md). Lengths are in Å, times in fs, energies
in eV, masses in amu, temperatures in K.

| module | |
|---|---|
"""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages into the navigation."""
    section = next(item[SECTION] for item in config.nav or [] if SECTION in item)
    rooms = [{name: f"{FOLDER}/{name}.md"} for name in public_modules(source(config))]
    section.append({"Python": [f"{FOLDER}/index.md", *rooms]})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages to the pages of the site."""
    modules = public_modules(source(config))
    rows = "\n".join(f"| [`{name}`]({name}.md) | {line} |" for name, line in modules.items())
    files.append(File.generated(config, f"{FOLDER}/index.md", content=INTRODUCTION + rows + "\n"))
    for name in modules:
        text = f"# {name}\n\n::: {name}\n"
        files.append(File.generated(config, f"{FOLDER}/{name}.md", content=text))
    return files


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Take out what docstrings have of reStructuredText: roles before names, lone colons."""
    return LONE_COLONS.sub("", ROLE.sub("", html))


def source(config: MkDocsConfig) -> Path:
    """The folder of the package."""
    return Path(config.config_file_path).parent / "src" / PACKAGE


def public_modules(package: Path) -> dict[str, str]:
    """The modules that export names, with the first lines of their docstrings.

    Args:
        package: the folder of the package.
    """
    found = {}
    for path in sorted([*package.glob("*.py"), *package.rglob("__init__.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inside = path.relative_to(package).with_suffix("").parts
        words = [PACKAGE, *(part for part in inside if part != "__init__")]
        if exports(tree) or (path.name != "__init__.py"):
            found[".".join(words)] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def exports(tree: ast.Module) -> bool:
    """Whether a module says what of it is public."""
    targets = [
        target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
    ]
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)
