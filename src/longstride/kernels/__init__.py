"""Learned maps as propagators: inference on states."""

from longstride.kernels.edge_moments import compile_moments
from longstride.kernels.propagator import ModelPropagator, load_propagator
from longstride.kernels.regime import ModelRegime

__all__ = ["ModelPropagator", "ModelRegime", "compile_moments", "load_propagator"]
