"""Learned maps as propagators: inference on states."""

from longstride.kernels.arithmetic import multiply_adds, peak_rate
from longstride.kernels.edge_moments import compile_moments
from longstride.kernels.native_kick import NativeKick
from longstride.kernels.propagator import ModelPropagator, load_propagator
from longstride.kernels.regime import ModelRegime

__all__ = [
    "ModelPropagator",
    "ModelRegime",
    "NativeKick",
    "compile_moments",
    "load_propagator",
    "multiply_adds",
    "peak_rate",
]
