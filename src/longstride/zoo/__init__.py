"""The models that ship with the package, and model folders in general."""

from longstride.zoo.catalogue import MODELS, model_checksum, resolve, shipped
from longstride.zoo.summary import ModelSummary, summarise

__all__ = ["MODELS", "ModelSummary", "model_checksum", "resolve", "shipped", "summarise"]
