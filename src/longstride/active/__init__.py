"""Training that finds its own data: where its guard fires, the reference labels."""

from longstride.active.rounds import Round, train_actively

__all__ = ["Round", "train_actively"]
