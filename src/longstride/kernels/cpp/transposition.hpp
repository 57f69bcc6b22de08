// Between rows of neighbours, one row an atom, and vectors with atoms in the lanes.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "simd.hpp"

namespace longstride {

// Parts of 16 bytes, four numbers each, that a vector of float has.
constexpr int PARTS = WIDTH / 16;

// Picks four numbers of each part of two vectors: below 4 they are of the part of `one`, else of that
// of `other`.
template <int... PICK>
inline Vec<float> picked(Vec<float> one, Vec<float> other) {
    constexpr auto lane = [](int l) {
        constexpr int pick[] = {PICK...};
        return l / 4 * 4 + pick[l % 4] % 4 + (pick[l % 4] < 4 ? 0 : lanes<float>);
    };
    return [&]<int... L>(std::integer_sequence<int, L...>) -> Vec<float> {
#if __has_builtin(__builtin_shufflevector)
        return __builtin_shufflevector(one, other, lane(L)...);
#else
        typedef int32_t Index __attribute__((vector_size(WIDTH)));
        return __builtin_shuffle(one, other, Index{lane(L)...});
#endif
    }(std::make_integer_sequence<int, lanes<float>>());
}

// Four vectors, transposed inside their parts: with rows k, k + 4, k + 8, ... of four numbers in
// vector k, the result holds one column each, in the order of the rows.
inline void transpose_parts(Vec<float> (&v)[4]) {
    const auto a = picked<0, 4, 1, 5>(v[0], v[1]), b = picked<2, 6, 3, 7>(v[0], v[1]);
    const auto c = picked<0, 4, 1, 5>(v[2], v[3]), d = picked<2, 6, 3, 7>(v[2], v[3]);
    v[0] = picked<0, 1, 4, 5>(a, c);
    v[1] = picked<2, 3, 6, 7>(a, c);
    v[2] = picked<0, 1, 4, 5>(b, d);
    v[3] = picked<2, 3, 6, 7>(b, d);
}

// The rows of four numbers at the given places, as many as a vector has lanes, transposed.
template <class Place>
inline void load_rows(Place place, Vec<float> (&v)[4]) {
    for (int k = 0; k < 4; ++k) {
#if defined(__AVX512F__)
        __m512 row = _mm512_castps128_ps512(_mm_load_ps(place(k)));
        row = _mm512_insertf32x4(row, _mm_load_ps(place(k + 4)), 1);
        row = _mm512_insertf32x4(row, _mm_load_ps(place(k + 8)), 2);
        v[k] = Vec<float>(_mm512_insertf32x4(row, _mm_load_ps(place(k + 12)), 3));
#elif defined(__AVX2__)
        v[k] = Vec<float>(_mm256_insertf128_ps(_mm256_castps128_ps256(_mm_load_ps(place(k))),
                                               _mm_load_ps(place(k + 4)), 1));
#elif defined(__x86_64__)
        v[k] = Vec<float>(_mm_load_ps(place(k)));
#else
        std::memcpy(&v[k], place(k), WIDTH);
#endif
    }
    transpose_parts(v);
}

// The lane's number of the `lane`-th row that `rows_of` makes.
template <class T>
constexpr int row_order(int lane) {
    return std::is_same_v<T, float> ? lane % PARTS * 4 + lane / PARTS : lane;
}

// Rows (x, y, z, 0), one a lane, in the order of `row_order`.
template <class T>
inline void rows_of(const Vec<T>* v, std::array<T, 4>* rows) {
    if constexpr (std::is_same_v<T, float>) {
        Vec<float> part[4] = {v[0], v[1], v[2], Vec<float>{}};
        transpose_parts(part);
        for (int k = 0; k < 4; ++k) std::memcpy(rows[PARTS * k].data(), &part[k], WIDTH);
    } else {
        for (int lane = 0; lane < lanes<T>; ++lane)
            rows[lane] = {v[0][lane], v[1][lane], v[2][lane], T(0)};
    }
}

// Square block of L rows, `stride` numbers apart, to L vectors.
template <class T, int L = lanes<T>>
inline void transpose(const T* rows, int64_t stride, void* columns) {
    if constexpr (sizeof(T) == 4 && L == lanes<float>) {
        float* out = static_cast<float*>(columns);
        const float* in = reinterpret_cast<const float*>(rows);
        for (int column = 0; column < L; column += 4) {
            Vec<float> v[4];
            load_rows([&](int k) { return in + k * stride + column; }, v);
            for (int k = 0; k < 4; ++k) std::memcpy(out + (column + k) * L, &v[k], WIDTH);
        }
    } else {
        T* out = static_cast<T*>(columns);
        for (int column = 0; column < L; ++column)
            for (int lane = 0; lane < L; ++lane)
                out[column * L + lane] = rows[lane * stride + column];
    }
}

}  // namespace longstride
