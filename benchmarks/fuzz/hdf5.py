"""Mutations of the structure of a trajectory file that leave it valid HDF5."""

import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import h5py
import numpy as np

NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1e300, 1e-300, 1e12, 0.5)
HUGE = 10**12

LARGE = 2**26
"""Bytes of a dataset that an earlier change has made so large that it stays as it is."""

BOMB_CHUNK = 2**26
"""Bytes that one packed chunk of some kilobytes unpacks to."""


def structure(path: Path, rng: Random) -> None:
    """One change; nothing where the file cannot be opened any more."""
    try:
        with h5py.File(path, "r+", libver=("v108", "v108")) as file:
            found: list[h5py.Dataset | h5py.Group] = []
            file.visititems(lambda _, item: found.append(item))
            item = rng.choice(found) if found else file
            if getattr(item, "nbytes", 0) < LARGE:
                rng.choice(CHANGES)(file, item, rng)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError):
        return


Item = h5py.Dataset | h5py.Group


def value(file: h5py.File, item: Item, rng: Random) -> None:
    """A number of a dataset, or all of them."""
    if isinstance(item, h5py.Dataset) and item.size:
        data = item[()]
        place = rng.randrange(data.size)
        new = rng.choice(NUMBERS if data.dtype.kind == "f" else (0, -1, 999, 2**62))
        if rng.random() < 0.5:
            data.reshape(-1)[place] = new
        else:
            data[...] = new
        item[...] = data


def replaced(file: h5py.File, item: Item, rng: Random) -> None:
    """A dataset of another shape or type in its place, or a group."""
    name, parent = item.name, item.parent
    shape = getattr(item, "shape", (3, 3))
    del parent[name]
    shapes = [(), (0,), (1,), (*shape, 1), shape[1:], shape[::-1], (7, 5, 3), (2,) * 30]
    match rng.randrange(6):
        case 0 | 1:
            parent.create_dataset(name, shape=rng.choice(shapes), dtype="f8")
        case 2:
            kinds = ["i1", "c16", "S3", "?", h5py.string_dtype(), h5py.ref_dtype, "V7"]
            parent.create_dataset(name, shape=shape, dtype=rng.choice(kinds))
        case 3:
            parent.create_group(name)
        case 4:
            parent[name] = np.dtype("f8")
        case _:
            parent.create_dataset(name, dtype=h5py.vlen_dtype("f8"), shape=shape)


def enormous(file: h5py.File, item: Item, rng: Random) -> None:
    """A dataset that declares more than any disk holds."""
    name, parent = item.name, item.parent
    shape = getattr(item, "shape", (3, 3))
    del parent[name]
    match rng.randrange(4):
        case 0:
            parent.create_dataset(name, shape=(HUGE, *shape[1:]), chunks=True, dtype="f8")
        case 1:
            wide = (*shape[:1], HUGE, *shape[2:])
            parent.create_dataset(name, shape=wide, maxshape=(None,) * len(wide), dtype="f8")
        case 2:
            parent.create_dataset(name, shape=(HUGE,), dtype="f8")
        case _:
            parent.create_dataset(name, shape=(2**31, 3), dtype="i8", chunks=(2**20, 3))


def grown(file: h5py.File, item: Item, rng: Random) -> None:
    """A growing dataset longer or shorter than the others, or as long as a disk."""
    if isinstance(item, h5py.Dataset) and item.maxshape[:1] == (None,):
        item.resize(rng.choice([0, 1, len(item) - 1, len(item) + 1, 10**6, HUGE]), axis=0)


def linked(file: h5py.File, item: Item, rng: Random) -> None:
    """A link out of the file, to nothing, to itself, or to an ancestor."""
    name, parent = item.name, item.parent
    del parent[name]
    match rng.randrange(7):
        case 0:
            parent[name] = h5py.ExternalLink("other.h5", "/particles")
        case 1:
            parent[name] = h5py.ExternalLink(file.filename, "/")
        case 2:
            parent[name] = h5py.SoftLink(name)
        case 3:
            parent[name] = h5py.SoftLink("/none")
        case 4:
            parent[name] = h5py.SoftLink("/")
        case 5:
            parent[name] = parent
        case _:
            parent[name] = h5py.ExternalLink("/dev/zero", "/")


