"""Hook of MkDocs: formulas become MathML while the site is built.

Pages write them as LaTeX, ``$...$`` in a line and ``$$...$$`` on lines of their own. Browsers set
MathML by themselves, so that no script and no font is needed when a page is read.
"""

import re
from html import unescape

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
DISPLAY = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Convert the formulas of a page that ``pymdownx.arithmatex`` has found."""
    html = INLINE.sub(lambda found: mathml(found[1], "inline", "span"), html)
    return DISPLAY.sub(lambda found: mathml(found[1], "block", "div"), html)


def mathml(escaped: str, display: str, tag: str) -> str:
    """A formula as MathML, with its LaTeX as the text that is read aloud."""
    latex = unescape(escaped).strip()
    return f'<{tag} class="arithmatex">{convert(latex, display=display)}</{tag}>'
