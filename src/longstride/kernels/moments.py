"""Moments of the neighbourhood, their contracted products, and the slopes of both, atom by atom.

The compiled form of ``SiteScalars.invariants``: components of an edge are 1, u and the six of uu;
a moment is their sum over the neighbours times a radial function.
"""

from longstride.kernels.compiler import inlined, jit
from longstride.kernels.radial_table import interpolate
from longstride.kernels.workspace import add_pair_forces, padded

SQRT2 = 2.0**0.5

COMPONENTS = 10
"""Of an edge: one scalar, three of the vector, six of the symmetric tensor."""


@inlined
def _components(end, unit, out):  # type: ignore[no-untyped-def]
    root = out.dtype.type(SQRT2)
    for k in range(end):
        x, y, z = unit[0, k], unit[1, k], unit[2, k]
        out[0, k] = out.dtype.type(1.0)
        out[1, k], out[2, k], out[3, k] = x, y, z
        out[4, k], out[5, k], out[6, k] = x * x, y * y, z * z
        out[7, k], out[8, k], out[9, k] = root * x * y, root * x * z, root * y * z


@inlined
def _radial(lanes, count, end, distance, table, scale, work):  # type: ignore[no-untyped-def]
    """Radial functions and their slopes by the distance, zero beyond ``count``."""
    for k in range(count):
        interpolate(lanes.radial, table, distance[k] * scale, work.row, work.slope)
        for n in range(len(lanes.radial)):
            work.radial[n, k] = work.row[n]
            work.radial_slope[n, k] = work.slope[n] * scale
    zero = scale * 0
    for k in range(count, end):
        for n in range(len(lanes.radial)):
            work.radial[n, k] = work.radial_slope[n, k] = zero


@inlined
def _of_species(s, count, end, neighbors, species, out):  # type: ignore[no-untyped-def]
    """One where the neighbour is of species ``s``, else zero."""
    for k in range(count):
        out[k] = out.dtype.type(1.0) if species[neighbors[k]] == s else out.dtype.type(0.0)
    for k in range(count, end):
        out[k] = out.dtype.type(0.0)


@jit
def moments(lanes, i, atoms, species, n_species, table, scale, work):  # type: ignore[no-untyped-def]
    """Fill ``atoms.moments[i]``, whose tensors are made traceless.

    Args:
        lanes: sizes the compiler knows.
        i: the atom.
        atoms: ``Atoms``, with edges.
        species: (N,) of all atoms.
        n_species: number of species; each has channels of its own.
        table: (nodes, 4, C) polynomials of the radial functions.
        scale: grid nodes per Å.
        work: ``MomentWork``, work space.
    """
    count, neighbors = atoms.n_neighbors[i], atoms.neighbors[i]
    unit, distance, out = atoms.unit[i], atoms.distance[i], atoms.moments[i]
    end = padded(count)
    _components(end, unit, work.components)
    _radial(lanes, count, end, distance, table, scale, work)
    parts = work.components
    zero = scale * 0
    third = out.dtype.type(1.0 / 3.0)
    for s in range(n_species):
        _of_species(s, count, end, neighbors, species, work.chosen)
        for n in range(len(lanes.radial)):
            m0, m1, m2, m3, m4 = zero, zero, zero, zero, zero
            m5, m6, m7, m8, m9 = zero, zero, zero, zero, zero
            for k in range(end):
                r = work.radial[n, k] * work.chosen[k]
                m0 += r
                m1 += r * parts[1, k]
                m2 += r * parts[2, k]
                m3 += r * parts[3, k]
                m4 += r * parts[4, k]
                m5 += r * parts[5, k]
                m6 += r * parts[6, k]
                m7 += r * parts[7, k]
                m8 += r * parts[8, k]
                m9 += r * parts[9, k]
            mean = (m4 + m5 + m6) * third
            c = s * len(lanes.radial) + n
            out[0, c], out[1, c], out[2, c], out[3, c] = m0, m1, m2, m3
            out[4, c], out[5, c], out[6, c] = m4 - mean, m5 - mean, m6 - mean
            out[7, c], out[8, c], out[9, c] = m7, m8, m9


