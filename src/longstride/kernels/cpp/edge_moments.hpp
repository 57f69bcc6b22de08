// Moments of given edges, with first and second derivatives: what training differentiates.
//
// Edges are an array (N, 3, K) of vectors in Å; those beyond the cutoff add nothing. The lanes hold
// neighbours of one atom.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "moments.hpp"
#include "pool.hpp"

namespace longstride {

template <class T>
class EdgeMoments {
  public:
    // `kinds` (N, K) is the species of each neighbour, or null if there is one species only.
    EdgeMoments(const RadialShape& shape, int species, const T* vectors, const int64_t* kinds,
                int64_t n_atoms, int64_t slots)
        : radial_(shape), beyond_(T(1.01 * shape.cutoff)), species_(species), vectors_(vectors),
          kinds_(kinds), n_atoms_(n_atoms), slots_(slots), chunks_((slots + L - 1) / L) {}

    // Moments (N, C, 9).
    void sum(T* moments, Pool& pool) const {
        pool.share(n_atoms_, 1, [&](int, int64_t first, int64_t last) {
            std::vector<V> value(radial_.n * chunks_), y(COMPONENTS * chunks_), mask(chunks_);
            for (int64_t i = first; i < last; ++i) {
                for (int64_t chunk = 0; chunk < chunks_; ++chunk) {
                    V functions[MAX_RADIAL];
                    const Edge e = edge(i, chunk);
                    radial_(e.length, functions);
                    for (int k = 0; k < radial_.n; ++k) value[k * chunks_ + chunk] = functions[k];
                    for (int c = 0; c < COMPONENTS; ++c) y[c * chunks_ + chunk] = e.component[c];
                }
                T* out = moments + i * channels() * COMPONENTS;
                std::fill_n(out, channels() * COMPONENTS, T(0));
                add_products(i, value, y, mask, out);
            }
        });
    }

    // Slopes (N, 3, K) by the vectors from those (N, C, 9) by the moments.
    void pull(const T* given, T* slopes, Pool& pool) const {
        pool.share(n_atoms_, 1, [&](int, int64_t first, int64_t last) {
            for (int64_t i = first; i < last; ++i)
                for (int64_t chunk = 0; chunk < chunks_; ++chunk) {
                    V value[MAX_RADIAL], slope[MAX_RADIAL], by[2][COMPONENTS];
                    const Edge e = edge(i, chunk);
                    radial_(e.length, value, slope);
                    const V* functions[2] = {value, slope};
                    combine<2>(i, chunk, given, functions, by);
                    V along = {}, turn[3], out[3];
                    for (int c = 0; c < COMPONENTS; ++c) along += by[1][c] * e.component[c];
                    component_slopes<T>(e.unit, by[0], turn);
                    const V radial = along - dot(turn, e.unit) * e.inverse;
                    for (int x = 0; x < 3; ++x) out[x] = radial * e.unit[x] + turn[x] * e.inverse;
                    store(slopes, i, chunk, out);
                }
        });
    }

    // Derivatives of sum(along * pull(given)): by `given` (N, C, 9), and by the vectors (N, 3, K).
    //
    // With l = sum_c B_c(r) Y_c(u), s = u·a and p = (a - s u) / r, the second is the Hessian of l
    // times a.
    void bend(const T* given, const T* along, T* by_given, T* by_vectors, Pool& pool) const {
        pool.share(n_atoms_, 1, [&](int, int64_t first, int64_t last) {
            std::vector<V> value(radial_.n * chunks_), slope(value.size()), mask(chunks_);
            std::vector<V> turned(COMPONENTS * chunks_), stretched(turned.size());
            for (int64_t i = first; i < last; ++i) {
                for (int64_t chunk = 0; chunk < chunks_; ++chunk) {
                    V r0[MAX_RADIAL], r1[MAX_RADIAL], r2[MAX_RADIAL], by[3][COMPONENTS];
                    const Edge e = edge(i, chunk);
                    radial_(e.length, r0, r1, r2);
                    const V* functions[3] = {r0, r1, r2};
                    combine<3>(i, chunk, given, functions, by);
                    V a[3], p[3], change[COMPONENTS], out[3];
                    load(along, i, chunk, T(0), a);
                    const V s = dot(a, e.unit);
                    for (int x = 0; x < 3; ++x) p[x] = (a[x] - s * e.unit[x]) * e.inverse;
                    component_changes<T>(e.unit, p, change);
                    hessian(e, by, s, p, out);
                    store(by_vectors, i, chunk, out);
                    for (int k = 0; k < radial_.n; ++k) {
                        value[k * chunks_ + chunk] = r0[k];
                        slope[k * chunks_ + chunk] = r1[k];
                    }
                    for (int c = 0; c < COMPONENTS; ++c) {
                        turned[c * chunks_ + chunk] = change[c];
                        stretched[c * chunks_ + chunk] = s * e.component[c];
                    }
                }
                T* out = by_given + i * channels() * COMPONENTS;
                std::fill_n(out, channels() * COMPONENTS, T(0));
                add_products(i, value, turned, mask, out);
                add_products(i, slope, stretched, mask, out);
            }
        });
    }

