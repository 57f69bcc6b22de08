"""Numbers for the loops of ``benchmarks/vectors``, and how far from float64 a form of them is."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SLOTS, MOST_LANES, INPUTS, OUTPUTS, CENTRES, CANDIDATES = 16, 16, 209, 16, 64, 190
FUNCTIONS, INNER, CUTOFF, SKIN = 11, 2.0, 6.2, 3.0
WIDTH = (CUTOFF - INNER) / FUNCTIONS
COMPONENTS = 9
FIXED = 2.0**-24
"""Sizes of the model ``al``, as in ``problem.hpp``; lengths are in Å."""

LOOPS = ("edges", "moments", "layer", "selection")


class Problem(NamedTuple):
    """What the loops work on, in the order of the file."""

    vectors: NDArray[np.float32]  # (3, slots and lanes) to neighbours, Å
    inputs: NDArray[np.float32]  # (inputs and lanes)
    weights: NDArray[np.float64]  # (inputs, outputs)
    places: NDArray[np.uint32]  # (centre, itself and its candidates, 4) on the grid, and a number
    candidates: NDArray[np.int32]  # (centre, candidate) rows of places

    def write(self, path: Path) -> None:
        """For a program that reads it."""
        path.write_bytes(b"".join(array.tobytes() for array in self))


def make(seed: int) -> Problem:
    """Neighbours of one density around centres, from 2.4 Å to beyond the cutoff, or to the skin."""
    rng = np.random.default_rng(seed)

    def inside(near: float, far: float, *shape: int) -> NDArray[np.float64]:
        directions = rng.standard_normal((*shape, 3))
        directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
        return directions * np.cbrt(rng.uniform(near**3, far**3, shape))[..., None]

    places = 20.0 + inside(2.4, CUTOFF + SKIN, CENTRES, CANDIDATES + 1)
    places[:, 0] = 20.0
    numbers = np.arange(CENTRES * (CANDIDATES + 1)).reshape(CENTRES, -1)
    fixed = np.concatenate([np.rint(places / FIXED), numbers[..., None]], axis=-1)
    return Problem(
        inside(2.4, 1.01 * CUTOFF, SLOTS * MOST_LANES).T.astype(np.float32).copy(),
        rng.uniform(-1.0, 1.0, INPUTS * MOST_LANES).astype(np.float32),
        rng.uniform(-1.0, 1.0, (INPUTS, OUTPUTS)),
        fixed.astype(np.uint32),
        rng.permuted(numbers[:, 1:], axis=1).astype(np.int32),
    )


def errors(problem: Problem, result: bytes, lanes: int) -> dict[str, float]:
    """Largest deviation of each loop's numbers of a kind, over the largest of that kind.

    Infinite for a selection of other candidates.
    """
    sizes = [n * lanes for n in (SLOTS * 22, FUNCTIONS * COMPONENTS, OUTPUTS)]
    numbers = np.frombuffer(result, np.float32)
    edge_numbers, moments, outputs, selected = np.split(numbers, np.cumsum(sizes))
    edges = edge_numbers.reshape(SLOTS, 22, lanes).astype(np.float64)
    values, components = edges[:, 11:], edges[:, :COMPONENTS]
    sums = np.einsum("skl,scl->kcl", values, components)
    layer = problem.weights.T @ problem.inputs[: INPUTS * lanes].reshape(INPUTS, lanes)
    found = (
        _edge_error(problem.vectors[:, : SLOTS * lanes], edges),
        _relative(moments.reshape(sums.shape), sums),
        _relative(outputs.reshape(layer.shape), layer.astype(np.float64)),
        _selection_error(problem, selected),
    )
    return dict(zip(LOOPS, found, strict=True))


def _relative(found: NDArray[Any], right: NDArray[np.float64]) -> float:
    return float(np.abs(found - right).max() / np.abs(right).max())


def _edge_error(vectors: NDArray[np.float32], edges: NDArray[np.float64]) -> float:
    v = vectors.reshape(3, SLOTS, -1).astype(np.float64)
    r = np.sqrt((v**2).sum(axis=0))
    x, y, z = v / r
    root = np.sqrt(2.0)
    tensor = [root * x * y, root * x * z, root * y * z, (x * x - y * y) / root]
    tensor.append((3.0 * z * z - 1.0) / np.sqrt(6.0))
    bound = np.maximum(1.0 - (r / CUTOFF) ** 2, 0.0)
    at = (r - INNER) / WIDTH
    # The steepness has no bound at the cutoff; with the envelope, whose factor it is, it has.
    steep = bound**2 * (-6.0 * r / CUTOFF**2 - at / WIDTH * bound)
    steepness = edges[:, 10] * bound**3
    values = [np.exp(-0.5 * (at - k) ** 2) * bound**3 for k in range(FUNCTIONS)]
    right = np.stack([np.ones_like(x), x, y, z, *tensor, 1.0 / r, steep, *values], axis=1)
    found = np.concatenate([edges[:, :10], steepness[:, None], edges[:, 11:]], axis=1)
    return max(_relative(found[:, m], right[:, m]) for m in range(right.shape[1]))


def _selection_error(problem: Problem, selected: NDArray[np.float32]) -> float:
    counts, rows = np.split(selected, [CENTRES])
    largest = 0.0
    places = problem.places.reshape(-1, 4)
    for centre, count in enumerate(counts.view(np.int32)):
        candidates = places[problem.candidates[centre]]
        d = FIXED * (candidates[:, :3] - problem.places[centre, 0, :3]).astype(np.int32)
        near = (d**2).sum(axis=1) < np.float32(1.0001 * CUTOFF**2)
        found, rows = np.split(rows, [4 * count])
        *vectors, numbers = found.reshape(4, count)
        if not np.array_equal(numbers.view(np.uint32), candidates[near, 3]):
            return float("inf")
        largest = max(largest, _relative(np.transpose(vectors), d[near]))
    return largest
