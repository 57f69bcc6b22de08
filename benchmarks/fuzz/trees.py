"""Mutations of JSON and YAML: values, keys, depth and size, and what only YAML can do."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import yaml

from fuzz.files import Mutator

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.5, -0.0, 10**12, 10**30, 2**63, 1e308, 5e-324, "", "x"),
    *(float("nan"), float("inf"), float("-inf"), [], {}, [[]], [None], {"": ""}, "nan", "1e999"),
    *("../../../etc/passwd", "/etc/passwd", "/dev/zero", "/dev/stdin", "/proc/self/mem", "pipe"),
    *(".", "~", "a\0b", "a" * 5000, "$(touch x)", "`touch x`", "'; touch x; '", "é", "\ud7ff"),
    *("os:system", "builtins:exec", [0] * 1000, [[[[[[[[1]]]]]]]], {"a": {"a": {"a": {}}}}),
)

DEEP = 20_000
WIDE = 100_000

LARGE = 50_000
"""Characters of a document beyond which its tree is not mutated again: that takes too long."""


def mutated(tree: Any, rng: Random) -> Any:
    """The tree with one place changed."""
    holders = [(holder, key) for holder in _holders(tree) for key in _keys(holder)]
    if not holders:
        return rng.choice(VALUES)
    holder, key = rng.choice(holders)
    value = holder[key]
    match rng.randrange(8):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[str(key) + rng.choice(["s", " ", "\0", ""])] = holder.pop(key)
        case 2 if isinstance(holder, dict):
            holder[rng.choice(["extra", "__class__", "model_config", "", "1"])] = value
        case 3:
            holder[key] = [value] * rng.choice([0, 1, 2, 3, 1000])
        case 4:
            holder[key] = {str(key): value}
        case 5 if isinstance(value, (int, float)):
            factors = [-1, 0, 0.5, 2, 10, 1e3, 1e6, 1e12, 1e300]
            holder[key] = type(value)(value * rng.choice(factors)) if value < 1e8 else -value
        case 6:
            other, place = rng.choice(holders)
            holder[key] = json.loads(json.dumps(other[place], default=str))
        case _:
            holder[key] = rng.choice(VALUES)
    return tree


def _holders(tree: Any) -> list[Any]:
    if not isinstance(tree, (dict, list)):
        return []
    children = tree.values() if isinstance(tree, dict) else tree
    return [tree, *(holder for child in children for holder in _holders(child))]


def _keys(holder: Any) -> list[Any]:
    return list(holder) if isinstance(holder, dict) else list(range(len(holder)))


def json_tree(path: Path, rng: Random) -> None:
    """Some places of a JSON file changed."""
    path.write_text(json_text(path.read_text(encoding="utf-8"), rng), encoding="utf-8")


def json_text(text: str, rng: Random) -> str:
    """Some places changed; a text of many pages stays as it is."""
    try:
        tree = json.loads(text) if len(text) <= LARGE else None
    except (ValueError, RecursionError):
        return text
    if tree is None:
        return text
    for _ in range(rng.randrange(1, 4)):
        tree = mutated(tree, rng)
    return json.dumps(tree)


def yaml_tree(path: Path, rng: Random) -> None:
    """Some places of a YAML file changed; one with aliases or of many pages stays as it is."""
    try:
        text = path.read_text(encoding="utf-8")
        if "*a" in text or len(text) > LARGE:
            return
        tree = yaml.safe_load(text)
        for _ in range(rng.randrange(1, 4)):
            tree = mutated(tree, rng)
        path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    except (yaml.YAMLError, UnicodeError, ValueError):
        return


def deep_json(path: Path, rng: Random) -> None:
    """A place of a JSON file nested beyond any stack, or very wide, or with odd constants."""
    text = path.read_text(encoding="utf-8")
    inner = rng.choice(
        ["[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP, "[" * DEEP]
        + ["[" + "0," * WIDE + "0]", "9" * 5000, "1e999999", "NaN", "-Infinity", '"\\ud800"']
    )
    places = [i + 1 for i, character in enumerate(text) if character in ":,["]
    place = rng.choice(places or [0])
    path.write_text(text[:place] + inner + ", " + text[place:], encoding="utf-8")


def yaml_trick(path: Path, rng: Random) -> None:
    """Aliases that multiply, loops, tags, merges, and scalars that are no value."""
    text = path.read_text(encoding="utf-8")
    tricks: list[Callable[[], str]] = [
        lambda: _bomb("[{0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}]", "[x]"),
        lambda: _bomb("{{a: {0}, b: {0}, c: {0}}}", "{a: 1}"),
        lambda: _bomb("{{<<: [{0}, {0}, {0}]}}", "{a: 1}"),
        lambda: "&a [*a, *a]",
        lambda: "&a {a: *a}",
        lambda: "{<<: &a {<<: *a}}",
        lambda: "[" * rng.choice([50, 2000, DEEP]) + "1",
        lambda: "[" * 60 + "]" * 60,
        lambda: "!!python/object/apply:os.system ['touch executed']",
        lambda: "!!python/name:os.system",
        lambda: rng.choice(
            ["!!timestamp x", "2001-99-99", "!!int 0x_", "0b_", "!!float a", "190:2"]
        ),
        lambda: rng.choice(["!!binary '!'", "!!set {a, b}", "!!omap [a: 1]", "!!null x", "? [a]"]),
        lambda: rng.choice(["1" * 5000, "1" * 100 + ":59:59", "0" * 5000 + "8", "{[1]: 2}", "---"]),
        lambda: rng.choice(["*none", "&a", "!", "%YAML 9", "|", ">", "'", "@", "`", "\t"]),
    ]
    inner = rng.choice(tricks)()
    places = [i + 1 for i, character in enumerate(text) if character == ":"]
    if not places or rng.random() < 0.3:
        path.write_text(text + f"\nextra: {inner}\n", encoding="utf-8")
        return
    place = rng.choice(places)
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    path.write_text(text[:place] + " " + inner + text[end:], encoding="utf-8")


def _bomb(level: str, seed: str) -> str:
    """A list whose aliases stand for billions of values."""
    text, before = f"[&a0 {seed}", "*a0"
    for depth in range(1, 12):
        text += f", &a{depth} " + level.format(before)
        before = f"*a{depth}"
    return text + "]"


JSON_MUTATORS: tuple[Mutator, ...] = (json_tree, json_tree, json_tree)
YAML_MUTATORS: tuple[Mutator, ...] = (yaml_tree, yaml_tree, yaml_trick)
