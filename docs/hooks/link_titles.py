"""Hook of MkDocs: links whose text is a file's name get the title of the page.

``[maps.md](maps.md)`` is right where the files are browsed; on the site the reader knows pages by
their titles.
"""

import posixpath
import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

NAMED_BY_FILE = re.compile(r"\[([\w./-]+\.md)\]\(([^)#\s]+\.md)(#[^)\s]*)?\)")
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Replace names of files by titles; links to what is not a page stay."""

    def titled(link: re.Match[str]) -> str:
        folder = posixpath.dirname(page.file.src_uri)
        target = files.get_file_from_path(posixpath.normpath(posixpath.join(folder, link[2])))
        title = TITLE.search(target.content_string) if target is not None else None
        if title is None:
            return link[0]
        return f"[{title[1]}]({link[2]}{link[3] or ''})"

    return NAMED_BY_FILE.sub(titled, markdown)
