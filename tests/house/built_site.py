"""A built site as a browser sees it: what its pages link to, and what they load."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADING = {("img", "src"), ("script", "src"), ("source", "src"), ("iframe", "src")}
LOADING_RELATIONS = {"stylesheet", "preload", "icon", "preconnect", "modulepreload"}
IMPORTED = re.compile(r"(?:url\(\s*|@import\s+)[\"']?(?:https?:)?//")


@dataclass
class PageLinks(HTMLParser):
    """The names a page defines, the places it leads to, and what a browser fetches for it."""

    names: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one tag adds."""
        found = {name: value for name, value in attrs if value is not None}
        self.names |= {found[key] for key in ("id", "name") if key in found}
        self.loads += [found[key] for kind, key in LOADING if kind == tag and key in found]
        if tag == "link" and LOADING_RELATIONS & set(found.get("rel", "").split()):
            self.loads.append(found["href"])
        elif tag == "a" and "href" in found:
            self.links.append(found["href"])


def read_pages(site: Path) -> dict[Path, PageLinks]:
    """The pages of a site; reports of the validation are documents of their own, not pages."""
    pages = {}
    for path in sorted(site.rglob("*.html")):
        if path.parent.name == "validation":
            continue
        pages[path] = PageLinks()
        pages[path].feed(path.read_text(encoding="utf-8"))
    return pages


def broken_links(site: Path) -> Iterator[str]:
    """Links, and things to load, that are not there; anchors that a page does not have."""
    pages = read_pages(site)
    for path, page in pages.items():
        if path.name == "404.html":  # its links are absolute, for a server
            continue
        for link in page.links + page.loads:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not there.is_file():
                yield f"{path.relative_to(site)}: {link}: no such file"
            elif parts.fragment and there in pages:
                # An empty fragment and "__" lead to what the theme's script makes.
                name = unquote(parts.fragment)
                if not name.startswith("__") and name not in pages[there].names:
                    yield f"{path.relative_to(site)}: {link}: no such anchor"


def foreign_loads(site: Path) -> Iterator[str]:
    """What pages and style sheets fetch from other hosts."""
    for path, page in read_pages(site).items():
        for load in page.loads:
            if urlsplit(load).netloc:
                yield f"{path.relative_to(site)}: {load}"
    for path in site.rglob("*.css"):
        if IMPORTED.search(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(site)}: a font or style of another host"
