"""Rollouts of a trained model for its own sake: where its guard fires, and how it heats."""

from longstride.active.heating import state_heating
from longstride.active.rounds import Round, train_actively

__all__ = ["Round", "state_heating", "train_actively"]
