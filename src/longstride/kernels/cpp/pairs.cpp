#include "pairs.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace longstride {

namespace {

constexpr double GRID = 68719476736.0;  // 2^36 per Å
constexpr double MOST_TURNS = 1e9;      // cells between an atom and the first one

double on_grid(double x) { return std::nearbyint(x * GRID) / GRID; }

// Integers modulo 2^32, with the number of an atom.
Fixed modulo(const int64_t* x, int64_t atom) {
    return Fixed{uint32_t(x[0]), uint32_t(x[1]), uint32_t(x[2]), uint32_t(atom)};
}

// Rows of the inverse's transpose are the reciprocal vectors; returns the volume.
double reciprocal(const double* cell, double* rows) {
    auto cross = [&](int a, int b, double* out) {
        const double *p = cell + 3 * a, *q = cell + 3 * b;
        out[0] = p[1] * q[2] - p[2] * q[1];
        out[1] = p[2] * q[0] - p[0] * q[2];
        out[2] = p[0] * q[1] - p[1] * q[0];
    };
    cross(1, 2, rows);
    cross(2, 0, rows + 3);
    cross(0, 1, rows + 6);
    const double volume = cell[0] * rows[0] + cell[1] * rows[1] + cell[2] * rows[2];
    for (int n = 0; n < 9; ++n) rows[n] /= volume;
    return volume;
}

// Rows of `reciprocal` are its columns' inverse: out = inverse(of their cell) times b.
void product(const double* rows, const double* b, double* out) {
    for (int x = 0; x < 3; ++x)
        for (int y = 0; y < 3; ++y) {
            out[3 * x + y] = 0.0;
            for (int a = 0; a < 3; ++a) out[3 * x + y] += rows[3 * a + x] * b[3 * a + y];
        }
}

// Component x of a row vector times a matrix.
double stretched(const double* vector, const double* matrix, int x) {
    return vector[0] * matrix[x] + vector[1] * matrix[3 + x] + vector[2] * matrix[6 + x];
}

}  // namespace

void PairList::make(const double* positions, int64_t n_atoms, int64_t listed, const double* cell,
                    const bool* pbc, double radius, Pool& pool) {
    listed_ = listed;
    set_cell(cell);
    made_in_ = cell_;
    radius_ = radius;
    made_at_.assign(positions, positions + 3 * n_atoms);
    wrapped_.resize(3 * n_atoms);
    fixed_.resize(n_atoms);
    std::vector<double> rows(9);
    if (reciprocal(cell_.data(), rows.data()) == 0.0)
        throw std::invalid_argument("the cell has no volume");
    double spacing[3];
    for (int a = 0; a < 3; ++a) {
        const double* row = rows.data() + 3 * a;
        spacing[a] = 1.0 / std::sqrt(row[0] * row[0] + row[1] * row[1] + row[2] * row[2]);
    }
    wrap(positions, rows.data(), pbc);
    find_images(rows.data(), spacing, pbc, radius);
    place_lattice();
    follow_places(positions, pool);
    find_pairs(radius, pool);
    if (!precise_) images_.place = {};
    follow(positions, cell, pool);
}

void PairList::set_cell(const double* cell) {
    for (int n = 0; n < 9; ++n) {
        cell_[n] = on_grid(cell[n]);
        fixed_cell_[n] = std::llrint(cell[n] / FIXED);
    }
}

// What wrapping and images add, by the cell.
void PairList::place_lattice() {
    const int64_t n_atoms = int64_t(turns_.size());
    wrapping_.resize(3 * n_atoms);
    fixed_wrapping_.resize(n_atoms);
    for (int64_t i = 0; i < n_atoms; ++i) {
        int64_t fixed[3] = {0, 0, 0};
        for (int x = 0; x < 3; ++x) {
            double sum = 0.0;
            for (int a = 0; a < 3; ++a) {
                sum += turns_[i][a] * cell_[3 * a + x];
                fixed[x] += turns_[i][a] * fixed_cell_[3 * a + x];
            }
            wrapping_[3 * i + x] = sum;
        }
        fixed_wrapping_[i] = modulo(fixed, 0);
    }
    for (size_t e = 0; e < images_.offset.size(); ++e) {
        const auto& n = images_.cell[e];
        int64_t fixed[3];
        for (int x = 0; x < 3; ++x)
            fixed[x] = n[0] * fixed_cell_[x] + n[1] * fixed_cell_[3 + x] + n[2] * fixed_cell_[6 + x];
        images_.offset[e] = modulo(fixed, images_.offset[e][3]);
    }
}

void PairList::wrap(const double* positions, const double* rows, const bool* pbc) {
    const int64_t n_atoms = int64_t(wrapped_.size() / 3);
    turns_.assign(n_atoms, {});
    for (int64_t i = 0; i < n_atoms; ++i) {
        const double* q = positions + 3 * i;
        for (int a = 0; a < 3; ++a) {
            if (!pbc[a]) continue;
            const double* row = rows + 3 * a;
            const double at = q[0] * row[0] + q[1] * row[1] + q[2] * row[2];
            if (!(std::abs(at) < MOST_TURNS))
                throw std::invalid_argument("a position is too many cells away");
            turns_[i][a] = -int32_t(std::floor(at));
        }
        for (int x = 0; x < 3; ++x) {
            double added = 0.0;
            for (int a = 0; a < 3; ++a) added += turns_[i][a] * cell_[3 * a + x];
            wrapped_[3 * i + x] = on_grid(q[x]) + added;
        }
    }
}

