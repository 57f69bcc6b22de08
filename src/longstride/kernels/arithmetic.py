"""How much arithmetic a stride needs, and how much the processor could do."""

from longstride.kernels.native import load_native
from longstride.model import KickDriftMap
from longstride.model.edges import COMPONENTS


def multiply_adds(model: KickDriftMap, neighbours: float) -> float:
    """Multiply-adds per atom and stride of a kick-drift map without attention.

    Counted are sums of products: moments and slopes of the pairs inside the cutoff, products of
    moments, and dense layers, each forwards and backwards. Geometry, radial functions and
    elementary functions are not.

    Args:
        model: the map.
        neighbours: of an atom inside the cutoff, on average.
    """
    scalars = model.scalars
    hidden = model.config.network.hidden
    functions = model.config.network.radial
    # Backwards each moment is used twice: for the slope by the length, and by the direction.
    per_pair = functions * (COMPONENTS + 2 * COMPONENTS - 1)
    products = len(scalars.pairs) * COMPONENTS * (1 + 2)
    dense = 2 * (scalars.n_invariants * hidden + 2 * hidden**2)
    kicks = model.config.substeps * model.config.kicks
    return kicks * (neighbours * per_pair + products + dense)


def peak_rate(threads: int, seconds: float = 0.2) -> float | None:
    """Multiply-adds of float32 per second that this processor reaches; None without the kernel."""
    native = load_native()
    return None if native is None else float(native.peak_rate(threads, seconds))
