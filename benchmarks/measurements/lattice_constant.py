"""Lattice constants at temperatures between and beyond those of a card."""


def constant_at(constants: dict[float, float], temperature: float) -> float:
    """Lattice constant in Å, between those known or on the line through the nearest two."""
    known = sorted(constants)
    below = [t for t in known if t <= temperature][:-1]
    first = known.index(below[-1]) if below else 0
    first = min(first if temperature < known[first + 1] else first + 1, len(known) - 2)
    low, high = known[first], known[first + 1]
    slope = (constants[high] - constants[low]) / (high - low)
    return constants[low] + slope * (temperature - low)
