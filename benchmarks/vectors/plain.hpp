// The loops as they are in the kernel: compiler's vectors of the registers' width.
#pragma once

#include "problem.hpp"

namespace form {

using V = longstride::Vec<float>;
constexpr int LANES = longstride::lanes<float>;
const char* const VERSION = "";
inline const char* target() { return ""; }

class Loops {
  public:
    explicit Loops(Problem& problem) : p_(problem) {
        for (int x = 0; x < 3; ++x) {
            near_.vector[x].resize(SLOTS);
            std::memcpy(near_.vector[x].data(), p_.vectors + x * EDGES, sizeof(V) * SLOTS);
        }
        work_.edges.resize(SLOTS * terms_.edge_size());
    }

    void edges() {
        for (int slot = 0; slot < SLOTS; ++slot) terms_.find_edge(near_, slot, work_);
    }

    void moments() {
        std::memset(moments_.data(), 0, sizeof(V) * moments_.size());
        each_tile(SHAPE.functions, [&]<int N>(int k, int c) {
            const Terms::Batch batch{k, c, 0, SLOTS, nullptr};
            terms_.add_moments<N>(batch, work_, &moments_[k * COMPONENTS + c]);
        });
    }

    void layer() { p_.matrix.apply(reinterpret_cast<const V*>(p_.inputs), outputs_.data()); }

    int select(int centre) {
        return longstride::select_near(p_.fixed, p_.candidates_of(centre), CANDIDATES,
                                       p_.centre(centre), float(FIXED), p_.square, p_.near,
                                       p_.owners);
    }

    const void* edge_numbers() const { return work_.edges.data(); }
    const void* moment_numbers() const { return moments_.data(); }
    const void* output_numbers() const { return outputs_.data(); }

  private:
    Problem& p_;
    const Terms terms_{SHAPE, 1};
    longstride::Neighbourhoods<float> near_{SHAPE.cutoff};
    Terms::Workspace work_;
    std::vector<V> moments_{size_t(SHAPE.functions * COMPONENTS)}, outputs_{size_t(OUTPUTS)};
};

}  // namespace form
