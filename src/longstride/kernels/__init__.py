"""Learned maps as propagators: inference on states."""

from longstride.kernels.propagator import ModelPropagator, load_propagator
from longstride.kernels.regime import ModelRegime

__all__ = ["ModelPropagator", "ModelRegime", "load_propagator"]
