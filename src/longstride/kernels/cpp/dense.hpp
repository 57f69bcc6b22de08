// Dense layers for a vector of atoms: matrices are broadcast, atoms lie in the lanes.
#pragma once

#include <cstring>
#include <vector>

#include "simd.hpp"

namespace longstride {

template <class T>
class Matrix {
  public:
    Matrix() = default;
    // From a row-major (rows, columns) array.
    Matrix(const std::vector<double>& data, int rows, int columns)
        : rows_(rows), tiles_((columns + TILE - 1) / TILE),
          data_(size_t(rows) * tiles_ * TILE, T(0)) {
        for (int r = 0; r < rows; ++r)
            for (int c = 0; c < columns; ++c)
                data_[(size_t(c / TILE) * rows + r) * TILE + c % TILE] = T(data[size_t(r) * columns + c]);
    }

    // Rounded up to whole tiles: the length of `out`, whose padding becomes zero.
    int padded_columns() const { return tiles_ * TILE; }

    // out = in @ matrix.
    void apply(const Vec<T>* in, Vec<T>* out) const {
        const T* weight = data_.data();
        for (int tile = 0; tile < tiles_; ++tile) {
            Vec<T> sum[TILE] = {};
            for (int r = 0; r < rows_; ++r, weight += TILE) {
                const Vec<T> x = in[r];
#pragma GCC unroll 16
                for (int c = 0; c < TILE; ++c) sum[c] += x * weight[c];
            }
#pragma GCC unroll 16
            for (int c = 0; c < TILE; ++c) out[tile * TILE + c] = sum[c];
        }
    }

  private:
    static constexpr int TILE = REGISTERS / 2;
    int rows_ = 0, tiles_ = 0;
    std::vector<T> data_;
};

inline std::vector<double> transposed(const std::vector<double>& data, int rows, int columns) {
    std::vector<double> out(data.size());
    for (int r = 0; r < rows; ++r)
        for (int c = 0; c < columns; ++c) out[size_t(c) * rows + r] = data[size_t(r) * columns + c];
    return out;
}

}  // namespace longstride
