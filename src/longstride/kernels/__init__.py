"""Learned maps as propagators: inference on states."""

from longstride.kernels.arithmetic import multiply_adds, peak_rate
from longstride.kernels.compiled_features import compile_features
from longstride.kernels.gauge import ModelGauge
from longstride.kernels.native import available_instructions, instructions
from longstride.kernels.native_kick import Centres, NativeKick
from longstride.kernels.propagator import EnergyPropagator, ModelPropagator, load_propagator

__all__ = [
    "Centres",
    "EnergyPropagator",
    "ModelGauge",
    "ModelPropagator",
    "NativeKick",
    "available_instructions",
    "compile_features",
    "instructions",
    "load_propagator",
    "multiply_adds",
    "peak_rate",
]
