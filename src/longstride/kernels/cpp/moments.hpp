// Radial functions, moments of the neighbourhood, and their slopes, for one neighbour of each of
// several atoms at a time.
//
// The components of an edge with unit vector u are 1, u, and the five of uu - 1/3 in an orthonormal
// basis, so that contractions of tensors are plain dot products (as in ``model/scalars.py``).
#pragma once

#include "elementary.hpp"

namespace longstride {

constexpr int COMPONENTS = 9;
constexpr int MAX_RADIAL = 32;

struct RadialShape {
    int functions;
    double inner, width, cutoff;
};

// Gaussians at inner + k width under the envelope (1 - (r/cutoff)^2)^3, and their slopes by r.
//
// exp(-(y - k)^2 / 2) = exp(-y^2 / 2) exp(ky) exp(-k^2 / 2) with y and k counted from the middle
// function, where no exponent is large: each follows from its neighbour by two products.
template <class T>
struct Radial {
    explicit Radial(const RadialShape& shape)
        : n(shape.functions), per_width(T(1.0 / shape.width)), middle(shape.functions / 2),
          origin(T(shape.inner / shape.width + middle)), cutoff(T(shape.cutoff)),
          per_square(T(1.0 / (shape.cutoff * shape.cutoff))) {
        for (int k = 0; k < n; ++k) {
            const double step = k - middle;
            decay[k] = T(std::exp(-0.5 * step * step));
            offset[k] = T(k / shape.width);
        }
    }

    void operator()(Vec<T> r, Vec<T>* value) const {
        Vec<T> y, inside = bounded(r);
        gaussians(r, y, value, inside * inside * inside);
    }

    void operator()(Vec<T> r, Vec<T>* value, Vec<T>* slope) const {
        Vec<T> y, inside = bounded(r);
        Vec<T> square = inside * inside, envelope = square * inside;
        Vec<T> envelope_slope = T(-6) * per_square * r * square;
        gaussians(r, y, value, broadcast<T>(T(1)));
        for (int k = 0; k < n; ++k) {
            Vec<T> falling = (T(k - middle) - y) * per_width * envelope + envelope_slope;
            slope[k] = value[k] * falling;
            value[k] *= envelope;
        }
    }

    // Slopes as multiples of the values: that of function k is its value times
    // (steepness + offset[k]).
    void steep(Vec<T> r, Vec<T>* value, Vec<T>& steepness) const {
        Vec<T> y, inside = bounded(r);
        gaussians(r, y, value, inside * inside * inside);
        // Beyond the cutoff the values are zero, whatever they are multiplied by.
        const Vec<T> positive = larger<T>(inside, broadcast<T>(T(1e-6)));
        steepness = T(-6) * per_square * r * reciprocal<T>(positive) - (y + T(middle)) * per_width;
    }

    // The second slope too.
    void operator()(Vec<T> r, Vec<T>* value, Vec<T>* slope, Vec<T>* bend) const {
        Vec<T> y, inside = bounded(r);
        const Vec<T> square = inside * inside, envelope = square * inside;
        const Vec<T> first = T(-6) * per_square * r * square;
        const Vec<T> second =
            T(-6) * per_square * square + T(24) * per_square * per_square * r * r * inside;
        gaussians(r, y, value, broadcast<T>(T(1)));
        for (int k = 0; k < n; ++k) {
            const Vec<T> x = y - T(k - middle), gaussian = value[k];
            const Vec<T> falling = -x * per_width;
            bend[k] = gaussian * ((x * x - T(1)) * per_width * per_width * envelope +
                                  T(2) * falling * first + second);
            slope[k] = gaussian * (falling * envelope + first);
            value[k] = gaussian * envelope;
        }
    }

    const int n;
    const T per_width;
    T offset[MAX_RADIAL];

  private:
    Vec<T> bounded(Vec<T> r) const {
        return larger<T>(T(1) - r * r * per_square, Vec<T>{});
    }

    // All functions times a factor; y is the distance from the middle one in widths.
    void gaussians(Vec<T> r, Vec<T>& y, Vec<T>* value, Vec<T> factor) const {
        y = smaller<T>(r, broadcast<T>(cutoff)) * per_width - origin;
        Vec<T> up, down;
        exponentials<T>(y, up, down);
        const Vec<T> power = exponential<T>(T(-0.5) * y * y) * factor;
        value[middle] = power;
        Vec<T> rising = power, sinking = power;
        for (int k = middle + 1; k < n; ++k) value[k] = (rising *= up) * decay[k];
        for (int k = middle - 1; k >= 0; --k) value[k] = (sinking *= down) * decay[k];
    }

    const int middle;
    const T origin, cutoff, per_square;
    T decay[MAX_RADIAL];
};

constexpr double SQRT2 = 1.41421356237309504880, SQRT6 = 2.44948974278317809820;

template <class T>
inline void components(const Vec<T>* u, Vec<T>* y) {
    const Vec<T> xx = u[0] * u[0], yy = u[1] * u[1], zz = u[2] * u[2];
    y[0] = broadcast<T>(T(1));
    y[1] = u[0];
    y[2] = u[1];
    y[3] = u[2];
    y[4] = T(SQRT2) * u[0] * u[1];
    y[5] = T(SQRT2) * u[0] * u[2];
    y[6] = T(SQRT2) * u[1] * u[2];
    y[7] = T(1.0 / SQRT2) * (xx - yy);
    y[8] = T(1.0 / SQRT6) * (zz + zz - xx - yy);
}

// What the tensor components add to the slope by u; linear in u.
template <class T>
inline void tensor_slopes(const Vec<T>* u, const Vec<T>* by, Vec<T>* slope) {
    const Vec<T> xy = T(SQRT2) * by[4], xz = T(SQRT2) * by[5], yz = T(SQRT2) * by[6];
    const Vec<T> flat = T(SQRT2) * by[7], axial = T(2.0 / SQRT6) * by[8];
    slope[0] = xy * u[1] + xz * u[2] + (flat - axial) * u[0];
    slope[1] = xy * u[0] + yz * u[2] - (flat + axial) * u[1];
    slope[2] = xz * u[0] + yz * u[1] + T(2) * axial * u[2];
}

// Slope by u, as if u were free, from the slopes by the components.
template <class T>
inline void component_slopes(const Vec<T>* u, const Vec<T>* by, Vec<T>* slope) {
    tensor_slopes<T>(u, by, slope);
    for (int x = 0; x < 3; ++x) slope[x] += by[1 + x];
}

// Change of the components when u changes by p.
template <class T>
inline void component_changes(const Vec<T>* u, const Vec<T>* p, Vec<T>* change) {
    const Vec<T> xx = u[0] * p[0], yy = u[1] * p[1], zz = u[2] * p[2];
    change[0] = Vec<T>{};
    for (int x = 0; x < 3; ++x) change[1 + x] = p[x];
    change[4] = T(SQRT2) * (u[0] * p[1] + u[1] * p[0]);
    change[5] = T(SQRT2) * (u[0] * p[2] + u[2] * p[0]);
    change[6] = T(SQRT2) * (u[1] * p[2] + u[2] * p[1]);
    change[7] = T(SQRT2) * (xx - yy);
    change[8] = T(2.0 / SQRT6) * (zz + zz - xx - yy);
}

}  // namespace longstride
