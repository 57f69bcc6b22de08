"""Mutations of the containers of arrays: safetensors, npz and gzip."""

import gzip
import io
import json
import zipfile
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from fuzz.trees import json_text, mutated

BOMB_BYTES = 2**30
"""Size of what a small compressed file unpacks to."""

DTYPES = ("F64", "F32", "F16", "BF16", "I64", "I8", "BOOL", "U8", "F8_E4M3", "C64", "X", "")


def safetensors(path: Path, rng: Random) -> None:
    """A header that lies: length, offsets, shapes, types, names."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    try:
        header, body = json.loads(data[8 : 8 + size]), data[8 + size :]
    except ValueError:
        return
    tensors = [name for name in header if name != "__metadata__"]
    if not tensors:
        return
    length: int | None = None
    name = rng.choice(tensors)
    entry = header[name]
    match rng.randrange(9):
        case 0:
            length = rng.choice(
                [0, 1, size - 1, size + 1, len(data), 10**8, 2**40, 2**63, 2**64 - 1]
            )
        case 1:
            entry["data_offsets"] = [rng.choice([0, -1, 10**12, len(body), 2**63]) for _ in "ab"]
        case 2:
            entry["data_offsets"] = header[rng.choice(tensors)]["data_offsets"]
        case 3:
            entry["shape"] = rng.choice([[], [10**12], [0], [-1], [2**32, 2**32], [1] * 1000, None])
        case 4:
            entry["dtype"] = rng.choice(DTYPES)
        case 5:
            header[rng.choice(["", "extra", name + "x", "__metadata__"])] = header.pop(name)
        case 6:
            header["__metadata__"] = rng.choice([{}, {"state": "{}"}, {"state": "[1"}, 1, {"a": 1}])
        case 7:
            begin, end = entry["data_offsets"]
            value = rng.choice([np.nan, np.inf, -np.inf, 1e38])
            filled = np.full((end - begin) // 4 + 1, value, np.float32).tobytes()[: end - begin]
            body = body[:begin] + filled + body[end:]
        case _:
            header = mutated(header, rng)
    text = json.dumps(header).encode()
    if length is None:
        length = len(text)
    path.write_bytes(length.to_bytes(8, "little") + text + body)


def safetensors_state(path: Path, rng: Random) -> None:
    """Another state in the metadata of a training's checkpoint."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + size])
        header["__metadata__"]["state"] = json_text(header["__metadata__"]["state"], rng)
    except (ValueError, KeyError, TypeError):
        return
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + size :])


def npz(path: Path, rng: Random) -> None:
    """Another array in an npz file: shape, type, values, a lying header, a bomb, or none."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return
    name = rng.choice(sorted(members) or ["header.npy"])
    way = zipfile.ZIP_STORED
    match rng.randrange(9):
        case 0:
            members.pop(name, None)
        case 1:
            members[name] = _npy(np.zeros(rng.choice([(), (0,), (7, 3), (3, 3, 3), (1, 1)])))
        case 2:
            values = [np.zeros(8, "U3"), np.zeros((8, 3), complex), np.arange(8), np.zeros(8, "?")]
            members[name] = _npy(rng.choice(values))
        case 3:
            shape = rng.choice(
                ["(1000000000000, 3)", "(-1,)", "(8, 3.0)", "(2**70,)", "None", "(("]
            )
            descr = rng.choice(["'<f8'", "'|O'", "'<V999999999'", "[('a', '<f8')]", "'%s'", "1"])
            members[name] = _lying(shape, descr)
        case 4:
            members[name] = _npy(np.array([{"a": 1}], dtype=object), pickled=True)
        case 5:
            members = {**members, name: _npy(np.zeros(BOMB_BYTES // 4096))}
            way = zipfile.ZIP_DEFLATED
        case 6 if "header.npy" in members:
            text = str(np.load(io.BytesIO(members["header.npy"]), allow_pickle=False)[()])
            members["header.npy"] = _npy(np.array(json_text(text, rng)))
        case 7:
            try:
                array = np.load(io.BytesIO(members[name]), allow_pickle=False)
            except Exception:
                return
            if array.dtype.kind == "f" and array.size:
                array.flat[rng.randrange(array.size)] = rng.choice(
                    [np.nan, np.inf, 0.0, -1.0, 1e300]
                )
            elif array.dtype.kind == "i" and array.size:
                array.flat[rng.randrange(array.size)] = rng.choice([0, -1, 999, 2**62])
            members[name] = _npy(array)
        case _:
            way = rng.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    with zipfile.ZipFile(path, "w", way) as archive:
        for member, content in members.items():
            archive.writestr(member, content)


def _npy(array: Any, pickled: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=pickled)
    return buffer.getvalue()


def _lying(shape: str, descr: str) -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + b"\0" * 64


def gzipped(path: Path, rng: Random) -> None:
    """The file packed, with damage or padding now and then."""
    data = gzip.compress(path.read_bytes(), 1, mtime=0)
    match rng.randrange(5):
        case 0:
            data = data[: rng.randrange(len(data))]
        case 1:
            data += rng.choice([b"\0" * 100, b"junk", data])
        case 2:
            place = rng.randrange(len(data))
            data = data[:place] + rng.randbytes(3) + data[place + 3 :]
    path.write_bytes(data)


def gzip_bomb(path: Path, rng: Random) -> None:
    """A whole file with a gigabyte of nothing in the middle or at the end."""
    text = path.read_bytes()
    place = rng.choice([0, len(text), rng.randrange(len(text) + 1)])
    bomb = _packed(rng.choice([b"\n", b" ", b"0", b"1 ", b"\0"]))
    path.write_bytes(gzip.compress(text[:place], 1) + bomb + gzip.compress(text[place:], 1))


@cache
def _packed(unit: bytes) -> bytes:
    """A gigabyte of a repeated unit: members of 16 MB, one after the other."""
    block = unit * (2**24 // len(unit))
    return gzip.compress(block, 9, mtime=0) * (BOMB_BYTES // len(block))