@jit
def invariants(moments, out):  # type: ignore[no-untyped-def]
    """Radial sums and contracted products (F,) of one atom's moments (10, C)."""
    n_channels = moments.shape[1]
    pairs = n_channels * (n_channels + 1) // 2
    place = n_channels
    for c in range(n_channels):
        out[c] = moments[0, c]
        for d in range(c, n_channels):
            at = place + d - c
            out[at] = moments[0, c] * moments[0, d]
            vector = moments[1, c] * moments[1, d]
            for a in range(2, 4):
                vector += moments[a, c] * moments[a, d]
            out[at + pairs] = vector
            tensor = moments[4, c] * moments[4, d]
            for a in range(5, COMPONENTS):
                tensor += moments[a, c] * moments[a, d]
            out[at + 2 * pairs] = tensor
        place += n_channels - c


@jit
def moment_slopes(moments, slopes, out):  # type: ignore[no-untyped-def]
    """Slope by one atom's moments (10, C) from the slope by its invariants (F,).

    The slope by a traceless tensor has no trace itself, so it is the slope by the tensor before the
    trace was removed.
    """
    n_channels = moments.shape[1]
    pairs = n_channels * (n_channels + 1) // 2
    out[:] = 0.0
    place = n_channels
    for c in range(n_channels):
        out[0, c] += slopes[c]
        for a in range(COMPONENTS):
            kind = 0 if a == 0 else (1 if a < 4 else 2)
            own = slopes[place + kind * pairs : place + kind * pairs + n_channels - c]
            total = out[a, c]
            moment = moments[a, c]
            for d in range(c, n_channels):
                total += own[d - c] * moments[a, d]
                out[a, d] += own[d - c] * moment
            # The first of the loop added to this very place: it is counted here.
            out[a, c] = total + own[0] * moment
        place += n_channels - c


@jit
def edge_slopes(  # type: ignore[no-untyped-def]
    lanes, i, atoms, species, n_species, table, scale, slopes, work, edge, forces
):
    """Add the slopes of one atom's moments by the positions of the atom and its neighbours.

    Args:
        lanes, i, atoms, species, n_species, table, scale, work: as for :func:`moments`.
        slopes: (10, C) slope by the moments.
        edge: ``EdgeSlopes``, work space.
        forces: (N, 3) slopes by the positions, added to.
    """
    count, neighbors = atoms.n_neighbors[i], atoms.neighbors[i]
    unit, distance = atoms.unit[i], atoms.distance[i]
    end = padded(count)
    _components(end, unit, work.components)
    _radial(lanes, count, end, distance, table, scale, work)
    parts, given = work.components, work.component_slopes
    two, root = table.dtype.type(2.0), table.dtype.type(SQRT2)
    zero = scale * 0
    for k in range(end):
        edge.radial[k] = zero
        for a in range(COMPONENTS):
            given[a, k] = zero
    for s in range(n_species):
        start = s * len(lanes.radial)
        _of_species(s, count, end, neighbors, species, work.chosen)
        for a in range(COMPONENTS):
            for k in range(end):
                value, slope = zero, zero
                for n in range(len(lanes.radial)):
                    value += slopes[a, start + n] * work.radial[n, k]
                    slope += slopes[a, start + n] * work.radial_slope[n, k]
                given[a, k] += value * work.chosen[k]
                edge.radial[k] += slope * parts[a, k] * work.chosen[k]
    for k in range(end):
        x, y, z = unit[0, k], unit[1, k], unit[2, k]
        xy, xz, yz = root * given[7, k], root * given[8, k], root * given[9, k]
        edge.along[0, k] = given[1, k] + two * x * given[4, k] + y * xy + z * xz
        edge.along[1, k] = given[2, k] + two * y * given[5, k] + x * xy + z * yz
        edge.along[2, k] = given[3, k] + two * z * given[6, k] + x * xz + y * yz
    add_pair_forces(i, count, neighbors, unit, distance, edge, forces)
