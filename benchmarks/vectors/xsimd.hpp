// The loops on xsimd's batches, with its functions.
#pragma once

#include <string>
#include <xsimd/xsimd.hpp>

#include "problem.hpp"

namespace form {

using V = xsimd::batch<float>;
using Int = xsimd::batch<int32_t>;
using Mask = xsimd::batch_bool<float>;
constexpr int LANES = int(V::size);
const std::string VERSION_TEXT = std::to_string(XSIMD_VERSION_MAJOR) + "." +
                                 std::to_string(XSIMD_VERSION_MINOR) + "." +
                                 std::to_string(XSIMD_VERSION_PATCH);
const char* const VERSION = VERSION_TEXT.c_str();
inline const char* target() {
    static const std::string name(V::arch_type::name());
    return name.c_str();
}

inline V inverse_square_root(V x) {
#if XSIMD_VERSION_MAJOR < 9 && defined(__AVX512F__)
    return V(1.0f) / xsimd::sqrt(x);  // this version's rsqrt does not compile for AVX-512
#else
    const V estimate = xsimd::rsqrt(x), error = xsimd::fnma(x * estimate, estimate, V(1.0f));
    if constexpr (SECOND_ORDER) return xsimd::fma(estimate * error, V(0.5f), estimate);
    return xsimd::fma(estimate * error, xsimd::fma(V(0.375f), error, V(0.5f)), estimate);
#endif
}

inline V reciprocal(V x) {
    const V estimate = xsimd::reciprocal(x), error = xsimd::fnma(x, estimate, V(1.0f));
    if constexpr (SECOND_ORDER) return xsimd::fma(estimate, error, estimate);
    return xsimd::fma(estimate, xsimd::fma(error, error, error), estimate);
}

inline int count(const Mask& inside) {
#if XSIMD_VERSION_MAJOR < 9
    return int(xsimd::hadd(xsimd::select(inside, V(1.0f), V(0.0f))));
#else
    return __builtin_popcountll(inside.mask());
#endif
}

// Writes the numbers that are inside, one after the other; it may write a whole batch.
template <class T>
inline void store_selected(const xsimd::batch<T>& x, const Mask& inside, T* out) {
#if XSIMD_VERSION_MAJOR >= 12 && defined(__AVX512F__)  // elsewhere its compress takes longer
    xsimd::compress(x, xsimd::batch_bool_cast<T>(inside)).store_unaligned(out);
#else
    alignas(64) T all[LANES];
    alignas(64) bool is_in[LANES];
    x.store_aligned(all);
    inside.store_aligned(is_in);
    for (int lane = 0; lane < LANES; out += is_in[lane++]) *out = all[lane];
#endif
}

class Loops {
  public:
    explicit Loops(Problem& problem) : p_(problem) {
        for (int lane = 0; lane < LANES; ++lane) ordinals_[lane] = float(lane);
    }

    void edges() {
        for (int slot = 0; slot < SLOTS; ++slot) find_edge(slot, edges_ + slot * edge_ * LANES);
    }

    void moments() {
        std::memset(moments_, 0, sizeof(V) * r_.n * COMPONENTS);
        each_tile(r_.n, [&]<int N>(int k, int c) { add_moments<N>(k, c); });
    }

    void layer() {
        const float* weight = p_.matrix.data_.data();
        for (int tile = 0; tile < OUTPUTS; tile += TILE) {
            V sum[TILE];
            for (V& s : sum) s = V(0.0f);
            for (int row = 0; row < INPUTS; ++row, weight += TILE) {
                const V x = V::load_aligned(p_.inputs + row * LANES);
#pragma GCC unroll 16
                for (int c = 0; c < TILE; ++c) sum[c] = xsimd::fma(x, V(weight[c]), sum[c]);
            }
            for (int c = 0; c < TILE; ++c) sum[c].store_aligned(outputs_ + (tile + c) * LANES);
        }
    }

    int select(int centre) {
        const int32_t* candidates = p_.candidates_of(centre);
        const int32_t* fixed = reinterpret_cast<const int32_t*>(p_.fixed);
        const Fixed middle = p_.centre(centre);
        const V ordinals = V::load_aligned(ordinals_), unit = V(float(FIXED));
        int near = 0;
        for (int first = 0; first < CANDIDATES; first += LANES) {
            Int row[4];
            load_rows(fixed, candidates + first, row);
            V d[3];
            for (int x = 0; x < 3; ++x)
                d[x] = unit * xsimd::to_float(row[x] - Int(int32_t(middle[x])));
            const V length = xsimd::fma(d[0], d[0], xsimd::fma(d[1], d[1], d[2] * d[2]));
            const Mask inside = (length < V(p_.square)) & (ordinals < V(float(CANDIDATES - first)));
            for (int x = 0; x < 3; ++x) store_selected(d[x], inside, p_.near[x] + near);
            store_selected(row[3], inside, p_.owners + near);
            near += count(inside);
        }
        return near;
    }

