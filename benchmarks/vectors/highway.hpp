// The loops on Highway's vectors, as wide as the flags allow, with its functions.
//
// There are arrays of vectors only where their size is known. This is not yet the form for scalable
// ones (SVE, RVV), where every sum of a tile needs a name of its own.
#pragma once

#include <string>

#include "problem.hpp"

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace hwy {
namespace HWY_NAMESPACE {
namespace form {

using D = ScalableTag<float>;
using DInt = RebindToSigned<D>;
using V = Vec<D>;
constexpr D d;
constexpr DInt d_int;
constexpr int LANES = int(MaxLanes(D()));
const std::string VERSION_TEXT = std::to_string(HWY_MAJOR) + "." + std::to_string(HWY_MINOR) +
                                 "." + std::to_string(HWY_PATCH);
const char* const VERSION = VERSION_TEXT.c_str();
inline const char* target() { return TargetName(HWY_TARGET); }

inline V inverse_square_root(V x) {
    const V estimate = ApproximateReciprocalSqrt(x), half = Set(d, 0.5f);
    const V error = NegMulAdd(Mul(x, estimate), estimate, Set(d, 1.0f));
    if constexpr (SECOND_ORDER) return MulAdd(Mul(estimate, error), half, estimate);
    return MulAdd(Mul(estimate, error), MulAdd(Set(d, 0.375f), error, half), estimate);
}

inline V reciprocal(V x) {
    const V estimate = ApproximateReciprocal(x), error = NegMulAdd(x, estimate, Set(d, 1.0f));
    if constexpr (SECOND_ORDER) return MulAdd(estimate, error, estimate);
    return MulAdd(estimate, MulAdd(error, error, error), estimate);
}

// Writes the numbers that are inside, one after the other; it may write a whole vector.
inline void store_selected(V x, Mask<D> inside, float* out) {
#if HWY_TARGET == HWY_SSE2  // its Compress takes longer
    alignas(64) float all[LANES];
    alignas(64) int32_t is_in[LANES];
    Store(x, d, all);
    Store(IfThenElseZero(RebindMask(d_int, inside), Set(d_int, 1)), d_int, is_in);
    for (int lane = 0; lane < LANES; out += is_in[lane++]) *out = all[lane];
#else
    StoreU(Compress(x, inside), d, out);  // CompressStore takes ten times as long on some AMD
#endif
}

class Loops {
  public:
    explicit Loops(Problem& problem) : p_(problem) {}

    void edges() {
        for (int slot = 0; slot < SLOTS; ++slot) find_edge(slot, edges_ + slot * edge_ * LANES);
    }

    void moments() {
        std::memset(moments_, 0, sizeof(float) * LANES * r_.n * COMPONENTS);
        each_tile(r_.n, [&]<int N>(int k, int c) HWY_ATTR { add_moments<N>(k, c); });
    }

    void layer() {
        const float* weight = p_.matrix.data_.data();
        for (int tile = 0; tile < OUTPUTS; tile += TILE) {
            V sum[TILE];
            for (V& s : sum) s = Zero(d);
            for (int row = 0; row < INPUTS; ++row, weight += TILE) {
                const V x = Load(d, p_.inputs + row * LANES);
#pragma GCC unroll 16
                for (int c = 0; c < TILE; ++c) sum[c] = MulAdd(x, Set(d, weight[c]), sum[c]);
            }
            for (int c = 0; c < TILE; ++c) Store(sum[c], d, outputs_ + (tile + c) * LANES);
        }
    }

    int select(int centre) {
        const int32_t* candidates = p_.candidates_of(centre);
        const Fixed middle = p_.centre(centre);
        int near = 0;
        for (int first = 0; first < CANDIDATES; first += LANES) {
            V v[4];
            load_rows(candidates + first, v);
            for (int x = 0; x < 3; ++x) {
                const auto apart = Sub(BitCast(d_int, v[x]), Set(d_int, int32_t(middle[x])));
                v[x] = Mul(ConvertTo(d, apart), Set(d, float(FIXED)));
            }
            const V length = MulAdd(v[0], v[0], MulAdd(v[1], v[1], Mul(v[2], v[2])));
            const auto known = FirstN(d, size_t(std::min(LANES, CANDIDATES - first)));
            const auto inside = And(Lt(length, Set(d, p_.square)), known);
            for (int x = 0; x < 3; ++x) store_selected(v[x], inside, p_.near[x] + near);
            store_selected(v[3], inside, reinterpret_cast<float*>(p_.owners) + near);
            near += int(CountTrue(d, inside));
        }
        return near;
    }

    const void* edge_numbers() const { return edges_; }
    const void* moment_numbers() const { return moments_; }
    const void* output_numbers() const { return outputs_; }

  private:
    // The rows of four numbers at the candidates' places, transposed.
    void load_rows(const int32_t* candidates, V (&v)[4]) const {
        const float* fixed = reinterpret_cast<const float*>(p_.fixed);
#if HWY_TARGET == HWY_SCALAR
        for (int x = 0; x < 4; ++x) v[x] = Load(d, fixed + 4 * candidates[0] + x);
#else
        for (int k = 0; k < 4; ++k) v[k] = load_blocks(d, fixed, candidates + k);
        const Repartition<double, D> pairs;
        const auto a = BitCast(pairs, InterleaveLower(d, v[0], v[1]));
        const auto b = BitCast(pairs, InterleaveUpper(d, v[0], v[1]));
        const auto c = BitCast(pairs, InterleaveLower(d, v[2], v[3]));
        const auto e = BitCast(pairs, InterleaveUpper(d, v[2], v[3]));
        v[0] = BitCast(d, InterleaveLower(pairs, a, c));
        v[1] = BitCast(d, InterleaveUpper(pairs, a, c));
        v[2] = BitCast(d, InterleaveLower(pairs, b, e));
        v[3] = BitCast(d, InterleaveUpper(pairs, b, e));
    }

    // Every fourth candidate's row, one a block of 16 bytes.
    template <class Tag>
    static Vec<Tag> load_blocks(Tag tag, const float* fixed, const int32_t* candidates) {
        if constexpr (MaxLanes(Tag()) <= 4) {
            return Load(tag, fixed + 4 * candidates[0]);
        } else {
            const Half<Tag> half;
            return Combine(tag, load_blocks(half, fixed, candidates + MaxLanes(half)),
                           load_blocks(half, fixed, candidates));
        }
#endif
    }

    void find_edge(int slot, float* edge) const {
        const float* vector = p_.vectors + slot * LANES;
        const V x = Load(d, vector), y = Load(d, vector + EDGES), z = Load(d, vector + 2 * EDGES);
        const V square = MulAdd(x, x, MulAdd(y, y, Mul(z, z)));
        const V inverse = inverse_square_root(square);
        const V u = Mul(x, inverse), v = Mul(y, inverse), w = Mul(z, inverse);
        const V uu = Mul(u, u), vv = Mul(v, v), ww = Mul(w, w);
        const V root = Set(d, float(longstride::SQRT2)), ru = Mul(root, u), rv = Mul(root, v);
        const V flat = Set(d, float(1.0 / longstride::SQRT2));
        const V axial = Set(d, float(1.0 / longstride::SQRT6));
        store_each(edge, Set(d, 1.0f), u, v, w, Mul(ru, v), Mul(ru, w), Mul(rv, w),
                   Mul(flat, Sub(uu, vv)), Mul(axial, Sub(Sub(Add(ww, ww), uu), vv)), inverse);
        steep(Mul(square, inverse), edge + (COMPONENTS + 1) * LANES);
    }

    template <class... N>
    static void store_each(float* out, N... numbers) {
        ((Store(numbers, d, out), out += LANES), ...);
    }

    void steep(V r, float* out) const {
        const V per_width = Set(d, r_.per_width), per_square = Set(d, r_.per_square);
        const V inside = Max(NegMulAdd(Mul(r, r), per_square, Set(d, 1.0f)), Zero(d));
        const V y = MulSub(Min(r, Set(d, r_.cutoff)), per_width, Set(d, r_.origin));
        const V up = Exp(d, y), down = Exp(d, Neg(y));
        const V cube = Mul(Mul(inside, inside), inside);
        const V power = Mul(Exp(d, Mul(Mul(Set(d, -0.5f), y), y)), cube);
        const V falling = Mul(Mul(Set(d, -6.0f), per_square), r);
        const V away = Mul(Add(y, Set(d, float(r_.middle))), per_width);
        Store(MulSub(falling, reciprocal(Max(inside, Set(d, 1e-6f))), away), d, out);
        float* value = out + LANES;
        Store(power, d, value + r_.middle * LANES);
        V rising = power, sinking = power;
        for (int k = r_.middle + 1; k < r_.n; ++k) {
            rising = Mul(rising, up);
            Store(Mul(rising, Set(d, r_.decay[k])), d, value + k * LANES);
        }
        for (int k = r_.middle - 1; k >= 0; --k) {
            sinking = Mul(sinking, down);
            Store(Mul(sinking, Set(d, r_.decay[k])), d, value + k * LANES);
        }
    }

    template <int N>
    void add_moments(int first, int across) const {
        float* moment = moments_ + (first * COMPONENTS + across) * LANES;
        V sum[N][ACROSS];
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n)
#pragma GCC unroll 9
            for (int c = 0; c < ACROSS; ++c)
                sum[n][c] = Load(d, moment + (n * COMPONENTS + c) * LANES);
        for (int slot = 0; slot < SLOTS; ++slot) {
            const float* edge = edges_ + slot * edge_ * LANES;
            V value[N];
#pragma GCC unroll 4
            for (int n = 0; n < N; ++n)
                value[n] = Load(d, edge + (COMPONENTS + 2 + first + n) * LANES);
#pragma GCC unroll 9
            for (int c = 0; c < ACROSS; ++c) {
                const V component = Load(d, edge + (across + c) * LANES);
#pragma GCC unroll 4
                for (int n = 0; n < N; ++n) sum[n][c] = MulAdd(value[n], component, sum[n][c]);
            }
        }
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n)
#pragma GCC unroll 9
            for (int c = 0; c < ACROSS; ++c)
                Store(sum[n][c], d, moment + (n * COMPONENTS + c) * LANES);
    }

    Problem& p_;
    const longstride::Radial<float> r_{SHAPE};
    const int edge_ = COMPONENTS + 2 + r_.n;
    float* edges_ = numbers<float>(SLOTS * edge_ * LANES);
    float* moments_ = numbers<float>(r_.n * COMPONENTS * LANES);
    float* outputs_ = numbers<float>(OUTPUTS * LANES);
};

}  // namespace form
}  // namespace HWY_NAMESPACE
}  // namespace hwy
HWY_AFTER_NAMESPACE();

namespace form = hwy::HWY_NAMESPACE::form;
