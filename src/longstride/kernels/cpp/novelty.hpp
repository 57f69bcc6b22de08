// Mahalanobis distance of the invariants to the training data, over the root of their number, as in
// ``model/novelty.py``. Atoms lie in the lanes.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "dense.hpp"
#include "site.hpp"

namespace longstride {

template <class T>
class NoveltyDistance {
  public:
    // Measures nothing where the network holds no training data to be distant from.
    explicit NoveltyDistance(const SiteNetwork& n) : count_(n.invariants) {
        const size_t square = size_t(count_) * count_;
        for (size_t kind = 0; (kind + 1) * square <= n.novel_matrix.size(); ++kind) {
            const auto first = n.novel_matrix.begin() + kind * square;
            matrices_.emplace_back(std::vector<double>(first, first + square), count_, count_);
            const auto row = [&](const std::vector<double>& table) {
                const auto begin = table.begin() + kind * count_;
                return std::vector<T>(begin, begin + count_);
            };
            centers_.push_back(row(n.center));
            origins_.push_back(row(n.novel_origin));
        }
    }

    // Arrays of one thread.
    struct Workspace {
        explicit Workspace(const NoveltyDistance& novelty)
            : centered(novelty.count_),
              turned(novelty.matrices_.empty() ? 0 : novelty.matrices_[0].padded_columns()) {}

        std::vector<Vec<T>> centered, turned;
    };

    void measure(const Vec<T>* invariants, const int64_t* species, int64_t begin, int size,
                 Workspace& w, double* distances) const {
        for (int64_t kind = 0; kind < int64_t(matrices_.size()); ++kind) {
            const int64_t* own = species + begin;
            if (std::none_of(own, own + size, [&](int64_t s) { return s == kind; })) continue;
            for (int f = 0; f < count_; ++f)
                w.centered[f] = invariants[f] - centers_[kind][f];
            matrices_[kind].apply(w.centered.data(), w.turned.data());
            Vec<T> sum = {};
            for (int f = 0; f < count_; ++f) {
                const Vec<T> part = w.turned[f] - origins_[kind][f];
                sum += part * part;
            }
            for (int lane = 0; lane < size; ++lane)
                if (own[lane] == kind) distances[begin + lane] = std::sqrt(double(sum[lane]) / count_);
        }
    }

  private:
    const int count_;
    std::vector<Matrix<T>> matrices_;
    std::vector<std::vector<T>> centers_, origins_;
};

}  // namespace longstride
