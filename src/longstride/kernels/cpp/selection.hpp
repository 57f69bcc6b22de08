// What is near of many candidates: looked at a vector at a time, kept one after the other.
#pragma once

#include <array>
#include <cstdint>

#include "pairs.hpp"
#include "simd.hpp"
#include "transposition.hpp"

namespace longstride {

// Those of the first `known` lanes (all, if that is more) where a number is below a limit. `store`
// writes them of a vector one after the other; it may write a whole vector, whatever their number.
#if defined(__AVX2__)
inline uint32_t first_lanes(int count) {
    return count < lanes<float> ? (1u << count) - 1 : (1u << lanes<float>) - 1;
}
#endif

#if defined(__AVX512F__)

class Selection {
  public:
    Selection(Vec<float> x, float limit, int known)
        : lanes_(_mm512_mask_cmp_ps_mask(__mmask16(first_lanes(known)), __m512(x), _mm512_set1_ps(limit),
                                         _CMP_LT_OQ)) {}
    int count() const { return __builtin_popcount(lanes_); }
    void store(float* out, Vec<float> x) const {
        _mm512_storeu_ps(out, _mm512_maskz_compress_ps(lanes_, __m512(x)));
    }

  private:
    const __mmask16 lanes_;
};

#elif defined(__AVX2__)

// The selected lanes in their order, for each selection of eight.
constexpr std::array<std::array<uint8_t, 8>, 256> SELECTED = [] {
    std::array<std::array<uint8_t, 8>, 256> selected{};
    for (int lanes = 0; lanes < 256; ++lanes)
        for (int lane = 0, n = 0; lane < 8; ++lane)
            if (lanes >> lane & 1) selected[lanes][n++] = uint8_t(lane);
    return selected;
}();

class Selection {
  public:
    Selection(Vec<float> x, float limit, int known)
        : lanes_(first_lanes(known) & _mm256_movemask_ps(
                             _mm256_cmp_ps(__m256(x), _mm256_set1_ps(limit), _CMP_LT_OQ))),
          order_(_mm256_cvtepu8_epi32(
              _mm_loadl_epi64(reinterpret_cast<const __m128i*>(SELECTED[lanes_].data())))) {}
    int count() const { return __builtin_popcount(lanes_); }
    void store(float* out, Vec<float> x) const {
        _mm256_storeu_ps(out, _mm256_permutevar8x32_ps(__m256(x), order_));
    }

  private:
    const uint32_t lanes_;
    const __m256i order_;
};

#else

class Selection {
  public:
    Selection(Vec<float> x, float limit, int known) {
        for (int lane = 0; lane < lanes<float>; ++lane)
            is_in_[lane] = int(x[lane] < limit) & int(lane < known);
    }
    int count() const {
        int sum = 0;
        for (int is_in : is_in_) sum += is_in;
        return sum;
    }
    void store(float* out, Vec<float> x) const {
        for (int lane = 0; lane < lanes<float>; out += is_in_[lane++]) *out = x[lane];
    }

  private:
    int is_in_[lanes<float>];
};

#endif

// Vectors from `center` to the candidates nearer than the root of `square`, and their fourth
// numbers, in their order; returns how many. Reads whole vectors of candidates, and may write one
// vector beyond the last.
inline int select_near(const Fixed* fixed, const int32_t* candidates, int count, Fixed center,
                       float unit, float square, float* const* out, int32_t* owners) {
    typedef int32_t Int __attribute__((vector_size(WIDTH)));
    Int middle[3];
    for (int x = 0; x < 3; ++x) middle[x] = int32_t(center[x]) - Int{};
    int near = 0;
    for (int first = 0; first < count; first += lanes<float>) {
        Vec<float> v[4], d[3];
        load_rows(
            [&](int k) { return reinterpret_cast<const float*>(fixed + candidates[first + k]); },
            v);
        for (int x = 0; x < 3; ++x)
            d[x] = __builtin_convertvector(reinterpret_cast<Int>(v[x]) - middle[x], Vec<float>) *
                   unit;
        const Vec<float> length = d[0] * d[0] + (d[1] * d[1] + d[2] * d[2]);
        const Selection inside(length, square, count - first);
        for (int x = 0; x < 3; ++x) inside.store(out[x] + near, d[x]);
        inside.store(reinterpret_cast<float*>(owners + near), v[3]);
        near += inside.count();
    }
    return near;
}

}  // namespace longstride