def elsewhere(file: h5py.File, item: Item, rng: Random) -> None:
    """A dataset whose bytes are in another file, or put together from others."""
    if not isinstance(item, h5py.Dataset):
        return
    name, parent, shape = item.name, item.parent, item.shape
    del parent[name]
    if rng.random() < 0.6:
        target = rng.choice(["/etc/passwd", "/dev/zero", "/dev/urandom", "other.bin"])
        parent.create_dataset(
            name, shape=shape, dtype="f8", external=[(target, 0, h5py.h5f.UNLIMITED)]
        )
    else:
        layout = h5py.VirtualLayout(shape=shape, dtype="f8")
        layout[...] = h5py.VirtualSource(rng.choice(["other.h5", "."]), "/x", shape=shape)
        parent.create_virtual_dataset(name, layout)


def packed(file: h5py.File, item: Item, rng: Random) -> None:
    """A bomb: a few kilobytes that unpack to gigabytes; or an honest compressed dataset."""
    if not isinstance(item, h5py.Dataset):
        return
    name, parent, data = item.name, item.parent, item[()]
    shape = item.shape
    del parent[name]
    if rng.random() < 0.3 and shape:
        parent.create_dataset(name, data=data, compression="gzip", chunks=True)
        return
    atoms = BOMB_CHUNK // 24
    chunk = (atoms, 3)
    bomb = parent.create_dataset(
        name, shape=(16 * atoms, 3), chunks=chunk, dtype="f8", compression="gzip"
    )
    for block in range(16):
        bomb.id.write_direct_chunk((block * atoms, 0), _zeros())


@cache
def _zeros() -> bytes:
    return zlib.compress(bytes(BOMB_CHUNK // 24 * 24), 9)


def attribute(file: h5py.File, item: Item, rng: Random) -> None:
    """An attribute gone, or of another type, or with another value."""
    holder = file if rng.random() < 0.3 else item
    names = list(holder.attrs) or ["interval", "metadata", "provenance", "schema"]
    name = rng.choice(names)
    match rng.randrange(5):
        case 0:
            holder.attrs.pop(name, None)
        case 1:
            holder.attrs[name] = rng.choice([*NUMBERS, 0, -1, 2, 10**12])
        case 2:
            holder.attrs[name] = rng.choice(["", "{}", "[1", "nan", "periodic", '{"a": NaN}'])
        case 3:
            text = b'{"a": ' + b"[" * 8000 + b"]" * 8000 + b"}"
            holder.attrs.create(name, rng.choice([text, b"\xff\xfe", b"{}"]))
        case _:
            holder.attrs[name] = np.zeros(rng.choice([0, 3, 4000]))


def gone(file: h5py.File, item: Item, rng: Random) -> None:
    """Something is missing."""
    del item.parent[item.name]


def doubled(file: h5py.File, item: Item, rng: Random) -> None:
    """Something has one more name, perhaps one that a reader looks for."""
    names = ["velocity", "value", "edges", "position", "x", "стр", "a" * 3000, "time"]
    item.parent[rng.choice(names)] = item


def crowded(file: h5py.File, item: Item, rng: Random) -> None:
    """Thousands of empty segments, or groups nested deeply."""
    if rng.random() < 0.5:
        for number in range(2000):
            file.create_group(f"particles/{number}")
    else:
        file.create_group("particles/" + "/".join("a" * 1500))


CHANGES: tuple[Callable[[h5py.File, Item, Random], None], ...] = (
    *(value, value, value, replaced, replaced, enormous, grown, linked, elsewhere),
    *(packed, attribute, attribute, attribute, gone, doubled),
)
RARE_CHANGES = (crowded,)


def crowd(path: Path, rng: Random) -> None:
    """One of the slow changes."""
    try:
        with h5py.File(path, "r+", libver=("v108", "v108")) as file:
            crowded(file, file["particles"], rng)
    except (OSError, RuntimeError, KeyError, ValueError):
        return
