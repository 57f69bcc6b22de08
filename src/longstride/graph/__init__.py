"""Neighbour lists and edge geometry."""

from longstride.graph.frame_graph import frame_graph
from longstride.graph.graph import FAR, Batch, Graph
from longstride.graph.neighbors import Pairs, check_geometry, find_pairs, find_pairs_over

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