    int channels() const { return radial_.n * species_; }

  private:
    static constexpr int L = lanes<T>;
    using V = Vec<T>;

    struct Edge {
        V length, inverse, unit[3], component[COMPONENTS];
    };

    static V dot(const V* a, const V* b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

    void load(const T* array, int64_t i, int64_t chunk, T filling, V* out) const {
        const int64_t at = chunk * L, here = std::min<int64_t>(L, slots_ - at);
        for (int x = 0; x < 3; ++x) {
            out[x] = broadcast<T>(x == 0 ? filling : T(0));
            std::memcpy(&out[x], array + (3 * i + x) * slots_ + at, here * sizeof(T));
        }
    }

    void store(T* array, int64_t i, int64_t chunk, const V* in) const {
        const int64_t at = chunk * L, here = std::min<int64_t>(L, slots_ - at);
        for (int x = 0; x < 3; ++x)
            std::memcpy(array + (3 * i + x) * slots_ + at, &in[x], here * sizeof(T));
    }

    Edge edge(int64_t i, int64_t chunk) const {
        Edge e;
        V v[3];
        load(vectors_, i, chunk, beyond_, v);
        const V square = dot(v, v);
        e.inverse = inverse_square_root<T>(square);
        e.length = square * e.inverse;
        for (int x = 0; x < 3; ++x) e.unit[x] = v[x] * e.inverse;
        components<T>(e.unit, e.component);
        return e;
    }

    V of_species(int64_t i, int64_t chunk, int which) const {
        V mask = {};
        const int64_t at = chunk * L, here = std::min<int64_t>(L, slots_ - at);
        for (int64_t l = 0; l < here; ++l)
            mask[l] = kinds_[i * slots_ + at + l] == which ? T(1) : T(0);
        return mask;
    }

    // by[m][c] = sum over channels of functions[m] times given, for each neighbour's own species.
    template <int M>
    void combine(int64_t i, int64_t chunk, const T* given, const V* const* functions,
                 V (*by)[COMPONENTS]) const {
        const T* weight = given + i * channels() * COMPONENTS;
        for (int m = 0; m < M; ++m)
            for (int c = 0; c < COMPONENTS; ++c) by[m][c] = V{};
        for (int which = 0; which < species_; ++which) {
            const V mask = kinds_ ? of_species(i, chunk, which) : broadcast<T>(T(1));
            for (int k = 0; k < radial_.n; ++k, weight += COMPONENTS) {
                V own[M];
                for (int m = 0; m < M; ++m) own[m] = functions[m][k] * mask;
#pragma GCC unroll 16
                for (int c = 0; c < COMPONENTS; ++c)
                    for (int m = 0; m < M; ++m) by[m][c] += own[m] * weight[c];
            }
        }
    }

    // out (C, 9) += products of functions and components, summed over the neighbours.
    void add_products(int64_t i, const std::vector<V>& functions, const std::vector<V>& y,
                      std::vector<V>& mask, T* out) const {
        for (int which = 0; which < species_; ++which) {
            for (int64_t chunk = 0; chunk < chunks_; ++chunk)
                mask[chunk] = kinds_ ? of_species(i, chunk, which) : broadcast<T>(T(1));
            for (int k = 0; k < radial_.n; ++k, out += COMPONENTS) {
                V sum[COMPONENTS] = {};
                for (int64_t chunk = 0; chunk < chunks_; ++chunk) {
                    const V f = functions[k * chunks_ + chunk] * mask[chunk];
#pragma GCC unroll 16
                    for (int c = 0; c < COMPONENTS; ++c) sum[c] += f * y[c * chunks_ + chunk];
                }
                for (int c = 0; c < COMPONENTS; ++c) {
                    T total = T(0);
                    for (int l = 0; l < L; ++l) total += sum[c][l];
                    out[c] += total;
                }
            }
        }
    }

    void hessian(const Edge& e, const V (*by)[COMPONENTS], V s, const V* p, V* out) const {
        V first = {}, second = {}, w[3], w_slope[3], w_turn[3];
        for (int c = 0; c < COMPONENTS; ++c) {
            first += by[1][c] * e.component[c];
            second += by[2][c] * e.component[c];
        }
        component_slopes<T>(e.unit, by[0], w);
        component_slopes<T>(e.unit, by[1], w_slope);
        tensor_slopes<T>(p, by[0], w_turn);
        V change[3];
        for (int x = 0; x < 3; ++x)
            change[x] = w_slope[x] * s + w_turn[x] - s * e.inverse * w[x];
        const V uw = dot(e.unit, w), along = dot(e.unit, change);
        const V radial = second * s + dot(w_slope, p) - (dot(p, w) + along) * e.inverse;
        for (int x = 0; x < 3; ++x)
            out[x] = radial * e.unit[x] + first * p[x] + (change[x] - p[x] * uw) * e.inverse;
    }

    const Radial<T> radial_;
    const T beyond_;
    const int species_;
    const T* vectors_;
    const int64_t* kinds_;
    const int64_t n_atoms_, slots_, chunks_;
};

}  // namespace longstride
