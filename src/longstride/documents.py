"""Reading text, YAML and JSON that someone else may have written.

A name may lead to a pipe that nobody fills or to a device without an end, and a page of YAML may
stand for billions of values. So a document is a regular file of bounded size, YAML may neither
nest deeply nor grow by its aliases, and whatever a parser stumbles over is one error.
"""

import json
import os
import stat
from pathlib import Path
from typing import Any, Final

import yaml

from longstride.errors import FileFormatError, LongstrideError

LARGEST: Final = 64 * 2**20
"""Bytes of the largest document that is read."""

LARGEST_YAML: Final = 2**18
"""The same for YAML, whose parser takes a second for it."""

MOST_NODES: Final = 200_000
"""Values in a YAML document, those that aliases repeat counted every time."""

DEEPEST: Final = 40
"""Levels that YAML may nest."""

Kind = type[LongstrideError]


def require_file(path: Path, what: str = "the file", kind: Kind = FileFormatError) -> None:
    """Refuse what is missing, or no regular file: opening a pipe or a device may never end.

    Args:
        path: what is about to be opened; links are followed.
        what: how messages call it.
        kind: of the error.

    Raises:
        LongstrideError: of that kind.
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        raise kind(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise kind(f"{path}: cannot read {what} ({_reason(error)})") from None
    if not stat.S_ISREG(mode):
        found = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
        raise kind(f"{path}: cannot read {what} (it is {found}); name a file")


def read_text(path: Path, what: str, kind: Kind = FileFormatError, largest: int = LARGEST) -> str:
    """The text of a document in UTF-8.

    Args:
        path: the file.
        what: how messages call it, as in "the recipe".
        kind: of the error.
        largest: bytes.

    Raises:
        LongstrideError: of that kind; missing, no regular file, too large, or no text.
    """
    require_file(path, what, kind)
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise kind(f"{path}: cannot read {what} ({_reason(error)})") from None
    if len(data) > largest:
        raise kind(f"{path}: cannot read {what} (larger than {largest // 1024} kB)")
    return text


def read_json(path: Path, what: str, kind: Kind = FileFormatError) -> Any:
    """The content of a JSON file as plain data.

    Raises:
        LongstrideError: of that kind; it cannot be read, or is no JSON.
    """
    text = read_text(path, what, kind)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise kind(f"{path}: cannot be read as JSON ({_one_line(error)})") from None


def read_yaml(path: Path, what: str, kind: Kind = FileFormatError) -> Any:
    """The content of a YAML file as plain data.

    Raises:
        LongstrideError: of that kind; it cannot be read, is no YAML, nests too deeply or repeats
            too much.
    """
    text = read_text(path, what, kind, LARGEST_YAML)
    try:
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _size(node, {}, 0)
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" line {mark.line + 1}" if mark is not None else ""
        raise kind(f"{path}{where}: not valid YAML: {error.problem}") from None
    except Exception as error:  # scalars such as dates are parsed by whatever takes them
        raise kind(f"{path}: not valid YAML: {_one_line(error)}") from None


def _size(node: yaml.Node, known: dict[yaml.Node, int], depth: int) -> int:
    """How many values a node stands for, aliases written out."""
    if depth > DEEPEST:
        raise ValueError(f"more than {DEEPEST} levels, or an alias inside of what it stands for")
    if node not in known:
        children: list[yaml.Node] = []
        if isinstance(node, yaml.SequenceNode):
            children = node.value
        elif isinstance(node, yaml.MappingNode):
            children = [child for pair in node.value for child in pair]
        known[node] = 1 + sum(_size(child, known, depth + 1) for child in children)
    if known[node] > MOST_NODES:
        raise ValueError(f"more than {MOST_NODES} values")
    return known[node]


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not a text file"
    return getattr(error, "strerror", None) or _one_line(error)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
