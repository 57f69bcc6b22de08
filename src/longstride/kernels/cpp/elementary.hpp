// The elementary functions the network needs, for float and double.
#pragma once

#include <array>

#include "simd.hpp"

namespace longstride {

// Parts of an exponential: exp(x) = 2^n exp(r) with |r| at most ln 2 / 2. Exact for |x| below 87;
// bounded beyond.
template <class T>
struct Power {
    static constexpr bool single = std::is_same_v<T, float>;
    static constexpr int order = single ? 7 : 13;
    using Int = std::conditional_t<single, int32_t, int64_t>;
    typedef Int IntVec __attribute__((vector_size(WIDTH)));
    static constexpr int mantissa = single ? 23 : 52, bias = single ? 127 : 1023;

    explicit Power(Vec<T> x) {
        // Adding this pushes the fraction of a number out of its mantissa: rounding to integer.
        constexpr T magic = T(3) * T(Int(1) << (mantissa - 1));
        constexpr T high = single ? T(0.693359375) : T(6.93147180369123816490e-1);
        constexpr T low = single ? T(-2.12194440e-4) : T(1.90821492927058770002e-10);
        x = smaller<T>(larger<T>(x, broadcast<T>(T(-87))), broadcast<T>(T(87)));
        const Vec<T> shifted = x * T(1.44269504088896340736) + magic;
        const Vec<T> rounded = shifted - magic;
        r = x - rounded * high;
        r -= rounded * low;
        n = reinterpret_cast<IntVec>(shifted);
    }

    // 2^n, or 2^-n.
    Vec<T> scale() const { return reinterpret_cast<Vec<T>>((n + Int(bias)) << mantissa); }
    Vec<T> inverse_scale() const { return reinterpret_cast<Vec<T>>((Int(bias) - n) << mantissa); }

    // Terms of the Taylor series of exp(r) from `first` on, every `step`th, by Horner's rule in `x`.
    template <int first, int step>
    static Vec<T> series(Vec<T> x) {
        constexpr int last = order - (order - first) % step;
        Vec<T> sum = broadcast<T>(coefficients[last]);
#pragma GCC unroll 16
        for (int k = last - step; k >= first; k -= step) sum = sum * x + coefficients[k];
        return sum;
    }

    static constexpr std::array<T, order + 1> coefficients = [] {
        std::array<T, order + 1> inverse_factorials{};
        double factorial = 1.0;
        for (int k = 0; k <= order; ++k) {
            if (k > 0) factorial *= k;
            inverse_factorials[k] = T(1.0 / factorial);
        }
        return inverse_factorials;
    }();

    Vec<T> r;
    IntVec n;
};

template <class T>
inline Vec<T> exponential(Vec<T> x) {
    const Power<T> power(x);
    return Power<T>::template series<0, 1>(power.r) * power.scale();
}

// exp(x) and exp(-x): they share the even and the odd part of the series.
template <class T>
inline void exponentials(Vec<T> x, Vec<T>& up, Vec<T>& down) {
    const Power<T> power(x);
    const Vec<T> square = power.r * power.r;
    const Vec<T> even = Power<T>::template series<0, 2>(square);
    const Vec<T> odd = Power<T>::template series<1, 2>(square) * power.r;
    up = (even + odd) * power.scale();
    down = (even - odd) * power.inverse_scale();
}

template <class T>
inline Vec<T> hyperbolic_tangent(Vec<T> x) {
    return T(1) - T(2) * reciprocal<T>(exponential<T>(x + x) + T(1));
}

// x times the logistic function of x, and its slope.
template <class T>
inline Vec<T> silu(Vec<T> x, Vec<T>& slope) {
    const Vec<T> logistic = reciprocal<T>(T(1) + exponential<T>(-x));
    slope = logistic * (T(1) + x * (T(1) - logistic));
    return x * logistic;
}

}  // namespace longstride
