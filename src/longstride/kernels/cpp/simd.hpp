// Vectors of 64 bytes and the elementary functions the network needs, for float and double.
//
// A vector holds one number for each of 16 (float) or 8 (double) atoms or neighbours. GCC and Clang
// map its arithmetic to whatever registers the target has.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

namespace longstride {

template <class T>
struct VectorOf {
    typedef T type __attribute__((vector_size(64)));
};
template <class T>
using Vec = typename VectorOf<T>::type;

template <class T>
constexpr int lanes = 64 / sizeof(T);

template <class T>
inline Vec<T> broadcast(T x) {
    return x - Vec<T>{};
}

template <class T>
inline Vec<T> square_root(Vec<T> x) {
    Vec<T> root;
    for (int l = 0; l < lanes<T>; ++l) root[l] = std::sqrt(x[l]);
    return root;
}

template <class T>
inline Vec<T> smaller(Vec<T> x, Vec<T> y) {
    return x < y ? x : y;
}

template <class T>
inline Vec<T> larger(Vec<T> x, Vec<T> y) {
    return x > y ? x : y;
}

// exp(x), to rounding, for |x| below 87; bounded beyond. exp(x) = 2^n exp(x - n ln 2), the second
// factor by its Taylor series.
template <class T>
inline Vec<T> exponential(Vec<T> x) {
    constexpr bool single = std::is_same_v<T, float>;
    using Int = std::conditional_t<single, int32_t, int64_t>;
    typedef Int IntVec __attribute__((vector_size(64)));
    constexpr int mantissa = single ? 23 : 52, bias = single ? 127 : 1023;
    constexpr int order = single ? 7 : 13;
    // Adding this pushes the fraction of a number out of its mantissa: rounding to integer.
    constexpr T magic = T(3) * T(Int(1) << (mantissa - 1));
    constexpr T high = single ? T(0.693359375) : T(6.93147180369123816490e-1);
    constexpr T low = single ? T(-2.12194440e-4) : T(1.90821492927058770002e-10);
    x = smaller<T>(larger<T>(x, broadcast<T>(T(-87))), broadcast<T>(T(87)));
    Vec<T> shifted = x * T(1.44269504088896340736) + magic;
    Vec<T> n = shifted - magic;
    Vec<T> r = x - n * high;
    r -= n * low;
    Vec<T> sum = broadcast<T>(T(1));
    for (int k = order; k >= 1; --k) sum = T(1) + sum * (r * T(1.0 / k));
    IntVec exponent = (reinterpret_cast<IntVec>(shifted) + Int(bias)) << mantissa;
    return sum * reinterpret_cast<Vec<T>>(exponent);
}

template <class T>
inline Vec<T> hyperbolic_tangent(Vec<T> x) {
    return T(1) - T(2) / (exponential<T>(x + x) + T(1));
}

// x times the logistic function of x, and its slope.
template <class T>
inline Vec<T> silu(Vec<T> x, Vec<T>& slope) {
    Vec<T> logistic = T(1) / (T(1) + exponential<T>(-x));
    slope = logistic * (T(1) + x * (T(1) - logistic));
    return x * logistic;
}

}  // namespace longstride
