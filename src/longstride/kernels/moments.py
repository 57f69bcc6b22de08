"""Moments of the neighbourhood, their contracted products, and the slopes of both, atom by atom.

The compiled form of ``SiteScalars.invariants``: components of an edge are 1, u and the six of uu;
a moment is their sum over the neighbours times a radial function.
"""

from longstride.kernels.compiler import inlined, jit
from longstride.kernels.radial_table import interpolate

SQRT2 = 2.0**0.5

COMPONENTS = 10
"""Of an edge: one scalar, three of the vector, six of the symmetric tensor."""


@inlined
def _components(x, y, z, out):  # type: ignore[no-untyped-def]
    root = out.dtype.type(SQRT2)
    out[0] = out.dtype.type(1.0)
    out[1], out[2], out[3] = x, y, z
    out[4], out[5], out[6] = x * x, y * y, z * z
    out[7], out[8], out[9] = root * x * y, root * x * z, root * y * z


@jit
def moments(  # type: ignore[no-untyped-def]
    lanes, count, index, unit, distance, species, table, scale, radial, row, slope, parts, out
):
    """Moments of one atom.

    Args:
        lanes: sizes the compiler knows.
        count: number of neighbours.
        index, unit, distance: the atom's edges.
        species: (N,) of all atoms.
        table: (nodes, 4, P) polynomials of the radial functions.
        scale: grid nodes per Å.
        radial: number of radial functions of a species.
        row, slope: (P,) work space.
        parts: (10,) work space.
        out: (S, 10, P) moments by species of the neighbour, filled; the last of the tensor's
            diagonal are made traceless.
    """
    width = len(lanes.radial)
    out[:] = 0.0
    for k in range(count):
        interpolate(lanes.radial, table, distance[k] * scale, row, slope)
        _components(unit[k, 0], unit[k, 1], unit[k, 2], parts)
        sums = out[species[index[k]]]
        for a in range(COMPONENTS):
            part = parts[a]
            for n in range(width):
                sums[a, n] += part * row[n]
    third = out.dtype.type(1.0 / 3.0)
    for s in range(len(out)):
        for n in range(radial):
            mean = (out[s, 4, n] + out[s, 5, n] + out[s, 6, n]) * third
            for a in range(4, 7):
                out[s, a, n] -= mean


@jit
def invariants(moments, radial, channels, out):  # type: ignore[no-untyped-def]
    """Radial sums and contracted products (F,) of one atom's moments (S, 10, P).

    ``channels`` (10, C) is work space.
    """
    n_channels = channels.shape[1]
    for s in range(len(moments)):
        for a in range(COMPONENTS):
            for n in range(radial):
                channels[a, s * radial + n] = moments[s, a, n]
    for c in range(n_channels):
        out[c] = channels[0, c]
    pairs = n_channels * (n_channels + 1) // 2
    place = n_channels
    for c in range(n_channels):
        for d in range(c, n_channels):
            scalar = channels[0, c] * channels[0, d]
            vector = (
                channels[1, c] * channels[1, d]
                + channels[2, c] * channels[2, d]
                + channels[3, c] * channels[3, d]
            )
            tensor = (
                channels[4, c] * channels[4, d]
                + channels[5, c] * channels[5, d]
                + channels[6, c] * channels[6, d]
                + channels[7, c] * channels[7, d]
                + channels[8, c] * channels[8, d]
                + channels[9, c] * channels[9, d]
            )
            out[place] = scalar
            out[place + pairs] = vector
            out[place + 2 * pairs] = tensor
            place += 1


@jit
def moment_slopes(moments, radial, slopes, channels, work, out):  # type: ignore[no-untyped-def]
    """Slope by the moments (S, 10, P) from the slope by the invariants (F,) of one atom.

    ``channels`` and ``work`` (10, C) are work space. The slope by a traceless tensor has no trace
    itself, so it is the slope by the tensor before the trace was removed.
    """
    n_channels = channels.shape[1]
    for s in range(len(moments)):
        for a in range(COMPONENTS):
            for n in range(radial):
                channels[a, s * radial + n] = moments[s, a, n]
    work[:] = 0.0
    for c in range(n_channels):
        work[0, c] = slopes[c]
    pairs = n_channels * (n_channels + 1) // 2
    place = n_channels
    for c in range(n_channels):
        for d in range(c, n_channels):
            scalar, vector = slopes[place], slopes[place + pairs]
            tensor = slopes[place + 2 * pairs]
            place += 1
            work[0, c] += scalar * channels[0, d]
            work[0, d] += scalar * channels[0, c]
            for a in range(1, 4):
                work[a, c] += vector * channels[a, d]
                work[a, d] += vector * channels[a, c]
            for a in range(4, 10):
                work[a, c] += tensor * channels[a, d]
                work[a, d] += tensor * channels[a, c]
    out[:] = 0.0
    for s in range(len(out)):
        for a in range(COMPONENTS):
            for n in range(radial):
                out[s, a, n] = work[a, s * radial + n]


@jit
def edge_slopes(  # type: ignore[no-untyped-def]
    lanes,
    i,
    count,
    index,
    unit,
    distance,
    species,
    table,
    scale,
    slopes,
    row,
    slope,
    along,
    parts,
    forces,
):
    """Add the slopes of one atom's moments by the positions of the atom and its neighbours.

    Args:
        lanes: sizes the compiler knows.
        i: the atom.
        count, index, unit, distance, species, table, scale: as for :func:`moments`.
        slopes: (S, 10, P) slope by the moments.
        row, slope, along: (P,) work space.
        parts: (10,) work space.
        forces: (N, 3) slopes by the positions, added to.
    """
    width = len(lanes.radial)
    one = table.dtype.type(1.0)
    two = table.dtype.type(2.0)
    root = table.dtype.type(SQRT2)
    for k in range(count):
        j = index[k]
        x, y, z = unit[k, 0], unit[k, 1], unit[k, 2]
        interpolate(lanes.radial, table, distance[k] * scale, row, slope)
        _components(x, y, z, parts)
        given = slopes[species[j]]
        for n in range(width):
            along[n] = given[0, n]
        for a in range(1, COMPONENTS):
            part = parts[a]
            for n in range(width):
                along[n] += part * given[a, n]
        radial = one * 0
        for n in range(width):
            radial += along[n] * slope[n]
        for a in range(1, COMPONENTS):
            total = one * 0
            for n in range(width):
                total += given[a, n] * row[n]
            parts[a] = total
        ux = parts[1] + two * x * parts[4] + root * (y * parts[7] + z * parts[8])
        uy = parts[2] + two * y * parts[5] + root * (x * parts[7] + z * parts[9])
        uz = parts[3] + two * z * parts[6] + root * (x * parts[8] + y * parts[9])
        inverse = one / distance[k]
        radial = radial * scale - (ux * x + uy * y + uz * z) * inverse
        fx = ux * inverse + radial * x
        fy = uy * inverse + radial * y
        fz = uz * inverse + radial * z
        forces[i, 0] -= fx
        forces[i, 1] -= fy
        forces[i, 2] -= fz
        forces[j, 0] += fx
        forces[j, 1] += fy
        forces[j, 2] += fz