void PairList::find_images(const double* rows, const double* spacing, const bool* pbc,
                           double radius) {
    const int64_t n_atoms = int64_t(wrapped_.size() / 3);
    images_ = Images{};
    images_.self.resize(n_atoms);
    int reach[3];
    for (int a = 0; a < 3; ++a) reach[a] = pbc[a] ? int(std::ceil(radius / spacing[a])) : 0;
    for (int64_t i = 0; i < n_atoms; ++i) {
        const double* q = wrapped_.data() + 3 * i;
        int low[3], high[3];
        for (int a = 0; a < 3; ++a) {
            const double* row = rows + 3 * a;
            const double at = q[0] * row[0] + q[1] * row[1] + q[2] * row[2];
            const double margin = radius / spacing[a] + 1e-9;
            low[a] = pbc[a] ? std::max(int(std::ceil(-margin - at)), -reach[a] - 1) : 0;
            high[a] = pbc[a] ? std::min(int(std::floor(1.0 + margin - at)), reach[a] + 1) : 0;
        }
        for (int a = low[0]; a <= high[0]; ++a)
            for (int b = low[1]; b <= high[1]; ++b)
                for (int c = low[2]; c <= high[2]; ++c) {
                    if (a == 0 && b == 0 && c == 0)
                        images_.self[i] = int32_t(images_.offset.size());
                    images_.offset.push_back(Fixed{0, 0, 0, uint32_t(i)});
                    images_.cell.push_back({int16_t(a), int16_t(b), int16_t(c)});
                }
    }
    if (images_.offset.size() >= size_t(INT32_MAX))
        throw std::invalid_argument("too many atoms for one neighbour list");
    images_.fixed.resize(images_.offset.size());
}

void PairList::follow(const double* positions, const double* cell, Pool& pool) {
    const auto before = cell_;
    set_cell(cell);
    if (cell_ != before) place_lattice();
    pool.share(n_atoms(), 1, [&](int, int64_t first, int64_t last) {
        for (int64_t i = first; i < last; ++i) {
            int64_t fixed[3];
            for (int x = 0; x < 3; ++x) fixed[x] = std::llrint(positions[3 * i + x] / FIXED);
            fixed_[i] = modulo(fixed, 0) + fixed_wrapping_[i];
        }
    });
    pool.share(int64_t(images_.offset.size()), 1, [&](int, int64_t first, int64_t last) {
        for (int64_t e = first; e < last; ++e) {
            const Fixed offset = images_.offset[e];
            images_.fixed[e] = fixed_[offset[3]] + offset;
        }
    });
    if (precise_) follow_places(positions, pool);
}

void PairList::follow_places(const double* positions, Pool& pool) {
    images_.place.resize(3 * images_.offset.size());
    pool.share(int64_t(images_.offset.size()), 1, [&](int, int64_t first, int64_t last) {
        for (int64_t e = first; e < last; ++e) {
            const int64_t i = images_.offset[e][3];
            const auto& n = images_.cell[e];
            for (int x = 0; x < 3; ++x)
                images_.place[3 * e + x] = on_grid(positions[3 * i + x]) + wrapping_[3 * i + x] +
                                           n[0] * cell_[x] + n[1] * cell_[3 + x] +
                                           n[2] * cell_[6 + x];
        }
    });
}

// Let every vector have stretched by F since the list was made, and atoms have moved by up to u
// besides: what is at r now was at (r - Δu) F⁻¹, which is not longer than |F⁻¹| (|r| + 2 u).
bool PairList::holds(const double* positions, const double* cell, double cutoff,
                     Pool& pool) const {
    // The list was searched in single precision.
    const double radius = radius_ - 2e-3;
    double stretch[9] = {1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0}, drift[3] = {0.0, 0.0, 0.0};
    double shrunk = 1.0;  // at least the norm of the inverse of the stretch
    bool same = true;
    for (int n = 0; n < 9; ++n) same &= on_grid(cell[n]) == made_in_[n];
    if (!same) {
        double rows[9], back[9];
        if (reciprocal(made_in_.data(), rows) == 0.0) return false;
        product(rows, cell, stretch);
        if (!(std::abs(reciprocal(cell, rows)) > 0.0)) return false;
        product(rows, made_in_.data(), back);
        double square = 0.0;
        for (int n = 0; n < 9; ++n) {
            const double change = back[n] - (n % 4 == 0 ? 1.0 : 0.0);
            square += change * change;
        }
        shrunk += std::sqrt(square);
        if (!(shrunk * cutoff < radius)) return false;
        // A common shift of all atoms changes no pair.
        for (int64_t i = 0; i < n_atoms(); ++i)
            for (int x = 0; x < 3; ++x)
                drift[x] += positions[3 * i + x] - stretched(made_at_.data() + 3 * i, stretch, x);
        for (double& shift : drift) shift /= double(n_atoms());
    }
    const double limit = 0.5 * (radius / shrunk - cutoff);
    return limit > 0.0 && largest_square(positions, stretch, drift, pool) < limit * limit;
}

// Square of the largest displacement from where the stretch and the drift would have taken an atom;
// not a number if one is not.
double PairList::largest_square(const double* positions, const double* stretch,
                                const double* drift, Pool& pool) const {
    std::vector<double> largest(pool.size(), 0.0);
    pool.share(n_atoms(), 1, [&](int k, int64_t first, int64_t last) {
        double most = 0.0;
        for (int64_t i = first; i < last; ++i) {
            double square = 0.0;
            for (int x = 0; x < 3; ++x) {
                const double moved = positions[3 * i + x] - drift[x] -
                                     stretched(made_at_.data() + 3 * i, stretch, x);
                square += moved * moved;
            }
            if (!(square <= most)) most = square;
        }
        largest[k] = most;
    });
    for (double square : largest)
        if (!(square <= largest[0])) largest[0] = square;
    return largest[0];
}

}  // namespace longstride
