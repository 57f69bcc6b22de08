"""The empty slots of neighbour lists that are padded to a rectangle."""

from typing import Final

FAR: Final = 100.0
"""Length in Å given to empty slots: beyond every cutoff, so they contribute exactly zero."""
