"""Neighbour lists and edge geometry; what is built on torch is imported at its first use."""

from typing import TYPE_CHECKING

from longstride.graph.slots import FAR
from longstride.lazy import at_first_use

if TYPE_CHECKING:
    from longstride.graph.graph import Batch, Graph
    from longstride.graph.neighbors import Pairs, check_geometry, find_pairs, find_pairs_over
    from longstride.graph.one_frame import frame_graph
else:
    __getattr__ = at_first_use(
        __name__,
        {
            "graph": ("Batch", "Graph"),
            # Vesin, which finds the pairs, loads torch too.
            "neighbors": ("Pairs", "check_geometry", "find_pairs", "find_pairs_over"),
            "one_frame": ("frame_graph",),
        },
    )

__all__ = [
    "FAR",
    "Batch",
    "Graph",
    "Pairs",
    "check_geometry",
    "find_pairs",
    "find_pairs_over",
    "frame_graph",
]
