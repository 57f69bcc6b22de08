// Between rows of neighbours, one row an atom, and vectors with atoms in the lanes.
//
// What AVX-512 has instructions for is written with them for float; all else is plain loops.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "pairs.hpp"
#include "simd.hpp"

namespace longstride {

#if defined(__AVX512F__)

// Four vectors of 128-bit parts, transposed inside their parts: with rows k, k + 4, k + 8, k + 12
// of four numbers in vector k, the result holds one column each, in the order of the rows.
inline void transpose_parts(__m512 (&v)[4]) {
    const __m512 a = _mm512_unpacklo_ps(v[0], v[1]), b = _mm512_unpackhi_ps(v[0], v[1]);
    const __m512 c = _mm512_unpacklo_ps(v[2], v[3]), d = _mm512_unpackhi_ps(v[2], v[3]);
    auto low = [](__m512 p, __m512 q) {
        return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(p), _mm512_castps_pd(q)));
    };
    auto high = [](__m512 p, __m512 q) {
        return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(p), _mm512_castps_pd(q)));
    };
    v[0] = low(a, c);
    v[1] = high(a, c);
    v[2] = low(b, d);
    v[3] = high(b, d);
}

// The 16 rows at the given places, transposed.
template <class Place>
inline void load_rows(Place place, __m512 (&v)[4]) {
    for (int k = 0; k < 4; ++k) {
        v[k] = _mm512_castps128_ps512(_mm_load_ps(place(k)));
        v[k] = _mm512_insertf32x4(v[k], _mm_load_ps(place(k + 4)), 1);
        v[k] = _mm512_insertf32x4(v[k], _mm_load_ps(place(k + 8)), 2);
        v[k] = _mm512_insertf32x4(v[k], _mm_load_ps(place(k + 12)), 3);
    }
    transpose_parts(v);
}

// Vectors from `center` to the candidates nearer than the root of `square`, and their fourth
// numbers, in their order; returns how many. Reads whole vectors of candidates, and may write one
// vector beyond the last.
inline int select_near(const Fixed* fixed, const int32_t* candidates, int count, Fixed center,
                       float unit, float square, float* const* out, int32_t* owners) {
    const __m512i middle[3] = {_mm512_set1_epi32(int(center[0])), _mm512_set1_epi32(int(center[1])),
                               _mm512_set1_epi32(int(center[2]))};
    const __m512 scale = _mm512_set1_ps(unit), limit = _mm512_set1_ps(square);
    int near = 0;
    for (int first = 0; first < count; first += 16) {
        __m512 v[4], d[3];
        load_rows(
            [&](int k) { return reinterpret_cast<const float*>(fixed + candidates[first + k]); },
            v);
        for (int x = 0; x < 3; ++x)
            d[x] = _mm512_mul_ps(scale, _mm512_cvtepi32_ps(_mm512_sub_epi32(
                                            _mm512_castps_si512(v[x]), middle[x])));
        const __m512 length = _mm512_fmadd_ps(
            d[0], d[0], _mm512_fmadd_ps(d[1], d[1], _mm512_mul_ps(d[2], d[2])));
        const int left = count - first;
        const __mmask16 known = left < 16 ? __mmask16((1u << left) - 1) : __mmask16(0xFFFF);
        const __mmask16 inside = _mm512_mask_cmp_ps_mask(known, length, limit, _CMP_LT_OQ);
        for (int x = 0; x < 3; ++x)
            _mm512_storeu_ps(out[x] + near, _mm512_maskz_compress_ps(inside, d[x]));
        _mm512_storeu_si512(owners + near,
                            _mm512_maskz_compress_epi32(inside, _mm512_castps_si512(v[3])));
        near += __builtin_popcount(inside);
    }
    return near;
}

#endif

// The lane's number of the `lane`-th row that `rows_of` makes.
template <class T>
constexpr int row_order(int lane) {
#if defined(__AVX512F__)
    if (std::is_same_v<T, float>) return lane % 4 * 4 + lane / 4;
#endif
    return lane;
}

// Rows (x, y, z, 0), one a lane, in the order of `row_order`.
template <class T>
inline void rows_of(const Vec<T>* v, std::array<T, 4>* rows) {
#if defined(__AVX512F__)
    if constexpr (std::is_same_v<T, float>) {
        __m512 part[4] = {reinterpret_cast<__m512>(v[0]), reinterpret_cast<__m512>(v[1]),
                          reinterpret_cast<__m512>(v[2]), _mm512_setzero_ps()};
        transpose_parts(part);
        for (int k = 0; k < 4; ++k) _mm512_store_ps(rows[4 * k].data(), part[k]);
        return;
    }
#endif
    for (int lane = 0; lane < lanes<T>; ++lane)
        rows[lane] = {v[0][lane], v[1][lane], v[2][lane], T(0)};
}

// Square block of L rows, `stride` numbers apart, to L vectors.
template <class T, int L = lanes<T>>
inline void transpose(const T* rows, int64_t stride, void* columns) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4 && L == 16) {
        float* out = static_cast<float*>(columns);
        const float* in = reinterpret_cast<const float*>(rows);
        for (int column = 0; column < 16; column += 4) {
            __m512 v[4];
            load_rows([&](int k) { return in + k * stride + column; }, v);
            for (int k = 0; k < 4; ++k) _mm512_storeu_ps(out + (column + k) * 16, v[k]);
        }
        return;
    }
#endif
    T* out = static_cast<T*>(columns);
    for (int column = 0; column < L; ++column)
        for (int lane = 0; lane < L; ++lane) out[column * L + lane] = rows[lane * stride + column];
}

}  // namespace longstride
