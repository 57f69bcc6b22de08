"""Mutations that need no knowledge of the format: bytes, words and lines, and what a path names."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np

Mutator = Callable[[Path, Random], None]
"""Changes a file in place."""

EXTREME_BYTES = (
    *((value).to_bytes(8, "little") for value in (0, 1, 2**31 - 1, 2**40, 2**63 - 1, 2**64 - 1)),
    *((value).to_bytes(4, "little") for value in (0, 2**31 - 1, 2**32 - 1)),
    *(np.float64(value).tobytes() for value in (np.nan, np.inf, -np.inf, 1e308, -0.0, 5e-324)),
)

WORDS = (
    *("nan", "inf", "-inf", "1e400", "1e308", "-1", "0", "1", "-0.0", "1e-320", "1.5", "0x10"),
    *("1000000000000", "99999999999999999999999", "1_000", "٣", "", "--", "/dev/zero", "Xx"),
    *("1" * 5000, "None", "true", "Al", "T T F", '"', "[[1, 2], [3]]", "{", "*", "=", "%s"),
)

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")

LONG = 2_000_000
"""Characters of a line that is longer than any real one."""


def on_bytes(change: Callable[[bytes, Random], bytes]) -> Mutator:
    """A change of bytes as a mutator."""

    def mutate(path: Path, rng: Random) -> None:
        path.write_bytes(change(path.read_bytes(), rng))

    mutate.__name__ = change.__name__
    return mutate


def on_text(change: Callable[[str, Random], str]) -> Mutator:
    """A change of text as a mutator."""

    def mutate(path: Path, rng: Random) -> None:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        path.write_bytes(change(text, rng).encode("utf-8", "surrogateescape"))

    mutate.__name__ = change.__name__
    return mutate


def truncated(data: bytes, rng: Random) -> bytes:
    """Cut anywhere, or only a little."""
    keep = rng.randrange(len(data) + 1) if rng.random() < 0.6 else len(data) - rng.randrange(1, 20)
    return data[: max(keep, 0)]


def flipped(data: bytes, rng: Random) -> bytes:
    """Bits changed, mostly where the file is not zero."""
    changed = bytearray(data)
    places = np.flatnonzero(np.frombuffer(data, np.uint8))
    for _ in range(2 ** rng.randrange(6) if len(data) else 0):
        filled = len(places) and rng.random() < 0.9
        place = int(places[rng.randrange(len(places))]) if filled else rng.randrange(len(data))
        changed[place] ^= 1 << rng.randrange(8)
    return bytes(changed)


def spliced(data: bytes, rng: Random) -> bytes:
    """A block cut out, doubled, cleared, moved, or replaced by noise."""
    begin = rng.randrange(len(data) + 1)
    end = min(len(data), begin + 2 ** rng.randrange(12))
    block = data[begin:end]
    new = rng.choice([b"", block * 2, b"\0" * len(block), rng.randbytes(len(block)), block[::-1]])
    return data[:begin] + new + data[end:]


def extreme(data: bytes, rng: Random) -> bytes:
    """A number somewhere replaced by the largest, the smallest, or none."""
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        value = rng.choice(EXTREME_BYTES)
        place = rng.randrange(max(1, len(data) - 8)) // 4 * 4
        changed[place : place + len(value)] = value
    return bytes(changed)


def emptied(data: bytes, rng: Random) -> bytes:
    """Nothing, or only white space or zeros."""
    return rng.choice([b"", b"\n", b" \n \n", b"\0" * 512, b"\xff\xfe"])


def other_number(text: str, rng: Random) -> str:
    """A number replaced."""
    found = list(NUMBER.finditer(text))
    if not found:
        return text
    # The first numbers of a file are its counts.
    one = found[min(int(rng.expovariate(0.1)), len(found) - 1)] if rng.random() < 0.5 else None
    one = one or rng.choice(found)
    return text[: one.start()] + rng.choice(WORDS) + text[one.end() :]


def other_word(text: str, rng: Random) -> str:
    """A word replaced by a nasty one, or by another of the file."""
    found = list(re.finditer(r"\S+", text))
    if not found:
        return text
    one, other = rng.choice(found), rng.choice(found)
    new = rng.choice(WORDS) if rng.random() < 0.5 else other.group()
    return text[: one.start()] + new + text[one.end() :]


def other_lines(text: str, rng: Random) -> str:
    """Lines dropped, doubled, swapped, emptied or cut."""
    lines = text.split("\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(5):
        case 0:
            del lines[one]
        case 1:
            lines.insert(other, lines[one])
        case 2:
            lines[one], lines[other] = lines[other], lines[one]
        case 3:
            lines[one] = ""
        case _:
            lines[one] = lines[one][: rng.randrange(len(lines[one]) + 1)]
    return "\n".join(lines)


def other_characters(text: str, rng: Random) -> str:
    """Characters that no one expects, or line ends of another system."""
    if rng.random() < 0.2:
        return text.replace("\n", rng.choice(["\r\n", "\r", "\n\n", "\x0b", " "]))
    place = rng.randrange(len(text) + 1)
    return text[:place] + rng.choice("\0\udcff\u2028\ufeff\t,:#'\"[]{}&*!|>%@`é１") + text[place:]


def long_line(text: str, rng: Random) -> str:
    """A line of megabytes."""
    place = rng.randrange(len(text) + 1)
    return text[:place] + rng.choice(["1 ", "x", "é", "[", "9"]) * LONG + text[place:]


BYTE_MUTATORS = tuple(map(on_bytes, (truncated, flipped, spliced, extreme)))
TEXT_MUTATORS = tuple(
    map(on_text, (other_number, other_number, other_word, other_lines, other_characters))
)
RARE_MUTATORS = (on_bytes(emptied), on_text(long_line))


def no_regular_file(path: Path, rng: Random) -> None:
    """A pipe without a writer, a device, a folder, a link to itself or to nothing."""
    path.unlink()
    match rng.randrange(6):
        case 0:
            os.mkfifo(path)
        case 1:
            path.symlink_to("/dev/zero")
        case 2:
            path.mkdir()
        case 3:
            path.symlink_to(path.name)
        case 4:
            path.symlink_to("/proc/self/mem")
        case _:
            path.symlink_to("nothing")
