"""Ways to compute a kick: torch, torch compiled by Inductor, C++; in turns in one run."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import torch
from torch.fx.experimental.proxy_tensor import make_fx

from longstride.graph import Graph, frame_graph
from longstride.kernels import NativeKick
from longstride.model import KickDriftMap, build_model
from longstride.reference.structure import StructureSettings, build_structure
from longstride.validation import provenance
from measurements.record import rounded, say

Run = Callable[[], Any]

CONSTANT, DISORDER = 4.10, 0.14
"""Lattice constant of aluminium in Å at 600 K, and the standard deviation of its positions."""


def measure(shipped: KickDriftMap, cells: int, rounds: int, threads: int) -> dict[str, Any]:
    """Microseconds per atom of one kick, without the making of neighbour lists.

    Args:
        shipped: a map without attention; the one with attention is of the same size.
        cells: of the crystal, along each axis.
        rounds: in each of which everything runs once.
        threads: of the processor.
    """
    torch.set_num_threads(threads)
    network = shipped.config.network.model_copy(update={"attention": True, "bound": "inputs"})
    other = build_model(shipped.config.model_copy(update={"network": network}))
    assert isinstance(other, KickDriftMap)
    crystal = build_structure(
        StructureSettings(
            lattice="fcc", element="Al", lattice_constant=CONSTANT, repeat=(cells, cells, cells)
        )
    )
    rng = np.random.default_rng(1)
    positions = crystal.positions + DISORDER * rng.standard_normal(crystal.positions.shape)
    ways: dict[str, Run] = {}
    for name, model in {"moments": shipped, "attention": other}.items():
        model.eval()
        zeros = np.zeros(crystal.n_atoms, dtype=np.int64)
        graph = frame_graph(positions, crystal.cell, crystal.pbc, zeros, model.config.cutoff)
        graph = graph._replace(vectors=graph.vectors.float())
        ways[f"{name}: torch"] = _torch(model, graph)
        say(f"compiling {name}")
        ways[f"{name}: torch.compile"] = _inductor(model, graph)
        kick = NativeKick.of(model)
        if kick is not None:
            ways[f"{name}: C++"] = _compiled(kick, positions, zeros, crystal.cell, crystal.pbc)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, run in ways.items():
            begin = time.perf_counter()
            run()
            if number:
                seconds[name].append(time.perf_counter() - begin)
        say(f"round {number} of {rounds}")
    scale = 1e6 / crystal.n_atoms
    return rounded(
        {
            "atoms": crystal.n_atoms,
            "threads": threads,
            "us_per_atom_kick": {
                name: {
                    "median": scale * median(values),
                    "lowest": scale * min(values),
                    "highest": scale * max(values),
                }
                for name, values in seconds.items()
            },
            "machine": provenance.machine(),
            "software": provenance.software(),
        },
        4,
    )


def _kick_of(model: KickDriftMap, graph: Graph) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda vectors: model.kick(Graph(vectors, graph.neighbors, graph.species), 1)


def _torch(model: KickDriftMap, graph: Graph) -> Run:
    def run() -> torch.Tensor:
        with torch.no_grad():
            return model.kick(graph, 1)

    return run


def _inductor(model: KickDriftMap, graph: Graph) -> Run:
    """The operations of a kick, gradient included, as one graph that Inductor compiles."""
    with torch.no_grad():
        traced = make_fx(_kick_of(model, graph))(graph.vectors)
        compiled = torch.compile(traced)
        compiled(graph.vectors)

    def run() -> Any:
        with torch.no_grad():
            return compiled(graph.vectors)

    return run


def _compiled(kick: NativeKick, *where: Any) -> Run:
    return lambda: kick.at(*where, 1)
