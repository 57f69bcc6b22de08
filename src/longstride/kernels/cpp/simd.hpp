// Vectors as wide as the registers, and what of them depends on the instruction set.
//
// A vector holds one number for each of several atoms or neighbours: 16 (float) or 8 (double) with
// AVX-512, half of that with AVX2, a quarter with SSE2 and NEON. GCC and Clang map its arithmetic to
// the registers; a vector that is wider than they are would live in memory.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace longstride {

// Bytes of a register, and how many of them there are for vectors.
#if defined(__AVX512F__)
constexpr int WIDTH = 64, REGISTERS = 32;
#elif defined(__AVX2__)
constexpr int WIDTH = 32, REGISTERS = 16;
#elif defined(__aarch64__)
constexpr int WIDTH = 16, REGISTERS = 32;
#else
constexpr int WIDTH = 16, REGISTERS = 16;
#endif

template <class T>
struct VectorOf {
    typedef T type __attribute__((vector_size(WIDTH)));
};
template <class T>
using Vec = typename VectorOf<T>::type;

template <class T>
constexpr int lanes = WIDTH / sizeof(T);

template <class T>
inline Vec<T> broadcast(T x) {
    return x - Vec<T>{};
}

// Lets x be read from memory once, not again by each operation that takes it.
template <class V>
inline void in_register(V& x) {
#if defined(__AVX512F__)
    asm("" : "+v"(x));
#elif defined(__x86_64__)
    asm("" : "+x"(x));
#elif defined(__aarch64__)
    asm("" : "+w"(x));
#endif
}

// x where it is the smaller one (the larger one), y elsewhere and where one is not a number. GCC does
// not find the instruction by itself.
template <class T>
inline Vec<T> smaller(Vec<T> x, Vec<T> y) {
    if constexpr (std::is_same_v<T, float>) {
#if defined(__AVX512F__)
        return Vec<T>(_mm512_min_ps(__m512(x), __m512(y)));
#elif defined(__AVX2__)
        return Vec<T>(_mm256_min_ps(__m256(x), __m256(y)));
#elif defined(__x86_64__)
        return Vec<T>(_mm_min_ps(__m128(x), __m128(y)));
#endif
    }
    return x < y ? x : y;
}

template <class T>
inline Vec<T> larger(Vec<T> x, Vec<T> y) {
    if constexpr (std::is_same_v<T, float>) {
#if defined(__AVX512F__)
        return Vec<T>(_mm512_max_ps(__m512(x), __m512(y)));
#elif defined(__AVX2__)
        return Vec<T>(_mm256_max_ps(__m256(x), __m256(y)));
#elif defined(__x86_64__)
        return Vec<T>(_mm_max_ps(__m128(x), __m128(y)));
#endif
    }
    return x > y ? x : y;
}

// Estimates of 1 / x and 1 / sqrt(x), to so many bits.
#if defined(__AVX512F__)
constexpr int ESTIMATED_BITS = 14;
inline Vec<float> estimated_reciprocal(Vec<float> x) {
    return Vec<float>(_mm512_rcp14_ps(__m512(x)));
}
inline Vec<float> estimated_inverse_root(Vec<float> x) {
    return Vec<float>(_mm512_rsqrt14_ps(__m512(x)));
}
#elif defined(__AVX2__)
constexpr int ESTIMATED_BITS = 11;
inline Vec<float> estimated_reciprocal(Vec<float> x) { return Vec<float>(_mm256_rcp_ps(__m256(x))); }
inline Vec<float> estimated_inverse_root(Vec<float> x) {
    return Vec<float>(_mm256_rsqrt_ps(__m256(x)));
}
#elif defined(__x86_64__)
constexpr int ESTIMATED_BITS = 11;
inline Vec<float> estimated_reciprocal(Vec<float> x) { return Vec<float>(_mm_rcp_ps(__m128(x))); }
inline Vec<float> estimated_inverse_root(Vec<float> x) { return Vec<float>(_mm_rsqrt_ps(__m128(x))); }
#elif defined(__aarch64__)
constexpr int ESTIMATED_BITS = 8;
inline Vec<float> estimated_reciprocal(Vec<float> x) {
    return Vec<float>(vrecpeq_f32(float32x4_t(x)));
}
inline Vec<float> estimated_inverse_root(Vec<float> x) {
    return Vec<float>(vrsqrteq_f32(float32x4_t(x)));
}
#else
constexpr int ESTIMATED_BITS = 24;
inline Vec<float> estimated_reciprocal(Vec<float> x) { return 1.0f / x; }
inline Vec<float> estimated_inverse_root(Vec<float> x) {
    for (int l = 0; l < lanes<float>; ++l) x[l] = 1.0f / std::sqrt(x[l]);
    return x;
}
#endif

// 1 / x, to rounding. For float an estimate is corrected, which costs less than a division: in second
// order where that doubles its bits to those of a float, else in third. It makes a NaN of zero and of
// what is too large to have an inverse.
template <class T>
inline Vec<T> reciprocal(Vec<T> x) {
    if constexpr (std::is_same_v<T, float>) {
        const Vec<T> estimate = estimated_reciprocal(x), error = T(1) - x * estimate;
        if constexpr (2 * ESTIMATED_BITS > 24) return estimate + estimate * error;
        return estimate + estimate * (error + error * error);
    }
    return T(1) / x;
}

// 1 / sqrt(x), to rounding; not a number or infinite at zero.
template <class T>
inline Vec<T> inverse_square_root(Vec<T> x) {
    if constexpr (std::is_same_v<T, float>) {
        const Vec<T> estimate = estimated_inverse_root(x), error = T(1) - x * estimate * estimate;
        if constexpr (2 * ESTIMATED_BITS > 24) return estimate + estimate * error * T(0.5);
        return estimate + estimate * error * (T(0.5) + T(0.375) * error);
    }
    Vec<T> root;
    for (int l = 0; l < lanes<T>; ++l) root[l] = std::sqrt(x[l]);
    return T(1) / root;
}

}  // namespace longstride
