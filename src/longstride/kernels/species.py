"""Species as a model counts them."""

import numpy as np
from numpy.typing import NDArray

from longstride.errors import RegimeError


def species_indices(known: tuple[int, ...], species: NDArray[np.int64]) -> NDArray[np.int64]:
    """(N,) index of each atom's species in a model's list.

    Args:
        known: atomic numbers, in the order of the model.
        species: (N,) atomic numbers.

    Raises:
        RegimeError: the model does not know one.
    """
    numbers = np.array(known)
    order = np.argsort(numbers)
    place = np.searchsorted(numbers, species, sorter=order)
    indices = order[np.minimum(place, len(numbers) - 1)]
    unknown = numbers[indices] != species
    if unknown.any():
        raise RegimeError(
            f"the model does not know atomic number {species[unknown.argmax()]} "
            f"(it knows {', '.join(map(str, known))}): use a model made for it"
        )
    return np.asarray(indices, dtype=np.int64)
