"""Neighbour lists and edge geometry."""

from longstride.graph.graph import FAR, Batch, Graph
from longstride.graph.neighbors import Pairs, find_pairs, find_pairs_over

__all__ = ["FAR", "Batch", "Graph", "Pairs", "find_pairs", "find_pairs_over"]
