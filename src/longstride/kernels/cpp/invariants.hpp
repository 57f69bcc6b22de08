// Invariants of the moments: the scalar moments, then the products of every two moments contracted
// to scalars, order by order (as in ``model/scalars.py``); their slopes, and the changes of both.
// Atoms lie in the lanes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "moments.hpp"
#include "pool.hpp"

namespace longstride {

template <class T>
class Invariants {
  public:
    explicit Invariants(int channels) : channels_(channels) {}

    int channels() const { return channels_; }
    int moments() const { return channels_ * COMPONENTS; }
    int count() const { return channels_ + 3 * (channels_ * (channels_ + 1) / 2); }

    // Invariants (F) of moments (C, 9).
    void contract(const Vec<T>* moment, Vec<T>* out) const {
        for (int a = 0; a < channels_; ++a) *out++ = moment[a * COMPONENTS];
        each_order([&]<int ORDER>() { products<ORDER>(moment, moment, out); });
    }

    // Change (F) of the invariants when the moments change by `change`.
    void differential(const Vec<T>* moment, const Vec<T>* change, Vec<T>* out) const {
        for (int a = 0; a < channels_; ++a) *out++ = change[a * COMPONENTS];
        each_order([&]<int ORDER>() { both_products<ORDER>(moment, change, out); });
    }

    // Slopes (C, 9) by the moments from those `by` (F) the invariants. The part that comes from the
    // products is linear in the moments: with `products_only`, the rest is left out.
    void expand(const Vec<T>* moment, const Vec<T>* by, Vec<T>* given,
                bool products_only = false) const {
        std::memset(given, 0, sizeof(Vec<T>) * moments());
        for (int a = 0; a < channels_; ++a, ++by)
            if (!products_only) given[a * COMPONENTS] = *by;
        each_order([&]<int ORDER>() { expand_order<ORDER>(moment, by, given); });
    }

  private:
    using V = Vec<T>;

    static constexpr int LOW[4] = {0, 1, 4, 9};  // first component of each order

    template <class Task>
    static void each_order(Task task) {
        task.template operator()<0>();
        task.template operator()<1>();
        task.template operator()<2>();
    }

    template <int ORDER>
    static V product(const V* one, const V* other) {
        V sum = {};
#pragma GCC unroll 8
        for (int c = LOW[ORDER]; c < LOW[ORDER + 1]; ++c) sum += one[c] * other[c];
        return sum;
    }

    template <int ORDER>
    void products(const V* one, const V* other, V*& out) const {
        for (int a = 0; a < channels_; ++a)
            for (int b = a; b < channels_; ++b)
                *out++ = product<ORDER>(one + a * COMPONENTS, other + b * COMPONENTS);
    }

    template <int ORDER>
    void both_products(const V* one, const V* other, V*& out) const {
        for (int a = 0; a < channels_; ++a)
            for (int b = a; b < channels_; ++b)
                *out++ = product<ORDER>(one + a * COMPONENTS, other + b * COMPONENTS) +
                         product<ORDER>(other + a * COMPONENTS, one + b * COMPONENTS);
    }

    template <int ORDER>
    void expand_order(const V* moment, const V*& by, V* given) const {
        constexpr int SIZE = LOW[ORDER + 1] - LOW[ORDER];
        for (int a = 0; a < channels_; ++a) {
            const V* own = moment + a * COMPONENTS + LOW[ORDER];
            V sum[SIZE] = {};
            for (int b = a; b < channels_; ++b) {
                const V slope = *by++;
                const V* other = moment + b * COMPONENTS + LOW[ORDER];
                V* other_given = given + b * COMPONENTS + LOW[ORDER];
#pragma GCC unroll 8
                for (int c = 0; c < SIZE; ++c) {
                    sum[c] += slope * other[c];
                    other_given[c] += slope * own[c];
                }
            }
            for (int c = 0; c < SIZE; ++c) given[a * COMPONENTS + LOW[ORDER] + c] += sum[c];
        }
    }

    const int channels_;
};

// Calls task(block) on arrays with a row an atom, as many atoms at a time as a vector has lanes:
// block[k] are the numbers of array k, first of those that are read, then of those that are written.
// `widths` are the lengths of the rows.
template <class T, class Task>
void each_block(int64_t n_atoms, const std::vector<const T*>& read, const std::vector<T*>& written,
                const std::vector<int>& widths, Pool& pool, Task task) {
    constexpr int L = lanes<T>;
    pool.share(n_atoms, L, [&](int, int64_t first, int64_t last) {
        std::vector<std::vector<Vec<T>>> block;
        for (int width : widths) block.emplace_back(width);
        for (int64_t begin = first; begin < last; begin += L) {
            const int size = int(std::min<int64_t>(L, last - begin));
            for (size_t k = 0; k < read.size(); ++k)
                for (int lane = 0; lane < size; ++lane) {
                    const T* row = read[k] + (begin + lane) * widths[k];
                    for (int m = 0; m < widths[k]; ++m) block[k][m][lane] = row[m];
                }
            task(block);
            for (size_t k = 0; k < written.size(); ++k) {
                const auto& from = block[read.size() + k];
                for (int lane = 0; lane < size; ++lane) {
                    T* row = written[k] + (begin + lane) * int64_t(from.size());
                    for (size_t m = 0; m < from.size(); ++m) row[m] = from[m][lane];
                }
            }
        }
    });
}

}  // namespace longstride