    const void* edge_numbers() const { return edges_; }
    const void* moment_numbers() const { return moments_; }
    const void* output_numbers() const { return outputs_; }

  private:
    // The rows of four numbers at the candidates' places, transposed.
    static void load_rows(const int32_t* fixed, const int32_t* candidates, Int (&v)[4]) {
        if constexpr (LANES == 4) {
            for (int k = 0; k < 4; ++k) v[k] = Int::load_aligned(fixed + 4 * candidates[k]);
            const Int a = xsimd::zip_lo(v[0], v[2]), b = xsimd::zip_lo(v[1], v[3]);
            const Int c = xsimd::zip_hi(v[0], v[2]), d = xsimd::zip_hi(v[1], v[3]);
            v[0] = xsimd::zip_lo(a, b);
            v[1] = xsimd::zip_hi(a, b);
            v[2] = xsimd::zip_lo(c, d);
            v[3] = xsimd::zip_hi(c, d);
        } else {
            const Int at = Int::load_unaligned(candidates) << 2;
            for (int x = 0; x < 4; ++x) v[x] = Int::gather(fixed + x, at);
        }
    }

    void find_edge(int slot, float* edge) const {
        const float* vector = p_.vectors + slot * LANES;
        const V x = V::load_aligned(vector), y = V::load_aligned(vector + EDGES);
        const V z = V::load_aligned(vector + 2 * EDGES), square = x * x + y * y + z * z;
        const V inverse = inverse_square_root(square), root = V(float(longstride::SQRT2));
        const V u = x * inverse, v = y * inverse, w = z * inverse;
        const V uu = u * u, vv = v * v, ww = w * w;
        store_each(edge, V(1.0f), u, v, w, root * u * v, root * u * w, root * v * w,
                   V(float(1.0 / longstride::SQRT2)) * (uu - vv),
                   V(float(1.0 / longstride::SQRT6)) * (ww + ww - uu - vv), inverse);
        steep(square * inverse, edge + (COMPONENTS + 1) * LANES);
    }

    template <class... N>
    static void store_each(float* out, N... numbers) {
        ((numbers.store_aligned(out), out += LANES), ...);
    }

    void steep(V r, float* out) const {
        const V inside = xsimd::max(V(1.0f) - r * r * V(r_.per_square), V(0.0f));
        const V y = xsimd::min(r, V(r_.cutoff)) * V(r_.per_width) - V(r_.origin);
        const V up = xsimd::exp(y), down = xsimd::exp(-y);
        const V power = xsimd::exp(V(-0.5f) * y * y) * (inside * inside * inside);
        const V falling = V(-6.0f * r_.per_square) * r * reciprocal(xsimd::max(inside, V(1e-6f)));
        (falling - (y + V(float(r_.middle))) * V(r_.per_width)).store_aligned(out);
        float* value = out + LANES;
        power.store_aligned(value + r_.middle * LANES);
        V rising = power, sinking = power;
        for (int k = r_.middle + 1; k < r_.n; ++k)
            ((rising *= up) * V(r_.decay[k])).store_aligned(value + k * LANES);
        for (int k = r_.middle - 1; k >= 0; --k)
            ((sinking *= down) * V(r_.decay[k])).store_aligned(value + k * LANES);
    }

    template <int N>
    void add_moments(int first, int across) const {
        float* moment = moments_ + (first * COMPONENTS + across) * LANES;
        V sum[N][ACROSS];
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n)
#pragma GCC unroll 9
            for (int c = 0; c < ACROSS; ++c)
                sum[n][c] = V::load_aligned(moment + (n * COMPONENTS + c) * LANES);
        for (int slot = 0; slot < SLOTS; ++slot) {
            const float* edge = edges_ + slot * edge_ * LANES;
            V value[N];
#pragma GCC unroll 4
            for (int n = 0; n < N; ++n)
                value[n] = V::load_aligned(edge + (COMPONENTS + 2 + first + n) * LANES);
#pragma GCC unroll 9
            for (int c = 0; c < ACROSS; ++c) {
                const V component = V::load_aligned(edge + (across + c) * LANES);
#pragma GCC unroll 4
                for (int n = 0; n < N; ++n) sum[n][c] = xsimd::fma(value[n], component, sum[n][c]);
            }
        }
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n)
#pragma GCC unroll 9
            for (int c = 0; c < ACROSS; ++c)
                sum[n][c].store_aligned(moment + (n * COMPONENTS + c) * LANES);
    }

    Problem& p_;
    const longstride::Radial<float> r_{SHAPE};
    const int edge_ = COMPONENTS + 2 + r_.n;
    float* edges_ = numbers<float>(SLOTS * edge_ * LANES);
    float* moments_ = numbers<float>(r_.n * COMPONENTS * LANES);
    float* outputs_ = numbers<float>(OUTPUTS * LANES);
    float* ordinals_ = numbers<float>(LANES);
};

}  // namespace form
